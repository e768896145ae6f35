"""The personal layer: unchanged without decisions, slow to be swung, the same in any order, small, private, safe to reload."""

from __future__ import annotations

import json
import logging
import random
import time
from datetime import datetime, timedelta, timezone

import pytest

from reward_model.alike import alike, packed, signature, unpacked
from reward_model.personal import MOST, Decision, Personal

START = datetime(2026, 3, 2, 9, tzinfo=timezone.utc)
SEARCH = "Search the web for the pool limit of the database"
SUMMARY = "Summarise the report that is open"

WORDS = ("search", "open", "summarise", "pool", "limit", "thesis", "error", "rename", "notes", "搜索", "文档", "报告", "price")


def said(n: int, response: str, task: str = SEARCH, *, p: float = 0.5, kind: str = "", key: str = "") -> Decision:
    """The n-th decision, an hour after the one before."""
    return Decision(START + timedelta(hours=n), task, response, p, kind, key=key or str(n))


def many(count: int, seed: int = 0) -> list[Decision]:
    """Decisions on made-up tasks of two languages."""
    chance = random.Random(seed)
    return [
        Decision(
            START + timedelta(minutes=10 * n),
            " ".join(chance.choices(WORDS, k=12)),
            chance.choice(("accepted", "rejected", "dismissed")),
            round(chance.uniform(0.05, 0.9), 3),
            chance.choice(("", "error_search", "long_read")),
            str(n),
        )
        for n in range(count)
    ]


@pytest.mark.parametrize("p", [0.0, 1e-9, 0.03, 0.5, 0.97, 1.0])
def test_without_decisions_the_population_stands(p: float) -> None:
    assert Personal().adjust(p, SEARCH, "error_search") == p
    assert Personal().update(said(1, "ignored")).adjust(p, SEARCH) == p


@pytest.mark.parametrize("response", ["ignored", "undelivered", "lost", "withdrawn", "opened", "undone", "no answer yet"])
def test_what_is_no_decision_changes_nothing(response: str) -> None:
    before = Personal().update(said(1, "accepted"), said(2, "rejected"))
    assert before.update(said(3, response)).dump() == before.dump()


def test_acceptance_raises_and_rejection_lowers_the_idea_most() -> None:
    liked, not_liked = Personal().update(said(1, "accepted")), Personal().update(said(1, "rejected"))
    assert not_liked.adjust(0.4, SEARCH) < not_liked.adjust(0.4, SUMMARY) < 0.4
    assert liked.adjust(0.4, SEARCH) > liked.adjust(0.4, SUMMARY) > 0.4


def test_a_dismissal_counts_less_than_a_rejection() -> None:
    rejected, dismissed = (Personal().update(said(1, r)).adjust(0.5, SEARCH) for r in ("rejected", "dismissed"))
    assert rejected < dismissed < 0.5


def test_one_odd_answer_does_not_swing_the_rest() -> None:
    assert Personal().update(said(1, "rejected")).adjust(0.5, SUMMARY) > 0.35
    steady = Personal().update(*(said(n, "accepted", f"Open chapter {n} of the thesis") for n in range(30)))
    before = steady.adjust(0.5, SUMMARY)
    assert before > 0.75
    assert before - 0.1 < steady.update(said(31, "rejected")).adjust(0.5, SUMMARY) < before


def test_a_kind_that_is_always_rejected_falls_below_the_others() -> None:
    layer = Personal().update(*(said(n, "rejected" if n % 2 else "accepted", f"Task {n}", kind="ab"[n % 2]) for n in range(12)))
    assert layer.adjust(0.5, SUMMARY, "b") < layer.adjust(0.5, SUMMARY) < layer.adjust(0.5, SUMMARY, "a")


def test_a_user_who_changes_is_followed_within_a_few_answers() -> None:
    layer = Personal().update(*(said(n, "accepted", f"Open chapter {n}") for n in range(60)))
    first = layer.adjust(0.5, SUMMARY)
    layer = layer.update(*(said(100 + n, "rejected", f"Find source {n}") for n in range(6)))
    assert layer.adjust(0.5, SUMMARY) < first - 0.15


def test_chinese_tasks_are_told_apart() -> None:
    layer = Personal().update(said(1, "rejected", "搜索三星手机的价格"), said(2, "accepted", "总结打开的论文"))
    assert layer.adjust(0.5, "搜索小米手机的价格") < layer.adjust(0.5, "总结这篇论文")


def test_the_same_decisions_in_any_order_give_the_same_state() -> None:
    decisions = many(MOST + 40)
    at_once = Personal().update(*decisions)
    shuffled = decisions.copy()
    random.Random(1).shuffle(shuffled)
    one_by_one = Personal()
    for decision in shuffled:
        one_by_one = one_by_one.update(decision)
    assert one_by_one.dump() == at_once.dump()
    assert one_by_one.adjust(0.4, SEARCH, "long_read") == at_once.adjust(0.4, SEARCH, "long_read")


def test_of_several_answers_to_one_offer_the_last_counts_in_any_order() -> None:
    first, last = said(1, "dismissed", key="7"), said(3, "accepted", key="7")
    one, other = Personal().update(first, last), Personal().update(last).update(first)
    assert one.dump() == other.dump() == Personal().update(last).dump()


def test_a_full_state_is_small_holds_no_text_and_comes_back_the_same() -> None:
    layer = Personal().update(*many(MOST + 10))
    text = layer.dump()
    assert len(layer.decisions) == MOST
    assert len(text.encode()) <= 64 * 1024
    for word in ("summarise", "thesis", "文档", "error_search"):
        assert word not in text
    again = Personal.parse(text)
    assert again.dump() == text
    assert again.adjust(0.3, SEARCH, "long_read") == layer.adjust(0.3, SEARCH, "long_read")


GOOD = Personal().update(*many(3)).dump()
DAMAGED = [
    "",
    "{",
    "[]",
    "null",
    "7",
    '{"version": 99, "decisions": []}',
    '{"version": 1}',
    '{"version": 1, "decisions": [[1]]}',
    GOOD[:-40],
    GOOD.replace("true", '"yes"').replace("false", '"no"'),
    json.dumps({"version": 1, "decisions": [[1.0, "k", True, 1.0, float("nan"), 0.0, "", ""]]}),
    json.dumps({"version": 1, "decisions": [[1e300, "k", True, 1.0, 0.0, 0.0, "", ""]]}),
    json.dumps({"version": 1, "decisions": [[1.0, "k", True, 1.0, 0.0, 0.0, "", "%%%"]]}),
]


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_state_starts_afresh_and_says_so(text: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert Personal.parse(text).decisions == ()
    assert len(caplog.records) == (1 if text else 0)
    assert Personal.parse(None).decisions == ()


def test_a_chance_is_adjusted_in_a_millisecond() -> None:
    layer = Personal().update(*many(MOST))
    tasks = [d.task for d in many(120, seed=5)]
    layer.adjust(0.5, SEARCH)
    spent = []
    for task in tasks:
        begin = time.perf_counter()
        layer.adjust(0.5, task, "long_read")
        spent.append(time.perf_counter() - begin)
    assert sorted(spent)[len(spent) // 2] < 0.001


def test_signatures_compare_texts_without_their_words() -> None:
    one, near, far = map(signature, ("Search for the pool limit", "Search the pool limits", "Rename the scan"))
    assert alike(one, one) == pytest.approx(1.0)
    assert alike(one, near) > 0.5 > alike(one, far)
    assert alike(one, signature("")) == 0.0
    assert unpacked(packed(one)) == one
    assert len(signature("word " * 3 + " ".join(f"item{n}" for n in range(200)))) == 48


def test_a_state_of_the_first_version_keeps_its_decisions() -> None:
    layer = Personal().update(*many(5))
    state = json.loads(layer.dump())
    old = {"version": 1, "decisions": [[*d[:5], 0.37, *d[5:]] for d in state["decisions"]]}
    assert Personal.parse(json.dumps(old)).dump() == layer.dump()
