#!/bin/sh
# Writes bin/storage-operator and bin/storage-devcluster: they start what was built, wherever the .NET host lies.
set -eu
cd "$(dirname "$0")/.."
configuration=${CONFIGURATION:-Release}
mkdir -p bin
launcher() {
    cat > "bin/$1" <<SCRIPT
#!/bin/sh
exec "\${DOTNET:-dotnet}" "$(pwd)/src/$2/bin/$configuration/net10.0/$1.dll" "\$@"
SCRIPT
    chmod +x "bin/$1"
}
launcher storage-operator StorageOperator
launcher storage-devcluster StorageOperator.DevCluster
