#!/usr/bin/env bash
# Prints the manifests of an overlay with the given image, or writes them to dist/install.yaml.
# usage: hack/manifests.sh OVERLAY IMAGE [install]
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=hack/packages.sh
. hack/packages.sh
overlay=$1
image=$2
# kubectl kustomize cannot set an image without editing a file in the work tree; the placeholder is ours alone.
can_kustomize || { printf 'kubectl is too old to render config/%s: install kubectl 1.21 or later\n' "$overlay" >&2; exit 1; }
rendered=$("${KUBECTL:-kubectl}" kustomize "config/$overlay")
rendered=${rendered//image: controller:latest/image: $image}
if [ "${3:-}" = install ]; then
    mkdir -p dist
    printf '%s\n' "$rendered" > dist/install.yaml
    printf 'dist/install.yaml: %s objects, image %s\n' "$(grep -c '^kind:' dist/install.yaml)" "$image" >&2
else
    printf '%s\n' "$rendered"
fi
