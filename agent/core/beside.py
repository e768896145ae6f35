"""Says which events must go for what they lie beside: a private tab or window, its title, an excluded page."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import accumulate
from typing import NamedTuple

from agent.core.defence import on
from agent.core.families import family
from agent.core.private import is_browser, without_profile
from agent.core.records import Event

PRIVATE = frozenset({"incognito", "private_window", "failed"})
EXCLUDED = frozenset({"excluded_app", "excluded_title", "excluded_url", "bank"})
_SHARED = 4
JUDGED, _APP = 4000, 400  # signs of a title or address, and of an app, that are looked at to tell what must go


class Seen(NamedTuple):
    """An event with its span as it may still become, the page its title names, and why it must go ('' if it need not)."""

    event: Event
    start: datetime
    end: datetime
    until: datetime
    page: str
    why: str


class Beside:
    """Says which events must go for what they lie beside, or for a title they share with a private or excluded one."""

    def __init__(self, seen: Sequence[Seen]) -> None:
        self._tabs = Spans(s for s in seen if s.event.track == "web" and s.why in PRIVATE)
        self._windows = Spans(s for s in seen if s.event.track == "window" and s.why in PRIVATE)
        self._pages = {s.page for s in seen if s.page and s.why in PRIVATE}
        self._excluded = {s.page for s in seen if s.page and s.why in EXCLUDED - {"excluded_app"}}
        self._near = {
            track: Spans(s for s in seen if s.event.track == track and s.why in EXCLUDED and s.page)
            for track in ("window", "web")
        }
        self._work = {
            track: Spans(s for s in seen if s.event.track == track and s.why in EXCLUDED and _is_work(s))
            for track in ("window", "editor")
        }

    def why(self, one: Seen) -> str:
        """The reason, or '' if nothing private lies beside."""
        track = one.event.track
        if _is_work(one) and self._work["window" if track == "editor" else "editor"].touch(one):
            return "beside_excluded"
        if track not in ("window", "web") or not on("beside_private"):
            return ""
        if (self._tabs if track == "window" else self._windows).touch(one):
            return "beside_private"
        if (
            track == "window"
            and self._windows.touch(one)
            and is_browser(text_of(one.event, "app"), text_of(one.event, "title"))
        ):
            return "beside_private"
        if one.page and not self._pages.isdisjoint((one.page, without_profile(text_of(one.event, "title")))):
            return "same_title"
        return "beside_excluded" if one.page and self._is_excluded(one) else ""

    def _is_excluded(self, one: Seen) -> bool:
        if one.page in self._excluded:
            return True
        other = self._near["web" if one.event.track == "window" else "window"]
        return any(alike(one.page, found.page) for found in other.overlaps(one))


def _is_work(one: Seen) -> bool:
    """Whether this is an editor's window or what its watcher says of it."""
    return one.event.track == "editor" or (one.event.track == "window" and family(text_of(one.event, "app")) == "editor")


def alike(a: str, b: str) -> bool:
    """Whether two titles are of one page: one begins as the other (programs cut and lengthen titles)."""
    short, long = sorted((a, b), key=len)
    return len(short) >= _SHARED and long.startswith(short)


class Spans:
    """Spans by start, searchable by overlap (ends included)."""

    def __init__(self, seen: Iterable[Seen]) -> None:
        self._seen = sorted(seen, key=lambda s: s.start)
        self._starts = [s.start for s in self._seen]
        self._reach = list(accumulate((s.until for s in self._seen), max))

    def __bool__(self) -> bool:
        return bool(self._seen)

    def touch(self, one: Seen) -> bool:
        """Whether any span overlaps this one."""
        stop = bisect_right(self._starts, one.until)
        return stop > 0 and self._reach[stop - 1] >= one.start

    def overlaps(self, one: Seen) -> Iterable[Seen]:
        """The spans that overlap this one, latest first."""
        for i in range(bisect_right(self._starts, one.until) - 1, -1, -1):
            if self._reach[i] < one.start:
                return
            if self._seen[i].until >= one.start:
                yield self._seen[i]


def text_of(event: Event, name: str) -> str:
    """A field as it is judged: of an endless one its beginning and its end, where browsers say that they are private."""
    value = event.data.get(name)
    text = value if isinstance(value, str) else ""
    most = _APP if name == "app" else JUDGED
    return text if len(text) <= most else f"{text[: most // 2]} {text[-most // 2 :]}"
