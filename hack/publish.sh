#!/usr/bin/env bash
# Compiles dist/storage-operator ahead of time. Installs the linker and zlib's headers where they are missing and apt-get can.
# usage: hack/publish.sh [RUNTIME-IDENTIFIER]
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=hack/packages.sh
. hack/packages.sh

have_zlib_headers() { [ -e /usr/include/zlib.h ] || [ -e /usr/local/include/zlib.h ]; }
if ! command -v clang > /dev/null && ! command -v gcc > /dev/null; then
    install_packages gcc libc6-dev
fi
have_zlib_headers || install_packages zlib1g-dev

# The SDK links with clang by default; gcc does as well.
linker=()
command -v clang > /dev/null || linker=(-p:CppCompilerAndLinker=gcc)
runtime=()
[ -z "${1:-}" ] || runtime=(--runtime "$1")

mkdir -p dist
"${DOTNET:-dotnet}" publish src/StorageOperator/StorageOperator.csproj --configuration Release --nologo --verbosity quiet \
    "${linker[@]}" "${runtime[@]}" --output dist/.publish
mv -f dist/.publish/storage-operator dist/storage-operator
rm -rf dist/.publish
printf 'dist/storage-operator: %s bytes\n' "$(stat --format %s dist/storage-operator)"
