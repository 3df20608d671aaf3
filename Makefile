# Everything happens in .venv; nothing outside this folder is touched.
PYTHON ?= python3
TRAIN ?=
TRACKS ?=
VENV := .venv
BIN := $(VENV)/bin
SOURCES := $(shell find src -type f -not -name '*.pyc')

.PHONY: demo test check bench clean

demo: $(VENV)/installed
	$(BIN)/cratewise demo --data-dir $(VENV)

test: $(VENV)/ready-to-test$(TRAIN) check
	$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

check: $(VENV)/ready-to-test$(TRAIN)
	$(BIN)/ruff check src tests scripts
	$(BIN)/ruff format --check src tests scripts
	$(BIN)/mypy

bench: $(VENV)/ready-to-bench
	$(BIN)/python scripts/bench_calls.py --check
	$(BIN)/python scripts/bench_library.py
	$(BIN)/python scripts/bench_pages.py
	$(BIN)/python scripts/bench.py $(if $(TRACKS),--tracks $(TRACKS))
	$(BIN)/python scripts/bench_catalogue.py $(if $(TRACKS),--tracks $(TRACKS))

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "cratewise needs Python 3.11 or newer; $(PYTHON) is older. Try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml $(SOURCES) | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check .
	@touch $@

$(VENV)/ready-to-test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

$(VENV)/ready-to-test1: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,train,baselines,ray]'
	@touch $@

$(VENV)/ready-to-bench: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench,ray]'
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
