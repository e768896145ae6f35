"""Checks a server's answer event by event: what cannot be trusted is cut, clamped or counted as skipped, never raised.

Covered: wrong types, missing fields, NaN, lone surrogates, huge titles, negative, absurd and future times, duplicates.
Not covered: what the text says. Titles and addresses are written by strangers and carry secrets; redaction is the next step.
"""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta
from typing import Any

from agent.core.defence import on
from agent.core.records import Event, Record, Track
from agent.sense._buckets import Bucket, moment
from agent.sense._http import RequestError

MAX_TEXT = 2000  # characters of a title, address or path, of a longer one from both ends: browsers name their mode last
MAX_EVENTS = 10_000  # a busy day has some 4,000 in all buckets
AHEAD = timedelta(seconds=120)  # a watcher whose clock is fast is still heard, up to this
LONGEST = timedelta(hours=24)  # ActivityWatch itself finds no event that began more than a day before a range
SURROGATE = re.compile("[\ud800-\udfff\x00]")

# The fields of each watcher that the agent uses. The rest (page text of the old extension, repository addresses with
# credentials, window geometry) is left behind here.
FIELDS: dict[Track, dict[str, type]] = {
    "window": {"app": str, "title": str, "url": str, "incognito": bool},
    "afk": {"status": str},
    "web": {"url": str, "title": str, "audible": bool, "incognito": bool, "tabCount": int},
    "editor": {
        "file": str, "fileFullPath": str, "project": str, "projectPath": str, "language": str, "branch": str, "editor": str,
    },
    "input": {"presses": int, "clicks": int, "deltaX": int, "deltaY": int, "scrollX": int, "scrollY": int},
}  # fmt: skip


class Span(Record):
    """The time that was asked for, and the time now."""

    start: datetime
    now: datetime


class Parsed(Record):
    """The events of one answer, oldest first, and how many were skipped."""

    events: tuple[Event, ...] = ()
    skipped: int = 0


def parse(answer: object, bucket: Bucket, span: Span) -> Parsed:
    """The usable events of one bucket's answer; RequestError if the answer is no list at all."""
    if not isinstance(answer, list):
        raise RequestError("garbage", 200)
    found: dict[Any, Event] = {}
    skipped = 0
    for number, item in enumerate(answer[:MAX_EVENTS]):
        try:
            event = _event(item, bucket, span)
        except (ValueError, TypeError, OverflowError, KeyError):
            skipped += 1
            continue
        if event is not None:
            key = ("row", number) if event.id is None else event.id
            if key not in found or found[key].duration < event.duration:
                found[key] = event
    return Parsed(events=tuple(sorted(found.values(), key=lambda e: e.timestamp)), skipped=skipped)


def _event(item: object, bucket: Bucket, span: Span) -> Event | None:
    if not isinstance(item, dict) or not isinstance(item.get("data"), dict):
        raise TypeError("not an event")
    begun, length = moment(item.get("timestamp")), _length(item["duration"])
    if (length < timedelta(0) or begun > span.now + AHEAD) and on("future_events"):
        raise ValueError("an impossible time")
    start, end = _clamp(begun, length, span.now)
    if end < span.start - timedelta(seconds=1):
        return None
    return Event(
        bucket=bucket.id,
        track=bucket.track,
        id=_id(item.get("id")),
        timestamp=start,
        duration=(end - start).total_seconds(),
        data=_data(item["data"], FIELDS[bucket.track]),
    )


def _length(value: object) -> timedelta:
    """A duration as ActivityWatch takes it: seconds, of any kind of number."""
    if not isinstance(value, int | float):
        raise TypeError("not a duration")
    return timedelta(seconds=value)


def _clamp(timestamp: datetime, duration: timedelta, now: datetime) -> tuple[datetime, datetime]:
    """Start and end with the end not after now and the length at most a day; of a longer event the last day is kept."""
    start = min(timestamp, now)
    end = now if duration >= now - start else start + duration
    return max(start, end - LONGEST), end


def _id(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _data(data: dict[str, Any], fields: dict[str, type]) -> dict[str, Any]:
    kept = {k: _value(data[k]) for k, kind in fields.items() if k in data and _fits(data[k], kind)}
    for whole, short in (("fileFullPath", "file"), ("projectPath", "project")):  # JetBrains: the short field is a bare name
        if kept.get(whole):
            kept[short] = kept.pop(whole)
    return kept


def _fits(value: object, kind: type) -> bool:
    if kind is int:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return isinstance(value, kind)


def _value(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    half = MAX_TEXT // 2
    return SURROGATE.sub("\ufffd", value if len(value) <= MAX_TEXT else f"{value[: half - 1]} {value[-half:]}")
