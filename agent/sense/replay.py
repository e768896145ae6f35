"""Plays a recorded day as a sensor: each event is given when a real reader would have seen it, never before.

Covered: the day's own computer, by type and hostname as on a real server; what the watchers hold back; sleep of the machine.
Not covered: a server that fails, rows that a real server overwrites, late arrivals from an offline queue.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from agent.core.records import Event, Reading
from agent.errors import SensorError
from agent.paths import resource
from agent.plug import Supplies
from agent.sense._buckets import Bucket
from agent.sense._events import LONGEST, Span, parse
from agent.sense.day import Day, read_day
from agent.sense.release import Awake, Lane


class Settings(BaseModel, extra="forbid"):
    """Which day is played, and how."""

    file: Path | None = None
    """The recorded day; empty: the sample day that comes with the program."""
    look_back: float = Field(default=2100.0, ge=0, le=86_400)
    """Seconds of the day's past that the first read gives."""
    from_now: bool = False
    """Play the day as if it began at the first read, with all times moved; otherwise at its own times."""


class ReplaySensor:
    """Port Sensor on a recorded day, which is read at the first read."""

    def __init__(self, settings: Settings, day: Day | None = None) -> None:
        self._settings = settings
        self._day = day
        self._lanes: list[tuple[Bucket, Lane]] = []
        self._awake = Awake(())
        self._shift = timedelta(0)

    async def read(self, now: datetime) -> Reading:
        """The events that are new or have grown since the last read, oldest first; SensorError if the day cannot be read.

        Merge by bucket and id: an event comes again when it has grown.
        """
        earliest = None
        if not self._lanes:
            await self._open(now)
            earliest = now - timedelta(seconds=self._settings.look_back)
        then = self._awake(now - self._shift)
        events: list[Event] = []
        for bucket, lane in self._lanes:
            rows = [self._row(n.number, n.event) for n in lane.news(then)]
            events += parse(rows, bucket, Span(start=earliest or now - LONGEST, now=now)).events
        return Reading(events=tuple(sorted(events, key=lambda e: e.timestamp)))

    async def close(self) -> None:
        """Nothing is open."""

    async def _open(self, now: datetime) -> None:
        day = self._day
        if day is None:
            day = await asyncio.to_thread(read_day, self._settings.file or _sample())
        self._lanes = [(bucket, Lane(day.events[bucket.id], bucket.track)) for bucket in day.own()]
        if not self._lanes:
            hint = "Set host in its truth, or record it again with the window watcher running."
            raise SensorError(f"The day has no bucket that is understood, of computer '{day.host}'.", hint)
        self._awake = day.awake()
        self._shift = now - day.begin if self._settings.from_now else timedelta(0)

    def _row(self, number: int, event: Any) -> dict[str, Any]:
        """The event as a server would tell it."""
        start = (event.timestamp + self._shift).isoformat(timespec="milliseconds")
        return {"id": number + 1, "timestamp": start, "duration": event.duration, "data": event.data}


def build(settings: Settings, supplies: Supplies) -> ReplaySensor:
    """A sensor on the recorded day of the settings; the file is not opened before the first read."""
    return ReplaySensor(settings)


def _sample() -> Path:
    folder = resource("sample_day")
    found = sorted(folder.glob("*.json")) if folder.is_dir() else []
    if not found:
        raise SensorError("There is no sample day in this installation.", "Set file under [[sense]] kind = 'replay'.")
    return found[0]
