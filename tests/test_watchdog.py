"""The watchdog on processes of their own: what stands still or fails is started again in its place, and not for ever."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.watchdog import MOST, Watchdog, failed, forget, gave_up, read

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows gives a process that replaces itself another pid")

BEGIN = """
import os, pathlib, re, sys, time
from agent.core.defence import turn_off
turn_off(os.environ.get("PROACTIVE_SABOTAGE", ""))
import agent.watchdog as watchdog
data = pathlib.Path(sys.argv[1])
with (data / "turns").open("a") as out:
    print(os.getpid(), file=out)
turn = len((data / "turns").read_text().splitlines())
"""
STILL = """
if turn == 2:
    sys.exit(0)
watchdog.Watchdog(data, still=0.3).start()
time.sleep(5)
sys.exit(3)
"""
HELD = """
watchdog.LAST_RESORT = 0.5
watchdog.Watchdog(data, still=0.3).start()
re.match(r"(a+)+$", "a" * 40 + "b")
"""
FAILS = """
from agent.cli import run
class Fails:
    data = data
    async def run(self):
        raise RuntimeError("nobody foresaw it")
try:
    run._again_and_again(Fails())
except run.ControlError as e:
    print(e)
    sys.exit(1)
"""


def turns(tmp_path: Path, code: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run a script that may replace itself; the pids of its turns."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    argv = [sys.executable, "-c", BEGIN + code, str(tmp_path)]
    ran = subprocess.run(argv, capture_output=True, text=True, env=env, check=False, timeout=60)
    return ran, (tmp_path / "turns").read_text().splitlines()


def test_a_loop_that_stands_still_is_started_again_in_its_place(tmp_path: Path) -> None:
    ran, pids = turns(tmp_path, STILL)
    assert ran.returncode == 0, ran.stderr
    assert len(pids) == 2
    assert len(set(pids)) == 1, "the pid that a terminal or systemd knows stays"
    assert "Current thread" in (tmp_path / "stuck.log").read_text() or "Thread 0x" in (tmp_path / "stuck.log").read_text()
    assert "stood still" in read(tmp_path)[1]


def test_a_library_that_holds_on_to_the_interpreter_ends_the_process(tmp_path: Path) -> None:
    ran, pids = turns(tmp_path, HELD)
    assert (ran.returncode, len(pids)) == (1, 1)
    assert "re" in (tmp_path / "stuck.log").read_text()


@pytest.mark.slow
def test_five_failures_within_a_minute_are_the_end_and_it_is_said(tmp_path: Path) -> None:
    ran, pids = turns(tmp_path, FAILS)
    assert (ran.returncode, len(pids)) == (1, MOST), ran.stderr
    assert "Proactive failed 5 times within a minute and gave up. The last time: RuntimeError: nobody foresaw it." in ran.stdout
    assert "The last time" in gave_up(tmp_path)


def test_failures_long_ago_and_those_before_a_clean_end_do_not_count(tmp_path: Path) -> None:
    for _ in range(MOST - 1):
        assert failed(tmp_path, "x")
    forget(tmp_path)
    assert [failed(tmp_path, "x") for _ in range(MOST)] == [True] * (MOST - 1) + [False]
    assert gave_up(tmp_path)
    (tmp_path / "crashes.json").write_text('{"times": [1, 2, 3, 4], "why": "x"}')
    assert failed(tmp_path, "x")
    assert gave_up(tmp_path) == ""


@pytest.mark.parametrize("text", ["", "[]", '{"times": 3}', '{"times": ["a"], "why": ""}', "[" * 10_000])
def test_a_damaged_note_is_no_failure(tmp_path: Path, text: str) -> None:
    (tmp_path / "crashes.json").write_text(text)
    assert gave_up(tmp_path) == ""
    assert failed(tmp_path, "x")


async def test_a_loop_that_turns_is_left_alone(tmp_path: Path) -> None:
    import asyncio

    watchdog = Watchdog(tmp_path, still=0.4)
    watchdog.start()
    until = time.monotonic() + 0.8
    while time.monotonic() < until:
        watchdog.beat()
        await asyncio.sleep(0.05)
    watchdog.stop()
    assert read(tmp_path) == ([], "")
