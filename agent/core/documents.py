"""Remembers the documents a person worked on across days, so that an unfinished one can be offered again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from agent.core.families import family
from agent.core.records import Document, EventWindow

# A glance is not work; more than this many documents are of no use to anyone.
LEAST_DWELL = 5.0
KEPT = 200
_WRITING = (
    "docs.google.com/document",
    "docs.google.com/spreadsheets",
    "docs.google.com/presentation",
    "overleaf.com/project",
    "notion.so",
    "onedrive.live.com/edit",
    "sharepoint.com",
    "hackmd.io",
    "pad.",
)


def remember(
    known: Sequence[Document], windows: Iterable[EventWindow], since: datetime, until: datetime
) -> tuple[Document, ...]:
    """`known` with the work of event windows that ended in (since, until] added, newest first."""
    by_key = {d.key: d for d in known}
    for w in windows:
        key = document_key(w)
        if key and w.focused and since < w.end <= until and w.dwell >= LEAST_DWELL:
            by_key[key] = _worked(by_key.get(key), key, w)
    return tuple(sorted(by_key.values(), key=lambda d: d.last, reverse=True)[:KEPT])


def join(known: Sequence[Document], earlier: Iterable[Document]) -> tuple[Document, ...]:
    """`known` with documents of an earlier time that does not overlap its own, newest first."""
    by_key = {d.key: d for d in known}
    for old in earlier:
        new = by_key.get(old.key)
        by_key[old.key] = old if new is None else _longer(old, new)
    return tuple(sorted(by_key.values(), key=lambda d: d.last, reverse=True)[:KEPT])


def _longer(old: Document, new: Document) -> Document:
    days = old.days + new.days - _same_day(old.last, new.first)
    return new.model_copy(update={"first": min(old.first, new.first), "dwell": old.dwell + new.dwell, "days": days})


def _same_day(one: datetime, other: datetime) -> bool:
    """Whether both lie on one local day of the user."""
    return one.astimezone().date() == other.astimezone().date()


def document_key(w: EventWindow) -> str:
    """The path, the address or the title that names the document of a window; empty if it shows none."""
    if w.file:
        return w.file
    kind = family(w.app)
    if kind == "browser":
        return w.url if any(part in w.url for part in _WRITING) else ""
    return w.title if kind in ("office", "editor") else ""


def _worked(known: Document | None, key: str, w: EventWindow) -> Document:
    if known is None:
        path = w.file or ""
        return Document(key=key, app=w.app, title=w.title, path=path, url=w.url, first=w.start, last=w.end, dwell=w.dwell)
    another_day = not _same_day(known.last, w.end)
    update = {"last": max(known.last, w.end), "dwell": known.dwell + w.dwell, "days": known.days + another_day}
    return known.model_copy(update=update | {"title": w.title or known.title})
