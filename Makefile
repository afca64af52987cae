# The commands of the project. A bare machine with Python 3.11 or later (with venv), make and nothing else will do:
# everything is installed into .venv from the lock files.

PYTHON ?= python3
PORT ?= 8000
LOCK_OPTIONS ?=
# Test processes side by side, each with servers of its own: one for each core, or WORKERS=0 for none beside this one.
WORKERS ?= auto

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

# The environment is made anew when, and only when, the content of these files changes.
PINNED := pyproject.toml requirements-dev.lock requirements-assets.lock
INSTALLED := .venv/installed-$(shell cat $(PINNED) | cksum | cut -d' ' -f1)

.DEFAULT_GOAL := help
.PHONY: help run test check proof bench lock clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: export MULTIPRODUCT_ENVIRONMENT = development
run: $(INSTALLED) ## serve on http://127.0.0.1:8000 (PORT=9000 for another), with SQLite and demo data in ./var
	@echo "== bringing the database in ./var up to date"
	@$(BIN)/multiproduct migrate
	@echo "== adding demo data, where it is missing"
	@$(BIN)/multiproduct seed-demo
	@$(BIN)/multiproduct serve --port $(PORT)

check: $(INSTALLED) ## format, lint, types, layers, unit tests and documentation
	@echo "== format (ruff format)"
	@$(BIN)/ruff format --check .
	@echo "== lint (ruff check)"
	@$(BIN)/ruff check .
	@echo "== types (mypy)"
	@$(BIN)/mypy
	@echo "== layers (lint-imports)"
	@$(BIN)/lint-imports
	@echo "== unit tests and documentation"
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) tests/unit

test: check ## everything in check, then the integration tests on a real PostgreSQL and Redis
	@echo "== integration tests (they start their own PostgreSQL and Redis)"
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) tests/integration

proof: export MULTIPRODUCT_PROOF = 1
proof: export PYTEST_ADDOPTS = -o faulthandler_timeout=7200
proof: test ## everything in test, with generated cases, races and faults at their full counts (long)

bench: $(INSTALLED) ## measure, and print ratios against a bare server and a peer
	@echo "== benchmarks"
	@$(BIN)/python -m benchmarks

lock: ## write the lock files anew from pyproject.toml (LOCK_OPTIONS=--upgrade for the newest versions)
	@PYTHON="$(PYTHON)" LOCK_OPTIONS="$(LOCK_OPTIONS)" tools/make_lock_files.sh

clean: ## remove .venv, caches and build products; ./var, the development database, stays
	@rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .grimp_cache
	@find src tests benchmarks tools -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED):
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("multiproduct needs Python 3.11 or later, and $(PYTHON) is " + sys.version.split()[0] + ". Name another: make ... PYTHON=python3.12")'
	@echo "== installing into .venv (once, and again when pyproject.toml or a lock file changes)"
	@$(PYTHON) -m venv --clear .venv
	@$(PIP) -r requirements-dev.lock
	@$(PIP) --no-deps -r requirements-assets.lock
	@$(PIP) --no-deps -e .
	@touch $@
