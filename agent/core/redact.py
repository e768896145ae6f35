"""Lets through what may be stored and sent of the sensors' events: private ones go, the rest is rewritten field by field.

incognito tab   |--------------|~~~ until the next tab, or 80 s |    what its event may still grow to
windows    |--W1--|----W2----|--W3--|                                all that overlap go, whatever the app
same title                             |--W4--|                      goes: the page of a private moment, seen again

Covered: private tabs and windows with all windows that overlap them; password managers, banks, sign-in pages and the user's own
rules, with the tab of the window and the window of the tab; secrets, codes and accounts in every text; queries, fragments and
user info of addresses; the home folder's name; every field that is not known. What fails is dropped and counted.
Not covered: names of people and companies, and what a title means; that is what the user's rules and titles-off mode are for.
A window that was seen before the private tab it overlaps was opened has been let through by then.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from itertools import accumulate
from typing import Any, NamedTuple

from pydantic import Field

from agent.core.exclude import Rules, excludes_app, excludes_title, excludes_url, is_money
from agent.core.private import is_browser, is_private_window, page, without_profile
from agent.core.records import Event, Record
from agent.core.texts import redact_text, redact_title
from agent.core.urls import redact_url, shorten_path

__all__ = ["Redacted", "Rules", "redact", "redact_text", "redact_url"]

TAB_GROWS = timedelta(seconds=80)
"""A tab's last event can still be extended by a heartbeat this late (pulsetime of aw-watcher-web)."""
WINDOW_GROWS = timedelta(seconds=12)
"""The last window's end can be this old: aw-client holds it back for up to 10 s, the watcher polls each second."""
_LOOK = timedelta(seconds=2)
_TICK = timedelta(microseconds=1)
_LONGEST = 10.0**8
_SHARED = 4
_PRIVATE = frozenset({"incognito", "private_window", "failed"})
_COUNTED = frozenset({"incognito", "private_window", "bank"})
_EXCLUDED = frozenset({"excluded_app", "excluded_title", "excluded_url", "bank"})


class Redacted(Record):
    """Events that may be stored and sent, when the last private moment ended, and how many were dropped by reason."""

    events: tuple[Event, ...] = ()
    private_until: datetime | None = None
    dropped: dict[str, int] = Field(default_factory=dict)


class _Seen(NamedTuple):
    """An event with its span as it may still become, the page its title names, and why it must go ('' if it need not)."""

    event: Event
    start: datetime
    end: datetime
    until: datetime
    page: str
    why: str


def redact(events: Sequence[Event], rules: Rules) -> Redacted:
    """What may be known of these events (all of the buffer, any order); fails closed and never raises."""
    seen = _look(events, rules)
    judge = _Beside(seen)
    dropped: Counter[str] = Counter()
    kept: list[Event] = []
    for one in seen:
        why = one.why or judge.why(one)
        clean = None if why else _rewrite(one.event, rules)
        if clean is not None:
            kept.append(clean)
        else:
            dropped[why or "failed"] += 1
    return Redacted(events=tuple(kept), private_until=_private_until(seen), dropped=dict(dropped))


def _private_until(seen: Sequence[_Seen]) -> datetime | None:
    """The end of the last private moment; a bank's tab that lies open behind other windows is none."""
    windows = _Spans(s for s in seen if s.event.track == "window")
    tabs = [s for s in seen if s.why == "bank" and s.event.track == "web" and windows]
    ends = [s.end for s in seen if s.why in _COUNTED and not (windows and s.why == "bank" and s.event.track == "web")]
    ends += [min(t.end, w.end + _LOOK) for t in tabs for w in windows.overlaps(t) if _shows(w, t)]
    return max(ends, default=None)


def _shows(window: _Seen, tab: _Seen) -> bool:
    """Whether a window may be the one of that tab: by its title or, without one, any browser's."""
    return _alike(window.page, tab.page) if window.page else is_browser(_text(window.event, "app"), "")


def _look(events: Sequence[Event], rules: Rules) -> list[_Seen]:
    followers = _followers(events)
    return [_see(event, followers.get(i), rules) for i, event in enumerate(events)]


def _followers(events: Sequence[Event]) -> dict[int, datetime]:
    """For each event (by its place) the start of the next one in its bucket."""
    last: dict[str, int] = {}
    out: dict[int, datetime] = {}
    for i in sorted(range(len(events)), key=lambda i: events[i].timestamp):
        before = last.get(events[i].bucket)
        if before is not None:
            out[before] = events[i].timestamp
        last[events[i].bucket] = i
    return out


def _see(event: Event, follower: datetime | None, rules: Rules) -> _Seen:
    end = _end(event)
    until = _until(event, end, follower)
    try:
        why = _own_reason(event, rules)
        name = page(_text(event, "title")) if event.track in ("window", "web") else ""
    except Exception:  # noqa: BLE001  fail closed: what cannot be judged is treated as private
        return _Seen(event, event.timestamp, end, until, "", "failed")
    return _Seen(event, event.timestamp, end, until, name, why)


def _end(event: Event) -> datetime:
    try:
        return event.timestamp + timedelta(seconds=min(event.duration, _LONGEST))
    except OverflowError:
        return datetime.max.replace(tzinfo=timezone.utc)


def _until(event: Event, end: datetime, follower: datetime | None) -> datetime:
    """The latest moment that the finished event can reach."""
    try:
        if event.track == "web":
            grown = end + TAB_GROWS
            return grown if follower is None else max(end, min(grown, follower - _TICK))
        return end + WINDOW_GROWS if follower is None else end
    except OverflowError:
        return end


def _own_reason(event: Event, rules: Rules) -> str:
    """Why an event must go by itself: its flag, app, title or address; '' if it need not."""
    if event.track not in ("window", "web"):
        return ""
    if event.data.get("incognito") not in (None, False, 0, "", "false", "False"):
        return "incognito"
    own = (rules.excluded_apps, rules.excluded_titles, rules.excluded_urls)
    return _reason(event.track == "window", (_text(event, "app"), _text(event, "title"), _text(event, "url")), own)


@lru_cache(maxsize=8192)
def _reason(window: bool, texts: tuple[str, str, str], own: tuple[tuple[str, ...], ...]) -> str:  # noqa: FBT001  cached: positional
    app, title, url = texts
    if window and not app.strip() and not title.strip():
        return "blank"
    if window and is_private_window(app, title):
        return "private_window"
    if excludes_app(app, own[0]):
        return "excluded_app"
    if excludes_title(title, own[1]):
        return "excluded_title"
    if excludes_url(url, own[2]):
        return "excluded_url"
    return "bank" if is_money(app, title, url) else ""


class _Beside:
    """Says which events must go for what they lie beside, or for a title they share with a private or excluded one."""

    def __init__(self, seen: Sequence[_Seen]) -> None:
        self._tabs = _Spans(s for s in seen if s.event.track == "web" and s.why in _PRIVATE)
        self._windows = _Spans(s for s in seen if s.event.track == "window" and s.why in _PRIVATE)
        self._pages = {s.page for s in seen if s.page and s.why in _PRIVATE}
        self._excluded = {s.page for s in seen if s.page and s.why in _EXCLUDED - {"excluded_app"}}
        self._near = {
            track: _Spans(s for s in seen if s.event.track == track and s.why in _EXCLUDED and s.page)
            for track in ("window", "web")
        }

    def why(self, one: _Seen) -> str:
        """The reason, or '' if nothing private lies beside."""
        track = one.event.track
        if track not in ("window", "web"):
            return ""
        if (self._tabs if track == "window" else self._windows).touch(one):
            return "beside_private"
        if track == "window" and self._windows.touch(one) and is_browser(_text(one.event, "app"), _text(one.event, "title")):
            return "beside_private"
        if one.page and not self._pages.isdisjoint((one.page, without_profile(_text(one.event, "title")))):
            return "same_title"
        return "beside_excluded" if one.page and self._is_excluded(one) else ""

    def _is_excluded(self, one: _Seen) -> bool:
        if one.page in self._excluded:
            return True
        other = self._near["web" if one.event.track == "window" else "window"]
        return any(_alike(one.page, found.page) for found in other.overlaps(one))


def _alike(a: str, b: str) -> bool:
    """Whether two titles are of one page: one begins as the other (programs cut and lengthen titles)."""
    short, long = sorted((a, b), key=len)
    return len(short) >= _SHARED and long.startswith(short)


class _Spans:
    """Spans by start, searchable by overlap (ends included)."""

    def __init__(self, seen: Iterable[_Seen]) -> None:
        self._seen = sorted(seen, key=lambda s: s.start)
        self._starts = [s.start for s in self._seen]
        self._reach = list(accumulate((s.until for s in self._seen), max))

    def __bool__(self) -> bool:
        return bool(self._seen)

    def touch(self, one: _Seen) -> bool:
        """Whether any span overlaps this one."""
        stop = bisect_right(self._starts, one.until)
        return stop > 0 and self._reach[stop - 1] >= one.start

    def overlaps(self, one: _Seen) -> Iterable[_Seen]:
        """The spans that overlap this one, latest first."""
        for i in range(bisect_right(self._starts, one.until) - 1, -1, -1):
            if self._reach[i] < one.start:
                return
            if self._seen[i].until >= one.start:
                yield self._seen[i]


def _rewrite(event: Event, rules: Rules) -> Event | None:
    """The event with the known fields of its track alone, each redacted; None if that failed."""
    try:
        fields = _FIELDS[event.track]
        data = {name: fields[name](event.data[name], rules) for name in fields if name in event.data}
        # Not validated again: the fields were, and a whole day's buffer is rewritten at every tick.
        return Event.model_construct(
            bucket=event.bucket, track=event.track, timestamp=event.timestamp, duration=event.duration, data=data, id=event.id
        )
    except Exception:  # noqa: BLE001  fail closed: an event that cannot be redacted is dropped and counted
        return None


def _text(event: Event, name: str) -> str:
    value = event.data.get(name)
    return value if isinstance(value, str) else ""


def _label(value: Any, rules: Rules) -> str:
    return redact_title(value) if isinstance(value, str) else ""


def _title(value: Any, rules: Rules) -> str:
    return _label(value, rules) if rules.titles else ""


def _url(value: Any, rules: Rules) -> str:
    url = redact_url(value) if isinstance(value, str) else ""
    return url if rules.titles else "/".join(url.split("/", 3)[:3])


def _file(value: Any, rules: Rules) -> str:
    if not rules.titles or not isinstance(value, str):
        return ""
    return redact_url(value) if value.startswith("file:") else redact_title(shorten_path(value))


def _count(value: Any, rules: Rules) -> int:
    return int(value) if isinstance(value, int | float) and 0 <= value < _LONGEST else 0


def _flag(value: Any, rules: Rules) -> bool:
    return value is True


_FIELDS: dict[str, dict[str, Callable[[Any, Rules], Any]]] = {
    "window": {"app": _label, "title": _title, "url": _url, "incognito": _flag},
    "web": {"title": _title, "url": _url, "audible": _flag, "incognito": _flag},
    "editor": {"file": _file, "project": _file, "language": _label, "branch": _title},
    "afk": {"status": _label},
    "input": {"presses": _count, "clicks": _count},
}
