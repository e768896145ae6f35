"""The loop commits before it shows, takes each answer once, adapts, and runs what was accepted exactly once."""

from __future__ import annotations

from datetime import timedelta

from agent.core.records import Answer, Operation, Toast
from agent.errors import SensorError
from agent.state import load
from tests.conftest import NOW
from tests.parts import IDEA, Rig, later, working


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
    words = "a very long query " * 8
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
    before = loop.state.pace.interval
    await loop.step(NOW)
    assert [r.kind for r in rig.store.responses(1)] == ["undelivered"]
    assert loop.state.pace.interval == before
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
    assert loop.state.pace.interval == 900
    again = load(rig.store, loop.state.settings, loop.state.rules, later(1))
    assert again.pace.interval == 900
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
