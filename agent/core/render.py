"""The only renderer of an observation: the digest that predictor, judge, training rows and benches all read.

At most 1,500 tokens for 30 minutes: the last five in full, what came before added up by app and document. Times are local,
`dwell` is time in focus, `x3` says how often the focus came back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from agent.core.clean import Safe
from agent.core.records import Document, EventWindow, Observation
from agent.core.tokens import tokens

BUDGET = 1500
NEWEST = timedelta(minutes=5)
HORIZON = timedelta(minutes=30)
TITLE = 90
PATH = 70
NEWEST_SHARE = 0.65
DOCUMENTS = 5

__all__ = ["BUDGET", "HORIZON", "render", "span", "tokens"]


def render(observation: Observation, zone: tzinfo | None = None) -> Safe:
    """The digest of an observation, newest in full detail; lines are dropped from the oldest end to stay within BUDGET."""
    now = observation.at
    windows = [w for w in observation.windows if w.end > now - HORIZON]
    focused = [w for w in windows if w.focused]
    newest = [_line(w, zone) for w in focused if w.end > now - NEWEST]
    older = _summed([w for w in focused if w.end <= now - NEWEST])
    head = [f"Now {now.astimezone(zone):%A %H:%M}. Working for {span(observation.worked)} since the last break."]
    files = [f"- {f.path.rsplit('/', 1)[-1]} in {f.path.rsplit('/', 1)[0]}" for f in observation.files[-5:]]
    sections = [
        ("The last 5 minutes, newest last:", newest, True),
        ("New files:", files, False),
        ("Earlier in the last 30 minutes, by app and document, longest first:", older, False),
        ("Open but not in focus:", _background(windows), False),
        ("Worked on before:", [_document(d, now, zone) for d in observation.documents[:DOCUMENTS]], False),
    ]
    return Safe(_fit(head, sections))  # of redacted event windows, files and documents alone


def span(seconds: float) -> str:
    """A duration in words a person reads fast: 45s, 3m20s, 12m, 1h05."""
    s = round(seconds)
    if s < 60:
        return f"{s}s"
    if s < 600:
        return f"{s // 60}m{s % 60:02}s" if s % 60 else f"{s // 60}m"
    return f"{s // 60}m" if s < 3600 else f"{s // 3600}h{s % 3600 // 60:02}"


def _fit(head: list[str], sections: Sequence[tuple[str, list[str], bool]]) -> str:
    """Sections in order of worth until the budget is spent; a long section loses lines at its less useful end."""
    left = BUDGET - sum(tokens(line) + 1 for line in head) - 8
    out = list(head)
    for title, lines, newest in sections:
        kept: list[str] = []
        cost = tokens(title) + 1
        room = left * NEWEST_SHARE if newest else left
        for line in reversed(lines) if newest else lines:
            price = tokens(line) + 1
            if cost + price > room:
                break
            kept.append(line)
            cost += price
        if kept:
            out += ["", title, *(reversed(kept) if newest else kept)]
            left -= cost
    return "\n".join(out)


def _line(w: EventWindow, zone: tzinfo | None) -> str:
    extra = [f"typed {span(w.typed)}"] if w.typed >= 1 else []
    if w.switches > 1:
        extra.append(f"{w.switches} flickers")
    if w.audible:
        extra.append("audible")
    return f"{w.start.astimezone(zone):%H:%M:%S} {span(w.dwell)} {_name(w)}" + (f" [{', '.join(extra)}]" if extra else "")


def _name(w: EventWindow) -> str:
    place = _tail(w.file) if w.file else w.url.partition("://")[2][:PATH]
    project = f" project {_tail(w.project)}" if w.project and not w.file else ""
    return " | ".join(p for p in (w.app, w.title[:TITLE], place) if p) + project


def _tail(path: str) -> str:
    return path if len(path) <= PATH else "..." + path[-PATH:]


def _summed(windows: Sequence[EventWindow]) -> list[str]:
    rows: dict[str, tuple[float, int]] = {}
    for w in windows:
        dwell, times = rows.get(_name(w), (0.0, 0))
        rows[_name(w)] = (dwell + w.dwell, times + 1)
    ranked = sorted(rows.items(), key=lambda row: -row[1][0])
    return [f"{span(dwell)}{f' x{times}' if times > 1 else ''} {name}" for name, (dwell, times) in ranked]


def _background(windows: Sequence[EventWindow]) -> list[str]:
    names = {_name(w): w.audible for w in windows if not w.focused}
    return [name + (" [audible]" if audible else "") for name, audible in names.items()][:5]


def _document(d: Document, now: datetime, zone: tzinfo | None) -> str:
    days = (now.astimezone(zone).date() - d.last.astimezone(zone).date()).days
    when = {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")
    return f"- {d.title[:TITLE] or _tail(d.key)} ({d.app}), {span(d.dwell)} in all, last {when}"
