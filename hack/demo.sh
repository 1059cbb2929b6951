#!/usr/bin/env bash
# Shows the operator at work: an embedded API server and the operator on loopback, the samples applied with the real kubectl, claims
# that bind, one that waits and says why, and a volume that is kept when its claim goes. Cleans up behind itself.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=hack/packages.sh
. hack/packages.sh
# shellcheck source=hack/local-cluster.sh
. hack/local-cluster.sh

if [ -t 1 ]; then bold=$'\033[1m' dim=$'\033[2m' green=$'\033[32m' plain=$'\033[0m'; else bold='' dim='' green='' plain=''; fi

say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

# Prints a command as one would type it, then runs it.
show() {
    printf '%s$ kubectl %s%s\n' "$dim" "$*" "$plain"
    "$kubectl" "$@"
}

phase_is() { [ "$("$kubectl" get "$1" -o 'jsonpath={.status.phase}')" = "$2" ]; }

# All events of a claim, the newest last.
notes_of() {
    "$kubectl" get events --field-selector "involvedObject.kind=PersistentVolumeClaim,involvedObject.name=$1" \
        -o 'jsonpath={range .items[*]}{.reason}: {.message}{"\n"}{end}'
}

says_why() { [ -n "$(notes_of "$1")" ]; }

started=$SECONDS
require_kubectl
say "1. A cluster and the operator, on this machine only"
start_local_cluster --simulate-nodes 0
echo "The embedded API server answers: $("$kubectl" version -o json 2> /dev/null | sed -n '/serverVersion/,/}/s/.*"gitVersion": "\([^"]*\)".*/Kubernetes \1/p')"
start_operator --binding auto
echo "The operator is ready:"
fetch "$(address_of healthProbeAddress)" '/readyz?verbose' | sed 's/^/  /'

say "2. Four volumes made by hand, and four claims"
show apply -k config/samples

say "3. Three claims find their volumes"
for claim in documents photos cache; do
    wait_for 30 "claim $claim to be Bound" phase_is "pvc/$claim" Bound
done
show get persistentvolumeclaims
show get persistentvolumes
echo "documents asked for 3Gi that many pods may write to and got sample-archive, the smallest such volume;"
echo "photos asked for 8Gi and got sample-photos; cache asked for the label speed=fast and got sample-fast."

say "4. One claim waits, and says why"
wait_for 30 "an event of claim backups" says_why backups
phase_is pvc/backups Pending
notes_of backups | tail -n 1 | sed "s/^/  ${green}/; s/\$/${plain}/"

say "5. A claim is deleted; its volume is kept, as its reclaim policy Retain says"
show delete persistentvolumeclaim photos
wait_for 30 "volume sample-photos to be Released" phase_is pv/sample-photos Released
show get persistentvolume sample-photos

say "Done in $((SECONDS - started)) s. To try your own manifests on such a cluster: make run"
