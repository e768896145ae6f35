"""R12, R17 and R18: many starts at once, ends while everything hangs, a loop that stands still. Real processes; POSIX."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from agent.client import ask
from agent.errors import ControlError
from agent.lock import holder
from agent.trust._process import NO_BUS, Child, toml
from agent.trust._sockets import Said, Told, Watched, at_work
from agent.trust.row import Row

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


def rows(full: bool) -> Iterator[Row]:  # noqa: FBT001 - as the contract has it
    """Starts, ends and a restart; nothing on Windows."""
    if os.name != "posix":
        return
    yield _starts(50 if full else 2)
    yield asyncio.run(_signals(100 if full else 3))
    yield _still(60.0 if full else 3.0)


@contextlib.contextmanager
def _child() -> Iterator[Child]:
    with tempfile.TemporaryDirectory(prefix="proactive-trust-", ignore_cleanup_errors=True) as name:
        yield Child(Path(name))


def _starts(pairs: int) -> Row:
    """Two starts at once, again and again over one data folder; the one that lives is killed each time."""
    wrong, slow, beside = [], 0.0, 0
    with _child() as made:
        made.configure(toml(NOBODY))
        for _ in range(pairs):
            crowd = []
            for _ in range(2):
                made.start()
                crowd.append(made.process)
            began = time.monotonic()
            while sum(p is not None and p.poll() is None for p in crowd) > 1 and time.monotonic() - began < 20:
                time.sleep(0.02)
            slow = max(slow, time.monotonic() - began)
            alive = [p for p in crowd if p is not None and p.poll() is None]
            codes = [p.returncode for p in crowd if p is not None and p.poll() is not None]
            if len(alive) != 1 or codes != [1] or not _answers(made, alive[0].pid if alive else 0):
                wrong.append(f"{len(alive)} alive, codes {codes}")
            beside += 2
            for process in alive:
                process.kill()
                process.wait(5)
        left = holder(made.data)
    told = f"{pairs - len(wrong)} of {pairs} pairs ended with one alive, the other with code 1 within {slow:.1f} s"
    return Row(
        "R12", "starts, two at once, after a kill -9 each time", beside, told + (f"; {wrong[0]}" if wrong else ""),
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
        env = {**os.environ, "PROACTIVE_DATA": str(made.data), "HOME": str(made.home), "DBUS_SESSION_BUS_ADDRESS": NO_BUS}
        env["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
        with (made.home / "run.log").open("ab") as out:
            argv = [sys.executable, "-c", BLOCKED, str(made.config), str(seconds)]
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, start_new_session=True)
        try:
            back = _back(made, process, seconds + 30)
        finally:
            process.kill()
            process.wait(5)
    told = "not started again" if back is None else f"answers again, same pid, {back:.1f} s after it stood still"
    return Row("R18", f"a loop that stands still, watched for {seconds:g} s", 1, told, f"at most {seconds + 30:g} s",
               back is not None and back <= seconds + 30)  # fmt: skip


def _back(made: Child, process: subprocess.Popen[bytes], within: float) -> float | None:
    """Seconds from the moment at which the loop stood still to the first answer of the one after it."""
    turns, end = made.home / "turns", time.time() + within + 20
    while time.time() < end and process.poll() is None:
        lines = turns.read_text(encoding="utf-8").splitlines() if turns.exists() else []
        if len(lines) == 3 and _answers(made, process.pid):
            return time.time() - float(lines[1].split()[0])
        time.sleep(0.1)
    return None
