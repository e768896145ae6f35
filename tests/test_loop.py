"""The loop commits before it shows, takes each answer once, adapts, and runs what was accepted exactly once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from agent.core.pace import rest
from agent.core.policy import PaceSettings
from agent.core.records import (
    Answer,
    Event,
    NewFile,
    Observation,
    Operation,
    Pace,
    Prediction,
    Reading,
    Toast,
)
from agent.errors import SensorError, StoreError
from agent.loop import Loop
from agent.state import load
from agent.store.memory import MemoryStore
from tests.conftest import NOW
from tests.parts import IDEA, Judges, Rig, later, working


async def test_an_offer_is_in_the_store_before_it_is_shown() -> None:
    rig = Rig(working(), IDEA)
    loop = rig.loop()
    seen = []

    def look(toast: Toast) -> None:
        seen.append(rig.store.offer(toast.offer))

    rig.notifier.decide = look
    await loop.step(NOW)
    assert seen[0] is not None
    assert seen[0].nonce == rig.notifier.shown[0].nonce


async def test_the_first_line_of_a_toast_is_what_would_run() -> None:
    rig = Rig(working(), IDEA)
    await rig.loop().step(NOW)
    toast = rig.notifier.shown[0]
    assert toast.title == "Search the web for 'pool limit'"
    assert IDEA.task in toast.body


async def test_what_does_not_fit_the_first_line_is_shown_in_full_below_it() -> None:
    words = "a very long query " * 7 + "end"
    idea = IDEA.model_copy(update={"operation": Operation(name="search", arguments={"query": words})})
    rig = Rig(working(), idea)
    rig.belt.check = lambda operation: "Search the web for a very long…"  # type: ignore[method-assign]
    await rig.loop().step(NOW)
    assert rig.notifier.shown[0].body.startswith(f"In full: {words}")


async def test_accepting_runs_the_operation_once_and_tells_the_result() -> None:
    rig = Rig(working(), IDEA, answer="accepted")
    loop = rig.loop()
    await loop.step(NOW)
    await loop.drain()
    await loop.settle()
    assert len(rig.belt.ran) == 1
    run = rig.store.execution(1)
    assert run is not None
    assert (run.state, run.text) == ("done", "searched")
    assert rig.notifier.told
    again = Answer(offer=1, nonce=rig.notifier.shown[0].nonce, kind="accepted", at=later(1), source="toast")
    assert await loop.take(again) is None
    await loop.settle()
    assert len(rig.belt.ran) == 1


async def test_an_answer_with_another_nonce_counts_for_nothing() -> None:
    rig = Rig(working(), IDEA)
    loop = rig.loop()
    await loop.step(NOW)
    assert await loop.take(Answer(offer=1, nonce="forged", kind="accepted", at=NOW, source="toast")) is None
    assert rig.belt.ran == []


async def test_nothing_runs_without_an_accept() -> None:
    for answer in ("rejected", "dismissed", "ignored", "opened", "lost"):
        rig = Rig(working(), IDEA, answer=answer)  # type: ignore[arg-type]
        loop = rig.loop()
        await loop.step(NOW)
        await loop.drain()
        await loop.settle()
        assert rig.belt.ran == []


async def test_an_undelivered_offer_is_not_ignored_and_waits_in_the_inbox() -> None:
    rig = Rig(working(), IDEA, answer="undelivered")
    loop = rig.loop()
    await loop.step(NOW)
    assert [r.kind for r in rig.store.responses(1)] == ["undelivered"]
    assert loop.state.pace.answers == ()
    assert loop.state.open_offer is None
    offer = rig.store.offer(1)
    assert offer is not None
    assert await loop.take(Answer(offer=1, nonce=offer.nonce, kind="accepted", at=later(1), source="cli")) is not None
    await loop.settle()
    assert len(rig.belt.ran) == 1


async def test_while_an_offer_is_open_no_other_is_made() -> None:
    rig = Rig(working(), IDEA)
    loop = rig.loop()
    await loop.step(NOW)
    done = await loop.step(NOW + timedelta(seconds=60))
    assert (done.ending, done.reason) == ("held", "open_offer")


async def test_an_offer_nobody_ever_answered_is_ignored_in_the_end() -> None:
    rig = Rig(working(), IDEA)
    loop = rig.loop()
    await loop.step(NOW)
    await loop.step(later(5))
    assert [r.kind for r in rig.store.responses(1)] == ["ignored"]


async def test_responses_change_the_pace_and_survive_a_restart() -> None:
    rig = Rig(working(), IDEA, answer="ignored")
    loop = rig.loop()
    await loop.step(NOW)
    await loop.drain()
    assert [(a.offer, a.response, a.idea) for a in loop.state.pace.answers] == [(1, "ignored", IDEA.kind)]
    again = load(rig.store, loop.state.settings, loop.state.rules, later(1))
    assert again.pace == loop.state.pace
    assert rest(again.pace, PaceSettings()) > rest(Pace(), PaceSettings())
    assert again.asked.fingerprint == loop.state.asked.fingerprint
    assert [e.response for e in again.earlier] == ["ignored"]


async def test_the_predictor_learns_how_earlier_offers_were_answered() -> None:
    rig = Rig(working(), IDEA, answer="rejected")
    loop = rig.loop()
    await loop.step(NOW)
    await loop.drain()
    other = working(app="Code", title="main.py - tool")
    rig.sensor.events = tuple(e.model_copy(update={"timestamp": e.timestamp + timedelta(minutes=30)}) for e in other)
    await loop.step(later(30))
    assert [(e.task, e.response) for e in rig.predictor.asked[-1].earlier] == [(IDEA.task, "rejected")]


async def test_nothing_changed_means_nobody_is_asked_again() -> None:
    rig = Rig(working(), IDEA, answer="ignored")
    loop = rig.loop()
    await loop.step(NOW)
    await loop.drain()
    rig.sensor.events = tuple(e.model_copy(update={"timestamp": e.timestamp + timedelta(minutes=30)}) for e in working())
    done = await loop.step(later(30))
    assert (done.ending, done.reason) == ("held", "unchanged")
    assert len(rig.predictor.asked) == 1


async def test_an_outage_is_one_record_and_is_retried_soon() -> None:
    rig = Rig(working(), IDEA)
    rig.sensor.error = SensorError("ActivityWatch is not running.", "Start aw-qt.")
    loop = rig.loop()
    for i in range(5):
        await loop.step(NOW + timedelta(seconds=8 * i))
    assert len(rig.store.ticks()) == 1
    assert loop.due is not None
    assert (loop.due - NOW).total_seconds() <= 42
    rig.sensor.error = None
    assert (await loop.step(NOW + timedelta(seconds=40))).ending == "offer"


async def test_a_pause_holds_offers_until_it_ends() -> None:
    rig = Rig(working(), IDEA)
    loop = rig.loop()
    loop.pause(later(10))
    assert (await loop.step(NOW)).reason == "paused"
    loop.pause(None)
    assert (await loop.step(NOW)).ending == "offer"


async def test_an_accepted_offer_can_be_undone() -> None:
    rig = Rig(working(), IDEA, answer="accepted")
    loop = rig.loop()
    await loop.step(NOW)
    await loop.drain()
    await loop.settle()
    offer = rig.store.offer(1)
    assert offer is not None
    assert await loop.undo(offer, later(1)) == "undone"
    assert [r.kind for r in rig.store.responses(1)] == ["accepted", "undone"]


class FullDisk(MemoryStore):
    """A store that can be made to refuse what is named."""

    def __init__(self, *refused: str) -> None:
        super().__init__()
        self.refused = refused

    def put_state(self, key: str, value: str) -> None:
        self._refuse(key)
        super().put_state(key, value)

    def begin(self, offer: int, at: datetime) -> bool:
        self._refuse("begin")
        return super().begin(offer, at)

    def _refuse(self, what: str) -> None:
        if what in self.refused:
            raise StoreError("The disk is full.")


async def test_what_was_accepted_runs_even_if_the_pace_cannot_be_stored(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(working(), IDEA)
    rig.store = store = FullDisk()
    loop = rig.loop()
    await loop.step(NOW)
    store.refused = ("pace",)
    offer = store.offer(1)
    assert offer is not None
    taken = await loop.take(Answer(offer=1, nonce=offer.nonce, kind="accepted", at=later(1), source="toast"))
    await loop.settle()
    assert taken is not None
    assert len(rig.belt.ran) == 1
    assert [a.response for a in loop.state.pace.answers] == ["accepted"], "the pace is adapted all the same"
    assert "The disk is full." in caplog.text


async def test_an_accept_that_could_not_be_begun_is_told_and_not_run(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(working(), IDEA, answer="accepted")
    rig.store = FullDisk("begin")
    loop = rig.loop()
    await loop.step(NOW)
    await loop.drain()
    await loop.settle()
    assert rig.belt.ran == []
    ((title, body),) = rig.notifier.told
    assert title.startswith("Not run: Search the web")
    assert "The disk is full." in body
    assert "The disk is full." in caplog.text


class Refusing(Rig):
    """The judge lets a candidate through that the tools refuse once it is to be offered."""

    def loop(self, state: object = None) -> Loop:
        self.judge = Judges()
        return super().loop()


async def test_an_offer_that_the_tools_refuse_is_a_failed_look_and_no_offer() -> None:
    rig = Refusing(working(), IDEA.model_copy(update={"operation": Operation(name="format_disk")}))
    loop = rig.loop()
    done = await loop.step(NOW)
    assert (done.ending, done.choice) == ("failed", None)
    assert "'format_disk' is not an allowed operation" in done.reason
    assert loop.last == done
    assert dict(loop.endings) == {"failed": 1}
    assert loop.state.offered == ()
    assert loop.state.pace.offered_at is None
    assert loop.state.pace.asked_at == NOW, "the model was asked, and that counts for the pace"
    assert list(rig.store.ticks()) == [done]
    assert list(rig.store.offers()) == []
    assert rig.notifier.shown == []


async def test_a_pause_while_the_model_thinks_holds_the_offer_in_the_making() -> None:
    rig = Rig(working(), IDEA)
    loop = rig.loop()
    ask = rig.predictor.predict

    async def slow(observation: Observation, digest: str) -> Prediction:
        loop.pause(later(60))
        return await ask(observation, digest)

    rig.predictor.predict = slow  # type: ignore[method-assign]
    done = await loop.step(NOW)
    assert (done.ending, done.reason, done.choice) == ("held", "paused", None)
    assert rig.notifier.shown == []
    assert list(rig.store.offers()) == []
    assert loop.state.pace.offered_at is None
    assert dict(loop.endings) == {"paused": 1}


class WithFiles:
    """A sensor of events and new files."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events
        self.files: tuple[NewFile, ...] = ()

    async def read(self, now: datetime) -> Reading:
        return Reading(events=tuple(self.events), files=self.files)

    async def close(self) -> None:
        return None


async def test_a_new_file_is_a_change() -> None:
    rig = Rig(working())
    rig.sensor = files = WithFiles(working())  # type: ignore[assignment]
    loop = rig.loop()
    assert (await loop.step(NOW)).ending == "silent"
    files.events = [e.model_copy(update={"timestamp": e.timestamp + timedelta(minutes=30)}) for e in working()]
    assert (await loop.step(later(30))).reason == "unchanged"
    files.files = (NewFile(path="/home/ada/Downloads/scan.pdf", at=later(29)),)
    assert (await loop.step(later(30))).ending == "silent"
    assert len(rig.predictor.asked) == 2
