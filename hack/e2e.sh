#!/usr/bin/env bash
# The conformance suite on a kind cluster, with the operator deployed from its image as a user would.
# usage: hack/e2e.sh setup|test|cleanup
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${KIND:-kind}
container=${CONTAINER_TOOL:-docker}
cluster=${KIND_CLUSTER:-storage-operator-test-e2e}
image=${IMG:-storage-operator:e2e}
kubeconfig=$PWD/.run/e2e-kubeconfig
kubectl=${KUBECTL:-kubectl}

need() {
    command -v "$1" > /dev/null || { printf '%s: needs %s, which is not installed: %s\n' "$0" "$1" "$2" >&2; exit 1; }
}

setup() {
    need "$kind" "see https://kind.sigs.k8s.io"
    need "$container" "kind runs its nodes in containers"
    "$container" info > /dev/null 2>&1 || { printf '%s: %s has no engine to talk to: start it, or set CONTAINER_TOOL\n' "$0" "$container" >&2; exit 1; }
    mkdir -p .run
    if "$kind" get clusters | grep -qx "$cluster"; then
        "$kind" export kubeconfig --name "$cluster" --kubeconfig "$kubeconfig"
    else
        "$kind" create cluster --name "$cluster" --config hack/kind/cluster.yaml --kubeconfig "$kubeconfig" --wait 3m
    fi
}

# What a person would ask for first when it did not work.
report() {
    local namespace=storage-operator-system
    "$kubectl" --namespace "$namespace" get pods --output wide || true
    "$kubectl" --namespace "$namespace" describe pods || true
    "$kubectl" --namespace "$namespace" logs deployment/storage-operator-controller-manager --tail 100 || true
    "$kubectl" get events --all-namespaces --sort-by .lastTimestamp | tail -n 40 || true
}

report_failure() {
    local status=$?
    [ "$status" = 0 ] || report
    exit "$status"
}

run() {
    make docker-build IMG="$image" CONTAINER_TOOL="$container"
    "$kind" load docker-image "$image" --name "$cluster"
    export KUBECONFIG=$kubeconfig
    # Auto and not own: the suite thereby shows that auto sees the switched-off controllers.
    make deploy IMG="$image" OVERLAY=default
    trap report_failure EXIT
    "$kubectl" --namespace storage-operator-system rollout status deployment/storage-operator-controller-manager --timeout 2m
    make build
    TEST_KUBECONFIG=$kubeconfig hack/test.sh tests/StorageOperator.Conformance:existing
}

case ${1:-} in
    setup) setup ;;
    test) run ;;
    cleanup)
        need "$kind" "there is no cluster to remove without it"
        "$kind" delete cluster --name "$cluster"
        rm -f "$kubeconfig"
        ;;
    *) printf 'usage: %s setup|test|cleanup\n' "$0" >&2; exit 2 ;;
esac
