"""What every store promises; runs on each plug in agent/store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent import plug
from agent.act import _key
from agent.core.basis import Basis, Recalls, basis
from agent.core.keep import SEAL, Prunes, cutoffs
from agent.core.pace_settings import PaceSettings
from agent.core.ports import Store
from agent.core.records import (
    Answer,
    Answered,
    Candidate,
    Document,
    Execution,
    GateInput,
    LLMCall,
    NewFile,
    Offer,
    Operation,
    Pace,
    Prediction,
    PresenceState,
    ResponseKind,
    Tick,
)
from agent.core.responses import IN_FLIGHT, settled
from agent.errors import StoreError
from reward_model.case import Verdict
from tests.conftest import NOW, observation, window

ODD = "Überschrift 中文 🦀 \ud83d 'quoted\" \x00 ; DROP TABLE offers"


class StoppedClock:
    """A clock that no store reads."""

    factor = 1.0

    def now(self) -> datetime:
        raise AssertionError("a store has read the clock")

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("a store has waited")


@pytest.fixture(params=plug.kinds("store"))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind."""
    built = plug.build("store", request.param, {}, plug.Supplies(clock=StoppedClock(), data=tmp_path))
    yield built
    built.close()


def a_tick(name: str = "t1", at: datetime = NOW, **fields: Any) -> Tick:
    """A silent tick."""
    gate = GateInput(at=at, local_minute=840)
    return Tick(**{"id": name, "at": at, "ending": "silent", "reason": "no pattern", "gate": gate} | fields)


def a_candidate(task: str = "Search for it", **arguments: Any) -> Candidate:
    """A candidate that would search."""
    return Candidate(task=task, because="searched three times", operation=Operation(name="search", arguments=arguments))


def offered(store: Store, n: int = 1, at: datetime = NOW, minutes: float = 30) -> Offer:
    """Commit the n-th offer with nonce n1, n2, ..."""
    expires = at + timedelta(minutes=minutes)
    offer = Offer(id=0, nonce=f"n{n}", tick=f"t{n}", at=at, expires=expires, candidate=a_candidate(), line="Search: x")
    return store.add_offer(a_tick(f"t{n}", at, ending="offer"), offer)


def answered(store: Store, offer: Offer, *kinds: ResponseKind, after: float = 10) -> list[ResponseKind]:
    """Answer an offer in this order; the kinds that were stored."""
    at = offer.at + timedelta(seconds=after)
    answers = [Answer(offer=offer.id, nonce=offer.nonce, kind=kind, at=at, source="test") for kind in kinds]
    return [answer.kind for answer in answers if store.add_response(answer)]


def run(offer: Offer, state: Any, **fields: Any) -> Execution:
    """An execution of that offer."""
    return Execution(offer=offer.id, state=state, at=NOW, **fields)


def full_tick() -> Tick:
    """A tick with every field filled, texts in all scripts and half a surrogate pair among them."""
    call = LLMCall(at=NOW, purpose="propose", host="127.0.0.1", model="m", prompt=ODD, answer=ODD, cost=0.01, seconds=0.2)
    seen = observation(window("Firefox", ODD, 60, 50, url="https://example.org/"), files=(NewFile(path="/d/x", at=NOW),))
    return a_tick(
        ending="offer",
        events=3,
        gate=GateInput(at=NOW, local_minute=1, stale=float("inf"), presence=PresenceState(sources={"xfce": "no"})),
        observation=seen.model_copy(update={"documents": (a_document(),)}),
        digest=ODD,
        prediction=Prediction(purpose="p", candidates=(a_candidate(ODD, query=ODD, deep=[1, {"a": None}]),), calls=(call,)),
        verdicts=(Verdict(p_accept=0.7, p_help=0.2, accepted=True, reason=ODD),),
        judge_calls=(call,),
        choice=0,
    )


def a_document(key: str = "/d/report.odt", last: datetime = NOW, dwell: float = 60) -> Document:
    """A document worked on."""
    return Document(key=key, app="Writer", title="Report", path=key, first=NOW, last=last, dwell=dwell)


def test_a_tick_comes_back_as_it_went_in(store: Store) -> None:
    tick = full_tick()
    store.add_tick(tick)
    assert store.tick("t1") == tick
    assert list(store.ticks()) == [tick]
    assert store.tick("other") is None


def test_a_tick_whose_calls_are_stored_too_still_comes_back_as_it_went_in(store: Store) -> None:
    tick, later = full_tick(), LLMCall(at=NOW, purpose="chat", host="h", model="m", prompt="x")
    calls = [*(tick.prediction.calls if tick.prediction else ()), *tick.judge_calls]
    store.add_tick(tick)
    store.add_calls(calls, tick.id)
    store.add_calls([later], tick.id)
    assert store.tick("t1") == tick
    assert list(store.ticks()) == [tick]
    assert sorted(c.purpose for c in store.calls()) == ["chat", "propose", "propose"]


def test_a_call_is_kept_before_it_is_sent_until_its_end_is_known(store: Store) -> None:
    call = LLMCall(at=NOW, purpose="chat", host="h", model="m", prompt="x")
    store.sending(call)
    store.sending(call.model_copy(update={"at": NOW + timedelta(seconds=1)}))
    assert {c.error for c in store.calls()} == {IN_FLIGHT}
    store.add_calls([call, call.model_copy(update={"purpose": "judge"})], "t1")
    assert sorted((c.purpose, c.error) for c in store.calls()) == [("chat", ""), ("chat", IN_FLIGHT), ("judge", "")]


def test_decisions_come_oldest_first_without_what_was_seen(store: Store) -> None:
    assert isinstance(store, Recalls)
    for minute in (2, 0, 1):
        at = NOW + timedelta(minutes=minute)
        store.add_tick(full_tick().model_copy(update={"id": f"m{minute}", "at": at}))
    found = list(store.decisions())
    assert [t.id for t in found] == ["m0", "m1", "m2"]
    assert {(t.observation, t.digest, t.judge_calls, t.prediction.calls if t.prediction else None) for t in found} == {
        (None, "", (), ())
    }
    assert found[0].verdicts == full_tick().verdicts
    assert [t.id for t in store.decisions(NOW + timedelta(minutes=1))] == ["m1", "m2"]


def a_basis(n: int, *answers: int) -> Basis:
    """The n-th basis, with the answers to these offers."""
    pace = Pace(answers=tuple(Answered(offer=o, at=NOW, response="ignored", idea=ODD, p=0.1) for o in answers))
    return basis(PaceSettings(daily_cap=n), pace)


def test_a_basis_comes_back_as_it_went_in(store: Store) -> None:
    assert isinstance(store, Recalls)
    first, second = a_basis(1, 1, 2), a_basis(2, 2, 3)
    for b in (first, second, first):
        store.put_basis(b, NOW)
    assert (store.basis(first.id), store.basis(second.id), store.basis("other")) == (first, second, None)


def test_a_basis_is_kept_as_long_as_looks_that_were_decided_on_it(store: Store) -> None:
    assert isinstance(store, Recalls)
    for days in (200, 120, 30, 5):
        store.put_basis(a_basis(days), ago(days))
    assert sum(pruned(store)) == 1
    assert [d for d in (200, 120, 30, 5) if store.basis(a_basis(d).id)] == [120, 30, 5], "120 held until 30 days ago"


def test_ticks_come_newest_first_from_a_time_on_and_not_more_than_asked(store: Store) -> None:
    for minute in (2, 0, 1, 3):
        store.add_tick(a_tick(f"m{minute}", NOW + timedelta(minutes=minute)))
    assert [t.id for t in store.ticks()] == ["m3", "m2", "m1", "m0"]
    assert [t.id for t in store.ticks(limit=2)] == ["m3", "m2"]
    assert [t.id for t in store.ticks(since=NOW + timedelta(minutes=2))] == ["m3", "m2"]


def test_times_in_another_zone_are_compared_as_moments(store: Store) -> None:
    tokyo = timezone(timedelta(hours=9))
    store.add_tick(a_tick("early", NOW.astimezone(tokyo)))
    store.add_tick(a_tick("late", NOW + timedelta(microseconds=1)))
    assert [t.id for t in store.ticks()] == ["late", "early"]
    assert [t.id for t in store.ticks(since=(NOW + timedelta(microseconds=1)).astimezone(tokyo))] == ["late"]


def test_a_tick_is_stored_once(store: Store) -> None:
    store.add_tick(a_tick())
    with pytest.raises(StoreError):
        store.add_tick(a_tick(reason="another"))
    assert [t.reason for t in store.ticks()] == ["no pattern"]


def test_an_offer_gets_its_id_and_brings_its_tick(store: Store) -> None:
    first, second = offered(store, 1), offered(store, 2, NOW + timedelta(minutes=1))
    assert first.id != second.id
    assert min(first.id, second.id) > 0
    assert store.offer(first.id) == first
    assert list(store.offers()) == [second, first]
    assert list(store.offers(since=second.at)) == [second]
    assert list(store.offers(limit=1)) == [second]
    assert store.tick("t1") is not None
    assert store.offer(999) is None


@pytest.mark.parametrize("wrong", [{"nonce": "n1"}, {"tick": "t9"}])
def test_an_offer_that_is_refused_leaves_nothing_behind(store: Store, wrong: dict[str, str]) -> None:
    first = offered(store, 1)
    bad = first.model_copy(update={"nonce": "n2", "tick": "t2"} | wrong)
    with pytest.raises(StoreError):
        store.add_offer(a_tick("t2"), bad)
    assert store.tick("t2") is None
    assert list(store.offers()) == [first]


def test_responses_are_numbered_and_kept_in_order(store: Store) -> None:
    offer = offered(store)
    assert answered(store, offer, "opened", "ignored", "rejected", "accepted") == ["opened", "ignored", "rejected", "accepted"]
    kept = store.responses(offer.id)
    assert [(r.seq, r.kind, r.source) for r in kept][::3] == [(1, "opened", "test"), (4, "accepted", "test")]
    assert all(r.at == NOW + timedelta(seconds=10) for r in kept)
    assert settled(kept) == "accepted"
    assert list(store.responses(999)) == []


def test_an_answer_with_the_wrong_nonce_or_offer_changes_nothing(store: Store) -> None:
    one, two = offered(store, 1), offered(store, 2)
    for id_, nonce in ((one.id, two.nonce), (one.id, ""), (one.id, "ñ1"), (999, one.nonce)):
        assert store.add_response(Answer(offer=id_, nonce=nonce, kind="accepted", at=NOW, source="t")) is None
    assert not store.responses(one.id)
    assert not store.responses(two.id)


def test_an_offer_is_accepted_at_most_once(store: Store) -> None:
    offer = offered(store)
    assert answered(store, offer, "accepted", "accepted", "rejected", "ignored", "accepted") == ["accepted"]


def test_an_offer_can_be_chosen_until_it_expires(store: Store) -> None:
    last_moment, too_late = offered(store, 1, minutes=1), offered(store, 2, minutes=1)
    assert answered(store, last_moment, "accepted", after=59.9) == ["accepted"]
    assert answered(store, too_late, "accepted", "rejected", "opened", "ignored", after=60) == ["ignored"]


def test_an_operation_is_begun_once_and_only_after_accept(store: Store) -> None:
    offer = offered(store)
    assert not store.begin(offer.id, NOW)
    answered(store, offer, "rejected")
    assert not store.begin(offer.id, NOW)
    answered(store, offer, "accepted")
    assert store.begin(offer.id, NOW)
    assert store.execution(offer.id) == run(offer, "executing")
    assert not store.begin(offer.id, NOW)
    assert not store.begin(999, NOW)


def test_a_run_ends_once_and_can_then_be_undone(store: Store) -> None:
    offer = offered(store)
    answered(store, offer, "accepted")
    assert answered(store, offer, "undone") == []
    store.begin(offer.id, NOW)
    assert answered(store, offer, "undone") == []
    done = run(offer, "done", text=ODD, undo={"path": "/d/b", "to": "/d/a"})
    store.finish(done)
    assert store.execution(offer.id) == done
    with pytest.raises(StoreError):
        store.finish(run(offer, "failed"))
    assert answered(store, offer, "undone", "undone", "accepted") == ["undone"]
    store.finish(run(offer, "undone"))
    assert store.execution(offer.id) == run(offer, "undone")
    assert not store.begin(offer.id, NOW)


@pytest.mark.parametrize("state", ["done", "failed", "unknown", "undone"])
def test_a_run_that_was_not_begun_cannot_end(store: Store, state: str) -> None:
    with pytest.raises(StoreError):
        store.finish(run(offered(store), state))


def test_what_failed_or_is_in_doubt_cannot_be_undone(store: Store) -> None:
    for n, state in enumerate(("failed", "unknown"), 1):
        offer = offered(store, n)
        answered(store, offer, "accepted")
        store.begin(offer.id, NOW)
        store.finish(run(offer, state))
        assert answered(store, offer, "undone") == []


def test_a_run_cut_short_is_in_doubt_and_never_begun_again(store: Store) -> None:
    offers = [offered(store, n) for n in (1, 2, 3)]
    for offer in offers:
        answered(store, offer, "accepted")
    store.begin(offers[0].id, NOW)
    store.begin(offers[1].id, NOW)
    store.finish(run(offers[1], "done"))
    later = NOW + timedelta(hours=1)
    found = store.recover(later)
    assert [(e.offer, e.state, e.at) for e in found] == [(offers[0].id, "unknown", later), (offers[2].id, "failed", later)]
    assert "may or may not" in found[0].text
    assert [store.execution(e.offer) for e in found] == list(found)
    assert not store.begin(offers[0].id, later)
    assert list(store.recover(later)) == []


def test_what_was_accepted_but_never_begun_is_said_to_be_not_run_and_is_never_run_later(store: Store) -> None:
    lost, rejected, open_, waiting = (offered(store, n) for n in (1, 2, 3, 4))
    answered(store, lost, "ignored", "accepted")
    answered(store, rejected, "rejected")
    answered(store, open_, "opened")
    (found,) = store.recover(NOW + timedelta(hours=1))
    assert (found.offer, found.state, found.undo) == (lost.id, "failed", None)
    assert found.text.startswith("Not run:")
    assert "by hand" in found.text, "it says how to have it all the same"
    assert store.execution(lost.id) == found
    assert not store.begin(lost.id, NOW)
    assert answered(store, lost, "accepted", "undone") == []
    assert [store.execution(o.id) for o in (rejected, open_, waiting)] == [None] * 3
    assert list(store.recover(NOW)) == []


def ago(days: float) -> datetime:
    """So many days before NOW."""
    return NOW - timedelta(days=days)


def pruned(store: Store, limit: int = 100, at: datetime = NOW) -> list[int]:
    """Prune to the end; how many rows each call removed."""
    assert isinstance(store, Prunes)
    counts = []
    while count := store.prune(cutoffs(at), limit):
        counts.append(count)
    return counts


def test_old_looks_calls_and_documents_are_forgotten_in_their_time(store: Store) -> None:
    for days in (13, 15, 89, 91):
        store.add_tick(a_tick(f"held{days}", ago(days), ending="held", reason="pace"))
        store.add_tick(a_tick(f"silent{days}", ago(days)))
        store.add_calls([LLMCall(at=ago(days), purpose=f"p{days}", host="h", model="m", prompt=ODD)], tick=f"silent{days}")
        store.put_documents([a_document(f"/d/{days}", ago(days))])
    assert sum(pruned(store)) == 6
    assert [t.id for t in store.ticks()] == ["silent13", "held13", "silent15", "silent89"]
    assert [c.purpose for c in store.calls()] == ["p13", "p15", "p89"]
    assert [d.key for d in store.documents()] == ["/d/13", "/d/15", "/d/89"]
    assert pruned(store) == []


def test_offers_responses_and_runs_are_kept_for_ever_and_an_old_look_of_one_loses_only_what_was_seen(store: Store) -> None:
    old, young = ago(91), ago(89)
    whole = full_tick().model_copy(update={"id": "t1", "at": old})
    offer = store.add_offer(
        whole, Offer(id=0, nonce="n1", tick="t1", at=old, expires=old, candidate=a_candidate(), line="Search: x")
    )
    late = offer.model_copy(update={"nonce": "n2", "tick": "t2", "at": young, "expires": young + timedelta(hours=1)})
    late = store.add_offer(whole.model_copy(update={"id": "t2", "at": young}), late)
    answered(store, late, "accepted")
    store.begin(late.id, young)
    store.finish(run(late, "done", text="found"))
    assert pruned(store) == [1]
    assert list(store.offers()) == [late, offer]
    assert [r.kind for r in store.responses(late.id)] == ["accepted"]
    assert store.execution(late.id) == run(late, "done", text="found")
    assert store.tick("t2") == whole.model_copy(update={"id": "t2", "at": young})
    kept = store.tick("t1")
    assert kept is not None
    assert kept.prediction is not None
    assert (kept.observation, kept.digest, kept.judge_calls, kept.prediction.calls) == (None, "", (), ())
    assert (kept.reason, kept.verdicts, kept.choice) == (whole.reason, whole.verdicts, whole.choice)
    assert kept.prediction.candidates == whole.prediction.candidates  # type: ignore[union-attr]
    assert pruned(store) == []
    assert pruned(store, at=NOW + timedelta(days=3)) == [1], "the other one in its time"
    assert (store.tick("t1"), len(store.ticks())) == (kept, 2)


def test_what_a_forgotten_offer_was_sealed_with_is_forgotten(store: Store) -> None:
    expired, open_, just = offered(store, 1, ago(2)), offered(store, 2, NOW, 60), offered(store, 3, NOW, -1)
    for offer in (expired, open_, just):
        store.put_state(f"{SEAL}{offer.id}", "abc")
    store.put_state("pace", "{}")
    store.put_state("sealant", "kept")
    assert _key(7) == f"{SEAL}7", "the key that the seals are stored under"
    assert pruned(store) == [1]
    assert store.get_state(f"{SEAL}{expired.id}") is None
    kept = [store.get_state(key) for key in (f"{SEAL}{open_.id}", f"{SEAL}{just.id}", "pace", "sealant")]
    assert kept == ["abc", "abc", "{}", "kept"], "of an offer accepted in its last minute the operation may still run"


def test_a_call_of_prune_removes_no_more_than_it_may(store: Store) -> None:
    for n in range(10):
        store.add_tick(a_tick(f"h{n}", ago(20 + n), ending="held", reason="pace"))
        store.add_tick(a_tick(f"s{n}", ago(100)))
    counts = pruned(store, 3)
    assert sum(counts) == 20
    assert max(counts) <= 3
    assert list(store.ticks()) == []


def test_the_tokens_of_all_calls_since_a_moment_are_summed(store: Store) -> None:
    call = LLMCall(at=NOW, purpose="p", host="h", model="m", prompt=ODD, prompt_tokens=900, completion_tokens=10)
    assert store.tokens(NOW) == 0
    store.add_calls([call, call.model_copy(update={"at": NOW - timedelta(seconds=1)})], tick="t1")
    store.add_calls([call.model_copy(update={"completion_tokens": 11})])
    assert [store.tokens(NOW - timedelta(seconds=s)) for s in (-1, 0, 1)] == [0, 1821, 2731]


def test_calls_come_newest_first(store: Store) -> None:
    calls = [LLMCall(at=NOW + timedelta(seconds=s), purpose=f"p{s}", host="h", model="m", prompt=ODD) for s in (0, 2, 1)]
    store.add_calls(calls[:2], tick="t1")
    store.add_calls(calls[2:])
    store.add_calls([])
    assert [c.purpose for c in store.calls()] == ["p2", "p1", "p0"]
    assert [c.purpose for c in store.calls(since=NOW + timedelta(seconds=1), limit=1)] == ["p2"]
    assert store.calls()[2] == calls[0]


def test_a_document_is_replaced_by_its_key(store: Store) -> None:
    old = a_document("/d/old.odt", NOW - timedelta(days=1))
    store.put_documents([old, a_document()])
    store.put_documents([a_document(dwell=90), a_document("/d/c", NOW + timedelta(days=1))])
    assert [(d.key, d.dwell) for d in store.documents()] == [("/d/c", 60), ("/d/report.odt", 90), ("/d/old.odt", 60)]
    assert len(store.documents(limit=1)) == 1
    assert store.documents()[2] == old


def test_state_is_kept_by_key(store: Store) -> None:
    assert store.get_state("pace") is None
    store.put_state("pace", '{"interval": 60}')
    store.put_state("pace", '{"interval": 90}')
    store.put_state("cursor", "ü")
    assert store.get_state("pace") == '{"interval": 90}'
    assert store.get_state("cursor") == "ü"


def test_a_store_can_be_called_from_another_thread(store: Store) -> None:
    async def both() -> None:
        await asyncio.gather(*(asyncio.to_thread(store.put_state, f"k{n}", "v") for n in range(20)))

    asyncio.run(both())
    assert [store.get_state(f"k{n}") for n in range(20)] == ["v"] * 20


def _do(store: Store, offer: Offer, step: str) -> object:
    doings: dict[str, Callable[[], object]] = {
        "begin": lambda: store.begin(offer.id, NOW),
        "done": lambda: store.finish(run(offer, "done")),
        "recover": lambda: [e.offer for e in store.recover(NOW)],
    }
    if step not in doings:
        return answered(store, offer, step)  # type: ignore[arg-type]
    try:
        return doings[step]()
    except StoreError:
        return "refused"


STEPS = st.sampled_from(["accepted", "rejected", "dismissed", "opened", "lost", "undone", "begin", "done", "recover"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.integers(0, 1), STEPS), max_size=14))
def test_all_stores_give_the_same_answers(tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, str]]) -> None:
    said = []
    for kind in plug.kinds("store"):
        supplies = plug.Supplies(clock=StoppedClock(), data=tmp_path_factory.mktemp("same"))
        store: Store = plug.build("store", kind, {}, supplies)
        offers = [offered(store, 1), offered(store, 2)]
        said.append([_do(store, offers[which], step) for which, step in steps])
        store.close()
    assert all(answers == said[0] for answers in said)
