"""Is somebody there, since when, and how long without a break: read off the times of events, never off a gap alone.

A gap in the data is unknown, not away (the server or a watcher may have been down), but it ends what was known before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from agent.core.records import Afk, Event, Record

# The afk watcher looks every 5 s and holds events back up to 10 s; one missed poll of ours is a minute.
AFK_FRESH = timedelta(seconds=75)
# Five minutes away from the machine is a break; a shorter absence is a look out of the window.
BREAK = timedelta(minutes=5)
# The afk watcher says "afk" after 180 s without input.
AWAY_LEAST = timedelta(seconds=180)


class Activity(Record):
    """Who is there at a moment. `stale` and `worked` in seconds; `away_for` is the length of the last absence."""

    afk: Afk = "unknown"
    stale: float | None = None
    here_since: datetime | None = None
    away_for: float = 0.0
    worked: float = 0.0


def activity(events: Sequence[Event], now: datetime) -> Activity:
    """What the times of all events (unredacted is fine: only times and afk status are read) say at `now`."""
    if not events:
        return Activity()
    absences = _absences(events)
    last = absences[-1] if absences else None
    first = min(e.timestamp for e in events)
    rest = [end for start, end in absences if end - start >= BREAK]
    newest = max((e.end for e in events if not _is_away(e)), default=None)
    here_since = last[1] if last else first
    return Activity(
        afk=_afk(events, now),
        stale=None if newest is None else max(0.0, (now - newest).total_seconds()),
        here_since=min(here_since, now),
        away_for=(last[1] - last[0]).total_seconds() if last else 0.0,
        worked=max(0.0, (now - (rest[-1] if rest else first)).total_seconds()),
    )


def _is_away(event: Event) -> bool:
    return event.track == "afk" and event.data.get("status") != "not-afk"


def _afk(events: Sequence[Event], now: datetime) -> Afk:
    """The newest word of the afk watcher, if it is fresh."""
    said = max((e for e in events if e.track == "afk"), key=lambda e: (e.timestamp, e.end), default=None)
    if said is None or now - said.end > AFK_FRESH:
        return "unknown"
    return "away" if _is_away(said) else "here"


def _absences(events: Sequence[Event]) -> list[tuple[datetime, datetime]]:
    """Spans of afk of three minutes or more, and holes of five minutes or more in all tracks, by end."""
    spans = [(e.timestamp, e.end) for e in events if _is_away(e) and e.end - e.timestamp >= AWAY_LEAST]
    reach: datetime | None = None
    for e in sorted(events, key=lambda e: e.timestamp):
        if reach is not None and e.timestamp - reach >= BREAK:
            spans.append((reach, e.timestamp))
        reach = e.end if reach is None else max(reach, e.end)
    return sorted(spans, key=lambda s: s[1])
