# shellcheck shell=bash
# What both exercises share: a namespace of their own, questions with expected answers, and cleaning up whatever happens.
# Sourced, not run. Needs bash, kubectl and a cluster (KUBECONFIG) with at least one node and a scheduler.

set -euo pipefail

kubectl=${KUBECTL:-kubectl}
# Names carry this suffix, so that two people can do the exercise on one cluster.
suffix=${EXERCISE_SUFFIX:-$$}
namespace=exercise-$suffix
deadline=${EXERCISE_DEADLINE:-60}
made=()

step() { printf '\n== %s\n' "$*"; }

k() { "$kubectl" --namespace "$namespace" "$@"; }

# Applies what comes in on standard input, after showing it.
apply() { tee /dev/stderr | k apply -f - ; }

# Cluster-scoped objects do not go away with the namespace.
remember() { made+=("$1"); }

# expect WHAT EXPECTED COMMAND...: asks again until the answer is as expected, or says what it was instead.
expect() {
  local what=$1 expected=$2 answer='' until=$((SECONDS + deadline))
  shift 2
  while answer=$("$@" 2>&1 || true); [[ $answer != "$expected" ]]; do
    if ((SECONDS >= until)); then
      printf 'WRONG %s: expected "%s", got "%s"\n' "$what" "$expected" "$answer" >&2
      k describe pv,pvc >&2 || true
      exit 1
    fi
    read -rt 0.2 <> <(:) || true
  done
  printf 'right %s: %s\n' "$what" "$answer"
}

# says PATTERN COMMAND...: prints yes when the command's output has a line that matches.
says() {
  local pattern=$1
  shift
  if "$@" 2>/dev/null | grep -Eq -- "$pattern"; then echo yes; else echo no; fi
}

field() { k get "$1" "$2" -o "jsonpath={$3}"; }

exists() { if [[ -n $(k get "$1" "$2" --ignore-not-found -o name) ]]; then echo yes; else echo no; fi; }

events_of() { k get events --field-selector "involvedObject.name=$1" -o 'jsonpath={range .items[*]}{.reason}: {.message}{"\n"}{end}'; }

clean_up() {
  local status=$?
  step "cleaning up"
  k delete pod --all --force --grace-period=0 >/dev/null 2>&1 || true
  k delete pvc --all --wait=false >/dev/null 2>&1 || true
  local object
  for object in "${made[@]}"; do "$kubectl" delete "$object" --ignore-not-found --wait=false >/dev/null 2>&1 || true; done
  "$kubectl" delete namespace "$namespace" --ignore-not-found --wait=false >/dev/null 2>&1 || true
  if ((status == 0)); then printf '\nEvery answer was right.\n'; fi
  exit "$status"
}

trap clean_up EXIT
"$kubectl" create namespace "$namespace"
