#!/usr/bin/env bash
# Runs test programs and sums up: the last line is "N passed, N failed, N skipped". Exit code 1 when anything failed, when a
# program ended without a report or ran too long, and when nothing ran.
#
#   hack/test.sh [--build] [PROJECT[:CLUSTER]...]
#
#   --build       build the solution first
#   PROJECT       a folder of a test program, such as tests/StorageOperator.Conformance; default: all of them
#   CLUSTER       what the conformance suite runs against: embedded, real or existing (sets CONFORMANCE_CLUSTER)
#
#   CONFIGURATION  Release (default) or Debug
#   TEST_TIMEOUT   seconds that one program may take, 900 by default
#   TEST_JOBS      how many programs run at once, 2 by default
#   TEST_ARGUMENTS more arguments for each program, such as "-class '*Kubectl*'"
#
# Each program leaves its whole output, a TRX and a CTRF report in TestResults/.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

configuration=${CONFIGURATION:-Release}
timeout=${TEST_TIMEOUT:-900}
jobs=${TEST_JOBS:-2}
dotnet=${DOTNET:-dotnet}
results=TestResults
build=false

say() { printf '%s\n' "$*"; }

all_programs() {
  local project
  for project in tests/*.Tests tests/StorageOperator.Simulation tests/StorageOperator.Conformance tests/StorageOperator.Faults; do
    if [[ -e $project/$(basename "$project").csproj ]]; then say "$project"; fi
  done
}

# The report is XML whose second element carries the numbers; nothing but sed is needed to read it.
count() { sed -n "s/.*<assembly [^>]*[ ]$2=\"\([0-9]*\)\".*/\1/p" "$1" 2>/dev/null | head -n 1 || true; }

run_program() {
  local project=${1%%:*} cluster='' name program started
  if [[ $1 == *:* ]]; then cluster=${1#*:}; fi
  name=$(basename "$project")${cluster:+-$cluster}
  program=$project/bin/$configuration/net10.0/$(basename "$project").dll
  started=$SECONDS
  local -a arguments=()
  eval "arguments=(${TEST_ARGUMENTS:-})"
  rm -f "$results/$name".*
  if [[ -e $program ]]; then
    # The program's own group, so that nothing it started outlives a time-out.
    env ${cluster:+CONFORMANCE_CLUSTER="$cluster"} timeout --kill-after=10 "$timeout" "$dotnet" exec "$program" -noColor \
      -result-xml "$results/$name.xml" -result-trx "$results/$name.trx" -result-ctrf "$results/$name.ctrf.json" \
      "${arguments[@]}" >"$results/$name.log" 2>&1 </dev/null && echo 0 >"$results/$name.exit" || echo $? >"$results/$name.exit"
  else
    echo "There is no $program: build it first." | tee "$results/$name.log" >/dev/null
    echo 127 >"$results/$name.exit"
  fi
  echo $((SECONDS - started)) >"$results/$name.seconds"
}

# The name and the message of each failed test, cut short; the log has the rest.
failures() {
  awk '/\[(SKIP|FAIL)\]$/ { show = /\[FAIL\]$/ ? 12 : 0 } /Stack Trace:|=== TEST EXECUTION|^  Finished:/ { show = 0 }
    show > 0 && shown < 150 { print "  " substr($0, 1, 300); show--; shown++ }' "$1"
}

report_program() {
  local project=${1%%:*} name exit total passed failed errors skipped
  name=$(basename "$project")
  if [[ $1 == *:* ]]; then name+=-${1#*:}; fi
  exit=$(cat "$results/$name.exit")
  total=$(count "$results/$name.xml" total) passed=$(count "$results/$name.xml" passed) failed=$(count "$results/$name.xml" failed)
  errors=$(count "$results/$name.xml" errors) skipped=$(count "$results/$name.xml" skipped)
  if [[ -z $total ]]; then
    case $exit in
      124 | 137) say "FAIL  $name  ended after $timeout s, the time it may take (TEST_TIMEOUT)" ;;
      *) say "FAIL  $name  ended with exit code $exit and no report" ;;
    esac
    tail -n 20 "$results/$name.log" | sed 's/^/      /'
    all_failed=$((all_failed + 1))
    return
  fi
  # An error outside of any test, such as in a clean-up, fails the run as a test does.
  failed=$((failed + errors))
  if [[ $failed == 0 && $exit != 0 && $total != 0 ]]; then failed=1; fi
  all_passed=$((all_passed + passed)) all_failed=$((all_failed + failed)) all_skipped=$((all_skipped + skipped))
  if [[ $failed == 0 ]]; then
    say "ok    $name  $passed passed, $skipped skipped, $(cat "$results/$name.seconds") s"
  else
    say "FAIL  $name  $failed failed, $passed passed, $skipped skipped, $(cat "$results/$name.seconds") s (log: $results/$name.log)"
    failures "$results/$name.log"
  fi
}

programs=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --build) build=true ;;
    -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
    -*) say "hack/test.sh: unknown option $1; see hack/test.sh --help"; exit 2 ;;
    *) programs+=("${1%/}") ;;
  esac
  shift
done
[[ ${#programs[@]} -gt 0 ]] || mapfile -t programs < <(all_programs)
mkdir -p "$results"

# Everything is built, not only the tests: the conformance suite runs the programs that the build leaves.
if $build; then
  "$dotnet" build StorageOperator.sln --configuration "$configuration" --nologo --verbosity quiet
fi

for program in "${programs[@]}"; do
  while [[ $(jobs -rp | wc -l) -ge $jobs ]]; do wait -n || true; done
  run_program "$program" &
done
wait

all_passed=0 all_failed=0 all_skipped=0
for program in "${programs[@]}"; do report_program "$program"; done
if [[ $((all_passed + all_failed)) == 0 ]]; then say "No test ran."; fi
say "$all_passed passed, $all_failed failed, $all_skipped skipped"
[[ $all_failed == 0 && $all_passed -gt 0 ]]
