"""What a recorded day costs: plays it through a private ActivityWatch server and the daemon's own loop, and measures.

Covered: the real sensor, redaction, gate, predictor, judge, store and log, all in simulated time, with a user who accepts
offers in moments in which help is wanted and ignores the rest. Nothing leaves the machine unless a model is named.
Not covered: carrying operations out (they are answered, not run), the desktop (presence is unknown), real delays.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from agent import plug
from agent.app import App, Given, endpoint
from agent.bench import leaks, spans
from agent.bench.bystanders import BenchTools, NoDesktop, Watched
from agent.bench.cost_figures import Run, figures
from agent.bench.cost_report import CostReport
from agent.bench.player import Player
from agent.bench.server import PrivateServer
from agent.bench.stub import Kept, StubLLM
from agent.clocks import SimulatedClock
from agent.config import NotifySettings, RequestSettings, RewardSettings, Settings
from agent.configfile import find, read
from agent.core.ports import LLM
from agent.core.records import ResponseKind, Toast
from agent.errors import ConfigError
from agent.loop import Loop
from agent.notify.scripted import ScriptedNotifier
from agent.sense.activitywatch import ActivityWatchSensor
from agent.sense.day import Day, read_day
from agent.senses import Senses

Progress = Callable[[float], None]
"""Told the share of the day that has been played, 0..1."""
NIGHT = timedelta(hours=2)
"""Of a longer sleep of the machine only the first and last minutes are played."""
AFTER = timedelta(seconds=60)
"""The day is played this much beyond its last event, for what the watchers hold back."""


async def cost(day: Path, model: str, progress: Progress = lambda _: None, judge: str = "") -> CostReport:
    """Play the day in a file with `model`: stub, offline, or an alias of the user's configuration. Raises ProactiveError.

    `judge` is one of `[reward_model] kind`; empty = the LLM for the stub, which is to cost the most it can, else the scorer.
    """
    judge = judge or ("llm" if model == "stub" else "scorer")
    began = time.monotonic()
    recorded = await asyncio.to_thread(read_day, day)
    settings = _judged(_settings(model), judge, model)
    with tempfile.TemporaryDirectory(prefix="proactive-bench-", ignore_cleanup_errors=True) as name:
        run = await _play(recorded, settings, model, Path(name), progress)
    found = await asyncio.to_thread(figures, recorded, run)
    digest = hashlib.sha256(await asyncio.to_thread(day.read_bytes)).hexdigest()
    took = round(time.monotonic() - began, 1)
    return CostReport(file=day.name, sha256=digest, model=model, judge=judge, seconds=took, **found)


async def _play(day: Day, settings: Settings, model: str, folder: Path, progress: Progress) -> Run:
    clock, run = SimulatedClock(day.begin), Run()
    async with PrivateServer(storage="peewee") as server, Player(day, server.url) as player, _log(folder / "bench.log"):
        where = {"host": "127.0.0.1", "port": server.port, "hostname": day.host}
        sensor: ActivityWatchSensor = plug.build("sense", "activitywatch", where, plug.Supplies(clock=clock))
        watched, llm = Watched(Senses([sensor])), _llm(model, settings, clock)
        kept = None if llm is None else Kept(llm)
        tools = BenchTools(settings.tools.allow, plug.Supplies(clock=clock, chat=kept))
        app = App(settings, clock, folder / "data", Given(sensor=watched, presence=NoDesktop(), tools=tools, llm=kept))
        _answers(app, day)
        try:
            loop = Loop(app.parts, app.state())
            await _through(day, clock, _Stage(player, loop, run), progress)
            run.kept = await asyncio.to_thread(leaks.kept, folder)
        finally:
            await app.close()
            if kept is not None:
                await kept.close()
    run.prompts = kept.prompts if kept else []
    run.seen = watched.windows()
    run.polls, run.requests, run.buckets = sensor.polls, sensor.requests.total, len(sensor.buckets)
    return run


@dataclass(frozen=True)
class _Stage:
    player: Player
    loop: Loop
    run: Run


async def _through(day: Day, clock: SimulatedClock, stage: _Stage, progress: Progress) -> None:
    """Step from the beginning of the day to its end, each time after the server was told what it would know by then."""
    now, end, awake, played = day.begin, day.end + AFTER, day.awake(), timedelta(0)
    while now <= end:
        clock.advance(now)
        await stage.player.advance(now)
        tick = await stage.loop.step(now)
        await stage.loop.settle()
        stage.run.ticks.append(tick.model_copy(update={"windows": ()}))
        following = stage.loop.due or now + timedelta(seconds=60)
        played += following - now
        progress(min(1.0, (following - day.begin) / (end - day.begin)))
        now = _past_night(following, awake.holes)
    await stage.loop.drain()
    stage.run.hours = played.total_seconds() / 3600


def _past_night(now: datetime, sleeps: Iterable[spans.Stretch]) -> datetime:
    """`now`, or a few minutes before the machine wakes from a long sleep that began a while ago."""
    margin = timedelta(minutes=10)
    for start, end in sleeps:
        if end - start > NIGHT and start + margin < now < end - margin:
            return end - margin
    return now


def _answers(app: App, day: Day) -> None:
    """The bench's user: wants help in the moments the truth names, and ignores every other offer."""
    wanted = spans.help_moments(day)

    def decide(_: Toast) -> ResponseKind:
        return "accepted" if spans.inside(app.clock.now(), wanted) else "ignored"

    if isinstance(app.parts.notifier, ScriptedNotifier):
        app.parts.notifier.decide = decide


def _settings(model: str) -> Settings:
    """The defaults with a scripted user, and with the model of that alias if it is one of the user's."""
    plain = Settings(notify=NotifySettings(kind="scripted"))
    if model in ("stub", "offline"):
        return plain
    user = read(find())
    if model not in user.api_keys:
        known = ", ".join(["stub", "offline", *user.api_keys])
        raise ConfigError(f"There is no model '{model}' in your configuration.", f"Use one of: {known}.")
    request = RequestSettings(default_completions_model=model, timeout=user.request.timeout)
    agent = user.agent.model_copy(update={"model": ""})
    return plain.model_copy(update={"api_keys": {model: user.api_keys[model]}, "request": request, "agent": agent})


def _judged(settings: Settings, judge: str, model: str) -> Settings:
    """The settings with that judge; the predictor's model judges too if an LLM is to."""
    if judge in ("llm", "both") and model == "offline":
        raise ConfigError(f"The judge '{judge}' needs a model.", "Use --model stub, or an alias of your configuration.")
    return settings.model_copy(update={"reward_model": RewardSettings.model_validate({"kind": judge})})


def _llm(model: str, settings: Settings, clock: SimulatedClock) -> LLM | None:
    if model == "offline":
        return None
    if model == "stub":
        return StubLLM(clock)
    return endpoint(settings, model, clock)


@asynccontextmanager
async def _log(file: Path) -> AsyncIterator[None]:
    """Everything that is logged, down to the details, goes to `file` as well."""
    root, handler = logging.getLogger(), logging.FileHandler(file, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    before = root.level
    others = [(h, h.level) for h in root.handlers]
    for other, level in others:
        other.setLevel(max(level, before))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
        for other, level in others:
            other.setLevel(level)
        handler.close()
