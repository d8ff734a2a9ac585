# Each target works on a machine that has only Python 3.11+, pip and make.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: demo test lint format pins clean bench-twins
.DEFAULT_GOAL := test

$(STAMP): requirements/develop.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Leadline needs Python 3.11 or newer. Name one: make demo PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/develop.txt
	touch $(STAMP)

# `make demo KEEP=1` leaves the twins and the daemon running and prints their addresses.
demo: $(STAMP)
	$(BIN)/python -m leadline demo $(if $(KEEP),--keep)

# More workers than cores: half of the time goes into waiting for limits and restarts that the tests are about.
test: lint
	$(BIN)/python -m pytest -n 4 --dist worksteal

# How fast the twins are; a folder made by `python -m sandbox generate` can be named: make bench-twins MARKET=DIR
bench-twins: $(STAMP)
	$(BIN)/python -m benchmarks.twins $(if $(MARKET),--market $(MARKET))

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Resolves requirements/*.in again, for every platform, with hashes and without index addresses.
pins:
	$(PYTHON) -m venv .venv-pins
	.venv-pins/bin/python -m pip install --quiet uv
	for set in runtime develop; do \
	  .venv-pins/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-header --no-annotate requirements/$$set.in -o requirements/$$set.txt || exit 1; done
	rm -rf .venv-pins

clean:
	rm -rf .venv .venv-pins var .mypy_cache .ruff_cache .pytest_cache
