"""The gate holds for the right reason, and the best candidate that is worth it is chosen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from agent.core.pace import interval
from agent.core.policy import PaceSettings, choose, gate, in_quiet_hours, resting, waits
from agent.core.records import GateInput, Pace, PresenceState
from reward_model.case import Verdict
from tests.conftest import NOW

OPEN: dict[str, Any] = {
    "at": NOW,
    "local_minute": 840,
    "afk": "here",
    "stale": 5.0,
    "here_since": NOW - timedelta(hours=1),
    "context_age": 900.0,
    "fingerprint": "new",
    "asked_fingerprint": "old",
    "asked_at": NOW - timedelta(minutes=20),
    "interval": 600.0,
}
SETTINGS = PaceSettings(quiet_hours="22:00-07:00")


def seen(**change: Any) -> GateInput:
    return GateInput.model_validate(OPEN | change)


def test_an_open_gate_lets_the_predictor_be_asked() -> None:
    assert gate(seen(), SETTINGS) == ""


HOLDS: list[tuple[str, dict[str, Any]]] = [
    ("paused", {"paused_until": NOW + timedelta(minutes=1)}),
    ("open_offer", {"open_offer": True}),
    ("away", {"afk": "away"}),
    ("no_data", {"stale": 91.0}),
    ("no_data", {"stale": None}),
    ("private", {"private_ago": 299.0}),
    ("call", {"call_ago": 179.0}),
    ("quiet_hours", {"local_minute": 23 * 60}),
    ("do_not_disturb", {"presence": PresenceState(do_not_disturb="yes")}),
    ("screen_share", {"presence": PresenceState(screen_share="yes")}),
    ("full_screen", {"presence": PresenceState(full_screen="yes")}),
    ("settling", {"here_since": NOW - timedelta(seconds=199), "away_for": 1800.0, "moves": 50}),
    ("settling", {"here_since": NOW - timedelta(seconds=59), "away_for": 240.0, "moves": 9}),
    ("settling", {"here_since": NOW - timedelta(seconds=190), "away_for": 240.0, "moves": 0}),
    ("settling", {"here_since": None}),
    ("leisure", {"leisure": True}),
    ("new_context", {"context_age": 59.0}),
    ("typing", {"typing": True}),
    ("level", {"level": 0}),
    ("price", {"price": 0.99}),
    ("rests", {"rest": 9000.0, "offered_at": NOW - timedelta(seconds=5000)}),
    ("daily_cap", {"offers_today": 20}),
    ("spread", {"offers_today": 5, "offers_lately": 5}),
    ("tokens", {"tokens_today": 400_000}),
    ("pace", {"asked_at": NOW - timedelta(minutes=9)}),
    ("unchanged", {"asked_fingerprint": "new"}),
]


@pytest.mark.parametrize(("reason", "change"), HOLDS, ids=[f"{r}-{i}" for i, (r, _) in enumerate(HOLDS)])
def test_the_gate_holds_and_says_why(reason: str, change: dict[str, Any]) -> None:
    assert gate(seen(**change), SETTINGS) == reason


def test_a_hold_ends_with_its_cause() -> None:
    assert gate(seen(private_ago=301.0, call_ago=181.0, stale=89.0, afk="unknown"), SETTINGS) == ""
    assert gate(seen(here_since=NOW - timedelta(seconds=61), away_for=240.0, moves=2), SETTINGS) == ""


def test_fresh_evidence_or_another_activity_undercuts_the_interval_but_not_the_floor() -> None:
    long_wait = {"interval": 1800.0, "asked_at": NOW - timedelta(minutes=8)}
    assert gate(seen(**long_wait), SETTINGS) == "pace"
    assert gate(seen(**long_wait, evidence=("repeated_search",)), SETTINGS) == ""
    assert gate(seen(**long_wait, shifted=True), SETTINGS) == ""
    assert gate(seen(**long_wait, evidence=("x",), asked_evidence=("x",)), SETTINGS) == "pace"
    assert gate(seen(asked_at=NOW - timedelta(minutes=4), evidence=("repeated_search",)), SETTINGS) == "pace"


def test_quiet_hours_may_cross_midnight() -> None:
    assert [in_quiet_hours(m * 60, "22:00-07:00") for m in (21, 22, 23, 0, 6, 7)] == [False, True, True, True, True, False]
    assert [in_quiet_hours(m * 60, "12:00-13:00") for m in (11, 12, 13)] == [False, True, False]


def verdict(p: float, *, accepted: bool) -> Verdict:
    return Verdict(p_accept=p, p_help=p, accepted=accepted, reason="")


def test_the_accepted_candidate_most_likely_to_be_taken_is_chosen() -> None:
    assert choose([verdict(0.6, accepted=True), verdict(0.8, accepted=True), verdict(0.9, accepted=False)]) == 1
    assert choose([verdict(0.9, accepted=False)]) is None
    assert choose([]) is None


def test_a_candidate_is_chosen_from_the_price_on_unless_it_is_barred() -> None:
    found = [verdict(0.4, accepted=True), verdict(0.6, accepted=True)]
    assert choose(found, 0.5) == 1
    assert choose(found, 0.6) == 1
    assert choose(found, 0.61) is None
    assert choose(found, 0.3, {1: "muted"}) == 0
    assert choose(found, 0.5, {1: "muted"}) is None


def test_offers_rest_from_the_last_one_on_whatever_the_clock_does() -> None:
    assert resting(seen()) == 0
    assert resting(seen(offered_at=NOW - timedelta(minutes=10), rest=1800.0)) == 1200
    assert resting(seen(offered_at=NOW - timedelta(minutes=30), rest=1800.0)) == 0
    assert resting(seen(offered_at=NOW + timedelta(days=400), rest=1800.0)) == 1800


def test_an_idea_waits_mid_task_and_in_the_end_only_with_evidence_does_not() -> None:
    assert not waits(seen(breakpoint="switch"))
    assert waits(seen())
    assert waits(seen(waiting=9000.0))
    assert waits(seen(waiting=1499.0, evidence=("repeated_search",)))
    assert not waits(seen(waiting=1500.0, evidence=("repeated_search",)))


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("quiet_hours", {"quiet_hours": "24:00-07:00"}, "24:00 is no time of day"),
    ("quiet_hours", {"quiet_hours": "22:00-07:60"}, "07:60 is no time of day"),
    ("quiet_hours", {"quiet_hours": "22-7"}, "'22-7' is no span of hours; write it as 22:00-07:00"),
    ("quiet_hours", {"quiet_hours": "²2:00-07:00"}, "write it as 22:00-07:00"),
    ("ceiling", {"floor": 20, "ceiling": 10}, "10 minutes is less than floor (20 minutes)"),
    ("ceiling", {"floor": 40}, "30 minutes is less than floor (40 minutes)"),
    ("offer_minutes", {"offer_minutes": 10081}, "is longer than a week (10080 minutes)"),
    ("offer_minutes", {"offer_minutes": float("inf")}, "is longer than a week (10080 minutes)"),
    ("start", {"start": 1e300}, "is longer than a week (10080 minutes)"),
    ("ceiling", {"ceiling": float("inf")}, "is longer than a week (10080 minutes)"),
    ("toast_seconds", {"toast_seconds": 1e12}, "is longer than an hour (3600 seconds)"),
]


@pytest.mark.parametrize(("key", "values", "said"), WRONG, ids=[f"{k}-{i}" for i, (k, _, _) in enumerate(WRONG)])
def test_a_pace_that_makes_no_sense_is_refused_in_the_users_words(key: str, values: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        PaceSettings(**values)
    (error,) = caught.value.errors()
    assert error["loc"] == (key,)
    assert said in error["msg"]


def test_the_outermost_values_of_a_pace_are_taken() -> None:
    widest = PaceSettings(
        quiet_hours="0:00-23:59", floor=7, ceiling=7, start=10080, offer_minutes=10080, toast_seconds=3600, poll=600
    )
    assert in_quiet_hours(23 * 60 + 58, widest.quiet_hours)
    assert interval(Pace(), widest) == 420


def test_a_cap_or_budget_of_nothing_is_told_apart_from_none() -> None:
    assert gate(seen(), PaceSettings(daily_cap=0)) == "daily_cap"
    assert gate(seen(tokens_today=10**9), PaceSettings(daily_tokens=0)) == ""
