# Everything works from a bare clone with only Python 3.11, make and git: each target sets up what it needs.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export KOUJING_HOME ?= $(CURDIR)/data
export DO_NOT_TRACK := 1
# Containers often forbid it; without compiled modules every command takes three seconds more to start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run test lint types dev dashboard bench lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(READY) ## create .venv and install everything, pinned by hash

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(v != (3, 11) and f"Koujing needs Python 3.11, {sys.executable} is {v[0]}.{v[1]}: make PYTHON=/path/to/python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setup: installing the locked packages into $(VENV) (once; about a minute)"
	@grep -A200 '^uv==' requirements.lock | awk 'NR>1 && /^[a-z]/{exit} {print}' > $(VENV)/uv.lock.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $(VENV)/uv.lock.txt
	@# uv is quick; pip knows every way an index can be configured: take it where uv cannot reach one.
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock \
	  || { echo "setup: uv could not install, trying pip (slower)"; $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock; }
	@$(BIN)/python -c 'import setuptools' && $(BIN)/uv pip install --quiet --offline --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

run: setup ## run the main job on the embedded default and print the headline numbers
	@$(BIN)/koujing run

test: setup lint types ## lint, types and all tests
	@bash tests/browser.sh
	@bash tests/clients.sh
	@# As they stand in the tree: the long ones, end to end, come first.
	@$(BIN)/pytest -n 3 --dist loadgroup --no-loadscope-reorder

lint: setup ## ruff and sqlfluff
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@! LC_ALL=C.UTF-8 grep -rnE --include='*.sql' '^.{121,}' dbt_project/models dbt_project/tests
	@$(BIN)/sqlfluff lint --disable-progress-bar --processes 2 -q dbt_project/models dbt_project/tests

types: setup ## mypy, strict
	@$(BIN)/mypy

dev: setup ## dagster dev: the lineage, the schedules and the checks on :3000
	@$(BIN)/koujing dev

dashboard: setup ## the pages on :8050
	@$(BIN)/koujing dashboard

bench: setup ## benchmarks; results as JSON in data/bench/
	@$(BIN)/python -m benchmarks

lock: ## resolve the dependencies again into requirements.lock (hashes, no index address)
	@$(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-header --extra dev pyproject.toml -o requirements.lock

clean: ## remove the environment and everything built (not the samples)
	rm -rf $(VENV) .venv-clients .mypy_cache .pytest_cache .ruff_cache
	git clean -fdX data dbt_project
