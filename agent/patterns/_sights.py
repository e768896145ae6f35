"""Cuts the focused event windows to the time asked for and gives each its role."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.core.families import host
from agent.core.records import EventWindow, Observation
from agent.patterns._engines import query
from agent.patterns._roles import public, role
from agent.patterns._text import site


@dataclass(frozen=True)
class Sight:
    """A focused event window with its role. `key` is the same for the same page or document; `dwell` seconds in the span."""

    window: EventWindow
    role: str
    key: str
    query: str
    start: datetime
    end: datetime
    dwell: float

    @property
    def title(self) -> str:
        """The window's main title."""
        return self.window.title

    @property
    def place(self) -> str:
        """The site: host, or the name at the title's end, or the app."""
        return host(self.window.url) or site(self.window.title) or self.window.app


def sights(observation: Observation, minutes: float) -> list[Sight]:
    """The focused windows of the last `minutes` with a role, oldest first, from after the last real break on."""
    since = observation.at - timedelta(minutes=minutes)
    if observation.worked > 0:
        since = max(since, observation.at - timedelta(seconds=observation.worked))
    return [_sight(w, since) for w in observation.windows if w.focused and w.end > since]


def _sight(window: EventWindow, since: datetime) -> Sight:
    title, url = window.title, window.url
    found = role(window.app, title, url, window.file)
    length = (window.end - window.start).total_seconds()
    start = max(window.start, since)
    share = (window.end - start).total_seconds() / length if length > 0 else 1.0
    asked = query(title, url) if found == "search" else ""
    return Sight(window, found, title or url or window.file, asked, start, window.end, window.dwell * share)


def sources(seen: Iterable[Sight], most: int = 5) -> list[str]:
    """Addresses of public pages, the longest read first, each once."""
    dwell: dict[str, float] = {}
    for s in seen:
        if s.role == "page" and public(s.window.url):
            dwell[s.window.url] = dwell.get(s.window.url, 0.0) + s.dwell
    return sorted(dwell, key=lambda u: -dwell[u])[:most]


def fresh(seen: Sequence[Sight], at: datetime, minutes: float) -> bool:
    """Whether the last of these was in front within the last `minutes`."""
    return bool(seen) and at - max(s.end for s in seen) <= timedelta(minutes=minutes)


def span(seen: Sequence[Sight]) -> float:
    """Minutes from the first to the last of these."""
    return (max(s.end for s in seen) - min(s.start for s in seen)).total_seconds() / 60
