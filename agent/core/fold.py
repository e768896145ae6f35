"""Folds window, web, editor and afk events of one period into event windows: who had the focus, on what, for how long.

window   |--Chrome: docs--|-Code-|--Code ●--|x|----Terminal----|      x = flicker below 2 s, joined
web      |-docs-|---------docs/page2--------------------------|       also reported while Code has the focus
editor                     |~typing~|
afk      |------------------not-afk-----------------------|
windows  [docs, urls, 40s][Code main.py, typed 8s       ][Terminal]   + docs/page2 unfocused
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush

from agent.core.attach import Lane, Stretch, attach, unfocused
from agent.core.records import Event, EventWindow
from agent.core.redact import SafeEvent
from agent.core.titles import normalise

# Two looks of a 1 s poll lie about 1 s apart; ActivityWatch's own flood() fills gaps up to 5 s.
POLL_GAP = timedelta(seconds=5)
FLICKER = timedelta(seconds=2)


def fold(events: Sequence[SafeEvent], now: datetime) -> tuple[EventWindow, ...]:
    """Event windows of all (redacted) events up to `now`, focused and unfocused, by start."""
    windows = [e for e in events if e.track == "window" and e.timestamp <= now]
    web = Lane(e for e in events if e.track == "web" and e.timestamp <= now)
    editor = Lane(e for e in events if e.track == "editor" and e.timestamp <= now)
    focus = windows if windows else _stand_in(web.events, editor.events)
    stretches = _join(_spans(_split_untitled(focus, web), now))
    folded = [attach(s, web, editor) for s in stretches]
    return tuple(sorted([*folded, *unfocused(folded, web)], key=lambda w: w.start))


def _stand_in(web: Sequence[Event], editor: Sequence[Event]) -> list[Event]:
    """Without a window watcher the web and editor tracks stand in for the focus."""
    out = []
    for e in (*web, *editor):
        name = e.data.get("title") or str(e.data.get("file", "")).rsplit("/", 1)[-1]
        app = "browser" if e.track == "web" else "editor"
        out.append(e.model_copy(update={"track": "window", "data": {"app": app, "title": name}}))
    return out


def _split_untitled(focus: Iterable[Event], web: Lane) -> list[Event]:
    """Browser windows without a title (macOS without the permission) take the titles of the tabs shown meanwhile."""
    out: list[Event] = []
    for e in focus:
        tabs = [] if e.data.get("title") else [t for t, _ in web.overlaps(e.timestamp, e.end)]
        named = [t for t in tabs if _same_browser(str(e.data.get("app", "")), t.bucket)]
        if not named:
            out.append(e)
        for t in named:
            start, end = max(t.timestamp, e.timestamp), min(t.end, e.end)
            data = {**e.data, "title": t.data.get("title", ""), "url": t.data.get("url", "")}
            span = (end - start).total_seconds()
            out.append(e.model_copy(update={"timestamp": start, "duration": span, "data": data}))
    return out


def _same_browser(app: str, bucket: str) -> bool:
    names = ("chrome", "firefox", "safari", "opera", "brave", "edge", "vivaldi", "chromium", "arc")
    lower = app.lower()
    mine = [n for n in names if n in lower]
    return any(n in bucket.lower() for n in mine) or (bool(mine) and "chrome" in bucket.lower())


def _spans(events: Iterable[Event], now: datetime) -> list[Stretch]:
    """Stretches without overlaps: a later start interrupts what came before, which goes on after it; poll gaps are filled."""
    parts = _uncovered(events, now)
    out: list[Stretch] = []
    for i, (start, end, e) in enumerate(parts):
        following = parts[i + 1][0] if i + 1 < len(parts) else None
        until = following if following is not None and following - end <= POLL_GAP else end
        app, title = str(e.data.get("app", "")), normalise(str(e.data.get("title", "")))
        seconds = max(0.0, (until - start).total_seconds())
        titles = ((title, seconds),) if title else ()
        url = str(e.data.get("url", ""))
        out.append(Stretch(app=app, titles=titles, url=url, start=start, end=until, dwell=seconds))
    return out


def _uncovered(events: Iterable[Event], now: datetime) -> list[tuple[datetime, datetime, Event]]:
    """(start, end, event) of what is on top at each time: of two events at once the one that started later."""
    queue = [
        (e.timestamp, i, min(e.end, now), e) for i, e in enumerate(sorted(events, key=lambda e: (e.timestamp, e.duration)))
    ]
    heapify(queue)
    count = len(queue)
    out: list[tuple[datetime, datetime, Event]] = []
    while queue:
        start, _, end, event = heappop(queue)
        if queue and queue[0][0] < end:
            above_start, _, above_end, _ = queue[0]
            if above_end < end:
                count += 1
                heappush(queue, (above_end, count, end, event))
            end = above_start
        out.append((start, end, event))
    return out


def _join(spans: Sequence[Stretch]) -> list[Stretch]:
    """Equal neighbours become one; an app seen for less than 2 s, or a title within an app, joins what came before."""
    runs: list[list[Stretch]] = []
    for span in spans:
        if runs and runs[-1][-1].app == span.app and span.start - runs[-1][-1].end <= POLL_GAP:
            runs[-1].append(span)
        else:
            runs.append([span])
    out: list[Stretch] = []
    for run in runs:
        brief = run[-1].end - run[0].start < FLICKER
        if brief and out and run[0].start - out[-1].end <= POLL_GAP:
            out[-1] = _extend(out[-1], run[-1].end, len(run))
            continue
        for stretch in _titles(run):
            _append(out, stretch)
    return out


def _titles(run: Sequence[Stretch]) -> list[Stretch]:
    """The stretches of one run of one app; titles shown for less than 2 s are counted as switches of their neighbour."""
    merged: list[Stretch] = []
    for span in run:
        _append(merged, span)
    kept: list[Stretch] = []
    spare = 0
    for span in merged:
        if span.end - span.start < FLICKER and len(merged) > 1:
            if kept:
                kept[-1] = _extend(kept[-1], span.end, 1)
            else:
                spare += 1
            continue
        _append(kept, span)
    if not kept:
        longest = max(merged, key=lambda s: s.dwell)
        return [
            longest.model_copy(update={"start": run[0].start, "end": run[-1].end, "dwell": _length(run), "switches": len(run)})
        ]
    if spare:
        gained = (kept[0].start - run[0].start).total_seconds()
        kept[0] = kept[0].model_copy(
            update={"start": run[0].start, "dwell": kept[0].dwell + gained, "switches": kept[0].switches + spare}
        )
    return kept


def _length(run: Sequence[Stretch]) -> float:
    return (run[-1].end - run[0].start).total_seconds()


def _append(out: list[Stretch], span: Stretch) -> None:
    """Append, or merge into the last one when it is the same document and follows at once."""
    if out and out[-1].key == span.key and span.start - out[-1].end <= POLL_GAP:
        last = out[-1]
        seconds = last.dwell + span.dwell
        titles = ((last.titles[0][0], seconds),) if last.titles else ()
        out[-1] = last.model_copy(
            update={
                "end": max(last.end, span.end),
                "dwell": seconds,
                "titles": titles,
                "switches": last.switches + span.switches,
            }
        )
    else:
        out.append(span)


def _extend(stretch: Stretch, end: datetime, flickers: int) -> Stretch:
    """The stretch with a flicker joined to its end."""
    gained = max(0.0, (end - stretch.end).total_seconds())
    return stretch.model_copy(
        update={"end": max(end, stretch.end), "dwell": stretch.dwell + gained, "switches": stretch.switches + flickers}
    )
