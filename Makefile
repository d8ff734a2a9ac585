# Each target works on a machine that has only Python 3.11+, pip and make.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: demo test test-clients soak fuzz fuzz-scoring lint format pins clean bench bench-twins bench-delivery
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

# How fast scoring is, for a million people and ten million events; `make bench GROWTH=1` also for ten times as many. Then how
# long a raised hand waits for its task.
bench: $(STAMP)
	$(BIN)/python -m benchmarks.scoring $(if $(GROWTH),--growth)
	$(BIN)/python -m benchmarks.hand_raisers

# Scoring and its plain second implementation held equal over many made-up models and facts; make fuzz-scoring CASES=1000
CASES ?= 20000
fuzz-scoring: $(STAMP)
	FUZZ_CASES=$(CASES) $(BIN)/python -m pytest tests/plain --timeout 36000

# How fast the twins are; a folder made by `python -m sandbox generate` can be named: make bench-twins MARKET=DIR
bench-twins: $(STAMP)
	$(BIN)/python -m benchmarks.twins $(if $(MARKET),--market $(MARKET))

# How many calls and seconds 50,000 changed scores take in each CRM, told to the twins; some minutes.
bench-delivery: $(STAMP)
	$(BIN)/python -m benchmarks.delivery

# The conformance suites and the main job with all faults at ten times the default rate, and one process that works on for 200
# cycles; and going live on 50,000 people. `make soak SEEDS=5 CYCLES=50 LAUNCH=5000` for less.
SEEDS ?= 50
CYCLES ?= 200
LAUNCH ?= 50000
soak: $(STAMP)
	@mkdir -p var
	@SOAK_SEEDS=$(SEEDS) SOAK_CYCLES=$(CYCLES) LAUNCH_PEOPLE=$(LAUNCH) $(BIN)/python -m pytest tests/soak tests/unit/leadline/test_launch.py -n 4 --dist worksteal -o junit_family=xunit1 --junitxml var/soak.xml; \
	  ended=$$?; $(BIN)/python -m tests.soak.table var/soak.xml; exit $$ended

# Kills at other moments and in other pairs than `make test`, and stories, facts and ladders that nobody has tried; `make fuzz EXAMPLES=200 SEED=7`.
EXAMPLES ?= 50
SEED ?= $(shell date +%s)
PROPERTIES := tests/unit/leadline/test_calm_properties.py tests/unit/scoring/test_stage_properties.py
fuzz: $(STAMP)
	CAMPAIGN_SEED=$(SEED) CAMPAIGN_PAIRS=$(EXAMPLES) MACHINE_EXAMPLES=$(EXAMPLES) MACHINE_STEPS=30 FUZZ_CASES=$$(($(EXAMPLES) * 20)) \
	  $(BIN)/python -m pytest tests/machine tests/acceptance/campaign $(PROPERTIES) -n 2 --dist worksteal --timeout 36000

# Unmodified third-party clients against the twins, in throw-away environments below .clients/; some minutes. One of them:
# make test-clients CLIENTS=meltano-tap-hubspot
test-clients: $(STAMP)
	$(BIN)/python -m tests.clients $(CLIENTS)

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
	for set in tests/clients/requirements/*.in; do \
	  .venv-pins/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-header --no-annotate $$set -o $${set%.in}.txt || exit 1; done
	rm -rf .venv-pins

clean:
	rm -rf .venv .venv-pins .clients var .mypy_cache .ruff_cache .pytest_cache
