"""`bench pace`: figures by hand, users who behave as told, policies on the real loop, the same seed the same month."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from agent.bench.inputs import Kept
from agent.bench.pace.figures import Sum, by_day, equal_help, figures, offers_at, sums, worth
from agent.bench.pace.play import Month, Tally
from agent.bench.pace.policies import OURS, Choice, looks
from agent.bench.pace.profiles import BOUNDARY, PROFILES, Profile, User
from agent.bench.pace.report import Found, Wish, pace, picture, render_table, summary
from agent.bench.pace.run import IDLE, Job, Played, jobs, run, user_of
from agent.bench.pace.votes import Option, Person, kind_of
from agent.bench.pace.world import HALF, PAUSE, begin, moments, seen
from agent.cli.bench import app
from agent.paths import resource
from reward_model.dataset import groups, read

FINDS = Option("Search for the pool limit", "repeated_search", 0.6, want=True)
TALKS = Option("Offer general help", "", 0.2, want=False)
KEEN = Person("a", 0, ((FINDS, TALKS),) * 4, "repeated_search")
NEVER = Person("b", 0, ((FINDS._replace(want=False), TALKS),) * 4, "repeated_search")
BY_NAME = {p.name: p for p in PROFILES}


def month(name: str, profile: str = "receptive", days: int = 1, person: Person = KEEN, idle: float = 0.0) -> tuple[Tally, ...]:
    user = User(person, BY_NAME[profile], "seed")
    return asyncio.run(Month(user, Choice(name), idle).play(range(days)))


def test_the_existing_system_offers_every_15_seconds_and_the_gate_is_open_to_it() -> None:
    (day,) = month("every_10min")
    assert day.offers == day.calls == 47
    user = User(KEEN, BY_NAME["receptive"], "seed")
    every = list(looks(Choice("every_15s"), moments(KEEN, user.seed, 0, 0.0)))
    assert 1900 <= len(every) <= 1920


def test_the_oracle_meets_every_need_that_is_noticed_and_offers_nothing_else() -> None:
    (oracle,) = month("oracle")
    (often,) = month("every_10min")
    assert oracle.offers >= oracle.accepted > 0.85 * oracle.offers
    assert oracle.missed == 0, "what was not noticed is offered again"
    assert oracle.accepted / oracle.offers > often.accepted / often.offers
    assert month("oracle", person=NEVER) == (Tally(0, 0, 0, 0),)
    assert month("oracle", "ignores everything")[0].offers == 0


def test_in_idle_moments_nothing_is_accepted() -> None:
    assert month("every_10min", idle=1.0)[0].accepted == 0
    assert month("oracle", idle=1.0) == (Tally(0, 0, 0, 0),)


def test_a_fixed_cooldown_is_kept() -> None:
    assert 25 <= month("levels")[0].offers <= 40
    user = User(KEEN, BY_NAME["receptive"], "seed")
    assert asyncio.run(Month(user, Choice("levels", 1), 0.0).play([0]))[0].offers <= 8
    assert asyncio.run(Month(user, Choice("levels", 0), 0.0).play([0]))[0].calls == 0


def test_ours_leaves_a_user_alone_who_ignores_everything_and_serves_one_who_accepts() -> None:
    ignoring, keen = month(OURS, "ignores everything", 3), month(OURS, "receptive", 3)
    assert sum(d.accepted for d in ignoring) == 0
    assert ignoring[2].offers <= 1
    assert keen[2].offers > ignoring[2].offers
    assert sum(d.accepted for d in keen) > 0.6 * sum(d.offers for d in keen)


def test_under_do_not_disturb_nothing_is_offered() -> None:
    quiet = User(KEEN, BY_NAME["do-not-disturb half of the day"], "seed")
    assert not quiet.undisturbed(60)
    assert quiet.undisturbed(130)
    often, all_day = month("every_10min", quiet.profile.name), month("every_10min")
    assert 0.4 < often[0].offers / all_day[0].offers < 0.6


def test_the_same_seed_makes_the_same_month_and_another_makes_another() -> None:
    assert month(OURS) == month(OURS)
    assert moments(KEEN, "one", 0, 0.5) == moments(KEEN, "one", 0, 0.5) != moments(KEEN, "two", 0, 0.5)


def test_a_day_is_a_row_of_moments_with_a_break_and_its_idle_share() -> None:
    spans = [s for day in range(20) for s in moments(KEEN, "seed", day, 0.5)]
    first = [s for s in moments(KEEN, "seed", 0, 0.5) if s.start < begin(0) + HALF]
    assert first[-1].end == begin(0) + HALF
    assert moments(KEEN, "seed", 0, 0.5)[len(first)].start == begin(0) + HALF + PAUSE
    assert 0.4 < sum(s.idle for s in spans) / len(spans) < 0.6
    told = [s for s in spans if s.told]
    assert all(s.idle for s in told)
    assert 0.35 < len(told) / sum(s.idle for s in spans) < 0.65
    call = next(s for s in spans if s.told == "call")
    assert seen([call], call.end)[-1].data["app"] == "zoom"


@pytest.mark.parametrize(
    ("profile", "day", "minute", "wants"),
    [
        ("receptive", 0, 400.0, True),
        ("mornings only", 0, 400.0, False),
        ("hates one kind", 0, 10.0, False),
        ("drifts after 10 days", 9, 10.0, True),
        ("drifts after 10 days", 10, 10.0, False),
        ("drifts after 10 days", 20, 10.0, True),
    ],
)
def test_what_a_user_wants_follows_the_profile(profile: str, day: int, minute: float, wants: bool) -> None:  # noqa: FBT001
    assert User(KEEN, BY_NAME[profile], "seed").wants(FINDS, day, minute) is wants


def test_wanted_offers_are_waved_away_in_mid_task_and_taken_at_a_boundary() -> None:
    user = User(KEEN, Profile("plain", unseen=0.0), "seed")
    given = [user.answer(str(n), wanted=True, needed=True, into=BOUNDARY + 1, minute=10) for n in range(400)]
    assert 0.66 < given.count("accepted") / 400 < 0.80
    assert user.answer("1", wanted=True, needed=True, into=BOUNDARY, minute=10) == "accepted"
    answers = {user.answer(str(n), wanted=False, needed=True, into=1, minute=10) for n in range(100)}
    assert answers == {"rejected", "dismissed", "ignored"}


def test_a_task_belongs_to_a_pattern_by_its_words() -> None:
    assert kind_of("Help to find papers and summarise them") == "repeated_search"
    assert kind_of("Summarise the paper") == "long_read"
    assert kind_of("Remind you of the walk") == ""


def played(name: str, days: tuple[Tally, ...], seed: int = 0, trace: str = "a") -> Played:
    return Played(Job(Choice(name), 0, seed, 0.5, tuple(range(len(days)))), trace, days)


def test_the_figures_by_hand() -> None:
    months = [
        played("oracle", (Tally(4, 4, 0, 4), Tally(2, 2, 0, 2))),
        played(OURS, (Tally(4, 2, 2, 10), Tally(0, 0, 2, 10))),
    ]
    assert worth([Tally(4, 2, 0, 0)]) == pytest.approx(2 - 0.45 * 2)
    (ours,) = sums(months)[Choice(OURS), 0.5]
    assert figures([ours]) == {
        "offers_per_day": 2.0,
        "acceptance": 0.5,
        "accepted_per_day": 1.0,
        "missed_per_day": 2.0,
        "regret": pytest.approx((6 - (2 - 0.9)) / 2),
        "llm_calls_per_day": 10.0,
    }
    assert figures([ours._replace(offers=0, accepted=0)])["acceptance"] is None
    assert by_day(months, OURS, 0.5) == [(1, 4.0, 0.5), (2, 0.0, None)]


def test_the_regret_of_few_days_is_against_the_oracle_on_these_days() -> None:
    oracle = played("oracle", (Tally(1, 1, 0, 1), Tally(9, 9, 0, 9)))
    one = Played(Job(Choice("every_15s"), 0, 0, 0.5, (0,)), "a", (Tally(1, 1, 0, 1),))
    assert sums([oracle, one])[Choice("every_15s"), 0.5][0].regret == 0


def test_offers_at_equal_help_are_read_off_the_frontier() -> None:
    assert offers_at([(10, 4), (20, 6)], 5) == 15
    assert offers_at([(10, 4), (12, 3), (20, 6)], 2) == 5
    assert offers_at([(10, 4), (20, 6)], 7) is None
    users = {
        Choice("every_10min"): [Sum(40, 5, 0, 0, 0, t, (0, n)) for n, t in enumerate("abc")],
        Choice(OURS): [Sum(10, 4, 0, 0, 0, t, (0, n)) for n, t in enumerate("abc")],
        Choice(OURS, 5): [Sum(20, 6, 0, 0, 0, t, (0, n)) for n, t in enumerate("abc")],
    }
    ratio, span = equal_help(users)
    assert ratio == pytest.approx(15 / 40)
    assert span is not None
    assert span == pytest.approx((15 / 40, 15 / 40))


def test_every_seed_is_another_person_and_every_policy_meets_the_same() -> None:
    people = [KEEN._replace(trace=str(n)) for n in range(10)]
    assert len({user_of(people, 3, seed).person.trace for seed in range(10)}) == 10
    assert user_of(people, 3, 4) == user_of(people, 3, 4)
    whole = jobs(30, 20)
    for name in ("every_10min", "levels", OURS, "oracle"):
        mine = [j for j in whole if j.choice == Choice(name) and j.idle == IDLE[0]]
        assert len(mine) == 160
        assert all(len(j.days) == 30 for j in mine)


def test_a_run_goes_on_from_its_file(tmp_path: Path) -> None:
    wanted = [Job(Choice("oracle"), profile, 0, 0.5, (0,)) for profile in (0, 4)]
    months = run((KEEN, NEVER), wanted, Kept(tmp_path / "kept", "x"), 1, lambda _: None)
    assert [m.job for m in months] == wanted
    assert run((KEEN, NEVER), wanted, Kept(tmp_path / "kept", "x"), 1, lambda _: pytest.fail("played again")) == months


def test_the_report_has_the_keys_of_the_issue_and_can_be_shown_and_drawn(tmp_path: Path) -> None:
    offers = {"every_15s": 100, "every_10min": 20, "levels": 15, OURS: 6, "oracle": 5}
    months = [
        Played(j, f"t{j.seed}", tuple(Tally(offers[j.choice.name] + (j.choice.level - 3), 3, 2, 20) for _ in j.days))
        for j in jobs(13, 2)
    ]
    found = summary(months)
    assert set(found["policies"]) == {"every_15s", "every_10min", "levels", "ours", "oracle"}
    keys = {"offers_per_day", "acceptance", "accepted_per_day", "missed_per_day", "regret", "llm_calls_per_day"}
    assert all(set(row) == keys for row in found["policies"].values())
    assert 0.2 < found["offers_ratio_at_equal_help"] < 0.5
    json.dumps(found)
    about = {"file": "f", "people": 2, "traces": 2, "days": 13, "seeds": 2, "months": 1, "seconds": 1.0, "sha256": "0"}
    whole = Found(found | {"run": about}, months)
    text = io.StringIO()
    render_table(whole.report, Console(file=text, width=200))
    assert "every_15s" in text.getvalue()
    picture(whole, tmp_path / "p.png")
    assert (tmp_path / "p.png").stat().st_size > 10_000


def test_the_votes_that_ship_are_unlike_traces_with_votes_on_tasks() -> None:
    rows = read(resource("scenarios", "votes.jsonl"))
    assert len(set(groups(rows).values())) == 8
    assert all(len(r.votes) == 3 for r in rows)


@pytest.mark.slow
def test_the_bench_runs_on_the_votes_that_ship() -> None:
    found = pace(Wish(days=1, seeds=1))
    assert found.report["run"]["traces"] == 8


def test_the_command_says_what_it_does() -> None:
    assert "--votes" in CliRunner().invoke(app, ["pace", "--help"]).output
