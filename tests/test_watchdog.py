"""The watchdog on processes of their own: what stands still or fails is started again in its place, and not for ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent import watchdog as module
from agent.errors import StoreError
from agent.watchdog import FILE, MOST, STACKS, Watchdog, failed, forget, gave_up, read

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
STOPPED = """
import asyncio
async def run():
    dog = watchdog.Watchdog(data, still=1.5)
    dog.start()
    (data / "up").touch()
    beats = asyncio.create_task(dog.beats())
    await asyncio.sleep(5)
    beats.cancel()
    dog.stop()
watchdog.BEAT = 0.1
asyncio.run(run())
sys.exit(turn)
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
    assert (ran.returncode, len(pids)) == (-signal.SIGVTALRM, 1)
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


@pytest.mark.slow
def test_a_process_that_was_stopped_as_a_whole_goes_on(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    process = subprocess.Popen([sys.executable, "-c", BEGIN + STOPPED, str(tmp_path)], env=env)
    while not (tmp_path / "up").exists():
        time.sleep(0.05)
    process.send_signal(signal.SIGSTOP)
    time.sleep(3.5)
    process.send_signal(signal.SIGCONT)
    assert process.wait(20) == 1, "the first turn, to its end"
    assert read(tmp_path) == ([], "")


def test_a_failure_that_cannot_be_noted_is_one_all_the_same_and_far_from_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.05)
    (tmp_path / FILE).mkdir()
    began = time.monotonic()
    assert failed(tmp_path, "x")
    assert time.monotonic() - began >= 0.05
    forget(tmp_path)


def test_without_a_place_for_its_notes_it_says_so(tmp_path: Path) -> None:
    (tmp_path / STACKS).mkdir()
    with pytest.raises(StoreError, match="cannot be written"):
        Watchdog(tmp_path).start()
