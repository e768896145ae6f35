"""Many days of the real loop in little time: the bundled day again and again on a simulated clock, and what piles up.

The sensor reads a real ActivityWatch server over HTTP, the model is asked over HTTP, the store is the real one on disk. Memory,
descriptors and threads are those of this process; the days are played by another. Linux only.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from agent.app import App, Given
from agent.bench.bystanders import BenchTools, NoDesktop
from agent.bench.server import PrivateServer
from agent.clocks import SimulatedClock
from agent.config import Settings
from agent.core.records import ResponseKind
from agent.loop import Loop
from agent.notify.scripted import ScriptedNotifier
from agent.plug import Supplies
from agent.trust._endpoint import Endpoint, Mode
from agent.trust._feeder import Feeder, feeder
from agent.trust._process import Look, look
from agent.trust._soak_figures import DRIFT, GROWTH, MIB, RSS, Csv, Sample, picture
from agent.trust.row import Row

FAULTS: tuple[Mode, ...] = ("good", "500", "good", "garbage", "cut", "good", "flood")
"""What the model does on the days of a week."""
HANG = 2.0
ANSWERS: tuple[ResponseKind, ...] = ("accepted", "ignored", "rejected", "ignored", "dismissed")
Progress = Callable[[float, str], None]


class _Play(NamedTuple):
    clock: SimulatedClock
    server: PrivateServer
    llm: Endpoint
    fed: Feeder
    loop: Loop


async def month(days: int, out: Path, progress: Progress = lambda *_: None) -> dict[str, float]:
    """Play so many days; writes soak_days.csv and soak_days.png into `out` and returns the figures. Raises ProactiveError."""
    await asyncio.to_thread(lambda: out.mkdir(parents=True, exist_ok=True))
    kept, samples = Csv(out / "soak_days.csv"), list[Sample]()
    ticks, began = 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="proactive-month-", ignore_cleanup_errors=True) as name:
        data = Path(name)
        async with PrivateServer(storage="peewee") as server, Endpoint() as llm, feeder(server.url) as fed:
            begin, _, host = await fed.day(0)
            clock = SimulatedClock(begin)
            app = _app(clock, server, llm, data, host)
            try:
                play = _Play(clock, server, llm, fed, Loop(app.parts, app.state()))
                for n in range(days):
                    llm.mode = FAULTS[n % len(FAULTS)]
                    ticks += await _day(n, play, restart=n % 3 == 2)
                    gc.collect()
                    # What a process wrote includes what its ended children wrote, here the killed servers: the size is told.
                    found = look(os.getpid())._replace(written=await asyncio.to_thread(_size, data))
                    samples.append(Sample(60.0 * (n + 1), *found, away=False, fault="" if llm.mode == "good" else llm.mode))
                    kept.add(samples[-1])
                    progress((n + 1) / days, f"day {n + 1}, {found.rss:.0f} MiB")
            finally:
                await app.close()
    title = f"proactive soak, {days} days on a simulated clock (a day is a minute; orange: a fault of the model)"
    picture(samples, title, out / "soak_days.png", "Kept on disk")
    return _figures(samples) | {"ticks": ticks, "asked": llm.asked,
                                "seconds": round(time.monotonic() - began)}  # fmt: skip


def _size(folder: Path) -> int:
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())


async def _day(number: int, play: _Play, *, restart: bool) -> int:
    """One day from its main part on; with `restart` the server is killed at noon and comes back ten minutes later."""
    now, end, _ = await play.fed.day(number)
    end += timedelta(seconds=60)
    down = now + (end - now) / 2
    ticks = 0
    while now <= end:
        if restart and now >= down:
            restart = False
            await play.server.stop(kill=True)
            await _steps(play, now, 5)
            now += timedelta(minutes=5)
            await play.server.start()
        play.clock.advance(now)
        await play.fed.advance(now)
        await _step(play, now)
        ticks += 1
        now = play.loop.due or now + timedelta(seconds=60)
    return ticks


async def _steps(play: _Play, now: datetime, minutes: int) -> None:
    for n in range(minutes):
        play.clock.advance(now + timedelta(minutes=n))
        await _step(play, now + timedelta(minutes=n))


async def _step(play: _Play, now: datetime) -> None:
    await play.loop.step(now)
    await play.loop.settle()


def _app(clock: SimulatedClock, server: PrivateServer, llm: Endpoint, data: Path, host: str) -> App:
    """The product's parts under its defaults, but for a scripted user and no desktop."""
    settings = Settings.model_validate(
        {
            "notify": {"kind": "scripted"},
            "reward_model": {"threshold": 0.0},
            "activitywatch": {"port": server.port, "hostname": host},
            "api_keys": {"soak": [{"base_url": llm.base_url, "model": "soak"}]},
            "request": {"default_completions_model": "soak", "timeout": HANG},
        }
    )
    tools = BenchTools(settings.tools.allow, Supplies(clock=clock))
    app = App(settings, clock, data, Given(presence=NoDesktop(), tools=tools))
    turns = itertools.cycle(ANSWERS)
    if isinstance(app.parts.notifier, ScriptedNotifier):
        app.parts.notifier.decide = lambda _: next(turns)
    return app


def _figures(samples: list[Sample]) -> dict[str, float]:
    first = samples[: max(1, len(samples) // 10)]
    settled: list[Look] = [Look(*s[1:6]) for s in samples[len(first) :]] or [Look(*samples[-1][1:6])]
    return {
        "days": len(samples),
        "rss_mib": round(max(s.rss for s in samples), 1),
        "growth_mib": round(max(s.rss for s in settled) - max(s.rss for s in first), 1),
        "fds_drift": settled[-1].fds - settled[0].fds,
        "threads_drift": settled[-1].threads - settled[0].threads,
        "data_mib": round(samples[-1].written / MIB, 1),
    }


def lines(found: dict[str, float]) -> list[Row]:
    """The rows of the page."""
    n, days = round(found["days"]), f"{found['days']:g} days on a simulated clock"
    drift = f"{found['fds_drift']:+g}, {found['threads_drift']:+g}"
    steady = max(abs(found["fds_drift"]), abs(found["threads_drift"])) <= DRIFT
    return [
        Row("days RSS", days, n, f"{found['rss_mib']} MiB", f"<= {RSS:g} MiB", found["rss_mib"] <= RSS),
        Row("days growth", days, n, f"{found['growth_mib']} MiB", f"<= {GROWTH:g} MiB after the first tenth",
            found["growth_mib"] <= GROWTH),
        Row("days fds, threads", days, n, drift, f"within {DRIFT}", steady),
        Row("days data", days, n, f"{found['data_mib']} MiB kept", "", None),
    ]  # fmt: skip
