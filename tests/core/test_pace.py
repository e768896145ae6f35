"""What answers teach: the order of arrival and the clock do not matter, refused ideas rest, nothing grows."""

from __future__ import annotations

import random
import time
from datetime import datetime, timedelta
from typing import get_args

import pytest

from agent.core.ideas import LONGEST_REST
from agent.core.pace import (
    COST,
    DECIDED,
    KEPT,
    barred,
    facing,
    forget,
    heard,
    idea_of,
    interval,
    learn,
    mute,
    price,
    rest,
    same,
    signed,
    unmute,
)
from agent.core.pace_report import explain
from agent.core.policy import PaceSettings, choose, gate
from agent.core.records import Answered, Candidate, GateInput, Operation, Pace, ResponseKind
from reward_model.case import Verdict
from tests.conftest import NOW

SETTINGS = PaceSettings()
DAY = 86400


def answered(number: int, response: ResponseKind, idea: str = "a", *, at: datetime = NOW) -> Answered:
    return Answered(offer=number, at=at, response=response, idea=idea)


def after(*responses: ResponseKind, idea: str = "a", pace: Pace | None = None) -> Pace:
    """The pace after these responses to one offer each, an hour apart."""
    known = pace or Pace()
    for response in responses:
        number = len(known.answers) + 1
        known = learn(known, answered(number, response, idea, at=NOW + timedelta(hours=number)))
    return known


def seen(breakpoint_: str = "switch", *, offered: float | None = None) -> GateInput:
    at = None if offered is None else NOW - timedelta(minutes=offered)
    return GateInput(at=NOW, local_minute=600, breakpoint=breakpoint_, offered_at=at)


def priced(pace: Pace, breakpoint_: str = "switch", *, offered: float | None = None) -> float:
    at = None if offered is None else NOW - timedelta(minutes=offered)
    return price(seen(breakpoint_), pace.model_copy(update={"offered_at": at}), SETTINGS)


@pytest.mark.parametrize("response", sorted(set(get_args(ResponseKind)) - set(DECIDED)))
def test_what_says_nothing_about_the_user_changes_nothing(response: ResponseKind) -> None:
    before = after("accepted", "ignored")
    assert learn(before, answered(9, response)) is before


def test_accepted_rejected_dismissed_and_ignored_are_four_different_things() -> None:
    rests = {r: rest(after(r), SETTINGS) for r in ("accepted", "rejected", "dismissed", "ignored")}
    assert rests["accepted"] < rest(Pace(), SETTINGS) < rests["rejected"] < rests["dismissed"] < rests["ignored"]
    estimates = {r: explain(after(r), SETTINGS, NOW).ideas[0].estimate for r in rests}
    assert estimates["rejected"] < estimates["dismissed"] < estimates["ignored"] == 0.4 < estimates["accepted"]
    barring = {r: barred(after(r), "a", NOW + timedelta(hours=12)) for r in rests}
    assert barring == {"accepted": "", "rejected": "rests", "dismissed": "", "ignored": ""}


def test_a_user_who_ignores_everything_is_offered_no_more_than_the_floor_and_comes_back() -> None:
    for level in (1, 2, 3, 4, 5):
        pace = Pace(level=level)
        for _ in range(12):
            pace = after("ignored", pace=pace)
        assert rest(pace, SETTINGS) == DAY
        assert rest(pace, PaceSettings(floor_per_day=4)) == DAY / 4
        back = after("accepted", "accepted", "accepted", pace=pace)
        assert rest(back, SETTINGS) < 1.5 * rest(Pace(level=level), SETTINGS)


def test_nothing_an_ignoring_user_did_makes_an_offer_impossible_for_ever() -> None:
    pace = after(*["ignored"] * 50)
    assert priced(pace, offered=60) > 1
    assert priced(pace, offered=60 * 24) < 0.4, "after a day of rest the price is the first one again"


def test_asks_follow_the_answers_within_floor_and_ceiling() -> None:
    assert interval(Pace(), SETTINGS) == 600
    assert interval(after("accepted"), SETTINGS) == 600
    assert interval(after("ignored"), SETTINGS) > 620
    assert interval(after(*["ignored"] * 20), SETTINGS) == 1800
    assert interval(Pace(), PaceSettings(start=1)) == SETTINGS.floor * 60


def test_of_several_answers_to_one_offer_the_last_counts_in_any_order() -> None:
    one, other = answered(1, "ignored"), answered(1, "accepted")
    assert learn(learn(Pace(), one), other) == learn(learn(Pace(), other), one) == learn(Pace(), other)
    assert learn(learn(Pace(), answered(1, "rejected")), answered(1, "dismissed")).answers[0].response == "rejected"


def made(count: int, seed: int) -> list[Answered]:
    chance = random.Random(seed)
    kinds: list[ResponseKind] = list(DECIDED)
    ideas = ("a", "b", signed("Search for the pool limit"), signed("Summarise the report"))
    return [
        answered(n, chance.choice(kinds), chance.choice(ideas), at=NOW + timedelta(minutes=37 * n)) for n in range(1, count + 1)
    ]


def of(answers: list[Answered]) -> Pace:
    pace = Pace()
    for answer in answers:
        pace = learn(pace, answer)
    return pace


def test_the_same_answers_in_any_order_give_the_same_pace() -> None:
    answers = made(KEPT + 40, 1)
    shuffled = answers.copy()
    random.Random(2).shuffle(shuffled)
    assert of(shuffled) == of(answers)
    assert of(shuffled).model_dump_json() == of(answers).model_dump_json()


@pytest.mark.parametrize("jump", [timedelta(days=400), timedelta(days=-400), timedelta(hours=-6), timedelta(seconds=-1)])
def test_a_clock_jump_moves_nothing(jump: timedelta) -> None:
    answers = made(60, 3)
    jumped = [a if a.offer <= 30 else a.model_copy(update={"at": a.at + jump}) for a in answers]
    one, other = of(answers), of(jumped)
    assert facing(one, SETTINGS) == facing(other, SETTINGS)
    assert priced(one) == priced(other)
    assert [(i.idea, i.estimate, i.low, i.high) for i in explain(one, SETTINGS, NOW).ideas] == [
        (i.idea, i.estimate, i.low, i.high) for i in explain(other, SETTINGS, NOW).ideas
    ]


def test_old_answers_fade_with_newer_ones() -> None:
    happy = after(*["accepted"] * 100)
    for refusal in ("rejected", "dismissed", "ignored"):
        drifted = after(*[refusal] * 6, pace=happy)  # type: ignore[list-item]
        assert rest(drifted, SETTINGS) >= 2 * rest(happy, SETTINGS)
        assert rest(after("accepted", "accepted", "accepted", pace=drifted), SETTINGS) <= 1.1 * rest(happy, SETTINGS)
    estimate = explain(after(*["rejected"] * 60, *["accepted"] * 60), SETTINGS, NOW).ideas[0].estimate
    assert estimate > 0.6


def test_after_two_rejections_a_kind_stays_away_for_a_week_and_others_do_not() -> None:
    pace = after("rejected", "rejected", idea="a")
    last = pace.answers[-1].at
    assert all(barred(pace, "a", last + timedelta(hours=h)) == "rests" for h in range(7 * 24))
    assert barred(pace, "a", last + timedelta(days=7)) == ""
    assert barred(pace, "b", last) == ""
    assert barred(after("accepted", pace=pace), "a", last) == "", "taken from the inbox after all"
    many = after(*["rejected"] * 30)
    assert barred(many, "a", many.answers[-1].at + LONGEST_REST) == ""


def test_a_refused_idea_rests_longer_after_a_rejection_than_after_a_dismissal() -> None:
    rejected, dismissed = after("rejected"), after("dismissed")
    shown = rejected.answers[-1].at
    assert [barred(rejected, "a", shown + timedelta(hours=h)) for h in (1, 3, 23, 24)] == ["rests", "rests", "rests", ""]
    assert [barred(dismissed, "a", shown + timedelta(hours=h)) for h in (1, 3)] == ["rests", ""]


def test_ideas_without_a_kind_are_told_by_their_words_and_kept_without_them() -> None:
    task = "Search the web for the pool limit of the database"
    plain = Candidate(task=task, because="x", operation=Operation(name="search"))
    assert idea_of(plain) == signed(task)
    assert "pool" not in signed(task)
    assert same(signed(task), signed("Search for the pool limit of the database"))
    assert not same(signed(task), signed("Summarise the quarterly report of the team"))
    assert same(signed("搜索三星手机的价格"), signed("搜索三星手机价格"))
    assert not same(signed(task), "repeated_search")
    assert idea_of(plain.model_copy(update={"kind": "repeated_search"})) == "repeated_search"


def test_a_muted_idea_never_comes_and_survives_forgetting() -> None:
    pace = mute(mute(after("accepted"), "a"), "a")
    assert pace.muted == ("a",)
    assert barred(pace, "a", NOW + timedelta(days=4000)) == "muted"
    assert forget(pace) == Pace(muted=("a",))
    assert barred(unmute(pace, "a"), "a", NOW) == ""


def test_an_offer_costs_more_mid_task_soon_after_another_and_after_refusals() -> None:
    assert 0.35 <= priced(Pace()) <= 0.40
    assert priced(Pace(), "") > priced(Pace()) + 0.1
    assert priced(Pace(), offered=5) > priced(Pace(), offered=120) > priced(Pace())
    assert priced(after("ignored", "ignored"), offered=60) > priced(Pace(), offered=60)
    refused = [priced(after(r), offered=60) for r in ("dismissed", "rejected")]
    assert priced(after("ignored"), offered=60) > max(refused)


def test_offers_that_pass_unheard_at_one_time_of_day_cost_more_at_that_time_than_at_others() -> None:
    pace = Pace()
    for n in range(10):
        afternoon = NOW.astimezone().replace(hour=15) + timedelta(days=n)
        for hour, response in ((-6, "accepted"), (0, "ignored")):
            at = afternoon + timedelta(hours=hour)
            told = Answered(offer=2 * n + (hour == 0), at=at, response=response, idea="a", minute=(15 + hour) * 60)
            pace = learn(pace, told)
    assert heard(pace, 15 * 60) < 0.5
    assert heard(pace, 9 * 60) > 0.7
    assert heard(pace, 23 * 60 + 50) == heard(pace, 20), "the day goes round"


def test_a_level_is_a_price_and_level_0_asks_nobody() -> None:
    prices = [price(seen(), Pace(level=n), SETTINGS) for n in range(6)]
    assert prices == sorted(prices, reverse=True)
    assert len(set(prices)) == len(COST) + 1
    assert prices[0] > 1
    nobody = seen().model_copy(update={"level": 0, "afk": "here", "stale": 1.0, "here_since": NOW - timedelta(hours=1)})
    assert gate(nobody, SETTINGS) == "level"


def test_the_report_says_for_each_idea_what_became_of_it_and_why() -> None:
    pace = mute(after("accepted", "accepted", "ignored", idea="a"), "c")
    pace = after("rejected", pace=pace, idea="b")
    report = explain(pace, SETTINGS, NOW)
    a, b, c = report.ideas
    assert (a.idea, a.offered, a.accepted, a.ignored, a.rejected) == ("a", 3, 2, 1, 0)
    assert a.low < a.estimate < a.high
    assert b.rests_until == pace.answers[-1].at + timedelta(days=1)
    assert "refused it" in b.why
    assert (c.idea, c.muted, c.offered) == ("c", True, 0)
    assert report.interval == interval(pace, SETTINGS)
    assert report.rest == rest(pace, SETTINGS)
    assert explain(Pace(level=0), SETTINGS, NOW).why == "Level 0: no offers."


def test_a_full_state_is_small_and_comes_back_the_same() -> None:
    words = [f"word{n}" for n in range(400)]
    chance = random.Random(1)
    answers = [
        answered(n, "dismissed", signed(" ".join(chance.sample(words, 20))), at=NOW + timedelta(seconds=1.234567 * n))
        for n in range(100_000, 100_000 + 2 * KEPT)
    ]
    pace = of(answers)
    text = pace.model_dump_json()
    assert len(pace.answers) == KEPT
    assert len(text.encode()) <= 32 * 1024, "half of 64 KiB: the personal layer takes the rest"
    assert Pace.model_validate_json(text) == pace


def test_a_decision_takes_at_most_a_millisecond_with_a_full_state() -> None:
    pace = of([a.model_copy(update={"idea": signed(f"Search {a.offer} for the pool")}) for a in made(KEPT, 5)])
    ideas = [signed(f"Summarise chapter {n} of the report") for n in range(5)]
    verdicts = [Verdict(p_accept=0.5, p_help=0.5, accepted=True, reason="")] * 5

    def decide() -> None:
        asked = seen().model_copy(update=facing(pace, SETTINGS))
        gate(asked, SETTINGS)
        bars = {n: why for n, idea in enumerate(ideas) if (why := barred(pace, idea, NOW))}
        choose(verdicts, price(asked, pace, SETTINGS), bars)

    decide()
    took = []
    for _ in range(20):
        begun = time.perf_counter()
        decide()
        took.append(time.perf_counter() - begun)
    assert min(took) < 0.001
