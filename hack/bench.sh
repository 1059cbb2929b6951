#!/usr/bin/env bash
# Runs the micro-benchmarks. Arguments go to BenchmarkDotNet, such as --filter '*Matching*' or --job short.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$#" -gt 0 ] || set -- --filter '*'
exec "${DOTNET:-dotnet}" run --project bench/StorageOperator.Benchmarks --configuration Release -- "$@"
