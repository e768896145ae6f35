"""The switches of the defences: every one is known and watched, none acts outside of tests, and some are tried here.

All of them are tried by `make sabotage` (and by the slow test at the end).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from agent.core import defence
from agent.errors import ProactiveError
from agent.trust.sabotage import GOAL, VARIABLE, Defence, Outcome, checkout, defences, names_in_code, sabotage, without
from agent.trust.sabotage import summary as row

ROOT = checkout()
KNOWN = {d.name: d for d in defences(ROOT)}
HERE = "tests/trust/test_sabotage.py"
SOURCES = sorted([*(ROOT / "agent").rglob("*.py"), *(ROOT / "reward_model").rglob("*.py")])


def test_every_switch_in_the_code_has_tests_that_watch_it_and_the_other_way_round() -> None:
    assert set(KNOWN) == set(names_in_code(ROOT))
    assert len(KNOWN) >= GOAL


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_the_tests_that_watch_a_defence_exist(name: str) -> None:
    assert KNOWN[name].what
    for test in KNOWN[name].tests:
        file, _, function = test.partition("::")
        assert f"def {function.partition('[')[0]}(" in (ROOT / file).read_text(encoding="utf-8"), test


def test_no_defence_can_be_turned_off_by_the_environment() -> None:
    code = "from agent.core.defence import on; import sys; sys.exit(not on('ttl'))"
    env = {**os.environ, VARIABLE: "ttl", "PYTEST_CURRENT_TEST": "x", "PYTHONPATH": str(ROOT)}
    assert subprocess.run([sys.executable, "-c", code], env=env, check=False).returncode == 0


@pytest.mark.parametrize(
    ("word", "allowed"),
    [("turn_off", {"defence.py"}), ("_off", {"defence.py"}), (VARIABLE, {"defence.py", "sabotage.py"})],
)
def test_nothing_of_ours_but_the_switch_and_its_control_names_a_way_to_turn_one_off(word: str, allowed: set[str]) -> None:
    named = {p.name for p in SOURCES if re.search(rf"(?<!\w){word}(?!\w)", p.read_text(encoding="utf-8"))}
    assert named == allowed


def test_a_defence_that_is_turned_off_is_off_alone() -> None:
    code = "from agent.core.defence import on, turn_off; turn_off('a'); print(on('a'), on('b'))"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
    assert VARIABLE in os.environ or defence.on("a")


@pytest.mark.parametrize("name", ["single_use", "private_hold", "closed_list"])
def test_a_missing_defence_turns_its_tests_red(name: str) -> None:
    found = without(ROOT, KNOWN[name])
    assert found.red, found


def test_tests_that_do_not_watch_a_defence_stay_green_and_are_told(tmp_path: Path) -> None:
    blind = Defence("single_use", "", (f"{HERE}::test_a_defence_that_is_turned_off_is_off_alone",))
    found = without(ROOT, blind)
    assert not found.red
    assert "passed" in found.said
    made = row([Outcome("", red=False, said="1 passed", seconds=0.1), found])
    assert (made.ok, made.result) == (False, "0 of 1 red; not: single_use")


def test_what_is_no_failed_test_is_not_red_and_a_control_run_without_green_ends_it() -> None:
    gone = Defence("ttl", "", (f"{HERE}::test_gone",))
    assert not without(ROOT, gone).red
    with pytest.raises(ProactiveError, match="not green"):
        sabotage(ROOT, [gone])


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_every_defence_is_noticed_when_it_is_missing() -> None:
    assert [o.name for o in sabotage(ROOT, list(KNOWN.values()))[1:] if not o.red] == []
