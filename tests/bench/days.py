"""Small recorded days for tests, in the shape a day file has."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)
TYPES = {"window": "currentwindow", "afk": "afkstatus", "web": "web.tab.current", "editor": "app.editor.activity"}


def at(seconds: float) -> datetime:
    """A moment of the day, in seconds since it began."""
    return BEGIN + timedelta(seconds=seconds)


def stamp(seconds: float) -> str:
    """The same as a day file writes it."""
    return at(seconds).isoformat(timespec="milliseconds")


def event(start: float, duration: float, **data: Any) -> dict[str, Any]:
    """A recorded event."""
    return {"timestamp": stamp(start), "duration": duration, "data": data}


def span(start: float, end: float, **more: Any) -> dict[str, Any]:
    """A stretch of the truth."""
    return {"start": stamp(start), "end": stamp(end), **more}


def bucket(track: str, host: str = "lab") -> dict[str, Any]:
    """What a bucket says of itself."""
    return {"type": TYPES.get(track, track), "client": f"aw-watcher-{track}", "hostname": host}


def raw_day(truth: dict[str, Any] | None = None, host: str = "lab", **tracks: list[dict[str, Any]]) -> dict[str, Any]:
    """A day file's content: events by track, all on one computer."""
    names = {track: f"aw-watcher-{track}_{host}" for track in tracks}
    return {
        "buckets": {name: bucket(track, host) for track, name in names.items()},
        "events": {name: tracks[track] for track, name in names.items()},
        "truth": truth or {},
    }
