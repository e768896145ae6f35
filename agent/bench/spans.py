"""Arithmetic of time spans and the spans of a recorded day that a cost report speaks of. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from agent.sense.day import Day, Recorded

Stretch = tuple[datetime, datetime]
QUIET_AWAY = timedelta(seconds=200)
"""An absence shows 185-190 s after the last input (the 180 s of the afk watcher and its hold-back)."""
QUIET_NEVER = timedelta(seconds=15)
"""A new window shows within 10 s (the hold-back of the window watcher)."""
HELP_WITHIN = timedelta(minutes=10)
"""A moment counts as reached if the predictor was asked this early in it."""


def union(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same time without overlaps, oldest first; empty stretches are left out."""
    out: list[Stretch] = []
    for start, end in sorted(s for s in stretches if s[1] > s[0]):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def overlap(a: Sequence[Stretch], b: Sequence[Stretch]) -> list[Stretch]:
    """What two unions have in common."""
    out: list[Stretch] = []
    i = j = 0
    while i < len(a) and j < len(b):
        start, end = max(a[i][0], b[j][0]), min(a[i][1], b[j][1])
        if start < end:
            out.append((start, end))
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return out


def seconds(stretches: Iterable[Stretch]) -> float:
    """How long they are together."""
    return sum((end - start).total_seconds() for start, end in stretches)


def inside(at: datetime, stretches: Iterable[Stretch]) -> bool:
    """Whether a moment lies in one of them (the end is outside)."""
    return any(start <= at < end for start, end in stretches)


def of(events: Iterable[Recorded]) -> list[Stretch]:
    """The union of events."""
    return union((e.timestamp, e.end) for e in events)


def active(day: Day) -> list[Stretch]:
    """When the user was there: not-afk time, or without an afk watcher the time with a window."""
    own = day.own()
    here = [e for b in own if b.track == "afk" for e in day.events[b.id] if e.data.get("status") == "not-afk"]
    return of(here or [e for b in own if b.track == "window" for e in day.events[b.id]])


def quiet(day: Day) -> list[Stretch]:
    """When nobody may be asked: from 200 s into an absence and from 15 s into a block marked `never`, each to its end."""
    blocks = day.truth.blocks
    away = [(s.start, s.end) for s in day.truth.away] + [(b.start, b.end) for b in blocks if b.interrupt == "away"]
    never = [(b.start, b.end) for b in blocks if b.interrupt == "never"]
    return union([(start + QUIET_AWAY, end) for start, end in away] + [(start + QUIET_NEVER, end) for start, end in never])


def interrupt(day: Day, at: datetime) -> str:
    """What the block of the day's truth says of interruptions then: ok, costly, never, away; '' if unknown."""
    return next((b.interrupt for b in day.truth.blocks if b.start <= at < b.end), "")


def help_moments(day: Day) -> list[Stretch]:
    """The moments in which an assistant could help."""
    return [(m.start, m.end) for m in day.truth.moments if m.want == "help"]


def reached(moment: Stretch, asked: Iterable[datetime]) -> bool:
    """Whether the predictor was asked within the first ten minutes of a moment."""
    return any(moment[0] <= at <= min(moment[0] + HELP_WITHIN, moment[1]) for at in asked)
