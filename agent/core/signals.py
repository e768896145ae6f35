"""What the gate looks at, computed from the redacted event windows: context, change, typing, call or talk, leisure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from agent.core.families import family, is_chat, is_leisure, is_meeting
from agent.core.records import Event, EventWindow, Record
from agent.core.redact import SafeEvent
from agent.core.titles import normalise

# What counts as 'now' when activity is compared with that at the last ask: the shortest time between two asks.
RECENT = timedelta(minutes=5)
# A burst: at least this much editor activity in the last half minute, or this many key presses in ten seconds.
BURST_SPAN = timedelta(seconds=30)
BURST_TYPED = 20.0
BURST_PRESSES = 15
# A chat kept in front this long is a call that its title does not tell, or a conversation. The median stay is 7 s.
CHAT_STAY = 45.0
# In front now for this long, it may become one.
CHAT_NOW = 15.0
# A site or app that was not in front for this long is new again when the user comes back: nobody knows yet what for.
FORGOTTEN = timedelta(minutes=3)
# Below this share of common contexts the user is doing something else than at the last ask.
SAME_ACTIVITY = 0.34


# Leaving a place after three minutes in it, flickers aside, is a breakpoint for some minutes, once the user has not been back
# for a minute and a half: a loop of edits, tests and pages is one task, whose places are left for half a minute at a time.
SUSTAINED = 180.0
SUSTAINED_SHARE = 0.7
OPENING = timedelta(minutes=3)
GONE = timedelta(seconds=90)
# So is coming to a place not seen in the quarter of an hour before, of which four minutes went into another.
ARRIVED = timedelta(minutes=3)
ELSEWHERE = 240.0
ELSEWHERE_WITHIN = timedelta(minutes=15)
# Leaving a place for less, leaving a burst of typing and being back from a break, when the next task has begun by the time that
# the gate opens, are small breakpoints: they count only with evidence of a need in sight.
SMALL = ("pause", "back")
TYPED = 20.0
# Back from a break: the first minutes after the gate lets the tick pass. A call holds for three.
REAL_BREAK = 300.0
BACK = 600.0
DEEP = 60.0
MEETING = 600.0


class Signals(Record):
    """Signals of one moment; `contexts` are short hashes, so that they may be stored."""

    call_ago: float | None = None
    leisure: bool = False
    typing: bool = False
    moves: int = 0
    context_age: float | None = None
    breakpoint: str = ""
    writing: bool = False
    contexts: tuple[str, ...] = ()
    fingerprint: str = ""


def signals(windows: Sequence[EventWindow], events: Sequence[SafeEvent], now: datetime, here_since: datetime | None) -> Signals:
    """Signals from event windows of the whole buffer; `events` are only asked for typing."""
    focused = [w for w in windows if w.focused]
    recent = [w for w in focused if w.end >= now - RECENT]
    current = focused[-1] if focused else None
    calls = [w.end for w in windows if (w.focused or w.audible) and is_meeting(w.app, w.title, w.url)]
    talks = (w for w in focused if w.dwell >= (CHAT_NOW if w is current else CHAT_STAY))
    calls += [w.end for w in talks if is_chat(w.app, w.title, w.url)]
    names = sorted({context(w) for w in recent})
    call_ago, age = (now - max(calls)).total_seconds() if calls else None, _age(focused, now)
    return Signals(
        call_ago=call_ago,
        leisure=current is not None and is_leisure(current.app, current.title, current.url),
        typing=_typing(events, now),
        moves=_moves(events, here_since),
        context_age=age,
        writing=begun(focused, now),
        breakpoint=_breakpoint(focused, now, age, call_ago),
        contexts=tuple(_hash(n) for n in names),
        fingerprint=_hash("\n".join(sorted({"\t".join((w.app, w.title, w.url, w.file)) for w in recent}))),
    )


def context(window: EventWindow) -> str:
    """The app, and in a browser the site: its host, or without a URL the last part of the title."""
    if family(window.app) != "browser" and not window.url:
        return f"{window.app}|{window.project}"
    host = window.url.partition("://")[2].partition("/")[0]
    site = host or window.title.replace(" — ", " - ").replace(" – ", " - ").replace(" | ", " - ").rsplit(" - ", 1)[-1]
    return f"{window.app}|{site}"


def shifted(contexts: Iterable[str], asked: Iterable[str]) -> bool:
    """True when the contexts of now have little in common with those at the last ask."""
    a, b = set(contexts), set(asked)
    return bool(a) and len(a & b) / len(a | b) < SAME_ACTIVITY


def _breakpoint(focused: Sequence[EventWindow], now: datetime, age: float | None, call_ago: float | None) -> str:
    """meeting, switch, pause or ''."""
    over = call_ago is not None and call_ago < MEETING and not begun(focused, now)
    return "meeting" if over else _switched(focused, now, age)


def begun(focused: Sequence[EventWindow], now: datetime) -> bool:
    """Whether the user is deep in writing again: more than a minute of it within five."""
    return sum(w.typed for w in focused if w.end >= now - RECENT) > DEEP


def _switched(focused: Sequence[EventWindow], now: datetime, age: float | None) -> str:
    """'switch' if a place of a stretch of work was left lately for good, 'pause' if for seconds or after typing; else ''."""
    left = [w for w in focused if w.end >= now - OPENING and context(w) != context(focused[-1])]
    worked_in = {context(w) for w in left if _sustained(focused, w)}
    lately = {context(w) for w in focused if w.end > now - GONE}
    arrived = age is not None and not begun(focused, now) and _arrived(focused, now - timedelta(seconds=age), now)
    if arrived or worked_in - lately:
        return "switch"
    return "pause" if worked_in or any(w.typed >= TYPED for w in left) else ""


def _arrived(focused: Sequence[EventWindow], since: datetime, now: datetime) -> bool:
    """Whether the place in focus is new since that moment, and another was worked in before."""
    if now - since > ARRIVED:
        return False
    spent: dict[str, float] = {}
    for w in focused:
        if since - ELSEWHERE_WITHIN < w.end <= since:
            spent[context(w)] = spent.get(context(w), 0.0) + w.dwell
    return context(focused[-1]) not in spent and max(spent.values(), default=0.0) >= ELSEWHERE


def _sustained(focused: Sequence[EventWindow], left: EventWindow) -> bool:
    """Whether most of the time before a place was left had gone into it."""
    name, since = context(left), left.end - timedelta(seconds=SUSTAINED / SUSTAINED_SHARE)
    there = (w for w in focused if since < w.end <= left.end and context(w) == name)
    return sum((w.end - max(w.start, since)).total_seconds() for w in there) >= SUSTAINED


def back(here_since: datetime | None, away_for: float, now: datetime) -> bool:
    """Whether the user came back from a break a few minutes ago."""
    return here_since is not None and away_for >= REAL_BREAK and (now - here_since).total_seconds() < BACK


def _age(focused: Sequence[EventWindow], now: datetime) -> float | None:
    """Seconds since the context in focus came into use: without three minutes in which it was not in front."""
    if not focused:
        return None
    name = context(focused[-1])
    since = focused[-1].start
    for w in reversed(focused):
        if since - w.end >= FORGOTTEN:
            break
        since = w.start if context(w) == name else since
    return (now - since).total_seconds()


def _moves(events: Sequence[Event], here_since: datetime | None) -> int:
    """Changes of focus since the user came back, the briefest too: a touched mouse makes none."""
    shown: tuple[str, str] | None = None
    moves = 0
    for e in sorted((e for e in events if e.track == "window"), key=lambda e: e.timestamp):
        page = (str(e.data.get("app", "")), normalise(str(e.data.get("title", ""))))
        moves += here_since is not None and e.timestamp > here_since and page != shown
        shown = page
    return moves


def _typing(events: Sequence[Event], now: datetime) -> bool:
    since = now - BURST_SPAN
    typed = sum(
        (min(e.end, now) - max(e.timestamp, since)).total_seconds() for e in events if e.track == "editor" and e.end > since
    )
    pressed = sum(int(e.data.get("presses") or 0) for e in events if e.track == "input" and e.end > now - timedelta(seconds=10))
    return typed >= BURST_TYPED or pressed >= BURST_PRESSES


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def hash_of(*parts: str) -> str:
    """A short hash of these texts, in order; it may be stored."""
    return _hash("\n".join(parts))
