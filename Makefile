# make demo: see it work. make test: set up and run the tests. Both need python3 (3.10 or newer) with venv, and a package index.
PYTHON ?= python3
BIN := .venv/bin

demo: .venv/demo.done
	$(BIN)/proactive demo

test: .venv/test.done
	$(BIN)/python -m pytest $(ARGS)

lint: .venv/test.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/test.done
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/demo.done: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[demo]'
	touch $@

.venv/test.done: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[demo,test,lint]'
	touch $@

.PHONY: demo test lint format
