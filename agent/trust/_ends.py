"""R12, R17 and R18: many starts at once, ends while everything hangs, a loop that stands still. Real processes; POSIX."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from agent.client import ask
from agent.errors import ControlError
from agent.lock import holder
from agent.logs import FILE
from agent.trust._process import NO_BUS, Child, toml
from agent.trust._sockets import Said, Told, Watched, at_work
from agent.trust.row import Row
from agent.watchdog import MOST, gave_up

NOBODY = {"activitywatch": {"port": 9}, "pace": {"poll": 1.0}}
ENDS = 3.0
HANGS = Said(b"{}", after=0)
BLOCKED = """
import os, sys, time
from pathlib import Path
from agent.daemon import Daemon, Watchdog
config, still, turns = sys.argv[1], float(sys.argv[2]), Path(os.environ["PROACTIVE_DATA"]).parent / "turns"
with turns.open("a") as out:
    print(time.time(), os.getpid(), file=out)
async def blocks(self):
    with turns.open("a") as out:
        print(time.time(), "blocks", file=out)
    time.sleep(3600)
if len(turns.read_text().splitlines()) == 1:
    Daemon._probe = blocks
first = Daemon.__init__
def init(self, watch, data):
    first(self, watch, data)
    self._watchdog = Watchdog(data, still)
Daemon.__init__ = init
from agent.cli import main
sys.argv = ["proactive", "run", "--config", config]
main()
"""

FAILS = """
import os, sys
from pathlib import Path
from agent.daemon import Daemon
with (Path(os.environ["PROACTIVE_DATA"]).parent / "turns").open("a") as out:
    print(os.getpid(), file=out)
def fails(self):
    raise RuntimeError("nobody foresaw it")
Daemon._recover = fails
from agent.cli import main
sys.argv = ["proactive", "run", "--config", sys.argv[1]]
main()
"""


def rows(full: bool) -> Iterator[Row]:  # noqa: FBT001 - as the contract has it
    """Starts, ends and a restart; nothing on Windows."""
    if os.name != "posix":
        return
    yield _starts([2] * 50 + [20] * 3 if full else [2, 2, 5])
    yield asyncio.run(_signals(50 if full else 3))
    yield _early(50 if full else 3)
    yield _still(60.0 if full else 3.0)
    yield _given_up()


@contextlib.contextmanager
def _child() -> Iterator[Child]:
    with tempfile.TemporaryDirectory(prefix="proactive-trust-", ignore_cleanup_errors=True) as name:
        yield Child(Path(name))


def _starts(crowds: Sequence[int]) -> Row:
    """So many starts at once, again and again over one data folder; the one that lives is killed each time."""
    wrong, slow, beside = [], 0.0, 0
    with _child() as made:
        made.configure(toml(NOBODY))
        for size in crowds:
            crowd = []
            for _ in range(size):
                made.start()
                crowd.append(made.process)
            began = time.monotonic()
            while sum(p is not None and p.poll() is None for p in crowd) > 1 and time.monotonic() - began < 60:
                time.sleep(0.02)
            slow = max(slow, time.monotonic() - began)
            alive = [p for p in crowd if p is not None and p.poll() is None]
            codes = [p.returncode for p in crowd if p is not None and p.poll() is not None]
            if len(alive) != 1 or codes != [1] * (size - 1) or not _answers(made, alive[0].pid if alive else 0):
                wrong.append(f"{len(alive)} alive, codes {codes}")
            beside += size
            for process in alive:
                process.kill()
                process.wait(5)
        left = holder(made.data)
    told = f"{len(crowds) - len(wrong)} of {len(crowds)} times one was alive, the others had ended with 1 within {slow:.1f} s"
    return Row(
        "R12", f"starts, two to {max(crowds)} at once, after a kill -9 each time", beside,
        told + (f"; {wrong[0]}" if wrong else ""),
        "exactly 1 alive each time, 0 stale locks", not wrong and left is None,
    )  # fmt: skip


def _answers(made: Child, pid: int) -> bool:
    """Whether the daemon that lives answers, and holds the lock."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with contextlib.suppress(ControlError):
            return bool(asyncio.run(ask(made.data, "status"))["pid"] == pid == holder(made.data))
        time.sleep(0.05)
    return False


async def _signals(times: int) -> Row:
    """SIGTERM while ActivityWatch, or the model, hangs in the middle of a request."""
    longest, orphans, wrong = 0.0, 0, 0
    for n in range(times):
        aw = Watched(at_work(), {"/info": HANGS} if n % 2 else {})
        async with Told(aw.answer) as server, Told(lambda *_: HANGS) as model:
            with _child() as made:
                made.configure(toml({
                    "request": {"default_completions_model": "a"},
                    "api_keys.a": [{"base_url": model.base_url, "model": "m"}],
                    "activitywatch": {"port": server.port},
                    "pace": {"poll": 0.25, "start": 0.01, "floor": 0.01, "ceiling": 0.01},
                }))  # fmt: skip
                made.start()
                process = made.process
                await _until(lambda: bool(model.asked or (n % 2 and server.asked)))  # noqa: B023 - called at once
                took = await asyncio.to_thread(made.stop)
                longest = max(longest, took)
                wrong += process is None or process.returncode != 0 or "Traceback" in (made.home / "run.log").read_text()
                orphans += process is not None and _group(process.pid)
    told = f"ended within {longest:.2f} s, {orphans} left something behind, {wrong} with an error"
    return Row("R17", "SIGTERM with a request that hangs", times, told, "at most 3 s, 0 orphans",
               longest <= ENDS and not orphans and not wrong)  # fmt: skip


def _early(times: int) -> Row:
    """SIGTERM in the first third of a second, while everything begins."""
    longest, wrong, chance = 0.0, 0, random.Random(17)  # noqa: S311 - moments, no secrets
    with _child() as made:
        made.configure(toml(NOBODY))
        for _ in range(times):
            made.start()
            process = made.process
            if process is None or not _runs(made, process):
                wrong += 1
                continue
            time.sleep(chance.random() * 0.35)
            longest = max(longest, made.stop())
            wrong += process.returncode != 0
        wrong += "Traceback" in (made.home / "run.log").read_text()
    told = f"ended within {longest:.2f} s, {wrong} with an error"
    return Row("R17", "SIGTERM 0 to 350 ms after it runs", times, told, "at most 3 s, 0 errors", longest <= ENDS and not wrong)


def _runs(made: Child, process: subprocess.Popen[bytes]) -> bool:
    """Wait until the log says that it runs."""
    log, end = made.data / FILE, time.monotonic() + 20
    while process.poll() is None and time.monotonic() < end:
        if log.exists() and f"running, pid {process.pid}," in log.read_text(encoding="utf-8"):
            return True
        time.sleep(0.005)
    return False


async def _until(seen: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not seen() and time.monotonic() < end:  # noqa: ASYNC110 - what is waited for is a count of a server in this loop
        await asyncio.sleep(0.02)


def _group(pid: int) -> bool:
    """Whether a process of its group is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, 0)
        return True
    return False


def _still(seconds: float) -> Row:
    """A daemon whose loop stands still once, for ever; its watchdog starts it again in its place."""
    with _child() as made:
        made.configure(toml(NOBODY))
        process = _played(made, BLOCKED, str(seconds))
        try:
            back = _back(made, process, seconds + 30)
        finally:
            process.kill()
            process.wait(5)
    told = "not started again" if back is None else f"answers again, same pid, {back:.1f} s after it stood still"
    return Row("R18", f"a loop that stands still, watched for {seconds:g} s", 1, told, f"at most {seconds + 30:g} s",
               back is not None and back <= seconds + 30)  # fmt: skip


def _played(made: Child, code: str, *arguments: str) -> subprocess.Popen[bytes]:
    """A process with a daemon to which something happens."""
    env = {**os.environ, "PROACTIVE_DATA": str(made.data), "HOME": str(made.home), "DBUS_SESSION_BUS_ADDRESS": NO_BUS}
    env["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    argv = [sys.executable, "-c", code, str(made.config), *arguments]
    with (made.home / "run.log").open("ab") as out:
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, start_new_session=True)


def _given_up() -> Row:
    """A daemon that fails as soon as it is up: started again in its place, and not for ever."""
    with _child() as made:
        made.configure(toml(NOBODY))
        process, began = _played(made, FAILS), time.monotonic()
        try:
            code = process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait(5)
        took, turns = time.monotonic() - began, len((made.home / "turns").read_text(encoding="utf-8").splitlines())
        said = gave_up(made.data)
        shown = (
            "Traceback" not in (made.home / "run.log").read_text()
            and bool(said)
            and said in (made.home / "run.log").read_text()
        )
    told = f"{turns} turns in {took:.1f} s, code {code}, {'said so' if shown else 'did not say so'}"
    return Row("R18", "a daemon that fails at each start", turns, told, "5 turns within 60 s, then an end that says so",
               (turns, code) == (MOST, 1) and shown)  # fmt: skip


def _back(made: Child, process: subprocess.Popen[bytes], within: float) -> float | None:
    """Seconds from the moment at which the loop stood still to the first answer of the one after it."""
    turns, end = made.home / "turns", time.time() + within + 20
    while time.time() < end and process.poll() is None:
        lines = turns.read_text(encoding="utf-8").splitlines() if turns.exists() else []
        if len(lines) == 3 and _answers(made, process.pid):
            return time.time() - float(lines[1].split()[0])
        time.sleep(0.1)
    return None
