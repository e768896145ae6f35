"""Past decisions come out again from what was stored with them; what differs is named with its cause."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.bench.stub import task_words
from agent.core.basis import RULES, basis
from agent.core.pace import facing, heard, learn, priced
from agent.core.pace_settings import PaceSettings
from agent.core.records import Answered, Candidate, GateInput, Operation, Pace, Prediction, Tick
from agent.core.redact import Rules
from agent.replay import LOST, NO_SENSOR, OLDER, PAUSED, REFUSED, UNEXPLAINED, Policy, Replayed, replay
from agent.state import load
from agent.store import _ticks
from agent.store.memory import MemoryStore
from agent.store.sqlite import SqliteStore
from reward_model.case import Verdict
from tests.conftest import NOW
from tests.parts import IDEA, Rig, later, working
from tests.test_shadow import moved

SETTINGS = PaceSettings()
CURRENT = Policy(name="current", settings=SETTINGS, today=SETTINGS)
THEN = Policy(name="then")
OPEN: dict[str, Any] = {
    "afk": "here",
    "stale": 5.0,
    "moves": 9,
    "context_age": 900.0,
    "fingerprint": "a",
    "breakpoint": "switch",
}


def pace_of(*kinds: str) -> Pace:
    """The pace after these answers, an hour apart."""
    pace = Pace()
    for n, kind in enumerate(kinds):
        given = {"offer": n + 1, "at": NOW - timedelta(hours=len(kinds) - n), "response": kind, "idea": f"idea{n}"}
        pace = learn(pace, Answered.model_validate(given))
    return pace


def gate_of(pace: Pace, n: int = 0, **fields: Any) -> GateInput:
    """An open gate, n minutes after NOW."""
    at = NOW + timedelta(minutes=n)
    seen = GateInput(
        at=at,
        local_minute=600,
        here_since=at - timedelta(hours=1),
        **(OPEN | facing(pace, SETTINGS) | {"heard": heard(pace, 600)} | fields),
    )
    return seen.model_copy(update={"price": priced(seen, SETTINGS)})


def held(pace: Pace, n: int = 0, **fields: Any) -> Tick:
    """A look that was held while the user was away."""
    seen = gate_of(pace, n, afk="away")
    return Tick(**{"id": f"h{n}", "at": seen.at, "ending": "held", "reason": "away", "gate": seen} | fields)


def judged(pace: Pace, n: int, p: float, **fields: Any) -> Tick:
    """A look at which one candidate got this chance; it was offered, unless `fields` say otherwise."""
    candidate = Candidate(task=f"task {n}", because="b", operation=Operation(name="search"), kind=f"kind{n}")
    verdict = Verdict(p_accept=p, p_help=p, accepted=True, reason="r")
    values: dict[str, Any] = {
        "id": f"j{n}", "at": NOW + timedelta(minutes=n), "ending": "offer", "reason": "r", "gate": gate_of(pace, n),
        "prediction": Prediction(candidates=(candidate,)), "verdicts": (verdict,), "choice": 0,
    }  # fmt: skip
    return Tick(**values | fields)


def kept(*ticks: Tick, pace: Pace | None = None, settings: PaceSettings = SETTINGS) -> MemoryStore:
    """A store with these looks, decided on this pace."""
    store = MemoryStore()
    on = basis(settings, pace or Pace())
    store.put_basis(on, NOW)
    for tick in ticks:
        store.add_tick(tick.model_copy(update={"basis": tick.basis or on.id}))
    return store


def words(found: Replayed) -> list[tuple[str, str, int]]:
    """The differences in short."""
    return [(d.stored, d.recomputed, d.count) for d in found.differences]


async def test_what_the_real_loop_decided_comes_out_again_under_every_answer() -> None:
    rig = Rig(working(), IDEA)
    loop = rig.loop()
    for n, answer in enumerate(("ignored", "rejected", "dismissed", "accepted", None) * 12):
        rig.notifier.decide = lambda _, said=answer: said  # type: ignore[misc]
        idea = IDEA.model_copy(update={"kind": f"kind{n % 7}", "task": task_words(n + 1)})
        rig.predictor.candidates = (idea, IDEA) if n % 3 else ()
        now = later(8 * n)
        rig.clock.advance(now)
        rig.sensor.events = moved(working(), n, now - NOW)
        await loop.step(now)
        await loop.drain()
    for policy in (CURRENT, THEN):
        found = replay(rig.store, policy)
        assert (words(found), found.looks, found.without_basis) == ([], 60, 0)
        assert found.asks == found.asks_recomputed > 5
        assert found.offers == found.offers_recomputed > 2


def test_a_stored_reason_that_the_rules_do_not_give_is_a_fault_and_said_so() -> None:
    found = replay(kept(held(Pace()), held(Pace(), 1, reason="typing")), CURRENT)
    assert words(found) == [("typing", "away", 1)]
    assert found.differences[0].cause == UNEXPLAINED
    assert (found.differences[0].example, found.differences[0].at) == ("h1", later(1))
    assert not found.explained


def test_a_stored_price_that_the_pace_does_not_give_is_a_fault_even_where_the_decision_is_the_same() -> None:
    tick = held(Pace())
    wrong = tick.model_copy(update={"gate": tick.gate.model_copy(update={"price": 0.9})})
    found = replay(kept(wrong), CURRENT)
    assert words(found) == [("away", "away", 1)]
    assert not found.explained


def test_a_choice_is_recomputed_from_verdicts_and_price() -> None:
    cheap, dear = judged(Pace(), 0, 0.9), judged(Pace(), 9, 0.05)
    found = replay(kept(cheap, dear), CURRENT)
    assert words(found) == [("offer 1", "filtered", 1)]
    assert found.differences[0].example == "j9"


def test_an_idea_that_was_muted_then_is_not_chosen_now() -> None:
    pace = Pace(muted=("kind0",))
    assert words(replay(kept(judged(pace, 0, 0.9), pace=pace), CURRENT)) == [("offer 1", "filtered", 1)]


def test_other_settings_explain_a_difference_and_are_named() -> None:
    strict = Policy(name="mine.toml", settings=PaceSettings(daily_cap=0))
    found = replay(kept(judged(Pace(), 0, 0.9), held(Pace(), 1)), strict)
    assert words(found) == [("offer 1", "daily_cap", 1)]
    assert found.differences[0].cause == "other settings: daily_cap 16 -> 0"
    assert found.explained
    assert (found.asks, found.asks_recomputed, found.offers, found.offers_recomputed) == (1, 0, 1, 0)


def test_another_level_changes_price_and_rest_from_the_pace_of_that_time() -> None:
    pace = pace_of("ignored", "ignored", "ignored")
    tick = judged(pace, 0, 0.2, ending="filtered", choice=None)
    assert words(replay(kept(tick, pace=pace), CURRENT)) == []
    (found,) = replay(kept(tick, pace=pace), Policy(name="x", settings=PaceSettings(level=5))).differences
    assert (found.stored, found.recomputed) == ("filtered", "offer 1")


def test_the_settings_of_the_time_are_used_when_asked_for() -> None:
    then = PaceSettings(daily_cap=0)
    tick = judged(Pace(), 0, 0.9, ending="held", reason="daily_cap", prediction=None, verdicts=(), choice=None)
    store = kept(tick, settings=then)
    assert words(replay(store, THEN)) == []
    found = replay(store, CURRENT)
    assert words(found) == [("daily_cap", "ask", 1)]
    assert (found.explained, found.unknown) == (True, 1)


def test_older_rules_explain_a_difference() -> None:
    store = kept()
    on = basis(SETTINGS, Pace()).model_copy(update={"rules": RULES - 1})
    store.put_basis(on, NOW)
    store.add_tick(held(Pace(), reason="typing", basis=on.id))
    found = replay(store, CURRENT)
    assert found.differences[0].cause == f"older rules ({RULES - 1}, today {RULES})"
    assert found.explained


@pytest.mark.parametrize(("id_", "cause"), [("", OLDER), ("gone", LOST)])
def test_a_look_whose_basis_is_not_known_is_said_to_be_one(id_: str, cause: str) -> None:
    store = MemoryStore()
    store.add_tick(held(Pace(), reason="typing", basis=id_))
    found = replay(store, CURRENT)
    assert (found.differences[0].cause, found.explained, found.without_basis) == (cause, True, 1)


def test_what_no_rule_decided_is_left_out_and_counted() -> None:
    blind = Tick(id="b", at=NOW, ending="failed", reason="no server", gate=GateInput(at=NOW, local_minute=0))
    paused = judged(Pace(), 1, 0.9, ending="held", reason="paused", choice=None)
    refused = judged(Pace(), 2, 0.9, ending="failed", reason="may not run", choice=None)
    failed = judged(Pace(), 3, 0.9, ending="failed", reason="no model", choice=None, verdicts=())
    found = replay(kept(blind, paused, refused, failed), CURRENT)
    assert found.left_out == {NO_SENSOR: 1, PAUSED: 1, REFUSED: 1}
    assert (found.looks, found.recomputed, words(found)) == (4, 1, [])


def test_only_looks_from_a_time_on_are_recomputed() -> None:
    found = replay(kept(*(held(Pace(), n) for n in range(5))), CURRENT, later(3))
    assert (found.looks, found.first, found.last) == (2, later(3), later(4))


def test_ten_thousand_looks_on_disk_take_less_than_three_seconds(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "p.db")
    pace = pace_of(*("ignored", "rejected", "accepted", "dismissed") * 50)
    on = basis(SETTINGS, pace)
    store.put_basis(on, NOW)
    one = held(pace, basis=on.id)
    rows = [_ticks.row(one.model_copy(update={"id": f"h{n}"})) for n in range(10_000)]
    with store._write("NORMAL") as db:
        db.executemany("INSERT INTO ticks (id, at, ending, record) VALUES (?, ?, ?, ?)", rows)
    start = time.process_time()
    found = replay(store, CURRENT)
    assert time.process_time() - start < 3
    assert (found.looks, words(found)) == (10_000, [])
    store.close()


async def test_a_restarted_loop_goes_on_with_the_same_basis() -> None:
    rig = Rig(working())
    first = await rig.loop().step(NOW)
    second = await rig.loop(load(rig.store, SETTINGS, Rules(), NOW)).step(later(1))
    assert first.basis == second.basis != ""
