# syntax=docker/dockerfile:1
# The operator alone, compiled ahead of time, on a base without shell or package manager. Probe it by HTTP; debug it with an ephemeral
# container. The embedded cluster is never part of it.

FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends clang zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
# What decides about packages first, so that a change of code does not restore again.
COPY global.json Directory.Build.props Directory.Build.targets Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src/StorageOperator/StorageOperator.csproj src/StorageOperator/
COPY src/StorageOperator.Backends/StorageOperator.Backends.csproj src/StorageOperator.Backends/
COPY src/StorageOperator.Controllers/StorageOperator.Controllers.csproj src/StorageOperator.Controllers/
COPY src/StorageOperator.Model/StorageOperator.Model.csproj src/StorageOperator.Model/
COPY src/StorageOperator.Planning/StorageOperator.Planning.csproj src/StorageOperator.Planning/
COPY src/StorageOperator.Runtime/StorageOperator.Runtime.csproj src/StorageOperator.Runtime/
ARG TARGETARCH
RUN dotnet restore src/StorageOperator/StorageOperator.csproj --runtime linux-$([ "$TARGETARCH" = arm64 ] && echo arm64 || echo x64)
COPY src/ src/
# The commit that storage-operator version tells; .git is not part of the build context.
ARG COMMIT=unknown
RUN dotnet publish src/StorageOperator/StorageOperator.csproj --configuration Release --no-restore \
    --runtime linux-$([ "$TARGETARCH" = arm64 ] && echo arm64 || echo x64) -p:SourceRevisionId=$COMMIT --output /publish

FROM mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled
ARG VERSION=0.1.0
ARG COMMIT=unknown
LABEL org.opencontainers.image.title="storage-operator" \
      org.opencontainers.image.description="Binds claims to volumes, protects what is in use and reclaims what is free" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${COMMIT}"
COPY --from=build /publish/storage-operator /storage-operator
# By number, so that the kubelet can see that it is not root.
USER 65532:65532
EXPOSE 8081 8443
ENTRYPOINT ["/storage-operator"]
CMD ["run"]
