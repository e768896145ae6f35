"""What the loop forgets: once a local day, a long backlog over several looks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from agent.core.keep import Cutoffs
from agent.core.records import (
    Document,
    GateInput,
    Tick,
)
from agent.errors import StoreError
from agent.loop import Loop
from agent.store.memory import MemoryStore
from tests.conftest import NOW
from tests.parts import IDEA, Rig, later, working


def look(minutes: int) -> Tick:
    """A look so long after NOW."""
    at = later(minutes)
    return Tick(id=f"look{minutes}", at=at, ending="silent", reason="", gate=GateInput(at=at, local_minute=0))


class Counted(MemoryStore):
    """A store that counts how often it is pruned, and may have a backlog."""

    def __init__(self, backlog: int = 0, *, fails: bool = False) -> None:
        super().__init__()
        self.backlog = backlog
        self.fails = fails
        self.calls_of_prune = 0
        self.add_tick(look(-2 * 24 * 60))  # that the clock is right

    def prune(self, before: Cutoffs, limit: int = 100) -> int:
        self.calls_of_prune += 1
        if self.fails:
            raise StoreError("The disk is full.")
        if self.backlog:
            self.backlog -= 1
            return limit
        return super().prune(before, limit)


async def pruned_at(rig: Rig, loop: Loop, *moments: datetime) -> list[int]:
    """How often each look called prune."""
    assert isinstance(rig.store, Counted)
    counts = []
    for moment in moments:
        before = rig.store.calls_of_prune
        await loop.step(moment)
        counts.append(rig.store.calls_of_prune - before)
    return counts


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process lives in Tokyo, where NOW is 23:00."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process can be set on POSIX only")
@pytest.mark.usefixtures("tokyo")
async def test_the_store_is_pruned_once_a_local_day_also_over_restarts() -> None:
    rig = Rig([])
    rig.store = Counted()
    moments = [later(minutes) for minutes in (0, 59, 60, 61, 24 * 60, 25 * 60 - 1, 25 * 60)]
    assert await pruned_at(rig, rig.loop(), *moments) == [1, 0, 1, 0, 0, 0, 1]
    assert await pruned_at(rig, rig.loop(), later(26 * 60), later(49 * 60)) == [0, 1]


async def test_a_long_backlog_is_pruned_over_several_looks() -> None:
    rig = Rig([])
    rig.store = Counted(backlog=50)
    assert await pruned_at(rig, rig.loop(), *(later(n) for n in range(5))) == [20, 20, 11, 0, 0]


async def test_a_store_that_cannot_be_pruned_does_not_stop_the_looks(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(working(), IDEA)
    rig.store = Counted(fails=True)
    loop = rig.loop()
    assert await pruned_at(rig, loop, NOW, later(1), later(24 * 60)) == [1, 0, 1]
    assert loop.endings["offer"] == 1
    assert caplog.text.count("The disk is full.") == 2


async def test_a_forgotten_document_is_not_stored_again_from_memory() -> None:
    rig = Rig([])
    old, new = (
        Document(key=key, app="a", title=key, first=at, last=at, dwell=60)
        for key, at in (("/d/old", NOW - timedelta(days=89)), ("/d/new", NOW))
    )
    rig.store.put_documents([old, new])
    rig.store.add_tick(look(24 * 60))
    loop = rig.loop()
    await loop.step(NOW)
    assert len(loop.state.documents) == 2
    await loop.step(later(2 * 24 * 60))
    assert [d.key for d in loop.state.documents] == [d.key for d in rig.store.documents()] == ["/d/new"]


async def test_a_clock_that_is_wrong_for_a_day_forgets_nothing_and_after_a_long_holiday_it_goes_on_within_a_day() -> None:
    rig = Rig([])
    for days in (-1, -2, -20, -100):
        rig.store.add_tick(look(days * 24 * 60))
    document = Document(key="/d/a", app="a", title="a", first=NOW, last=NOW, dwell=60)
    rig.store.put_documents([document])
    loop, year = rig.loop(), 365 * 24 * 60
    for wrong in (12 * year, 12 * year + 23 * 60):
        await loop.step(later(wrong))
    assert len(rig.store.ticks()) == 4 + 2 - 1, "but for what was old by the looks themselves"
    assert (list(rig.store.documents()), loop.state.documents) == ([document], (document,))
    await loop.step(later(1))
    assert len(rig.store.ticks()) == 4 + 2 + 1 - 1, "what is old by a clock that looks bear out"
    await loop.step(later(40 * 24 * 60))
    assert rig.store.tick("look-1440") is not None
    await loop.step(later(41 * 24 * 60 + 1))
    assert rig.store.tick("look-1440") is not None, "90 days for what is not held"
    await loop.step(later(95 * 24 * 60))
    await loop.step(later(96 * 24 * 60))
    assert rig.store.tick("look-1440") is None


async def test_who_uses_it_one_day_in_two_weeks_is_pruned_too() -> None:
    rig = Rig([])
    loop, fortnight = rig.loop(), 14 * 24 * 60
    for turn in range(10):
        await loop.step(later(turn * fortnight))
    kept = {(tick.at - NOW).days // 14 for tick in rig.store.ticks()}
    assert 0 not in kept
    assert {8, 9} <= kept
