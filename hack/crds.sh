#!/usr/bin/env bash
# Applies or deletes the CRDs. usage: hack/crds.sh apply|delete [FLAGS]
set -euo pipefail
cd "$(dirname "$0")/.."
crds=$("${KUBECTL:-kubectl}" kustomize config/crd)
if [ -z "$crds" ]; then
    echo "config/crd holds no CRDs yet: the operator works on Kubernetes' own kinds, there is nothing to $1"
    exit 0
fi
printf '%s\n' "$crds" | "${KUBECTL:-kubectl}" "$@" -f -
