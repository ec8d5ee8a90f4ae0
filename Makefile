# From a bare checkout: Python >= 3.11 and make are enough.
.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11 python3.14 python,$(if $(shell $(p) -c 'import sys; sys.version_info >= (3, 11) and print("ok")' 2>/dev/null),$(p))))
PYTEST_WORKERS ?= 2
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help install demo test nightly lint types check bench docs conformance wheel clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1 — /p' Makefile

install: $(VENV)/installed-dev ## the environment for development, in .venv

demo: $(VENV)/installed ## a throw-away hub with sample platforms, on port 8000
	$(BIN)/datahub demo

test: $(VENV)/installed-dev lint types ## lint, types and all tests
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

nightly: $(VENV)/installed-dev ## the tests on generated data at length: 2,000 examples each, SHACL against pySHACL among them
	DATAHUB_HYPOTHESIS=nightly $(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadfile $(or $(PYTEST_ARGS),tests/shacl)

lint: $(VENV)/installed-dev ## style and the floors of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/installed-dev ## mypy --strict
	$(BIN)/mypy

conformance: $(VENV)/installed-dev ## the outside test suites: EARL reports in build/conformance, results in the docs
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadfile --earl build/conformance tests/conformance

bench: $(VENV)/installed-dev .venv-bench/installed .venv-peers/installed ## what we claim, against whom, in one run
	$(BIN)/python -m benchmarks --record $(BENCH_ARGS)

docs: $(VENV)/installed-dev ## HTML documentation in docs/_build/html
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

wheel: $(VENV)/installed-dev ## a wheel in dist/
	$(BIN)/python -m build --wheel

clean: ## what make made
	rm -rf $(VENV) .venv-bench .venv-peers dist build docs/_build benchmarks/out .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(BIN)/python:
	@test -n "$(PYTHON)" || { \
	  echo "datahub needs Python 3.11 or newer, with its venv module; none was found. Name one: make PYTHON=/path/to/python3.12" >&2; \
	  echo "datahub demande Python 3.11 ou plus récent, avec son module venv ; aucun n'a été trouvé. Nommez-le : make PYTHON=/chemin/python3.12" >&2; \
	  exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is older than Python 3.11, which datahub needs. / $(PYTHON) est plus ancien que Python 3.11, nécessaire à datahub." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "No environment could be made: is the venv module there (Debian: python3-venv)? / Environnement impossible : le module venv est-il présent (Debian : python3-venv) ?" >&2; exit 1; }

# The stamps are newer than what they were made from: a second run starts at once.
$(VENV)/installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(VENV)/installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install --constraint constraints.txt --editable '.[dev]'
	@touch $(VENV)/installed $@

# morph-kgc asks for older libraries than ours, so it lives apart.
.venv-bench/installed: benchmarks/morph-kgc.txt | $(BIN)/python
	$(BIN)/python -m venv .venv-bench
	.venv-bench/bin/python -m pip --disable-pip-version-check --quiet install --requirement benchmarks/morph-kgc.txt
	@touch $@

# So do maplib and SDM-RDFizer.
.venv-peers/installed: benchmarks/peers.txt | $(BIN)/python
	$(BIN)/python -m venv .venv-peers
	.venv-peers/bin/python -m pip --disable-pip-version-check --quiet install --requirement benchmarks/peers.txt
	@touch $@
