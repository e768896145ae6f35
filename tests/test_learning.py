"""Learning from own answers: what is read off the store, what is kept and what is not, going back."""

from __future__ import annotations

import random
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from agent.core.records import Answer, Candidate, GateInput, Offer, Operation, ResponseKind, Tick
from agent.errors import StoreError
from agent.learning import FILE, LEAST, Answered, answered, exported, forget, keep, learn, losses
from agent.store.memory import MemoryStore
from reward_model.correct import Correction, corrected
from reward_model.dataset import own, read
from reward_model.scorer import Scorer
from tests.conftest import NOW
from tests.reward_model.test_correct import small_scorer

DAY = timedelta(days=1)


def stored(store: MemoryStore, n: int, *kinds: ResponseKind, digest: str = "Now: reads a page about pools") -> None:
    """The n-th offer of a store, an hour after the one before, with these responses."""
    at = NOW + timedelta(hours=n)
    tick = Tick(id=f"t{n}", at=at, ending="offer", reason="", gate=GateInput(at=at, local_minute=0), digest=digest)
    candidate = Candidate(task=f"Search for pool {n}", because="", operation=Operation(name="search"), kind="repeated_search")
    offer = Offer(id=0, nonce=f"n{n}", tick=tick.id, at=at, expires=at + DAY, candidate=candidate, line="Search")
    kept = store.add_offer(tick, offer)
    for step, kind in enumerate(kinds, 1):
        answer = Answer(offer=kept.id, nonce=offer.nonce, kind=kind, at=at + timedelta(minutes=step), source="test")
        assert store.add_response(answer) is not None


def answers(count: int = 80, seed: int = 0, *, taste: bool) -> list[Answered]:
    """Eight answers a day: by taste searches are wanted and nothing else is, else it is a throw of a coin."""
    draw = random.Random(seed)
    found = []
    for n in range(count):
        search = draw.random() < 0.5
        yes = (draw.random() < 0.9) == search if taste else draw.random() < 0.5
        said = "accepted" if yes else "rejected"
        at = NOW + DAY * (n // 8) + timedelta(minutes=10 * (n % 8))
        subject = draw.choice(("maple", "violin", "harbour", "quartz"))
        row = own(f"reads about {subject}", f"{'Search for' if search else 'Open'} the {subject}", said, trace=str(at.date()))
        assert row is not None
        found.append(Answered(at, str(n), said, row))
    return found


def knows_nothing() -> Scorer:
    """A scorer that has the feature but gives it no weight."""
    return small_scorer(weight=0.0)


def test_answers_are_read_off_the_store_oldest_first_with_the_last_word_on_each() -> None:
    store = MemoryStore()
    stored(store, 1, "accepted")
    stored(store, 2, "rejected", "accepted")
    stored(store, 3, "dismissed")
    stored(store, 4, "ignored")
    stored(store, 5, "undelivered")
    stored(store, 6)
    stored(store, 7, "accepted", digest="")
    found = answered(store)
    assert [(a.offer, a.response, a.row.valid) for a in found] == [
        ("1", "accepted", True),
        ("2", "accepted", True),
        ("3", "dismissed", False),
    ]
    row = found[0].row
    assert (row.situation, row.task, row.kind) == ("Now: reads a page about pools", "Search for pool 1", "repeated_search")
    assert row.trace == f"own {found[0].day.isoformat()}"


def test_what_is_exported_is_private_and_reads_back(tmp_path: Path) -> None:
    given = answers(10, taste=True)
    path = exported(given, tmp_path / "rows.jsonl")
    assert read(path) == tuple(a.row for a in given)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["rows.jsonl"], "nothing is left beside it"


def test_a_taste_that_the_scorer_does_not_know_is_kept() -> None:
    outcome = learn(answers(160, taste=True), knows_nothing())
    assert outcome.better
    assert outcome.after < outcome.before
    assert outcome.correction is not None
    assert outcome.correction.weights["verb search"] > 0


@pytest.mark.parametrize("seed", range(4))
def test_answers_by_the_throw_of_a_coin_teach_nothing(seed: int) -> None:
    outcome = learn(answers(seed=seed, taste=False), knows_nothing())
    assert outcome.enough
    assert not outcome.better


@pytest.mark.parametrize(
    "given",
    [[], answers(LEAST - 1, taste=True), [a for a in answers(200, taste=True) if a.row.valid]],
    ids=["none", "too few", "all accepted"],
)
def test_too_little_to_learn_from_is_said(given: list[Answered]) -> None:
    outcome = learn(given, knows_nothing())
    assert not outcome.enough
    assert not outcome.better
    assert outcome.answers == len(given)


def test_a_day_is_predicted_by_the_days_before_it_alone() -> None:
    given = answers(32, taste=True)
    before = losses(given, [0.5] * 32)
    swapped = [
        a if n < 24 else a._replace(row=a.row.model_copy(update={"valid": not a.row.valid})) for n, a in enumerate(given)
    ]
    after = losses(swapped, [0.5] * 32)
    days = sorted(before)
    assert [before[d] for d in days[:3]] == [after[d] for d in days[:3]]
    assert before[days[3]] != after[days[3]]
    assert before[days[0]][0] == pytest.approx(8 * 0.6931, abs=1e-3), "the first day knows nothing"


def test_annotations_are_learnt_from_but_never_where_they_are_tested() -> None:
    given = answers(taste=False)
    leak = [a.row for a in given] * 3
    plain, leaking = learn(given, knows_nothing()), learn(given, knows_nothing(), leak)
    assert leaking.after == pytest.approx(plain.after, abs=0.05)
    helped = learn(
        given, knows_nothing(), [a.row.model_copy(update={"trace": "x", "situation": "y"}) for a in answers(taste=True)]
    )
    assert helped.correction is not None
    assert plain.correction is not None
    assert helped.correction.weights["verb search"] > plain.correction.weights["verb search"]


def test_what_is_kept_is_private_used_and_can_be_forgotten(tmp_path: Path) -> None:
    outcome = learn(answers(160, taste=True), knows_nothing())
    assert outcome.correction is not None
    path = keep(tmp_path, outcome.correction)
    assert path == tmp_path / FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    better = corrected(knows_nothing(), path).score("reads", ("Search for the maple", "Open the maple"))
    assert better.p_accept[0] > 0.5 > better.p_accept[1]
    assert forget(tmp_path)
    assert not forget(tmp_path)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        keep(tmp_path / "gone", Correction(scorer="x"))
