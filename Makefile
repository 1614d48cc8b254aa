# Everything that is done with this project; `make help` lists it.

PORT ?= 8080
GRPC_PORT ?= 8081
USERS ?= 20
DURATION ?= 1m
JOBS ?= 2
SLO ?= errors<0.1%,refused<1%
REGISTRY ?=
TAG ?= 0.1.0
PYTHON ?= $(firstword $(foreach name,python3 python3.11 python3.12,$(shell \
	$(name) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null && echo $(name))))
BIN := .venv/bin
POLICY_TOOLS := .venv-policy/installed
SERVING := .venv/installed-for-serving
INSTALLED := .venv/installed

.PHONY: help install serve check test proto bench figures loadtest render rollout-test policy-tools images clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 16

install: $(INSTALLED) ## Create .venv with everything that developing, training and serving need

# Serving does without what developing needs: TensorFlow, linters, a browser's driver.
$(SERVING): EXTRAS := convert,standalone
$(INSTALLED): EXTRAS := dev
$(SERVING) $(INSTALLED): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or 3.12 is needed; name it: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@echo "Installing into .venv with $(PYTHON); the first time takes a minute or two"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$(EXTRAS)]'
	@touch $@

serve: $(SERVING) ## Train and export what is missing, start Triton and the gateway (PORT=8080 GRPC_PORT=8081)
	@$(BIN)/scoring convert faq
	@$(BIN)/scoring convert resnet152
	@exec $(BIN)/scoring serve --port $(PORT) --grpc-port $(GRPC_PORT)

check: install ## Lint, check formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

proto: install ## Generate the gRPC stubs from proto/ (a test fails when they are not current)
	$(BIN)/python -m grpc_tools.protoc -Igateway/generated=proto/scoring/v1 \
		--python_out=. --pyi_out=. --grpc_python_out=. gateway/generated/scoring.proto

test: install ## Run all tests, the real stack among them, in two processes (JOBS=2)
	$(BIN)/pytest --numprocesses $(JOBS) --dist loadscope

bench: install ## Measure the stack against its limits and its peers; results/bench/standing has table, JSON and plot
	$(BIN)/scoring convert faq
	$(BIN)/scoring convert resnet152
	$(BIN)/scoring bench

figures: install ## Put the reports of docs into README: tables between its markers, plots beside the reports
	$(BIN)/python -m loadtest.published

loadtest: install ## Load a running stack with Locust (USERS=20 DURATION=1m SLO='p99<1s' ARGS='--shape step'); docs/locust.md
	$(BIN)/locust -f loadtest/locustfile.py --headless --users $(USERS) --spawn-rate $(USERS) --run-time $(DURATION) \
		--host http://127.0.0.1:$(PORT) --grpc-host 127.0.0.1:$(GRPC_PORT) --slo '$(SLO)' --only-summary \
		--html results/locust/latest.html --csv results/locust/latest $(ARGS)

# Checkov pins what the project needs newer: an environment of its own.
policy-tools: $(POLICY_TOOLS) ## Create .venv-policy with checkov, which `make render` runs

$(POLICY_TOOLS): constraints-policy.txt
	@test -x .venv-policy/bin/python || $(PYTHON) -m venv .venv-policy
	@.venv-policy/bin/pip install --quiet --disable-pip-version-check -c constraints-policy.txt checkov
	@touch $@

render: install policy-tools ## Render the Kubernetes overlays into k8s/rendered, check them (CRDS=DIR: custom resources too)
	$(BIN)/scoring render $(if $(CRDS),--crds $(CRDS))

rollout-test: install ## Update gateways and a model version under load with the timings of the manifests; no request may be lost
	$(BIN)/scoring convert faq
	$(BIN)/scoring bench rollout

# Times of files and images are the commit's, so that the same commit gives the same image.
images: ## Build the container images (REGISTRY=example.azurecr.io TAG=0.1.0 ARGS=--push); needs Docker with BuildKit
	REGISTRY='$(REGISTRY)' TAG='$(TAG)' REVISION="$$(git rev-parse HEAD)" SOURCE_DATE_EPOCH="$$(git log -1 --format=%ct)" \
		docker buildx bake --file k8s/images/docker-bake.hcl $(ARGS)

clean: ## Remove the environment, caches, results and generated model versions
	rm -rf .venv .venv-policy .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis results build dist *.egg-info
	rm -rf model_repository/*/[0-9]* model_repository/*/.staging-*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
