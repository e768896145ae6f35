"""The soak: the real daemon at its own pace on a real ActivityWatch server, with faults by a script, and what it costs.

Measured from /proc every ten seconds: memory, descriptors, threads, processor time, bytes written. Linux only.
"""

from __future__ import annotations

import asyncio
import compileall
import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import agent
from agent.bench.server import PrivateServer
from agent.client import ask
from agent.errors import ControlError, ProactiveError
from agent.trust._endpoint import Endpoint, Mode
from agent.trust._person import Person
from agent.trust._process import NO_BUS, Child, toml
from agent.trust._soak_figures import Csv, Sample, figures, picture
from agent.trust._toasts import Toasts

EVERY = 10.0
STEP = 0.5
Progress = Callable[[float, str], None]
"""Told the share that has passed and a line about what goes on."""


class Fault(NamedTuple):
    """Something that goes wrong from one share of the time to another."""

    begin: float
    end: float
    name: str


SCRIPT = (
    Fault(0.12, 0.14, "ActivityWatch killed"),
    Fault(0.18, 0.30, "model 500"),
    Fault(0.30, 0.40, "model hang"),
    Fault(0.40, 0.50, "model garbage"),
    Fault(0.50, 0.52, "configuration broken"),
    Fault(0.53, 0.54, "configuration edited"),
    Fault(0.56, 0.58, "clock of the data +1 h"),
    Fault(0.59, 0.61, "clock of the data -1 h"),
    Fault(0.62, 0.64, "ActivityWatch frozen"),
    Fault(0.65, 0.68, "no notification server"),
    Fault(0.90, 0.93, "model cut"),
    Fault(0.93, 0.96, "model flood"),
)
AWAY = (0.70, 0.88)


class Soak(NamedTuple):
    """What a soak brought: the samples, the figures, and what the daemon said of itself at the end."""

    samples: tuple[Sample, ...]
    found: dict[str, float]
    status: dict[str, Any]


async def soak(minutes: float, out: Path, progress: Progress = lambda *_: None) -> Soak:
    """Run it and write soak.csv and soak.png into `out`. Raises ProactiveError when the daemon ended or was not quick to."""
    await asyncio.to_thread(_prepare, out)
    with tempfile.TemporaryDirectory(prefix="proactive-soak-", ignore_cleanup_errors=True) as name:
        async with PrivateServer(storage="peewee") as server, Endpoint() as llm, Toasts() as desk:
            stage = Stage(Child(Path(name), desk.address or NO_BUS), server, llm, desk)
            samples, status = await stage.play(minutes * 60, Csv(out / "soak.csv"), progress)
        logs = [f.read_text(encoding="utf-8", errors="replace") for f in (Path(name) / "data").glob("proactive.log*")]
    found = figures(samples)
    found |= {"asked": llm.asked, "toasts": desk.shown, "bugs": status.get("bugs", 0), "stopped_in": status["stopped_in"]}
    found["tracebacks"] = sum(text.count("Traceback") for text in logs)
    picture(samples, f"proactive soak, {minutes:g} minutes (grey: away; orange: a fault)", out / "soak.png")
    return Soak(tuple(samples), found, status)


def _prepare(out: Path) -> None:
    if not Path("/proc/self/io").exists():
        raise ProactiveError("The soak reads /proc, which is not here.", "Run it on Linux.")
    out.mkdir(parents=True, exist_ok=True)
    # As an installation does; else a fresh checkout's first hour writes its compiled modules.
    compileall.compile_dir(Path(agent.__file__).parents[1] / "agent", quiet=2)
    compileall.compile_dir(Path(agent.__file__).parents[1] / "reward_model", quiet=2)


class Stage:
    """Everything around the daemon, and the script that breaks it."""

    def __init__(self, child: Child, server: PrivateServer, llm: Endpoint, desk: Toasts) -> None:
        self.child, self.server, self.llm, self.desk = child, server, llm, desk
        self.person = Person(server.url, server.host)
        self.now = ""

    async def play(self, seconds: float, kept: Csv, progress: Progress) -> tuple[list[Sample], dict[str, Any]]:
        """Start, look every ten seconds while the script runs, stop."""
        self.child.configure(self._config())
        typing = asyncio.create_task(self.person.work())
        await asyncio.sleep(1)
        self.child.start()
        try:
            samples = await self._through(seconds, kept, progress)
            if typing.done():
                typing.result()  # raises what ended it: without a person the figures say nothing
            status = await self._status()
        finally:
            took = await asyncio.to_thread(self.child.stop)
            typing.cancel()
            await asyncio.gather(typing, return_exceptions=True)
        return samples, status | {"stopped_in": round(took, 2)}

    async def _through(self, seconds: float, kept: Csv, progress: Progress) -> list[Sample]:
        began, samples, next_look = time.monotonic(), list[Sample](), 0.0
        every = min(EVERY, seconds / 60)
        while (passed := time.monotonic() - began) < seconds:
            share = passed / seconds
            self.person.away = AWAY[0] <= share < AWAY[1]
            await self._follow(share)
            if passed >= next_look:
                next_look += every
                samples.append(Sample(passed, *self.child.look(), self.person.away, self.now))
                kept.add(samples[-1])
                progress(share, f"{samples[-1].rss:.0f} MiB {self.now or ('away' if self.person.away else '')}")
            await asyncio.sleep(min(STEP, every))
        return samples

    async def _follow(self, share: float) -> None:
        """Begin and end the faults of the script; a fault is undone before the next begins."""
        due = next((f.name for f in SCRIPT if f.begin <= share < f.end), "")
        if due == self.now:
            return
        before, self.now = self.now, due
        if before:
            await self._set(before, broken=False)
        if due:
            await self._set(due, broken=True)

    async def _set(self, fault: str, *, broken: bool) -> None:
        """Break something or mend it."""
        subject, _, how = fault.partition(" ")
        switch: dict[str, Callable[[str, bool], Awaitable[None]]] = {
            "ActivityWatch": self._server, "model": self._model, "configuration": self._edit, "clock": self._clock,
            "no": self._desk,
        }  # fmt: skip
        await switch[subject](how, broken)

    async def _server(self, how: str, broken: bool) -> None:  # noqa: FBT001 - one of two, by its one caller
        if how == "frozen":
            os.kill(self.server.pid, signal.SIGSTOP if broken else signal.SIGCONT)
        elif broken:
            await self.server.stop(kill=True)
        else:
            await self.server.start()

    async def _model(self, how: str, broken: bool) -> None:  # noqa: FBT001
        modes: dict[str, Mode] = {"500": "500", "hang": "hang", "garbage": "garbage", "cut": "cut", "flood": "flood"}
        self.llm.mode = modes[how] if broken else "good"

    async def _edit(self, how: str, broken: bool) -> None:  # noqa: FBT001
        if how == "broken":
            self.child.configure("[pace\nlevel = " if broken else self._config())
        else:
            self.child.configure(self._config(level=4 if broken else 3))

    async def _clock(self, how: str, broken: bool) -> None:  # noqa: FBT001
        hours = {"of the data +1 h": 1, "of the data -1 h": -1}[how]
        self.person.shift = timedelta(hours=hours if broken else 0)

    async def _desk(self, _: str, broken: bool) -> None:  # noqa: FBT001
        await (self.desk.down() if broken else self.desk.up())

    async def _status(self) -> dict[str, Any]:
        with contextlib.suppress(ControlError, asyncio.TimeoutError):
            return await ask(self.child.data, "status")
        return {}

    def _config(self, level: int = 3) -> str:
        """The defaults, but for where the server and the model are; the shipped judge refuses nothing, so that toasts come."""
        model = {"base_url": self.llm.base_url, "model": "soak"}
        return toml(
            {
                "activitywatch": {"port": self.server.port},
                "pace": {"level": level},
                "reward_model": {"threshold": 0.0},
                "api_keys.soak": [model],
                "request": {"default_completions_model": "soak"},
            }
        )
