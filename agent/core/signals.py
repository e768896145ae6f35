"""What the gate looks at, computed from the redacted event windows: context, change, typing, call or talk, leisure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from agent.core.families import family, is_chat, is_leisure, is_meeting
from agent.core.records import Event, EventWindow, Record
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


class Signals(Record):
    """Signals of one moment; `contexts` are short hashes, so that they may be stored."""

    call_ago: float | None = None
    leisure: bool = False
    typing: bool = False
    moves: int = 0
    context_age: float | None = None
    contexts: tuple[str, ...] = ()
    fingerprint: str = ""


def signals(windows: Sequence[EventWindow], events: Sequence[Event], now: datetime, here_since: datetime | None) -> Signals:
    """Signals from event windows of the whole buffer; `events` are only asked for typing."""
    focused = [w for w in windows if w.focused]
    recent = [w for w in focused if w.end >= now - RECENT]
    current = focused[-1] if focused else None
    calls = [w.end for w in windows if (w.focused or w.audible) and is_meeting(w.app, w.title, w.url)]
    talks = (w for w in focused if w.dwell >= (CHAT_NOW if w is current else CHAT_STAY))
    calls += [w.end for w in talks if is_chat(w.app, w.title, w.url)]
    names = sorted({context(w) for w in recent})
    return Signals(
        call_ago=(now - max(calls)).total_seconds() if calls else None,
        leisure=current is not None and is_leisure(current.app, current.title, current.url),
        typing=_typing(events, now),
        moves=_moves(events, here_since),
        context_age=_age(focused, now),
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
