"""The simulated day: a row of moments, and what the sensors show of them.

Eight hours from 9:00 local time with a break of 40 minutes; a moment lasts 8 to 16 minutes, for people stay with one matter
about 12 (González and Mark, CHI 2004). In each the predictor has the options of one turn of the person's votes. An idle
moment has options of a turn too, and none is wanted; the sensors tell half of the idle moments (a call, a video, typing),
the other half look like any work.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from agent.bench.pace.votes import Person
from agent.core.records import Event, Track

START = datetime(2025, 6, 2, 9, tzinfo=timezone.utc)
HOURS = 8
LEAST, MOST = 8.0, 16.0
"""Minutes of a moment."""
PAUSE = timedelta(minutes=40)
HALF = timedelta(hours=4)
TOLD = 0.5
"""The share of idle moments that a call, a video or typing tells; chosen, not measured."""
SIGNS = ("call", "video", "typing")
BACK = timedelta(minutes=20)
"""How far the sensors look back."""
STRETCH = timedelta(minutes=40)
"""No stretch of work is longer: a long one is a pattern of its own, whose idea the votes know nothing of."""
PAGE = timedelta(minutes=5)
APPS = ("planner", "ledger", "plotter", "catalogue", "workbench", "sampler", "atlas")
"""Programs of no known family: a known one makes the loop remember documents, which costs time and tells nothing here."""


class Span(NamedTuple):
    """One moment: times, which turn of the person it is, and for an idle one what tells it ('' = nothing does)."""

    number: int
    start: datetime
    end: datetime
    turn: int
    idle: bool
    told: str


@cache
def begin(day: int) -> datetime:
    """9:00 local time of that day."""
    at = START + timedelta(days=day)
    return at - (at.astimezone().utcoffset() or timedelta(0))


def moments(person: Person, seed: str, day: int, idle: float) -> tuple[Span, ...]:
    """The moments of one day; the same seed gives the same times and turns whatever the share of idle ones is."""
    chance = random.Random(f"{seed} {day}")  # noqa: S311 - a draw that must repeat
    spans: list[Span] = []
    for start, end in _times(chance, begin(day)):
        turn, lot, told = chance.randrange(len(person.turns)), chance.random(), chance.random()
        sign = SIGNS[int(told / TOLD * len(SIGNS))] if told < TOLD else ""
        spans.append(Span(len(spans), start, end, turn, lot < idle, sign if lot < idle else ""))
    return tuple(spans)


def _times(chance: random.Random, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    for half in (at, at + HALF + PAUSE):
        cuts = [half]
        while cuts[-1] < half + HALF:
            cuts.append(min(half + HALF, cuts[-1] + timedelta(minutes=chance.uniform(LEAST, MOST))))
        if cuts[-1] - cuts[-2] < timedelta(minutes=LEAST / 2) and len(cuts) > 2:
            del cuts[-2]
        yield from pairwise(cuts)


def seen(spans: Sequence[Span], now: datetime) -> tuple[Event, ...]:
    """What the sensors show at a time of the day: windows, typing in an editor, and the afk watcher."""
    begun = [s for s in spans if s.start < now and s.end > now - BACK]
    since = spans[0].start
    if now > since + HALF + PAUSE:
        since += HALF + PAUSE
    since = max(since, now - STRETCH)
    events = [_event("afk", 1, since, now, status="not-afk")]
    for span in begun:
        events += _shown(span, min(span.end, now))
    return tuple(events)


def open_door(now: datetime) -> tuple[Event, ...]:
    """What the sensors show to a policy that never asks them: somebody who has just left one matter for another."""
    switched = now - timedelta(seconds=120)
    return (
        _event("afk", 1, now - STRETCH, now, status="not-afk"),
        _event("window", 2, now - BACK, switched, app=APPS[0], title="matter"),
        _event("window", 3, switched, now, app=APPS[1], title="another"),
    )


def _shown(span: Span, until: datetime) -> list[Event]:
    first = 10 * (span.number + 1)
    if span.told == "call":
        return [_event("window", first, span.start, until, app="zoom", title="Zoom Meeting")]
    if span.told == "video":
        return [_event("window", first, span.start, until, app="vlc", title="film")]
    app, name = APPS[span.turn % len(APPS)], f"matter {span.turn}"
    turned = min(span.start + PAGE, until)
    events = [_event("window", first, span.start, turned, app=app, title=f"{name} part {span.number}")]
    if until > turned:
        events.append(_event("window", first + 1, turned, until, app=app, title=f"{name} part {span.number} end"))
    if span.told == "typing":
        events.append(_event("editor", first + 2, span.start, until, file=f"/home/u/{name}.txt", project="matter"))
    return events


def _event(track: Track, number: int, start: datetime, end: datetime, **data: str) -> Event:
    # model_construct: a month has some hundred thousand of them, and all come from here
    duration = (end - start).total_seconds()
    return Event.model_construct(bucket=track, track=track, timestamp=start, duration=duration, data=dict(data), id=number)
