# The only vocabulary, for people and CI alike. `make help` lists it. Settings come from the environment, from .env, or
# from the command line: make up DATA_SOURCE=my_songs.csv

.DEFAULT_GOAL := help
.PHONY: help setup up airflow test check prepare train evaluate promote bench growth rollout fuzz compose-test lock
# The entry points' `python` has to be the environment's.
PROJECT := PATH="$(CURDIR)/.venv/bin:$$PATH" mlflow run . --env-manager local --experiment-name quintet
# A model carries its own environment (conda.yaml), not the project's.
export MLFLOW_UV_AUTO_DETECT := false

help:       ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

setup:      ## make .venv from locks/dev.txt, if it is not there or the lock changed
	@scripts/setup

up: setup   ## data, model and all four servers; Ctrl-C stops them
	@.venv/bin/python -m scripts.up

airflow: setup ## Airflow with the DAGs, from .venv-airflow; Ctrl-C stops it
	@scripts/setup airflow
	@.venv/bin/python -m scripts.airflow

test: setup tests/clients/node_modules ## all tests; one room: make test ROOM=tests/model
	@scripts/setup airflow
	@scripts/setup spark
	.venv/bin/python -m pytest $(ROOM)

# The JavaScript client that the drop-in is tried with, and dclint; Node.js comes with .venv.
tests/clients/node_modules: tests/clients/package-lock.json | setup
	PATH="$(CURDIR)/.venv/bin:$$PATH" npm ci --prefix tests/clients --silent --no-audit --no-fund
	@touch $@

check: setup ## ruff and mypy
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy

prepare: setup ## raw files to tables
	$(PROJECT) -e prepare

train: prepare ## train a challenger and register it
	$(PROJECT) -e train

evaluate: train ## the table of baselines, challenger and champion
	$(PROJECT) -e evaluate

promote: setup ## the challenger becomes champion, if its figures allow it
	$(PROJECT) -e promote

bench: setup ## speed of core, servers, search and what else there is, with the model and tables that are there
	@scripts/setup bench
	@.venv-bench/bin/python -m benchmarks.bench

growth: setup ## how everything grows up to 1.2 million tracks and 100 thousand playlists; takes hours, 9 GB of memory, Java
	@scripts/setup spark
	@.venv/bin/python -m benchmarks.growth data/processed --sizes 28352x450 300000x10000 1200000x100000

rollout: setup ## ten new model versions in a row under load, with real models and servers
	ROLLOUTS=10 .venv/bin/python -m pytest tests/service/test_real.py -rA

fuzz: setup ## a thousand made-up requests to every route of the gateway
	FUZZ_CASES=1000 .venv/bin/python -m pytest tests/gateway/test_fuzz.py

compose-test: setup ## build the containers, use them, kill them, and print what was measured; needs Docker
	@.venv/bin/python -m scripts.compose_test

lock: setup ## resolve the dependencies in pyproject.toml anew
	scripts/lock $(if $(UPGRADE),--upgrade)
