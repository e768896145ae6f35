# make demo: see it work. make test: set up and run the tests. Both need python3 (3.10 or newer) with venv, and a package index.
# make bench DATA=DIR: measure on the data of DIR and write docs/benchmark.md, some minutes; what is finished is kept in .venv.
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

bench: data .venv/bench.done
	$(BIN)/proactive bench report --data '$(DATA)' --out docs --resume .venv/bench.resume $(ARGS)

data:
	@test -n '$(DATA)' || { echo 'make bench DATA=DIR: DIR must hold reward_train.jsonl (judgement rows) and, if there, reward_test.jsonl,'; \
	echo 'agent_test/ (traces), traces/ (recorded answers), official_results/ (MODEL.csv); or be the repository of ProactiveBench.'; exit 2; }

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/demo.done: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[demo]'
	touch $@

.venv/test.done: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[demo,test,lint]'
	touch $@

.venv/bench.done: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[train,plot]'
	touch $@

.PHONY: demo test lint format bench data
