"""The whole daemon as a process of its own for tests: configuration, start, stop, kill, what it says, what its store holds.

    daemon = Daemon(tmp_path, activitywatch={"port": server.port})
    with daemon.running():
        status = await daemon.until(lambda s: s["offers_today"] > 0)

The process has HOME, XDG folders, data and TMPDIR of its own, is stopped by its pid, and every wait is bounded.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from agent.client import ask
from agent.core.records import Execution, Offer, Tick
from agent.errors import ControlError
from agent.lock import holder
from agent.store.sqlite import FILE, open_readonly

ROOT = Path(__file__).resolve().parents[2]
# Looks and asks of a day, in seconds.
FAST = {"poll": 0.25, "start": 0.01, "floor": 0.01, "ceiling": 0.01}
NO_BUS = "unix:path=/nonexistent/proactive-test-bus"
STARTUP = 20.0
STATUS = 15.0

Status = dict[str, Any]


class Daemon:
    """A daemon over `folder`; sections given by name are written to its private.toml, [pace] fast unless it is given."""

    def __init__(self, folder: Path, env: Mapping[str, str] | None = None, **sections: Any) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.config = folder / "private.toml"
        self.sections: dict[str, Any] = {"pace": FAST, **sections}
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "PROACTIVE_DATA": str(self.data),
            "DBUS_SESSION_BUS_ADDRESS": NO_BUS,
            **{f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "DATA", "CACHE", "STATE")},
            **(env or {}),
        }
        self.write()

    def write(self, text: str = "", **sections: Any) -> None:
        """Write the configuration, with these sections changed, or a text as it is; in place, as a simple editor does."""
        self.sections.update(sections)
        self.config.write_text(text or toml(self.sections), encoding="utf-8")
        self.config.chmod(0o600)

    def spawn(self, *, umask: int = -1) -> subprocess.Popen[bytes]:
        """Start a process on this folder, without waiting for it."""
        argv = [sys.executable, "-m", "agent", "run", "--config", str(self.config)]
        with (self.folder / "run.log").open("ab") as out:
            self.started = time.time()
            return subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=self.env, cwd=self.folder,
                start_new_session=True, umask=umask,
            )  # fmt: skip

    @contextlib.contextmanager
    def running(self, *, umask: int = -1) -> Iterator[Daemon]:
        """Start the daemon and kill it at the end, if it is still there."""
        self.process = self.spawn(umask=umask)
        try:
            yield self
        finally:
            self.kill()

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(5)
            self.process = None

    async def signal(self, number: int = signal.SIGTERM, seconds: float = 8.0) -> tuple[int, float]:
        """Send a signal and wait for the end: exit code and seconds."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(number)
        code = await asyncio.to_thread(self.process.wait, seconds)
        took = time.monotonic() - began
        self.process = None
        return code, took

    async def ask(self, do: str, **arguments: Any) -> Status:
        """Ask through the control socket; ControlError if it does not run."""
        return await asyncio.wait_for(ask(self.data, do, **arguments), STATUS)

    async def until(self, seen: Callable[[Status], object] = bool, seconds: float = STATUS) -> Status:
        """The status once `seen` is true of it; fails with the last one and the log after `seconds`."""
        end = time.monotonic() + seconds
        last: object = "no answer"
        while time.monotonic() < end:
            assert self.process is None or self.process.poll() is None, f"the daemon ended:\n{self.log}"
            with contextlib.suppress(ControlError):
                last = status = await self.ask("status")
                if seen(status):
                    return status
            await asyncio.sleep(0.05)
        raise AssertionError(f"not within {seconds:g} s: {json.dumps(last, indent=1)}\n{self.log}")

    async def ticked(self, seconds: float = STARTUP) -> Status:
        """The status once it has looked for the first time."""
        return await self.until(lambda s: s["last_tick"], seconds)

    async def offer(self, number: int = 1, seconds: float = STATUS) -> Offer:
        """The offer with this number, once it was made."""
        await self.until(lambda _: self.offers()[number - 1 :], seconds)
        return self.offers()[number - 1]

    async def responded(self, number: int, kind: str, seconds: float = STATUS) -> list[str]:
        """The kinds of all responses to an offer, once the last is `kind`."""
        await eventually(
            lambda: self.responses(number)[-1:] == [kind], seconds, lambda: f"{self.responses(number)}\n{self.log}"
        )
        return self.responses(number)

    async def executed(self, number: int, state: str, seconds: float = STATUS) -> Execution:
        """The execution of an offer once it is in that state."""
        await eventually(lambda: (run := self.execution(number)) and run.state == state, seconds, lambda: self.log)
        run = self.execution(number)
        assert run is not None
        return run

    async def proactive(self, *args: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the command line on this daemon's folders."""
        argv = [sys.executable, "-m", "agent", *args]
        return await asyncio.to_thread(
            subprocess.run, argv, capture_output=True, text=True, env=self.env, cwd=self.folder, check=False, timeout=60
        )

    @property
    def log(self) -> str:
        """Everything it wrote to its log and its terminal."""
        files = [f for f in (self.data / "proactive.log", self.folder / "run.log") if f.exists()]
        return "\n".join(f.read_text(encoding="utf-8", errors="replace") for f in files)

    def first_tick_after(self) -> float:
        """Seconds from the start of the process to the end of its first look, by the log."""
        line = next(x for x in self.log.splitlines() if " agent.loop tick " in x)
        ended = datetime.strptime(line[:23], "%Y-%m-%d %H:%M:%S,%f").astimezone()
        return ended.timestamp() - self.started

    def holder(self) -> int | None:
        """The pid that holds the lock."""
        return holder(self.data)

    # What the store holds, read beside the daemon.

    def offers(self) -> list[Offer]:
        """All offers, oldest first."""
        return self._stored(lambda s: list(reversed(s.offers()))) or []

    def ticks(self) -> list[Tick]:
        """All looks that were stored, oldest first."""
        return self._stored(lambda s: list(reversed(s.ticks(limit=5000)))) or []

    def responses(self, number: int) -> list[str]:
        """Kinds of the responses to an offer, oldest first."""
        return self._stored(lambda s: [r.kind for r in s.responses(number)]) or []

    def execution(self, number: int) -> Execution | None:
        """The run of an offer."""
        found: Execution | None = self._stored(lambda s: s.execution(number))
        return found

    def _stored(self, get: Callable[[Any], Any]) -> Any:
        path = self.data / FILE
        if not path.exists():
            return None
        with contextlib.closing(open_readonly(path)) as store:
            return get(store)


async def eventually(seen: Callable[[], object], seconds: float = STATUS, why: Callable[[], object] = lambda: "") -> None:
    """Wait until `seen()` is true; fails after `seconds` with what `why()` says."""
    end = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < end, f"not within {seconds:g} s: {why()}"
        await asyncio.sleep(0.05)


def toml(sections: Mapping[str, Any], prefix: str = "") -> str:
    """TOML of nested mappings; a list of mappings is an array of tables."""
    lines: list[str] = []
    tables: list[str] = []
    for key, value in sections.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value and all(_tables(v) for v in value.values()):
            tables.append(toml(value, f"{name}."))
        elif isinstance(value, Mapping):
            tables.append(f"[{name}]\n{toml(value, f'{name}.')}")
        elif _tables(value):
            tables += [f"[[{name}]]\n{toml(entry, f'{name}.')}" for entry in value]
        else:
            lines.append(f"{key} = {json.dumps(value, default=str)}")
    return "\n".join([*lines, *tables, ""])


def _tables(value: object) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and all(isinstance(v, Mapping) for v in value)
