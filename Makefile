# Everything is installed into .venv from the lock, hashes checked; nothing else is needed but Python 3.11+.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed

.DEFAULT_GOAL := help
.PHONY: help demo run test check bench soak real-model presidio lock clean

help:  ## What there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-10s %s\n", $$1, $$2}'

$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(INSTALLED)

demo: $(INSTALLED)  ## Start a gateway, send samples over every protocol, show replies and summaries
	$(BIN)/python -m gateway.commands.demo

run: $(INSTALLED)  ## Run the demo gateway until Ctrl-C (MLLP 2575, HTTP 8080, key "demo")
	$(BIN)/ehr-gateway serve --demo

test: $(INSTALLED)  ## All tests, a file at a time on each core
	$(BIN)/pytest -q -n auto --dist loadfile

check: $(INSTALLED)  ## Style, types and borders: ruff, mypy, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(INSTALLED)  ## Throughput and latency from separate load processes (minutes)
	$(BIN)/python -m tests.bench

soak: $(INSTALLED)  ## Longer runs that are not part of the tests
	$(BIN)/pytest -q -m soak

real-model: $(INSTALLED)  ## Samples through a small real model; builds llama.cpp once (cmake, g++; minutes)
	$(BIN)/python -m tests.real_model

PRESIDIO := .venv-presidio

$(PRESIDIO)/installed: requirements-presidio.lock pyproject.toml
	$(PYTHON) -m venv $(PRESIDIO)
	$(PRESIDIO)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-presidio.lock
	$(PRESIDIO)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

presidio: $(PRESIDIO)/installed  ## The extra `presidio` with the real one, in an environment of its own (600 MB)
	$(PRESIDIO)/bin/python -m pytest -q tests/gateway/deidentify/test_presidio.py

COMPILE := uv pip compile --quiet --no-header --generate-hashes --python-version 3.11

lock: $(INSTALLED)  ## Resolve the dependencies anew (needs uv); what only `make presidio` needs has its own lock
	$(COMPILE) --extra dev --extra langchain --extra vertex --output-file requirements.lock pyproject.toml
	$(COMPILE) --extra presidio --group presidio-tests --constraint requirements.lock \
		--output-file requirements-presidio.lock pyproject.toml

clean:  ## Remove what was installed and built
	rm -rf .venv $(PRESIDIO) build *.egg-info
