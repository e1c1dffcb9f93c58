# Every target sets up what it needs on a bare machine with Python 3.11 or newer and pip.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
RUN ?= runs/first

.DEFAULT_GOAL := help
.PHONY: help run test lint types docs sanitize notes bench bench-engine clean

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(VENV)/.installed: pyproject.toml constraints.txt hatch_build.py $(wildcard src/thalweg/train/native/*.[ch] src/thalweg/train/native/build.py)
	$(PYTHON) -c 'import sys; sys.exit("thalweg needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else 0'
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt "torch==$$(sed -n 's/^torch==//p' constraints.txt)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	touch $@

run: $(VENV)/.installed ## install if needed, then compare models on a real table
	$(BIN)/thalweg fit example:breast_cancer --target diagnosis --out $(RUN)

test: $(VENV)/.installed lint types ## style, types, architecture, then the whole test suite (a process per core, products on one thread)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile

lint: $(VENV)/.installed ## ruff and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PYTHONPATH=src $(BIN)/lint-imports --no-cache

types: $(VENV)/.installed ## mypy, strict
	$(BIN)/mypy

$(VENV)/.docs: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[docs]"
	touch $@

docs: $(VENV)/.docs ## run the code of all pages and notebooks, then the site into site/; needs no network once installed
	OMP_NUM_THREADS=1 $(BIN)/python docs/site/blocks.py
	OMP_NUM_THREADS=1 NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet

sanitize: $(VENV)/.installed ## native steps under the sanitizers of addresses, undefined behaviour and threads
	PYTHONPATH=src:tests $(BIN)/python tests/sanitize.py

notes: $(VENV)/.installed ## what the next release's notes would say (changes/)
	$(BIN)/towncrier build --draft --version Unreleased

bench-engine: $(VENV)/.installed ## the engine against its peers, in one run
	$(BIN)/python benchmarks/engine.py

bench: $(VENV)/.installed ## scores on the bundled data sets
	$(BIN)/python benchmarks/scores.py

clean: ## remove the environment and the caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
