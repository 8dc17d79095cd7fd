# Every target makes what it needs first; on a fresh machine `make demo` is the whole set-up.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= $(shell for each in python3.11 python3.12 python3.13 python3; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps
UV := .make/uv/bin/uv
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

.PHONY: help demo run test test-fast check format bench lock clean

help: ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .make/embedded ## From a brief to files on a timeline, shown live; FULL=1 for five seconds at 2160p
	$(BIN)/plugin-backend demo $(if $(FULL),--full) $(ARGS)

run: .make/embedded ## Run the whole service on this machine until Ctrl-C; ARGS="--port 8080"
	$(BIN)/plugin-backend up $(ARGS)

test: .make/dev ## Every test, on real servers; ARGS="-k ledger"
	$(BIN)/python -m pytest -n 2 $(ARGS)

test-fast: .make/dev ## The tests of a coffee break: all but the slow ones
	$(BIN)/python -m pytest -n 2 -m "not slow" $(ARGS)

check: .make/dev ## Lint, format, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .make/dev ## Put the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .make/dev ## Measure, with the floor beside each figure
	@for script in bench/[a-z]*.py; do echo "== $$script"; $(BIN)/python -m bench.$$(basename $$script .py) || exit 1; done

lock: $(UV) ## Choose versions anew and pin them by hash
	echo 'setuptools>=80' | $(COMPILE) --upgrade pyproject.toml - --all-extras -o requirements-dev.lock
	echo 'setuptools>=80' | $(COMPILE) -c requirements-dev.lock pyproject.toml - --extra media --extra embedded -o requirements-embedded.lock
	echo 'setuptools>=80' | $(COMPILE) -c requirements-dev.lock pyproject.toml - --extra media -o requirements.lock

clean: ## Remove everything made here, except the data of `make run`
	rm -rf .venv .make tests/panel/node_modules demo-output build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; make PYTHON=/path/to/python3 names one"; exit 1; }
	$(PYTHON) -m venv .venv

.make/embedded: requirements-embedded.lock pyproject.toml | .venv/bin/python
	@mkdir -p .make
	@echo "Installing what demo and run need (about 250 MB to fetch, 860 MB on disk) ..."
	@$(INSTALL) --require-hashes --only-binary :all: -r requirements-embedded.lock
	@$(INSTALL) --no-build-isolation --editable .
	@touch $@

.make/dev: requirements-dev.lock pyproject.toml | .venv/bin/python .make/panel
	@mkdir -p .make
	@echo "Installing what tests and checks need (about 410 MB to fetch, 1.4 GB on disk) ..."
	@$(INSTALL) --require-hashes --only-binary :all: -r requirements-dev.lock
	@$(INSTALL) --no-build-isolation --editable .
	@touch $@ .make/embedded

.make/panel: tests/panel/package-lock.json tests/panel/browser.mjs
	@mkdir -p .make
	@command -v npm >/dev/null || { echo "Node 20.11 or newer with npm is needed to test the panels"; exit 1; }
	@echo "Installing what tests of the panels need (about 90 MB to fetch, 330 MB on disk) ..."
	@npm ci --silent --prefix tests/panel
	@node tests/panel/browser.mjs >/dev/null
	@touch $@

$(UV):
	$(PYTHON) -m venv .make/uv
	.make/uv/bin/pip install --quiet --disable-pip-version-check 'uv>=0.13'
