"""Lets through what may be stored and sent of the sensors' events: private ones go, the rest is rewritten field by field.

incognito tab   |--------------|~~~ until the next tab, or 80 s |    what its event may still grow to
windows    |--W1--|----W2----|--W3--|                                all that overlap go, whatever the app
same title                             |--W4--|                      goes: the page of a private moment, seen again

Covered: private tabs and windows with all windows that overlap them; password managers, banks, sign-in pages and the user's own
rules, with the tab of the window, the window of the tab and the file in the editor; secrets, codes and accounts in every text;
queries, fragments and user info of addresses; the home folder's name; every field that is not known; without titles all but the
names of apps. What fails is dropped and counted.
Not covered: names of people and companies, and what a title means; that is what the user's rules and titles-off mode are for.
A window that was seen before the private tab it overlaps was opened has been let through by then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, NewType

from pydantic import Field

from agent.core import canary
from agent.core.beside import JUDGED, Beside, Seen, Spans, alike, text_of
from agent.core.defence import on
from agent.core.exclude import Rules, excludes_app, excludes_title, excludes_url, is_money, is_named
from agent.core.private import is_browser, is_private_window, page
from agent.core.records import Event, NewFile, Record, Track
from agent.core.texts import redact_text, redact_title
from agent.core.urls import redact_url, shorten_path

__all__ = ["Redacted", "Rules", "SafeEvent", "redact", "redact_file", "redact_text", "redact_url"]

TAB_GROWS = timedelta(seconds=80)
"""A tab's last event can still be extended by a heartbeat this late (pulsetime of aw-watcher-web)."""
WINDOW_GROWS = timedelta(seconds=12)
"""The last window's end can be this old: aw-client holds it back for up to 10 s, the watcher polls each second."""
_LOOK = timedelta(seconds=2)
_TICK = timedelta(microseconds=1)
_LONGEST = 10.0**8
_COUNTED = frozenset({"incognito", "private_window", "bank"})


SafeEvent = NewType("SafeEvent", Event)
"""An event as `redact` let it through; what folds, stores or sends takes no other, so that a bypass is a type error."""


class Redacted(Record):
    """Events that may be stored and sent, when the last private moment ended, and how many were dropped by reason.

    `broken` says what of the redaction does not work; then nothing passes.
    """

    events: tuple[SafeEvent, ...] = ()
    private_until: datetime | None = None
    dropped: dict[str, int] = Field(default_factory=dict)
    broken: str = ""

    @property
    def problems(self) -> tuple[str, ...]:
        """What to tell the user, without a word of what was dropped."""
        failed = self.dropped.get("failed", 0)
        if self.broken:
            return (f"The redaction does not work ({self.broken}): nothing is looked at.",)
        return (f"{failed} events could not be redacted and were left out.",) if failed else ()


def redact(events: Sequence[Event], rules: Rules) -> Redacted:
    """What may be known of these events (all of the buffer, any order); fails closed and never raises."""
    try:
        found = _unsound()
        if not found:
            return _redacted(events, rules)
    except Exception as e:  # noqa: BLE001  fail closed: without the redaction nothing passes, whatever is wrong with it
        found = type(e).__name__
    return Redacted(dropped={"failed": len(events)} if events else {}, broken=found)


@lru_cache(maxsize=1)
def _unsound() -> str:
    """What the self-test found, at the first look of this process."""
    if not on("self_test"):
        return ""
    passed = (name for name, track, data in canary.MUST_GO if _redacted([_tried(track, data)], Rules()).events)
    return canary.broken() or next(passed, "") or _stays()


def _stays() -> str:
    """What stays in an event's fields that must not."""
    tab, window = canary.SAME
    if _redacted([_tried("web", tab), _tried("window", window, 3600)], Rules()).events:
        return "titles of private moments"
    left = str(_redacted([_tried("web", canary.KEPT)], Rules()).events)
    return "fields of events" if "example" not in left or any(value in left for value in canary.HIDDEN) else ""


def _tried(track: Track, data: dict[str, Any], later: float = 0.0) -> Event:
    start = datetime(2026, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=later)
    return Event(bucket=track, track=track, timestamp=start, duration=1, data=data)


def redact_file(file: NewFile, rules: Rules) -> NewFile | None:
    """The file with its path redacted and the home folder as `~`; None without titles, if it is excluded, or if that failed."""
    try:
        if not rules.titles or is_named(file.path, rules.excluded_titles):
            return None
        return file.model_copy(update={"path": shorten_path(redact_text(file.path))})
    except Exception:  # noqa: BLE001  fail closed
        return None


def _redacted(events: Sequence[Event], rules: Rules) -> Redacted:
    seen = _look(events, rules)
    judge = Beside(seen)
    dropped: Counter[str] = Counter()
    kept: list[SafeEvent] = []
    for one in seen:
        why = one.why or judge.why(one)
        clean = None if why else _rewrite(one.event, rules)
        if clean is not None:
            kept.append(clean)
        else:
            dropped[why or "failed"] += 1
    return Redacted(events=tuple(kept), private_until=_private_until(seen), dropped=dict(dropped))


def _private_until(seen: Sequence[Seen]) -> datetime | None:
    """The end of the last private moment; a bank's tab that lies open behind other windows is none."""
    windows = Spans(s for s in seen if s.event.track == "window")
    tabs = [s for s in seen if s.why == "bank" and s.event.track == "web" and windows]
    ends = [s.end for s in seen if s.why in _COUNTED and not (windows and s.why == "bank" and s.event.track == "web")]
    ends += [min(t.end, w.end + _LOOK) for t in tabs for w in windows.overlaps(t) if _shows(w, t)]
    return max(ends, default=None)


def _shows(window: Seen, tab: Seen) -> bool:
    """Whether a window may be the one of that tab: by its title or, without one, any browser's."""
    return alike(window.page, tab.page) if window.page else is_browser(text_of(window.event, "app"), "")


def _look(events: Sequence[Event], rules: Rules) -> list[Seen]:
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


def _see(event: Event, follower: datetime | None, rules: Rules) -> Seen:
    end = _end(event)
    until = _until(event, end, follower)
    try:
        why = _own_reason(event, rules)
        name = page(text_of(event, "title")) if event.track in ("window", "web") else ""
    except Exception:  # noqa: BLE001  fail closed: what cannot be judged is treated as private
        return Seen(event, event.timestamp, end, until, "", "failed")
    return Seen(event, event.timestamp, end, until, name, why)


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
    if event.track == "editor":
        work = (text_of(event, "file"), text_of(event, "project"), text_of(event, "branch"))
        return "excluded_title" if _is_excluded_work(work, rules.excluded_titles) else ""
    if event.track not in ("window", "web"):
        return ""
    if on("incognito") and event.data.get("incognito") not in (None, False, 0, "", "false", "False"):
        return "incognito"
    own = (rules.excluded_apps, rules.excluded_titles, rules.excluded_urls)
    if _is_named_inside(event, rules):
        return "excluded_title"
    return _reason(event.track == "window", (text_of(event, "app"), text_of(event, "title"), text_of(event, "url")), own)


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


def _rewrite(event: Event, rules: Rules) -> SafeEvent | None:
    """The event with the known fields of its track alone, each redacted; None if that failed."""
    try:
        fields = _FIELDS[event.track]
        data = {name: fields[name](event.data[name], rules) for name in fields if name in event.data}
        # Not validated again: the fields were, and a whole day's buffer is rewritten at every tick.
        safe = Event.model_construct(
            bucket=event.bucket, track=event.track, timestamp=event.timestamp, duration=event.duration, data=data, id=event.id
        )
        return SafeEvent(safe)
    except Exception:  # noqa: BLE001  fail closed: an event that cannot be redacted is dropped and counted
        return None


def _is_named_inside(event: Event, rules: Rules) -> bool:
    """Whether the user's rules name what stands in the middle of an endless title."""
    title = event.data.get("title")
    own = bool(rules.excluded_titles)
    return own and isinstance(title, str) and len(title) > JUDGED and is_named(title, rules.excluded_titles)


@lru_cache(maxsize=8192)
def _is_excluded_work(texts: tuple[str, ...], own: tuple[str, ...]) -> bool:
    """Whether the user's rules name the file, project or branch of an editor."""
    return any(is_named(text, own) for text in texts)


def _label(value: Any, rules: Rules) -> str:
    return redact_title(value) if isinstance(value, str) else ""


def _title(value: Any, rules: Rules) -> str:
    return _label(value, rules) if rules.titles else ""


def _url(value: Any, rules: Rules) -> str:
    return redact_url(value) if rules.titles and isinstance(value, str) else ""


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
    "editor": {"file": _file, "project": _file, "language": _title, "branch": _title},
    "afk": {"status": _label},
    "input": {"presses": _count, "clicks": _count},
}
