# `make` prints the commands. Everything is installed into .venv of this checkout.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Compiled modules are kept, whatever the shell says: without them each start and each test compiles everything anew.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= $(shell command -v python3.11 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
# Every distribution is pinned with its hashes, build tools too: pip fetches nothing that no file here names.
INSTALL := $(PIP) install --require-hashes --no-build-isolation
LOCK := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options $(LOCKFLAGS)

.PHONY: help setup run test check proof fmt migrate demo bench demo-channels lock clean chromium node-clients

help: ## print the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{ printf "  make %-14s %s\n", $$1, $$2 }'

setup: $(STAMPS)/app ## make .venv and install the application

run: setup ## migrate, load the demo branch, serve on http://127.0.0.1:8000
	@$(BIN)/quanfu migrate
	@$(BIN)/quanfu demo
	@exec $(BIN)/quanfu serve

test: $(STAMPS)/dev chromium node-clients ## run all tests and print the coverage
	@$(BIN)/python -m slipcover -m pytest -n 3 --dist worksteal -W ignore::pytest.PytestAssertRewriteWarning

check: $(STAMPS)/dev ## lint, types, import contracts, migrations, texts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports
	@$(BIN)/python -m bot migrate --check
	@$(BIN)/python -m pytest -q tests/house

proof: $(STAMPS)/dev ## send to 5,000 with every fault while workers are killed, and count (2 minutes)
	@PROOF_RECIPIENTS=5000 $(BIN)/python -m pytest -q tests/journeys/test_crash.py --log-cli-level=INFO

fmt: $(STAMPS)/dev ## format the code and mend what the linter can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

migrate: setup ## bring the database to the newest schema and load the seeds
	@$(BIN)/quanfu migrate

demo: migrate ## load the demo branch
	@$(BIN)/quanfu demo

bench: $(STAMPS)/bench ## measure beside the peers and write the table
	@$(BIN)/python -m benchmarks

demo-channels: $(STAMPS)/dev ## serve with stand-ins for WeChat and Telegram
	@sh tests/doubles/beside_a_server.sh $(BIN)

lock: $(STAMPS)/dev ## pin the newest allowed versions (LOCKFLAGS=--upgrade to move all)
	@$(LOCK) --output-file requirements-build.txt requirements-build.in
	@$(LOCK) --constraint requirements-build.txt --output-file requirements.txt pyproject.toml
	@$(LOCK) --output-file requirements-dev.txt requirements-dev.in
	@$(LOCK) --output-file requirements-bench.txt requirements-bench.in
	@$(LOCK) --output-file requirements-aiogram.txt requirements-aiogram.in

clean: ## remove what can be made again; the database in var/ stays
	@rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

chromium:
	@sh tests/browser/install_chromium.sh

node-clients: $(STAMPS)/venv ## bring the clients for node that the doubles are held to
	@sh tests/node/install.sh $(VENV)/node

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Python 3.11 with venv is needed (make PYTHON=/path/to/python3.11 ...)" >&2; exit 1; }
	@echo "Making $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/build: requirements-build.txt $(STAMPS)/venv
	@$(INSTALL) -r requirements-build.txt
	@touch $@

$(STAMPS)/app: requirements.txt pyproject.toml $(STAMPS)/build
	@echo "Installing the application (about a minute the first time)"
	@$(INSTALL) -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(STAMPS)/dev: requirements-dev.txt $(STAMPS)/app
	@echo "Installing what tests and checks need"
	@$(INSTALL) -r requirements-dev.txt
	@touch $@

$(STAMPS)/bench: requirements-bench.txt requirements-aiogram.txt $(STAMPS)/dev
	@echo "Installing the peers to measure beside"
	@$(INSTALL) -r requirements-bench.txt
	@$(PYTHON) -m venv --clear $(VENV)/aiogram
	@$(VENV)/aiogram/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements-aiogram.txt
	@touch $@
