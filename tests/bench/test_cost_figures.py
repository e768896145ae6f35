"""The figures of the cost report, from runs made up here; and the report's table and JSON."""

from __future__ import annotations

import io
import json
from typing import Any

from rich.console import Console

from agent.bench.cost_figures import Run, figures
from agent.bench.cost_report import CostReport, missed, render_table, rows, to_json
from agent.core.records import Candidate, Ending, GateInput, LLMCall, Observation, Operation, Prediction, Tick
from agent.core.tokens import tokens
from agent.sense.day import Day, day_of
from tests.bench.days import at, event, raw_day, span

NUMBERS = (
    *("buckets", "polls_per_hour", "aw_requests_per_hour"),
    *("predictor_calls_per_active_hour", "judge_calls_per_active_hour", "llm_calls_quiet", "llm_calls_unchanged"),
    *("prompt_tokens_max", "prompt_tokens_day", "window_time_seen", "secrets_leaked", "private_leaked"),
    *("offers", "offers_per_active_hour", "offers_quiet", "offers_ok_at_breakpoint"),
    *("help_moments", "help_moments_reached"),
)


def an_hour() -> Day:
    """An hour: half of it active, ok before costly, a break with nobody there, a moment for help at the beginning, a secret."""
    return day_of(
        raw_day(
            {
                "away": [span(1800, 3600)],
                "blocks": [span(0, 900, interrupt="ok"), span(900, 1800, interrupt="costly")],
                "moments": [span(0, 1200, want="help"), span(1800, 3600, want="help")],
                "secrets": [{"value": "hunter22"}],
            },
            window=[event(0, 1000, app="x", title="t"), event(1000, 2600, app="x", title="u")],
            afk=[event(0, 1800, status="not-afk"), event(1800.001, 1800, status="afk")],
        ),
        "day",
    )


def tick(second: float, ending: Ending, fingerprint: str = "", reason: str = "", pause: str = "switch") -> Tick:
    """A tick at a breakpoint; unless held, the predictor was asked, and unless silent it proposed one task."""
    gate = GateInput(at=at(second), local_minute=0, fingerprint=fingerprint, breakpoint=pause)
    base = Tick(id=str(second), at=at(second), ending=ending, reason=reason, gate=gate)
    if ending == "held":
        return base
    idea = Candidate(task=f"task {second}", because="b", operation=Operation(name="search", arguments={"query": "q"}))
    prediction = Prediction(candidates=() if ending == "silent" else (idea,))
    call = LLMCall(at=at(second), purpose="judge", host="h", model="m", prompt="p")
    return base.model_copy(
        update={
            "observation": Observation(at=at(second)),
            "prediction": prediction,
            "judge_calls": (call,) if prediction.candidates else (),
            "choice": 0 if ending == "offer" else None,
        }
    )


def run(*ticks: Tick, **fields: Any) -> Run:
    """A run of an hour with these ticks."""
    return Run(ticks=list(ticks), **{"polls": 60, "requests": 130, "buckets": 2, "hours": 1.0} | fields)


def test_calls_are_counted_by_active_hour_and_in_quiet_time() -> None:
    found = figures(
        an_hour(),
        run(tick(60, "held", reason="pace"), tick(120, "silent", "a"), tick(300, "offer", "a"), tick(2100, "offer", "b")),
    )
    assert found["active_hours"] == 0.5
    assert found["predictor_calls_per_active_hour"] == 6.0
    assert found["judge_calls_per_active_hour"] == 4.0
    assert (found["llm_calls_quiet"], found["offers"], found["offers_quiet"]) == (2, 2, 1)
    assert found["llm_calls_unchanged"] == 1
    assert (found["help_moments"], found["help_moments_reached"]) == (2, 2)
    assert [p.task for p in found["proposals"]] == ["task 300", "task 2100"]
    assert found["held"] == {"pace": 1}


def test_offers_are_well_timed_at_a_breakpoint_of_a_block_that_may_be_interrupted() -> None:
    offers = [tick(60, "offer"), tick(120, "offer", pause=""), tick(1000, "offer"), tick(2000, "offer")]
    found = figures(an_hour(), run(*offers, tick(180, "silent")))
    assert (found["offers"], found["offers_per_active_hour"], found["offers_ok_at_breakpoint"]) == (4, 8.0, 1)
    assert [(p.breakpoint, p.interrupt) for p in found["proposals"]] == [
        ("switch", "ok"), ("", "ok"), ("switch", "costly"), ("switch", ""),
    ]  # fmt: skip


def test_a_day_without_truth_has_no_opinion_on_the_timing_and_misses_nothing() -> None:
    day = day_of(raw_day(window=[event(0, 3600, app="x", title="t")]), "day")
    found = figures(day, run(tick(120, "offer", "a"), seen={"aw-watcher-window_lab": [(at(0), at(3600))]}))
    assert (found["offers_ok_at_breakpoint"], found["help_moments"]) == (None, 0)
    made = CostReport(**found, file="d", sha256="0", model="stub", judge="off", seconds=1.0)
    assert missed(made) == []
    assert "not known" in [row.value for row in rows(made)]


def test_a_call_just_after_the_user_left_is_not_quiet_yet() -> None:
    assert figures(an_hour(), run(tick(1999, "silent")))["llm_calls_quiet"] == 0
    assert figures(an_hour(), run(tick(2001, "silent")))["llm_calls_quiet"] == 1


def test_window_time_is_counted_once_and_only_where_it_was_delivered() -> None:
    bucket = "aw-watcher-window_lab"
    half = {bucket: [(at(0), at(900)), (at(100), at(900)), (at(5000), at(9000))], "other": [(at(0), at(3600))]}
    assert figures(an_hour(), run(seen=half))["window_time_seen"] == 0.25
    assert figures(day_of(raw_day(web=[event(0, 5)]), "day"), run())["window_time_seen"] == 1.0


def test_a_secret_in_a_prompt_or_in_the_bytes_left_behind_is_counted() -> None:
    assert figures(an_hour(), run(prompts=["fine"], kept=[b"fine"]))["secrets_leaked"] == 0
    assert figures(an_hour(), run(prompts=["it is hunter22."]))["secrets_leaked"] == 1
    assert figures(an_hour(), run(kept=[b"\x00hunter22\x00"]))["secrets_leaked"] == 1


def test_prompt_tokens_are_of_what_was_sent() -> None:
    found = figures(an_hour(), run(prompts=["one two three", "one"]))
    assert found["prompt_tokens_max"] == tokens("one two three")
    assert found["prompt_tokens_day"] == tokens("one two three") + tokens("one")


def test_a_day_that_was_never_asked_about_gives_zeros() -> None:
    found = figures(day_of(raw_day(web=[event(0, 5)]), "day"), Run())
    assert found["predictor_calls_per_active_hour"] == 0.0
    assert found["polls_per_hour"] == 0.0


def report(**changes: Any) -> CostReport:
    """A report of an hour."""
    found = figures(an_hour(), run(tick(120, "offer", "a"), tick(1900, "silent", "b")))  # 30 minutes active
    found["window_time_seen"] = 1.0
    return CostReport(
        **{**found, "file": "day.json", "sha256": "0", "model": "stub", "judge": "scorer", "seconds": 1.0, **changes}
    )


def test_the_json_has_every_promised_key_and_plain_numbers() -> None:
    found = json.loads(to_json(report()))
    assert all(isinstance(found[key], int | float) for key in NUMBERS)
    assert found["aw_requests_per_hour"] <= found["polls_per_hour"] * found["buckets"] + 12
    assert set(found["proposals"][0]) >= {"at", "task", "because", "operation", "p_accept", "reason", "others", "breakpoint"}
    assert found["missed"] == []
    assert json.loads(to_json(report(failed=1, secrets_leaked=2)))["missed"] == ["planted secrets that got out (of 1)"]
    assert found["proposals"][0]["operation"] == {"name": "search", "arguments": {"query": "q"}}


def test_the_table_stands_beside_the_existing_system_and_names_what_is_over_its_limit() -> None:
    out = io.StringIO()
    render_table(report(secrets_leaked=1, held={"pace": 3, "call": 9}), Console(file=out, width=140))
    text = out.getvalue()
    assert "559,000,000" in text
    assert "67.1%" in text
    assert "call 9, pace 3" in text
    assert "missed: 1" in text
    assert "1 of 1 (100%)" in text
    assert "Limits missed: planted secrets that got out (of 1)." in text


def test_every_limit_of_the_report_can_be_missed() -> None:
    worst = report(
        polls_per_hour=61.0, aw_requests_per_hour=900.0, predictor_calls_per_active_hour=6.1, judge_calls_per_active_hour=12.1,
        llm_calls_quiet=1, llm_calls_unchanged=1, prompt_tokens_max=3001, prompt_tokens_day=400_001, window_time_seen=0.9989,
        secrets_leaked=1, private_leaked=1, offers_per_active_hour=2.1, offers_quiet=1, offers=100, offers_ok_at_breakpoint=79,
        help_moments=100, help_moments_reached=89,
    )  # fmt: skip
    assert [row.name for row in rows(worst) if row.ok] == ["offers"]
    assert missed(report()) == []
    assert missed(report(offers=5, offers_ok_at_breakpoint=4, help_moments=10, help_moments_reached=9)) == []
