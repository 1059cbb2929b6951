#!/usr/bin/env bash
# Binds side by side with kube-controller-manager on one real API server, with the native build, and writes docs/performance.md.
# Arguments go to the program: --pairs, --rounds, --singles.
set -euo pipefail
cd "$(dirname "$0")/.."

KUBEBUILDER_ASSETS="$(hack/envtest-assets.sh | tail -n 1)"
export KUBEBUILDER_ASSETS
[ -x dist/storage-operator ] || hack/publish.sh
exec "${DOTNET:-dotnet}" run --project bench/StorageOperator.Comparison --configuration "${CONFIGURATION:-Release}" -- --page docs/performance.md "$@"
