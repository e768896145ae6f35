# make demo: see it work. make test: set up and run the tests. Both need python3 (3.10 or newer) with venv, and a package index.
# make bench DATA=DIR: measure on the data of DIR and write docs/benchmark.md, some minutes; what is finished is kept in .venv.
# make sabotage: leave out each defence once; the tests must fail each time. make trust [DATA=DIR]: the slow tests and all figures
# of trust, an hour or more, into docs/trust.md; what is finished is kept in .venv. make soak MINUTES=60 (or DAYS=30): into docs/soak.
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

fast: .venv/test.done
	$(BIN)/python -m pytest -m 'not slow and not e2e' $(ARGS)

sabotage: .venv/test.done
	$(BIN)/proactive bench sabotage $(ARGS)

trust: .venv/test.done
	$(BIN)/proactive bench trust $(if $(DATA),--data '$(DATA)') --out docs --resume .venv/trust.resume $(ARGS)

soak: .venv/test.done
	$(BIN)/proactive bench soak $(if $(DAYS),--days $(DAYS),--minutes $(or $(MINUTES),60)) --out docs/soak $(ARGS)

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

.PHONY: demo test fast lint format bench sabotage trust soak data
