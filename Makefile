.DEFAULT_GOAL := help
.PHONY: help install demo test lint docs bench truth clean

PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$name && break; done)
BIN := .venv/bin
STAMP := .venv/.installed
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary=:all:

help: ## Print these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

install: $(STAMP) ## Make .venv with everything in it; quick the second time

$(STAMP): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer here. Install one, or: make install PYTHON=/path/to/python3.11"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is no Python 3.11 or newer: make install PYTHON=/path/to/python3.11"; exit 1; }
	"$(PYTHON)" -m venv .venv
	$(PIP) -c constraints.txt -e '.[demo,dev,docs,bench,sql]'
	@touch $@

demo: install ## Run the whole chain on a year of grocery shopping; writes demo/report.html
	$(BIN)/causalrec demo --out demo --resume

test: install ## Run the tests
	$(ONE_THREAD) $(BIN)/python -m pytest -n 2 --dist loadfile --ignore=tests/truth

lint: install ## Check style, types and the layers' order
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: install ## Build the documentation into docs/_build/html
	rm -rf docs/_api
	$(BIN)/python docs/architecture.py
	$(BIN)/python docs/graphs.py
	$(BIN)/sphinx-build -W --keep-going -q docs docs/_build/html

bench: install ## Run the benchmarks; prints the tables of docs/benchmarks.md
	$(BIN)/python -m tests.benchmarks

truth: install ## Hold the methods against known truths; writes the tables of docs/truth.md
	$(ONE_THREAD) $(BIN)/python -m tests.truth

clean: ## Remove what make made
	rm -rf .venv demo docs/_build docs/_api .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .grimp_cache .hypothesis build dist
