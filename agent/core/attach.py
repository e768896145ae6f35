"""Attaches what the web and editor tracks say to the stretches of focus."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import accumulate

from agent.core.families import family
from agent.core.records import Event, EventWindow, Record
from agent.core.titles import normalise

UNFOCUSED_LEAST = 60.0
# A title this long that is the beginning of the tab's title was cut, not a coincidence.
CUT = 20


class Stretch(Record):
    """A run of focus on one document: an event window before the other tracks are attached."""

    app: str
    titles: tuple[tuple[str, float], ...]
    url: str = ""
    start: datetime
    end: datetime
    dwell: float
    switches: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """What must be equal for two stretches to be one."""
        return (self.app, self.titles[0][0] if self.titles else self.url)


class Lane:
    """The events of one track by start, searchable by overlap."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.events = sorted(events, key=lambda e: e.timestamp)
        self._starts = [e.timestamp for e in self.events]
        self._reach = list(accumulate((e.end for e in self.events), max))  # latest end of this event and all before it

    def overlaps(self, start: datetime, end: datetime) -> Iterator[tuple[Event, float]]:
        """Events that overlap [start, end] with the seconds they share; one of no length inside it shares 0.1 s."""
        stop = bisect_right(self._starts, end)
        first = bisect_left(self._reach, start, 0, stop)
        for event in self.events[first:stop]:
            shared = (min(event.end, end) - max(event.timestamp, start)).total_seconds()
            if shared > 0 or (event.duration == 0 and start <= event.timestamp):
                yield event, max(shared, 0.1)


def attach(stretch: Stretch, web: Lane, editor: Lane) -> EventWindow:
    """The event window of a stretch, with the URLs of its tabs or the files of its editor."""
    kind = stretch.app if stretch.app in ("browser", "editor") else family(stretch.app)
    urls, audible = _urls(stretch, web) if kind == "browser" else (defaultdict(float), False)
    if stretch.url:
        urls[stretch.url] += max(stretch.dwell, 0.1)
    files: dict[str, float] = defaultdict(float)
    projects: dict[str, float] = defaultdict(float)
    typed = 0.0
    if kind in ("editor", "terminal", "office"):
        for event, seconds in editor.overlaps(stretch.start, stretch.end):
            _count(files, event.data.get("file"), seconds)
            _count(projects, event.data.get("project"), seconds)
            typed += seconds
    return EventWindow(
        app=stretch.app,
        titles=tuple(t for t, _ in stretch.titles),
        urls=_ranked(urls),
        files=_ranked(files),
        project=next(iter(_ranked(projects)), ""),
        start=stretch.start,
        end=stretch.end,
        dwell=round(stretch.dwell, 3),
        typed=round(min(typed, stretch.dwell), 3),
        switches=stretch.switches,
        audible=audible,
    )


def unfocused(folded: list[EventWindow], web: Lane) -> list[EventWindow]:
    """Tabs that were active for a minute or more, or audible, while their browser never had the focus."""
    shown = [(w.start, w.end, set(w.urls)) for w in folded if w.urls]
    starts = [s for s, _, _ in shown]
    out = []
    for e in web.events:
        if e.duration == 0 or (e.duration < UNFOCUSED_LEAST and not e.data.get("audible")):
            continue
        near = shown[max(0, bisect_left(starts, e.timestamp) - 1) : bisect_right(starts, e.end)]
        if not any(end > e.timestamp and e.data.get("url") in urls for _, end, urls in near):
            out.append(_background(e))
    return out


def _background(e: Event) -> EventWindow:
    url = str(e.data.get("url", ""))
    title = normalise(str(e.data.get("title", "")))
    return EventWindow(
        app="browser",
        titles=(title,) if title else (),
        urls=(url,) if url else (),
        start=e.timestamp,
        end=e.end,
        dwell=0.0,
        focused=False,
        audible=bool(e.data.get("audible")),
    )


def _urls(stretch: Stretch, web: Lane) -> tuple[dict[str, float], bool]:
    """Seconds per URL of the tabs shown during the stretch; a tab of the same title counts, others only without any."""
    own: dict[str, float] = defaultdict(float)
    others: dict[str, float] = defaultdict(float)
    audible = False
    title = stretch.titles[0][0] if stretch.titles else ""
    for event, seconds in web.overlaps(stretch.start, stretch.end):
        _count(own if _same(title, normalise(str(event.data.get("title", "")))) else others, event.data.get("url"), seconds)
        audible = audible or bool(event.data.get("audible"))
    return (own if own or title else others), audible


def _same(window: str, tab: str) -> bool:
    """Equal titles, or one that the window manager cut short."""
    return bool(window) and (window == tab or (len(window) >= CUT and tab.startswith(window.rstrip("…."))))


def _count(counter: dict[str, float], value: object, seconds: float) -> None:
    if value and value != "unknown":
        counter[str(value)] += seconds


def _ranked(counter: dict[str, float]) -> tuple[str, ...]:
    return tuple(sorted(counter, key=lambda k: -counter[k])[:5])
