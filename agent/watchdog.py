"""Restarts the daemon in place when its loop stands still or it fails for a reason nobody foresaw; gives up when that repeats.

A thread of its own looks at the beat of the loop. When there was none for a minute of waking time, it writes down where every
thread stood and replaces the process by a fresh one: same pid, same arguments, so that whoever started it (a terminal,
systemd) keeps it. The kernel releases lock and sockets with it.
Covered: a loop that blocks, also in a C library that holds on to the interpreter and computes: then the process ends by a
signal. A process that was stopped as a whole (Ctrl+Z, SIGSTOP) gets its time anew.
Not covered: a C library that holds on to the interpreter and waits, and on Windows any that holds on to it; a process that is
killed from outside, where whoever started it decides what then.
"""

from __future__ import annotations

import asyncio
import faulthandler
import json
import logging
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from agent import keys
from agent.core.defence import on
from agent.errors import StoreError

log = logging.getLogger(__name__)

FILE = "crashes.json"
STACKS = "stuck.log"
STILL = 60.0
"""Seconds without a beat after which the loop is taken to stand still."""
LOOK = 5.0
BEAT = 2.0
# The kernel's own last resort, which needs no Python to run: so much more time of a processor without a beat.
LAST_RESORT = 20.0
# Without room for the note of a failure nobody can count them: then they are at least this far apart.
PAUSE = 12.0
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
            _arm(self._still + LAST_RESORT)

    async def beats(self) -> None:
        """Beat as long as the loop turns."""
        while True:
            self.beat()
            await asyncio.sleep(BEAT)

    def start(self) -> None:
        """Begin to watch. Raises StoreError when there is no place for its notes."""
        try:
            file = os.open(self._data / STACKS, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        except OSError as e:
            raise StoreError(f"{self._data / STACKS} cannot be written: {e.strerror}.", "Move it away.") from e
        self._stacks = os.fdopen(file, "w")
        if os.name == "posix":
            faulthandler.register(signal.SIGVTALRM, file=self._stacks, chain=True)
        self.beat()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """No more watching: the daemon ends, and has its own deadline for that."""
        if self._ended.is_set() or self._thread is None:
            return
        self._ended.set()
        _arm(0)
        self._thread.join(LOOK)
        if os.name == "posix":
            faulthandler.unregister(signal.SIGVTALRM)
        self._stacks.close()

    def _watch(self) -> None:
        every, looked = min(LOOK, self._still / 4), time.monotonic()
        while not self._ended.wait(every):
            before, looked = looked, time.monotonic()
            if looked - before > 2 * every + 1:  # this thread stood still too: not the loop, but the whole process
                self._beat = looked
            if time.monotonic() - self._beat > self._still and on("watchdog"):
                faulthandler.dump_traceback(file=self._stacks)
                failed(self._data, f"the loop stood still for {self._still:.0f} s; {STACKS} has where")
                restart()


def _arm(seconds: float) -> None:
    """Have the kernel end the process after so much time of a processor; 0 = never mind."""
    if os.name == "posix":
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)


def failed(data: Path, why: str) -> bool:
    """Note a failure; whether it may be started again: not after five within a minute."""
    log.critical("failed: %s", why)
    now = time.time()
    times = [t for t in read(data)[0] if 0 <= now - t < WITHIN] + [now]
    text = json.dumps({"times": times[-MOST:], "why": keys.scrub(why)})
    try:
        file = os.open(data / FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as out:
            out.write(text)
    except OSError as e:  # a full disk, of all moments
        log.warning("the failure could not be noted: %s", e.strerror)
        time.sleep(PAUSE)
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
    with suppress(OSError):
        (data / FILE).unlink(missing_ok=True)


def restart() -> None:
    """Replace this process by a fresh one with the same arguments; does not return."""
    log.warning("starting again")
    logging.shutdown()
    _arm(0)  # it would outlast the replacement
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], keys.environment())  # noqa: S606 - our own arguments
