# Vitrine. `make` alone lists what there is.
PYTHON ?= python3
BIN := .venv/bin
UV_VERSION := 0.13.8
TRAINING ?= data/training

.DEFAULT_GOAL := help
.PHONY: help install run model check test soak lint bench demo train clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/.installed ## Create .venv and install the locked requirements

run: .venv/.installed ## Migrate, then serve on http://localhost:8501 (VITRINE_PORT) with one worker
	@exec $(BIN)/python manage.py run

model: .venv/.installed ## Fetch the cut-out model now, which the first worker would do in the background
	@exec $(BIN)/python manage.py model

demo: .venv/.installed ## Serve a seeded demo shop from ./data/demo
	@VITRINE_DATA_DIR=$${VITRINE_DATA_DIR:-data/demo} $(BIN)/python manage.py seed-demo
	@VITRINE_DATA_DIR=$${VITRINE_DATA_DIR:-data/demo} exec $(BIN)/python manage.py run

check: .venv/.test-installed ## Lint, types, layers and every test but browser, chaos and soak: about 4 minutes
	@tests/support/run-lane check $(BIN)

test: .venv/.test-installed ## Everything but soak, with coverage: under 12 minutes
	@tests/support/run-lane test $(BIN)

soak: .venv/.test-installed ## Long chaos, fuzzing and corpora, for at most VITRINE_SOAK_MINUTES (20)
	@tests/support/run-lane soak $(BIN)

lint: .venv/.test-installed ## ruff, mypy --strict and the layer contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.test-installed ## Measure and write bench/RESULTS.md
	@tests/support/install-browser $(BIN)
	$(BIN)/python -m bench

train: .venv-training/.installed ## Train the cut-out model from nothing into ./data/training (TRAINING): days on 2 cores
	@OMP_WAIT_POLICY=PASSIVE exec .venv-training/bin/python -m training $(TRAINING) $(TRAINING_OPTIONS)

clean: ## Remove the virtual environments and caches, not ./data
	rm -rf .venv .venv-training .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*

.venv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Vitrine needs Python 3.11 or newer (set PYTHON=…)"; exit 1; }
	@if command -v uv >/dev/null; then uv venv --quiet --seed --python $(PYTHON) --allow-existing .venv; else $(PYTHON) -m venv .venv; fi
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/.installed: requirements.txt .venv/bin/uv
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet -r requirements.txt
	@touch $@

.venv-training/.installed: training/requirements.txt
	@$(PYTHON) -m venv .venv-training
	@.venv-training/bin/python -m pip install --quiet --disable-pip-version-check -r training/requirements.txt
	@touch $@

.venv/.test-installed: tests/requirements.txt .venv/.installed
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet -r requirements.txt -r tests/requirements.txt
	@touch $@
