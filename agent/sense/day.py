"""A recorded day: buckets, events and, if somebody knows it, the truth about it. Reads and checks the file it is kept in.

Two shapes are read: {"buckets": {id: {type, client, hostname}}, "events": {id: [event]}, "truth": {...}}, and the export of
ActivityWatch, {"buckets": {id: {type, client, hostname, "events": [event]}}}. Everything in `truth` may be missing.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from agent.core.records import Moment
from agent.errors import SensorError
from agent.sense._buckets import Bucket, choose
from agent.sense.release import Awake

HINT = "A day is what ActivityWatch exports, or a JSON object with buckets, events and truth."
ZONED = re.compile(r"(?:[zZ]|[+-]\d\d(?::?\d\d)?)$")
FRACTION = re.compile(r"\.(\d+)")


class _Part(BaseModel):
    """A part of a recorded day; keys we do not know are left aside."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Recorded(_Part):
    """One recorded event; `duration` in seconds."""

    timestamp: Moment
    duration: float
    data: dict[str, Any]

    @property
    def end(self) -> datetime:
        """When it ended."""
        return self.timestamp + timedelta(seconds=self.duration)


class DayBucket(_Part):
    """What a bucket says of itself."""

    type: str
    client: str = "unknown"
    hostname: str = "unknown"


class Span(_Part):
    """A stretch of the day."""

    start: Moment
    end: Moment


class Block(Span):
    """A stretch of one activity; `interrupt` is ok, costly, never or away."""

    kind: str = ""
    interrupt: str = "ok"


class HelpMoment(Span):
    """A stretch in which an assistant could help (`want` = help) or must keep quiet (quiet)."""

    kind: str = ""
    want: str = "help"


class Secret(_Part):
    """Something planted that must not get out."""

    value: str
    kind: str = ""


class Truth(_Part):
    """What is known about the day; any of it may be missing."""

    host: str = ""
    seed: int | None = None
    blocks: tuple[Block, ...] = ()
    moments: tuple[HelpMoment, ...] = ()
    away: tuple[Span, ...] = ()
    secrets: tuple[Secret, ...] = ()

    @field_validator("secrets", mode="before")
    @classmethod
    def _plain(cls, found: Any) -> Any:
        return [{"value": s} if isinstance(s, str) else s for s in found] if isinstance(found, list) else found

    @model_validator(mode="before")
    @classmethod
    def _several(cls, found: Any) -> Any:
        """The truth of several days is a list of truths."""
        if not isinstance(found, list) or not all(isinstance(t, dict) for t in found):
            return found
        together: dict[str, Any] = {}
        for one in found:
            for key, value in one.items():
                old = together.get(key)
                together[key] = old + value if isinstance(old, list) and isinstance(value, list) else together.get(key, value)
        return together


class Day(_Part):
    """One or more recorded days: events by bucket id, oldest first."""

    buckets: dict[str, DayBucket]
    events: dict[str, tuple[Recorded, ...]]
    truth: Truth = Field(default_factory=Truth)

    @property
    def begin(self) -> datetime:
        """When the first event began."""
        return min(e[0].timestamp for e in self.events.values() if e)

    @property
    def end(self) -> datetime:
        """When the last event ended."""
        return max(e.end for events in self.events.values() for e in events)

    @property
    def host(self) -> str:
        """The computer the day is about: as the truth says, else the one with the most events."""
        if self.truth.host:
            return self.truth.host
        named: Counter[str] = Counter()
        for name, bucket in self.buckets.items():
            if "-synced-from-" not in name and bucket.hostname.lower() not in ("", "unknown"):
                named[bucket.hostname] += 1 + len(self.events[name])
        return named.most_common(1)[0][0] if named else "unknown"

    def own(self) -> list[Bucket]:
        """The buckets that the ActivityWatch sensor would choose on this computer."""
        listed = {name: bucket.model_dump() for name, bucket in self.buckets.items()}
        return choose(listed, self.host)[0]

    def awake(self) -> Awake:
        """When this computer was awake."""
        own = ((bucket, event) for bucket in self.own() for event in self.events[bucket.id])
        return Awake((e.timestamp, e.end) for b, e in own if b.track != "afk" or e.data.get("status") == "not-afk")


def read_day(path: Path) -> Day:
    """The day in a file; SensorError says which file and what in it is wrong."""
    try:
        raw = json.loads(path.read_bytes())
    except OSError as e:
        raise SensorError(f"The day {path} cannot be read: {e.strerror}.", HINT) from e
    except (ValueError, RecursionError) as e:
        raise SensorError(f"The day {path} is not JSON: {e}.", HINT) from e
    return day_of(raw, str(path))


def day_of(raw: Any, name: str) -> Day:
    """The day in decoded JSON; SensorError names the place of the first thing that is wrong."""
    if not isinstance(raw, dict) or not isinstance(raw.get("buckets"), dict):
        raise SensorError(f"{name} is not a recorded day: there is no object 'buckets' in it.", HINT)
    listed: dict[str, Any] = raw["buckets"]
    events = raw.get("events", {})
    if not isinstance(events, dict):
        raise SensorError(f"{name}: 'events' is not an object of bucket ids.", HINT)
    if unknown := sorted(set(events) - set(listed)):
        raise SensorError(f"{name}: there are events of '{unknown[0]}', which is not under 'buckets'.", HINT)
    buckets = {bucket: _checked(DayBucket, entry, f"{name}: bucket '{bucket}'") for bucket, entry in listed.items()}
    found = {b: _events(events.get(b, _exported(listed[b])), f"{name}: events of '{b}'") for b in listed}
    if not any(found.values()):
        raise SensorError(f"{name} has no events.", HINT)
    return Day(buckets=buckets, events=found, truth=_checked(Truth, raw.get("truth") or {}, f"{name}: truth"))


def _exported(entry: Any) -> Any:
    return entry.get("events", []) if isinstance(entry, dict) else []


def _checked(model: type[Any], raw: Any, place: str) -> Any:
    try:
        return model.model_validate(raw)
    except ValidationError as e:
        first = e.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(p) for p in first["loc"])
        raise SensorError(f"{place}{f', {where}' if where else ''}: {first['msg']}.", HINT) from e


def _events(raw: Any, place: str) -> tuple[Recorded, ...]:
    if not isinstance(raw, list):
        raise SensorError(f"{place}: not a list.", HINT)
    found = []
    for number, entry in enumerate(raw, 1):
        try:
            found.append(_event(entry))
        except (ValueError, TypeError, OverflowError) as e:
            raise SensorError(f"{place}, number {number}: {e}.", HINT) from e
    return tuple(sorted(found, key=lambda e: e.timestamp))


def _event(entry: Any) -> Recorded:
    if not isinstance(entry, dict):
        raise TypeError("not an object")
    data, duration = entry.get("data"), entry.get("duration")
    if not isinstance(data, dict):
        raise TypeError("'data' is missing or not an object")
    if isinstance(duration, bool) or not isinstance(duration, int | float) or not math.isfinite(duration):
        raise TypeError("'duration' is missing or not a number")
    start = _moment(entry.get("timestamp"))
    # ActivityWatch accepts a negative duration; such an event has no length.
    length = round(min(max(0.0, float(duration)), 10 * 86_400.0), 3)
    return Recorded.model_construct(timestamp=start, duration=length, data=data)


def _moment(text: Any) -> datetime:
    """A time as ActivityWatch reads it: ISO 8601, UTC where it names no zone, cut to milliseconds."""
    if not isinstance(text, str):
        raise TypeError("'timestamp' is missing or not a text")
    plain = FRACTION.sub(lambda f: "." + f[1][:3].ljust(3, "0"), text.strip().replace("Z", "+00:00"), count=1)
    try:
        return datetime.fromisoformat(plain if ZONED.search(plain[10:]) else f"{plain}+00:00").astimezone(timezone.utc)
    except ValueError:
        raise ValueError(f"'timestamp' is no time: {text[:40]!r}") from None
