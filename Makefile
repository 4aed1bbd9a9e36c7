.DEFAULT_GOAL := help
.PHONY: help install demo test lint docs bench clean

PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3,$(if $(shell command -v $(name)),$(name))))
BIN := .venv/bin
STAMP := .venv/.installed
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1

help: ## Print these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

install: $(STAMP) ## Make .venv with everything in it; quick the second time

$(STAMP): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "No Python found: install Python 3.11 or newer, or set PYTHON=/path/to/python3.11."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than 3.11: set PYTHON=/path/to/python3.11."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --prefer-binary -c constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --prefer-binary -c constraints.txt -e '.[demo,dev,docs,bench]'
	@touch $@

demo: install ## Run the whole chain on a year of grocery shopping; writes demo/report.html
	$(BIN)/causalrec demo --out demo --resume

test: install ## Run the tests
	$(ONE_THREAD) $(BIN)/python -m pytest -n 2 --dist loadfile

lint: install ## Check style, types and the layers' order
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: install ## Build the documentation into docs/_build/html
	$(BIN)/python docs/architecture.py
	$(BIN)/sphinx-build -W --keep-going -q docs docs/_build/html

bench: install ## Run the benchmarks; prints the tables of docs/benchmarks.md
	$(BIN)/python -m tests.benchmarks

clean: ## Remove what make made
	rm -rf .venv demo docs/_build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist
