"""Restarts the daemon in place when its loop stands still or it fails for a reason nobody foresaw; gives up when that repeats.

A thread of its own looks at the beat of the loop. When there was none for a minute of waking time, it writes down where every
thread stood and replaces the process by a fresh one: same pid, same arguments, so that whoever started it (a terminal,
systemd) keeps it. The kernel releases lock and sockets with it.
Covered: a loop that blocks, also in a C library that holds on to the interpreter: then the process ends (exit code 1).
Not covered: a process that is killed from outside; whoever started it decides what then.
"""

from __future__ import annotations

import asyncio
import faulthandler
import json
import logging
import os
import sys
import threading
import time
from pathlib import Path
from typing import IO

from agent import keys
from agent.core.defence import on

log = logging.getLogger(__name__)

FILE = "crashes.json"
STACKS = "stuck.log"
STILL = 60.0
"""Seconds without a beat after which the loop is taken to stand still."""
LOOK = 5.0
BEAT = 2.0
# The interpreter's own last resort, which needs no Python to run.
LAST_RESORT = 20.0
MOST, WITHIN = 5, 60.0
"""So many failures within so many seconds, and it is not started again."""


class Watchdog:
    """Watches the beat of a loop from a thread of its own, from `start` to `stop`."""

    def __init__(self, data: Path, still: float = STILL) -> None:
        self._data = data
        self._still = still
        self._beat = time.monotonic()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._stacks: IO[str]

    def beat(self) -> None:
        """The loop turns."""
        self._beat = time.monotonic()
        if not self._ended.is_set():
            faulthandler.dump_traceback_later(self._still + LAST_RESORT, exit=True, file=self._stacks)

    async def beats(self) -> None:
        """Beat as long as the loop turns."""
        while True:
            self.beat()
            await asyncio.sleep(BEAT)

    def start(self) -> None:
        """Begin to watch."""
        file = os.open(self._data / STACKS, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        self._stacks = os.fdopen(file, "w")
        self.beat()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """No more watching: the daemon ends, and has its own deadline for that."""
        if self._ended.is_set() or self._thread is None:
            return
        self._ended.set()
        faulthandler.cancel_dump_traceback_later()
        self._thread.join(LOOK)
        self._stacks.close()

    def _watch(self) -> None:
        while not self._ended.wait(min(LOOK, self._still / 4)):
            if time.monotonic() - self._beat > self._still and on("watchdog"):
                faulthandler.dump_traceback(file=self._stacks)
                failed(self._data, f"the loop stood still for {self._still:.0f} s; {STACKS} has where")
                restart()


def failed(data: Path, why: str) -> bool:
    """Note a failure; whether it may be started again: not after five within a minute."""
    log.critical("failed: %s", why)
    now = time.time()
    times = [t for t in read(data)[0] if 0 <= now - t < WITHIN] + [now]
    text = json.dumps({"times": times[-MOST:], "why": keys.scrub(why)})
    file = os.open(data / FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as out:
        out.write(text)
    return len(times) < MOST


def read(data: Path) -> tuple[list[float], str]:
    """When it failed lately (seconds since 1970), and why the last time; nothing if it did not or that cannot be read."""
    try:
        found = json.loads((data / FILE).read_text(encoding="utf-8"))
        return [float(t) for t in found["times"]], str(found["why"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return [], ""


def gave_up(data: Path) -> str:
    """Why it is not started again, or '' if it was not given up."""
    times, why = read(data)
    often = len(times) >= MOST and times[-1] - times[0] < WITHIN
    return f"Proactive failed {MOST} times within a minute and gave up. The last time: {why}." if often else ""


def forget(data: Path) -> None:
    """It ended as it should: earlier failures are over."""
    (data / FILE).unlink(missing_ok=True)


def restart() -> None:
    """Replace this process by a fresh one with the same arguments; does not return."""
    log.warning("starting again")
    logging.shutdown()
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], keys.environment())  # noqa: S606 - our own arguments
