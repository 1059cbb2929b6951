#!/usr/bin/env bash
# An operator at rest must not write: binds PAIRS pairs (2,000) on the embedded cluster, leaves them alone for SOAK_SECONDS (600), starts
# the operator anew, and counts what it wrote meanwhile. Ends with 1 if it wrote anything, or took more than 64 MB.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=hack/packages.sh
. hack/packages.sh
# shellcheck source=hack/local-cluster.sh
. hack/local-cluster.sh

pairs=${PAIRS:-2000}
idle=${SOAK_SECONDS:-600}

manifests() {
    local i
    for i in $(seq "$pairs"); do
        cat <<YAML
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: soak-$i}
spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], storageClassName: soak, persistentVolumeReclaimPolicy: Retain, hostPath: {path: /tmp/storage-operator-soak}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: soak-$i}
spec: {accessModes: [ReadWriteOnce], storageClassName: soak, resources: {requests: {storage: 1Gi}}}
YAML
    done
}

all_bound() { [ "$("$kubectl" get pvc -o 'jsonpath={.items[*].status.phase}' | tr ' ' '\n' | grep -c '^Bound$')" = "$pairs" ]; }

# All writes that reached the API server, the operator's and those of its Lease alike.
writes() { "$kubectl" get --raw /devcluster/requests | sed -n 's/.*"writes":\([0-9]*\).*/\1/p'; }

memory() { printf '%s MB' $(($(sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$operator/status") / 1024)); }

# The launcher execs the program, so that the process measured is the program itself; the native one if it has been published.
[ -x dist/storage-operator ] && export STORAGE_OPERATOR_BIN=dist/storage-operator
require_kubectl
start_local_cluster --simulate-nodes 0
start_operator --binding own
echo "Applying $pairs volumes and claims ..."
manifests > "$work/pairs.yaml"
"$kubectl" create -f "$work/pairs.yaml" > /dev/null
wait_for 300 "all claims to be Bound" all_bound
# Events go out in their own time; what is still under way belongs to the binding.
sleep 30
before=$(writes)
echo "Bound; $(memory) resident; $before writes so far. Idle for $idle s ..."
sleep "$idle"
after=$(writes)
resident=$(memory)
echo "Idle: $((after - before)) writes; $resident resident."

stop_process "$operator"
rm -f "$work/operator.json"
start_operator --binding own
sleep 30
again=$(writes)
echo "Started anew: $((again - after)) writes; $(memory) resident."
[ "$again" = "$before" ] && [ "${resident% MB}" -le 64 ]
