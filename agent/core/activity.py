"""Is somebody there, since when, and how long without a break: read off the times of events, never off a gap alone.

A gap in the data is unknown, not away (the server or a watcher may have been down), but it ends what was known before it.
Without any word of an afk watcher, a screen on which nothing changes for as long as that watcher waits counts as away.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from agent.core.records import Afk, Event, Record
from agent.core.titles import normalise

# The afk watcher looks every 5 s and holds events back up to 10 s; one missed poll of ours is a minute.
AFK_FRESH = timedelta(seconds=75)
# Five minutes away from the machine is a break; a shorter absence is a look out of the window.
BREAK = timedelta(minutes=5)
# The afk watcher says "afk" after 180 s without input.
AWAY_LEAST = timedelta(seconds=180)
# The same with the hold-back of the window watcher, for a screen without an afk watcher.
STILL = timedelta(seconds=190)


class Activity(Record):
    """Who is there at a moment; all in seconds. `idle`: without input, by the afk watcher; `away_for`: the last absence."""

    afk: Afk = "unknown"
    idle: float = 0.0
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
        idle=_idle(events, now),
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
    if said is None:
        return "away" if _is_still(events, now) else "unknown"
    if now - said.end > AFK_FRESH:
        return "unknown"
    return "away" if _is_away(said) else "here"


def _idle(events: Sequence[Event], now: datetime) -> float:
    """Seconds since the last input: "not-afk" grows with every one, and ends at it."""
    here = max((e.end for e in events if e.track == "afk" and not _is_away(e)), default=now)
    return max(0.0, (now - here).total_seconds())


def _is_still(events: Sequence[Event], now: datetime) -> bool:
    """Whether a window is still in front, but nothing has changed on the screen for long."""
    signs = _signs(events)
    return bool(signs) and now - signs[-1] >= STILL


def _signs(events: Sequence[Event]) -> list[datetime]:
    """When something changed: another window or tab (a new title of the same page aside), typing, clicks; oldest first."""
    out: list[datetime] = []
    shown: dict[str, tuple[str, str]] = {}
    for e in sorted(events, key=lambda e: e.timestamp):
        if e.track in ("window", "web"):
            page = (str(e.data.get("app", "")), normalise(str(e.data.get("title", ""))))
            if shown.get(e.bucket) != page:
                out.append(e.timestamp)
            shown[e.bucket] = page
        elif e.track in ("editor", "input"):
            out.append(e.end)
    return sorted(out)


def _absences(events: Sequence[Event]) -> list[tuple[datetime, datetime]]:
    """Spans of afk of three minutes or more, and of five or more without an event or (no afk watcher) a change, by end."""
    spans = [(e.timestamp, e.end) for e in events if _is_away(e) and e.end - e.timestamp >= AWAY_LEAST]
    reach: datetime | None = None
    for e in sorted(events, key=lambda e: e.timestamp):
        if reach is not None and e.timestamp - reach >= BREAK:
            spans.append((reach, e.timestamp))
        reach = e.end if reach is None else max(reach, e.end)
    if not any(e.track == "afk" for e in events):
        spans += [(a, b) for a, b in pairwise(_signs(events)) if b - a >= BREAK]
    return sorted(spans, key=lambda s: s[1])
