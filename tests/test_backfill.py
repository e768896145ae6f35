"""Documents of earlier days: recalled in slices at the first start, joined with what is worked on now."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent import daemon as module
from agent.backfill import PAST, SLICE, recall
from agent.configfile import Watch, read
from agent.core.documents import join, remember
from agent.core.records import Document, Event, Reading
from agent.core.redact import Rules
from agent.daemon import Daemon
from agent.desk import Desk
from agent.errors import SensorError
from tests.conftest import NOW, window


class Past:
    """A sensor over one long past that gives what lies in the last slice, and may fail."""

    def __init__(self, *events: Event, fails_at: int = 99) -> None:
        self.events = events
        self.fails_at = fails_at
        self.reads: list[datetime] = []
        self.closed = False

    async def read(self, now: datetime) -> Reading:
        self.reads.append(now)
        if len(self.reads) == self.fails_at:
            raise SensorError("gone")
        return Reading(events=tuple(e for e in self.events if now - SLICE <= e.timestamp < now))

    async def close(self) -> None:
        self.closed = True


def wrote(hours_ago: float, title: str = "thesis.odt - LibreOffice Writer", minutes: float = 30) -> Event:
    at = NOW - timedelta(hours=hours_ago)
    data = {"app": "libreoffice-writer", "title": title}
    return Event(bucket="b", track="window", timestamp=at, duration=minutes * 60, data=data)


async def test_a_day_is_recalled_in_slices_and_added_up() -> None:
    past = Past(wrote(20), wrote(10), wrote(3, "letter.odt - LibreOffice Writer"))
    found = {d.title: d for d in await recall(past, Rules(), NOW)}
    assert len(past.reads) == PAST / SLICE
    assert past.closed
    assert found["thesis.odt - LibreOffice Writer"].dwell == 3600
    assert found["letter.odt - LibreOffice Writer"].dwell == 1800


async def test_a_server_that_fails_leaves_what_was_found() -> None:
    past = Past(wrote(23), wrote(3), fails_at=3)
    (document,) = await recall(past, Rules(), NOW)
    assert document.dwell == 1800
    assert past.closed


async def test_private_work_is_not_recalled() -> None:
    private = wrote(20, "accounts - work.kdbx").model_copy(
        update={"data": {"app": "KeePassXC", "title": "accounts - work.kdbx"}}
    )
    assert await recall(Past(private), Rules(), NOW) == ()


def document(last_hours_ago: float, dwell: float) -> Document:
    at = NOW - timedelta(hours=last_hours_ago)
    return Document(key="~/t.odt", app="soffice", title="t.odt", first=at, last=at, dwell=dwell)


def test_joining_adds_the_earlier_time_and_keeps_the_later_state() -> None:
    (joined,) = join([document(1, 60)], [document(20, 600)])
    assert (joined.dwell, joined.days) == (660, 2)
    assert joined.first == NOW - timedelta(hours=20)
    assert joined.last == NOW - timedelta(hours=1)
    assert join([], [document(20, 600)]) == (document(20, 600),)


def test_a_window_is_remembered_once() -> None:
    seen = window("libreoffice-writer", "t.odt - LibreOffice Writer", 600, 300)
    first = remember((), [seen], NOW - timedelta(hours=1), NOW - timedelta(seconds=100))
    again = remember(first, [seen], NOW - timedelta(seconds=100), NOW)
    assert [d.dwell for d in again] == [300]


@pytest.mark.parametrize("when", ["before", "meanwhile", "still going on", "never"])
@pytest.mark.parametrize("chosen", [{"number": 1}, {"until": NOW}, {"everything": True}])
async def test_what_was_deleted_meanwhile_is_not_recalled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: dict[str, Any], when: str
) -> None:
    (tmp_path / "private.toml").write_text('[notify]\nkind = "scripted"\n', encoding="utf-8")
    daemon = Daemon(Watch(tmp_path / "private.toml", read(tmp_path / "private.toml")), tmp_path / "data")
    daemon.open()
    monkeypatch.setattr(daemon.app, "past", lambda _: Past())
    deleting = lambda: asyncio.create_task(Desk(daemon).erase(chosen))  # noqa: E731
    deletions = [deleting()] if when == "still going on" else []

    async def found(*_: object) -> tuple[Document, ...]:
        if when in ("meanwhile", "still going on"):
            await (deletions[0] if deletions else deleting())
        return (document(1, 600),)

    monkeypatch.setattr(module, "recall", found)
    if when == "before":
        await deleting()
    await asyncio.sleep(0)
    await daemon._recall()
    assert bool(daemon.loop.state.documents) == bool(daemon.app.parts.store.documents()) == (when == "never")
    await daemon.app.close()
