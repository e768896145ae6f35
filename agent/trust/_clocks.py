"""R9: clocks that jump, summer time that begins, machines that sleep, in six zones, under the real loop."""

from __future__ import annotations

import asyncio
import itertools
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from agent.app import App, Given
from agent.bench.bystanders import BenchTools, NoDesktop
from agent.bench.stub import Kept, StubLLM
from agent.config import NotifySettings, Settings
from agent.core.policy import PaceSettings
from agent.core.records import Reading, Track
from agent.loop import Loop
from agent.plug import Supplies
from agent.sense._buckets import Bucket
from agent.sense._events import Span, parse
from agent.store.sqlite import SqliteStore
from agent.trust._sockets import HandClock
from agent.trust.row import Row

ZONES = {  # the first moment of summer time (or its end) in 2026, UTC; UTC has none
    "Europe/Berlin": datetime(2026, 3, 29, 1, 0, tzinfo=timezone.utc),
    "America/New_York": datetime(2026, 11, 1, 6, 0, tzinfo=timezone.utc),
    "Australia/Lord_Howe": datetime(2026, 4, 4, 15, 0, tzinfo=timezone.utc),
    "Asia/Kathmandu": datetime(2026, 3, 2, 18, 15, tzinfo=timezone.utc),
    "Pacific/Apia": datetime(2026, 3, 2, 11, 0, tzinfo=timezone.utc),
    "UTC": datetime(2026, 3, 2, 0, 0, tzinfo=timezone.utc),
}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JUMPS: tuple[timedelta | datetime, ...] = (
    *(HOUR, -HOUR, timedelta(minutes=30), timedelta(minutes=-45), 8 * HOUR, DAY, -DAY, 40 * DAY, timedelta(seconds=90)),
    *(datetime(1970, 1, 1, tzinfo=timezone.utc), datetime(2038, 1, 19, 3, 14, 8, tzinfo=timezone.utc)),
    datetime(2100, 1, 1, tzinfo=timezone.utc),
)
KINDS = ("jump", "DST", "suspend")
BEFORE, AFTER = 15, 12
WITHIN = timedelta(seconds=60)


def rows(full: bool) -> Iterator[Row]:  # noqa: FBT001 - as the contract has it
    """Every jump in every zone, in every way it can come."""
    cases = list(itertools.product(ZONES, JUMPS, KINDS))
    crashed, negative, most, judged, asked, lost = [], 0, 0, 0, 0, 0
    for zone, jump, kind in cases if full else cases[::7]:
        with _zone(zone), tempfile.TemporaryDirectory(prefix="proactive-clock-") as folder:
            play = _Play(ZONES[zone] if kind == "DST" else ZONES["Asia/Kathmandu"], Path(folder))
            try:
                asyncio.run(play.through(jump if kind != "suspend" else _asleep(jump)))
            except Exception as e:  # noqa: BLE001 - this is what is counted
                crashed.append(f"{type(e).__name__}: {e} ({zone}, {jump}, {kind})"[:160])
            finally:
                play.store.close()
        negative, lost = negative + play.negative, lost + play.lost
        most, judged = max(most, play.soon), max(judged, play.judged)
        asked += len(play.llm.prompts)
    count = len(cases) if full else len(cases[::7])
    told = (
        f"{len(crashed)} crashes, {negative} negative durations, {lost} looks forgotten, "
        f"at most {most} asks and {judged} calls of the judge in the 60 s after ({asked} calls in all)"
    )
    yield Row(
        "R9", "clocks that jump, summer time, sleep: 12 jumps in 6 zones in 3 ways", count,
        told + (f"; first: {crashed[0]}" if crashed else ""),
        "0 crashes, 0 negative, 0 forgotten, at most 1 ask and its judge in 60 s",
        not crashed and not negative and not lost and most <= 1 and judged <= most,
    )  # fmt: skip


def _asleep(jump: timedelta | datetime) -> timedelta | datetime:
    """A sleep is never a step back: of those the length is taken."""
    return abs(jump) if isinstance(jump, timedelta) else max(jump, ZONES["Asia/Kathmandu"] + DAY)


@contextmanager
def _zone(name: str) -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = name
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


class _Play:
    """Somebody at work around a moment at which the clock goes elsewhere; the watchers write by the same clock."""

    def __init__(self, moment: datetime, folder: Path) -> None:
        self.clock = HandClock(moment - timedelta(minutes=BEFORE))
        self.llm = Kept(StubLLM(self.clock))
        self.raw: dict[Track, list[dict[str, Any]]] = {"window": [], "afk": []}
        self.negative = 0
        self.soon = self.judged = self.lost = self.looks = 0
        tools = BenchTools(("search",), Supplies(clock=self.clock))
        given = Given(sensor=self, store=SqliteStore(folder / "proactive.db"), presence=NoDesktop(), tools=tools, llm=self.llm)
        pace = PaceSettings(start=1.0, floor=1.0, ceiling=2.0, level=5)
        app = App(Settings(notify=NotifySettings(kind="scripted"), pace=pace), self.clock, Path("nowhere"), given)
        self.store = app.parts.store
        self.loop = Loop(app.parts, app.state())

    async def read(self, now: datetime) -> Reading:
        """What a server would have, parsed as its answers are."""
        span = Span(start=now - HOUR, now=now)
        found = [parse(events, Bucket(id=track, track=track), span).events for track, events in self.raw.items()]
        return Reading(events=tuple(sorted((e for events in found for e in events), key=lambda e: e.timestamp)))

    async def close(self) -> None:
        """Nothing to close."""

    async def through(self, jump: timedelta | datetime) -> None:
        """A quarter of an hour of work, the jump, and some more."""
        for _ in range(BEFORE):
            await self._work(60)
        self.clock.at = self.clock.at + jump if isinstance(jump, timedelta) else jump
        calls, begun = len(self.llm.prompts), self.clock.at
        while self.clock.at - begun < WITHIN:
            await self._work(10)
        self.judged = len([p for p in self.llm.prompts[calls:] if "<<<offers" in p])
        self.soon = len(self.llm.prompts[calls:]) - self.judged
        for _ in range(AFTER):
            await self._work(60)
        ticks = self.store.ticks(limit=1000)
        self.lost = self.looks - len(ticks)
        kept = [w for t in ticks for w in (t.observation.windows if t.observation else t.windows)]
        self.negative = sum(w.dwell < 0 or w.end < w.start for w in kept)

    async def _work(self, seconds: int) -> None:
        """So long in one document, then a look."""
        number, at = len(self.raw["window"]), self.clock.at.isoformat()
        shown = {"app": ("Code", "Firefox", "LibreOffice")[number // 3 % 3], "title": f"document {number // 2}"}
        self.raw["window"].append({"id": number, "timestamp": at, "duration": seconds - 2.0, "data": shown})
        self.raw["afk"].append({"id": number, "timestamp": at, "duration": float(seconds), "data": {"status": "not-afk"}})
        self.clock.at += timedelta(seconds=seconds)
        await self._look()

    async def _look(self) -> None:
        self.looks += 1
        await self.loop.step(self.clock.now())
        await self.loop.settle()
