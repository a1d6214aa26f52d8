# Everything a person or CI does here. `make help` lists it.
PYTHON ?= python3.11
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help install run test lint types imports check quality bench fuzz golden screenshots wheel clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

$(READY): pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "textcoder needs Python 3.11 or newer; set PYTHON=/path/to/python3"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $(READY)

install: $(READY)  ## Make the environment (.venv) and install everything

run: $(READY)  ## Code the demo interviews and say where the report is
	$(BIN)/textcoder demo --out results/demo

# A file stays on one core: its tests share what they set up.
test: $(READY)  ## Run the tests, on all cores
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

lint: $(READY)  ## Style and likely mistakes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)  ## Types, strictly
	$(BIN)/mypy

imports: $(READY)  ## Who may import whom
	$(BIN)/lint-imports --no-cache

check: lint types imports test  ## All of the above: what CI runs first

quality: $(READY)  ## Accuracy with intervals and baselines in one table (docs/quality.md), on the shared data sets; hours
	$(BIN)/python -m tests.quality

bench: $(READY)  ## Speed and memory, beside the stock pipeline
	$(BIN)/python -m tests.performance

fuzz: $(READY)  ## Spoiled and hostile files for every reader, ten minutes long
	$(BIN)/python -m tests.fuzz

golden: $(READY)  ## Renew the golden files; read the diff before you commit it
	$(BIN)/python -m pytest --golden

screenshots: $(READY)  ## Make the pictures of the documentation, of the coded demo
	$(BIN)/python -m tests.pages.screenshots

wheel: $(READY)  ## Build the wheel and the source archive into dist/
	rm -rf dist
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

clean:  ## Remove the environment and all that was built
	rm -rf $(VENV) dist build results .pytest_cache .mypy_cache .ruff_cache
