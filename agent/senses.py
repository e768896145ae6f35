"""All sensors together: reads each, keeps the last hours of events in memory, merged by bucket and id."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from agent.core.ports import Sensor
from agent.core.records import Event, NewFile, Reading
from agent.errors import SensorError

log = logging.getLogger(__name__)

KEEP = timedelta(hours=3)
KEEP_FILES = timedelta(minutes=30)
# Pieces of one event (a clipped range, a grown heartbeat) overlap or touch; the same id far away is another event
# (the server was restarted without its data, or overwrote the row).
TOUCH = timedelta(seconds=60)


class Senses:
    """Fits the port Sensor over several sensors; `read` returns everything known of the last three hours.

    Raises SensorError only when every sensor failed: then nobody knows what goes on.
    """

    def __init__(self, sensors: Sequence[Sensor]) -> None:
        self.sensors = list(sensors)
        self._events: dict[tuple[object, ...], Event] = {}
        self._files: list[NewFile] = []

    async def read(self, now: datetime) -> Reading:
        """Look at every sensor, merge, forget what is older than three hours."""
        answers = await asyncio.gather(*(s.read(now) for s in self.sensors), return_exceptions=True)
        problems: list[str] = []
        failures: list[SensorError] = []
        for answer in answers:
            if isinstance(answer, SensorError):
                failures.append(answer)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                problems += answer.problems
                self._files += answer.files
                for event in answer.events:
                    self._add(event)
        if failures and len(failures) == len(self.sensors):
            raise failures[0]
        self._files = [f for f in self._files if f.at > now - KEEP_FILES]
        merged = tuple(sorted(self._events.values(), key=lambda e: e.timestamp))
        self._events = {k: e for k, e in self._events.items() if e.end > now - KEEP}
        return Reading(events=merged, files=tuple(self._files), problems=(*problems, *(str(f) for f in failures)))

    def _add(self, event: Event) -> None:
        key: tuple[object, ...] = (event.bucket, event.id, json.dumps(event.data, sort_keys=True, default=str))
        if event.id is None:
            key = (*key, event.timestamp)
        known = self._events.get(key)
        if known is not None and (event.timestamp > known.end + TOUCH or known.timestamp > event.end + TOUCH):
            key, known = (*key, event.timestamp), None
        self._events[key] = event if known is None else union(known, event)

    async def close(self) -> None:
        """Close every sensor."""
        await asyncio.gather(*(s.close() for s in self.sensors), return_exceptions=True)


def union(a: Event, b: Event) -> Event:
    """The whole of two pieces of one event."""
    start, end = min(a.timestamp, b.timestamp), max(a.end, b.end)
    return b.model_copy(update={"timestamp": start, "duration": (end - start).total_seconds()})
