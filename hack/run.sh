#!/usr/bin/env bash
# Keeps an embedded API server and the operator running until Ctrl-C. Arguments go to the operator.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=hack/packages.sh
. hack/packages.sh
# shellcheck source=hack/local-cluster.sh
. hack/local-cluster.sh

require_kubectl
# One node is simulated, so that claims that wait for their first consumer find one.
start_local_cluster --simulate-nodes 1
start_operator "$@"
cat <<TEXT

A cluster and the operator are running on this machine. In another shell:

  export KUBECONFIG=$KUBECONFIG

  kubectl apply -k config/samples
  kubectl get pv,pvc
  curl http://$(address_of healthProbeAddress)/readyz?verbose
  curl http://$(address_of metricsAddress)/metrics

The log of the operator follows; Ctrl-C ends both and removes everything.

TEXT
tail --follow --lines=+1 --pid="$operator" "$work/operator.log" &
wait "$operator"
