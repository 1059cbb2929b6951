# Names of targets and variables are kubebuilder's where it has one.

IMG ?= storage-operator:latest
CONTAINER_TOOL ?= docker
PLATFORMS ?= linux/amd64,linux/arm64
KIND ?= kind
KIND_CLUSTER ?= storage-operator-test-e2e
KUBECTL ?= kubectl
DOTNET ?= dotnet
CONFIGURATION ?= Release
OVERLAY ?= default
PUBLISH_RID ?=
ignore-not-found ?= false
export CONFIGURATION DOTNET KUBECTL

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

COMMIT ?= $(shell git rev-parse HEAD 2> /dev/null || echo unknown)
SOLUTION := StorageOperator.sln
# Everything that needs neither root nor the network; the conformance suite runs on the embedded cluster here.
TEST_PROJECTS := $(sort $(patsubst %/,%,$(dir $(wildcard tests/*.Tests/*.csproj)))) tests/StorageOperator.Simulation tests/StorageOperator.Conformance tests/StorageOperator.Faults

export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

##@ General

.PHONY: help
help: ## Show this help.
	@awk 'BEGIN {FS = ":.*##"; printf "\nUsage:\n  make \033[36m<target>\033[0m\n"} /^[a-zA-Z_0-9-]+:.*?##/ {printf "  \033[36m%-20s\033[0m %s\n", $$1, $$2} /^##@/ {printf "\n\033[1m%s\033[0m\n", substr($$0, 5)}' $(MAKEFILE_LIST)

##@ Try it

.PHONY: demo
demo: build ## Show the operator at work on an embedded cluster, from nothing to cleaned up, in about a minute.
	hack/demo.sh

.PHONY: run
run: build ## Keep an embedded cluster and the operator running, to try your own manifests on. Ctrl-C ends both.
	hack/run.sh

##@ Development

.PHONY: build
build: ## Build everything; leaves bin/storage-operator and bin/storage-devcluster.
	$(DOTNET) build $(SOLUTION) --configuration $(CONFIGURATION) --nologo --verbosity quiet
	hack/launchers.sh

.PHONY: test
test: build ## Run every test that needs neither root nor the network.
	hack/test.sh $(TEST_PROJECTS)

.PHONY: test-real
test-real: build ## Run the conformance suite against a real kube-apiserver and etcd (built and kept in a cache if absent).
	assets="$$(hack/envtest-assets.sh | tail -n 1)" && KUBEBUILDER_ASSETS="$$assets" CONFORMANCE_CLUSTER=real hack/test.sh tests/StorageOperator.Conformance

.PHONY: envtest-assets
envtest-assets: ## Get etcd and kube-apiserver for test-real; prints their folder.
	hack/envtest-assets.sh

.PHONY: lint
lint: ## Warnings, formatting, drift of generated files, shell scripts. Changes nothing.
	hack/lint.sh

.PHONY: lint-fix
lint-fix: manifests fmt ## Mend what lint can mend.

.PHONY: fmt
fmt: ## Format the code.
	$(DOTNET) format $(SOLUTION)

.PHONY: generate
generate: manifests ## The same as manifests.

.PHONY: manifests
manifests: ## Write the generated files: config/rbac/role.yaml, docs/options.md, docs/metrics.md.
	$(DOTNET) run --project hack/generate --configuration $(CONFIGURATION)

.PHONY: bench
bench: build ## Run the micro-benchmarks.
	hack/bench.sh

.PHONY: bench-compare
bench-compare: build ## Bind side by side with kube-controller-manager on the same API server.
	hack/bench-compare.sh

.PHONY: soak
soak: build ## Run for ten idle minutes with 2,000 bound pairs and count the writes.
	hack/soak.sh

.PHONY: clean
clean: ## Remove what was built here; caches of downloads stay.
	rm -rf bin dist .run
	find src tests bench hack -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} + 2>/dev/null || true

##@ Release

.PHONY: publish
publish: ## Compile ahead of time; leaves dist/storage-operator.
	hack/publish.sh $(PUBLISH_RID)

.PHONY: docker-build
docker-build: ## Build the image $(IMG).
	$(CONTAINER_TOOL) build --build-arg COMMIT=$(COMMIT) --tag $(IMG) .

.PHONY: docker-push
docker-push: ## Push the image $(IMG).
	$(CONTAINER_TOOL) push $(IMG)

.PHONY: docker-buildx
docker-buildx: ## Build and push $(IMG) for $(PLATFORMS), with provenance and a bill of materials.
	$(CONTAINER_TOOL) buildx build --push --build-arg COMMIT=$(COMMIT) --platform $(PLATFORMS) --provenance=true --sbom=true --tag $(IMG) .

.PHONY: build-installer
build-installer: ## Write dist/install.yaml: everything to deploy $(IMG), in one file. OVERLAY=replace for the mode that replaces kube-controller-manager's binder.
	hack/manifests.sh $(OVERLAY) $(IMG) install > /dev/null

##@ Deployment

.PHONY: install
install: ## Install the CRDs into the cluster of the current kubeconfig (there are none yet).
	hack/crds.sh apply

.PHONY: uninstall
uninstall: ## Remove the CRDs from the cluster of the current kubeconfig.
	hack/crds.sh delete --ignore-not-found=$(ignore-not-found)

.PHONY: deploy
deploy: ## Deploy $(IMG) to the cluster of the current kubeconfig. OVERLAY=default (auto) or replace (own).
	hack/manifests.sh $(OVERLAY) $(IMG) | $(KUBECTL) apply -f -

.PHONY: undeploy
undeploy: ## Remove the operator from the cluster of the current kubeconfig.
	hack/manifests.sh $(OVERLAY) $(IMG) | $(KUBECTL) delete --ignore-not-found=$(ignore-not-found) -f -

##@ End to end, on kind

.PHONY: setup-test-e2e
setup-test-e2e: ## Make a kind cluster without kube-controller-manager's volume controllers.
	hack/e2e.sh setup

.PHONY: test-e2e
test-e2e: setup-test-e2e ## Build the image, deploy it to the kind cluster and run the conformance suite there.
	hack/e2e.sh test

.PHONY: cleanup-test-e2e
cleanup-test-e2e: ## Remove the kind cluster.
	hack/e2e.sh cleanup
