#!/usr/bin/env bash
# Everything that can be wrong without running a test. Changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet=${DOTNET:-dotnet}
failed=0
step() {
    local name=$1
    shift
    printf '%s ... ' "$name"
    if output=$("$@" 2>&1); then
        echo ok
    else
        echo failed
        printf '%s\n' "$output" | tail -n 60
        failed=1
    fi
}

step "build, warnings are errors" "$dotnet" build StorageOperator.sln --configuration "${CONFIGURATION:-Release}" --nologo --verbosity quiet
step "formatting" "$dotnet" format whitespace StorageOperator.sln --no-restore --verify-no-changes
step "generated files" "$dotnet" run --project hack/generate --configuration "${CONFIGURATION:-Release}" -- --check
if command -v shellcheck > /dev/null; then
    step "shell scripts" shellcheck --external-sources hack/*.sh .ci/run
else
    echo "shell scripts ... skipped, shellcheck is not installed"
fi
exit "$failed"
