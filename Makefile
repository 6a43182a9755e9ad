# Every target sets up what is missing first; the second time that takes a blink.
# What the targets do is in ops/ (python -m ops --help); this file only names it.

PYTHON ?= python3
VENV   := .venv/bin
OPS    := $(VENV)/python -m ops
# make push DIR=… [REPOSITORY=owner/name] [AUTHOR='Name <address>'] [MESSAGE=…] [BRANCH=…]
# (the shell reads them from the environment: a message may hold any sign)
export DIR REPOSITORY AUTHOR MESSAGE BRANCH
PUSH   = $(if $(REPOSITORY),--repository "$$REPOSITORY") $(if $(AUTHOR),--author "$$AUTHOR") \
         $(if $(MESSAGE),--message "$$MESSAGE") $(if $(BRANCH),--branch "$$BRANCH")
LOCK   = $(VENV)/uv pip compile --universal --python-version 3.11 --generate-hashes --quiet \
         --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade)

.DEFAULT_GOAL := help
.PHONY: help chaos datasets demo demo-down test lint up down status logs push clean bench bench-networks bench-propose bench-relaunch bench-startup bench-tables bench-webhook lock bootstrap setup
MAKEFLAGS += --no-print-directory

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: bootstrap ## the whole job on the bundled example, on this machine alone (KEEP=1 keeps it running)
	@$(VENV)/python -m ops.demo

demo-down: bootstrap ## stop what `make demo KEEP=1` left running
	@$(OPS) --var var/demo down

test: bootstrap ## lint, types and every test, against the real things
	@$(OPS) setup --chromium
	@$(MAKE) lint
	@$(VENV)/python -m pytest $(ARGS)

chaos: bootstrap ## the fault matrix: break everything while a trial trains, as root (half an hour)
	@$(OPS) setup
	@$(VENV)/python -m pytest -m chaos tests/chaos $(ARGS)

lint: bootstrap ## lint, formatting, types
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .
	@$(VENV)/mypy --strict .

up: bootstrap ## start the installation for real use (PORT=8080)
	@$(OPS) up $(if $(PORT),--port $(PORT))

down: bootstrap ## stop it; no process and no container is left
	@$(OPS) down

status: bootstrap ## how components, experiments and the running training are (JSON=1 for scripts)
	@$(OPS) status $(if $(JSON),--json)

logs: bootstrap ## the end of the logs (C=scheduler for one, F=1 to follow)
	@$(OPS) logs $(C) $(if $(F),--follow)

push: bootstrap ## commit a folder to the watched repository (DIR=… [REPOSITORY=… AUTHOR=…])
	@test -n "$$DIR" || { echo 'Say which folder: make push DIR=path/to/folder' >&2; exit 2; }
	@$(OPS) push "$$DIR" $(PUSH)

datasets: bootstrap ## fetch Keras' data sets for trainings without network (SETS='mnist cifar10')
	@$(OPS) datasets $(SETS)

clean: bootstrap ## stop everything and remove all state but secrets and data sets (SECRETS=1: secrets too)
	@$(OPS) clean $(if $(SECRETS),--secrets)

bench: bootstrap ## print the figures that the README quotes
	@$(OPS) setup
	@for file in bench/overhead.py bench/detector.py; do echo "== $$file" && $(VENV)/python -m bench.$$(basename $$file .py) || exit 1; done

bench-networks: bootstrap ## epochs until the target on real networks, against Optuna and KerasTuner (JSON=FILE)
	@test -x var/networks-venv/bin/python || $(VENV)/uv venv --quiet var/networks-venv
	@$(VENV)/uv pip install --quiet --python var/networks-venv/bin/python -r requirements-networks.txt
	@var/networks-venv/bin/python -m bench.networks $(if $(JSON),--json $(JSON))

bench-tables: bootstrap ## regret on tables of trained networks, against random search and TPE (JSON=FILE)
	@$(VENV)/uv pip install --quiet --python $(VENV)/python --target var/bench-packages --no-deps --require-hashes -r requirements-bench.txt
	@OMP_NUM_THREADS=1 PYTHONPATH=var/bench-packages $(VENV)/python -m bench.tables $(if $(JSON),--json $(JSON)) $(ARGS)

bench-propose: bootstrap ## milliseconds that a proposal takes, for each strategy (JSON=FILE)
	@$(VENV)/python -m bench.propose $(if $(JSON),--json $(JSON))

bench-relaunch: bootstrap ## seconds from a killed training to its relaunch, against docker run --restart (JSON=FILE)
	@$(VENV)/python -m bench.relaunch $(if $(JSON),--json $(JSON))

bench-webhook: bootstrap ## seconds from a push to its run, by webhook and by polling (JSON=FILE)
	@$(VENV)/python -m bench.webhook $(if $(JSON),--json $(JSON))

bench-startup: bootstrap ## seconds until a script's first line, against python -c "import keras" (JSON=FILE)
	@$(VENV)/python -m bench.startup $(if $(JSON),--json $(JSON))

lock: bootstrap ## compile the lock files again (UPGRADE=1 takes newer versions)
	@$(LOCK) requirements-uv.in -o requirements-uv.txt
	@$(LOCK) requirements-dev.in -o requirements-dev.txt
	@$(LOCK) requirements.in -c requirements-dev.txt -o requirements.txt
	@$(LOCK) docker/requirements.in --override docker/overrides.txt -o docker/requirements.txt
	@$(LOCK) requirements-networks.in -o requirements-networks.txt
	@$(LOCK) requirements-bench.in --no-emit-package numpy -o requirements-bench.txt
	@echo 'Locks compiled'

setup: bootstrap ## Docker engine and training image
	@$(OPS) setup

bootstrap:
	@$(PYTHON) -m ops.bootstrap $(if $(filter test chaos,$(MAKECMDGOALS)),--tests)
