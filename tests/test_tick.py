"""A tick ends once and says why: one table for all endings."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from agent.core import reasons
from agent.core.pace import learn, mute
from agent.core.records import Answered, Document, LLMCall, Observation, Operation, Pace, Prediction, Tick
from agent.errors import JudgeError, LLMError, SensorError
from agent.judges import RulesOnly
from agent.state import Asked
from agent.tick import tick
from tests.conftest import NOW, event
from tests.parts import IDEA, Judges, Rig, working


def _sensor_down(rig: Rig) -> None:
    rig.sensor.error = SensorError("ActivityWatch is not running.", "Start aw-qt.")


def _llm_down(rig: Rig) -> None:
    rig.predictor.error = LLMError("The model does not answer.", "Look at its address.")


def _judge_down(rig: Rig) -> None:
    rig.judge = Judges(error=JudgeError("No verdict."))


def _judge_no(rig: Rig) -> None:
    rig.judge = Judges(accept=False)


def _away(rig: Rig) -> None:
    rig.sensor.events = (*working(), event("afk", 200, 195, id=9, status="afk"))


def _private(rig: Rig) -> None:
    tab = event("window", 100, 20, id=9, app="Firefox", title="x — Mozilla Firefox Private Browsing")
    rig.sensor.events = (*working(), tab)


def _call(rig: Rig) -> None:
    rig.sensor.events = (*working(), event("window", 100, 30, id=9, app="zoom", title="Zoom Meeting"))


def _nothing(rig: Rig) -> None:
    rig.sensor.events = ()


def _no_idea(rig: Rig) -> None:
    rig.predictor.candidates = ()


def _unknown_operation(rig: Rig) -> None:
    rig.predictor.candidates = (IDEA.model_copy(update={"operation": Operation(name="rm", arguments={})}),)


def _as_it_is(rig: Rig) -> None:
    return None


ENDINGS: list[tuple[Callable[[Rig], None], str, str]] = [
    (_sensor_down, "failed", "ActivityWatch is not running. Start aw-qt."),
    (_nothing, "held", "no_data"),
    (_away, "held", "away"),
    (_private, "held", "private"),
    (_call, "held", "call"),
    (_llm_down, "failed", "The model does not answer. Look at its address."),
    (_no_idea, "silent", ""),
    (_judge_down, "failed", "No verdict."),
    (_judge_no, "filtered", "by script"),
    (_as_it_is, "offer", ""),
]


@pytest.mark.parametrize(("situation", "ending", "reason"), ENDINGS, ids=[f.__name__[1:] for f, _, _ in ENDINGS])
async def test_a_tick_ends_once_and_says_why(situation: Callable[[Rig], None], ending: str, reason: str) -> None:
    rig = Rig(working(), IDEA)
    situation(rig)
    done = await tick(rig.parts(), rig.loop().state, NOW)
    assert done.ending == ending, done.reason
    assert done.reason
    assert not reason or done.reason == reason


async def test_a_held_tick_asks_nobody_and_keeps_no_titles() -> None:
    rig = Rig(working(), IDEA)
    _call(rig)
    done = await tick(rig.parts(), rig.loop().state, NOW)
    assert rig.predictor.asked == []
    assert done.observation is None
    assert "thesis" not in done.model_dump_json()
    assert "Zoom" not in done.model_dump_json()


async def test_predictor_and_judge_see_the_same_text() -> None:
    rig = Rig(working(), IDEA)
    rig.judge = Judges()
    done = await tick(rig.parts(), rig.loop().state, NOW)
    assert rig.judge.cases[0].situation == done.digest
    assert "thesis.odt" in done.digest


async def test_the_judge_reads_and_the_record_keeps_what_the_predictor_really_read() -> None:
    class Halves:
        async def predict(self, observation: Observation, digest: str) -> Prediction:
            return Prediction(candidates=(IDEA,), digest=digest[: len(digest) // 2] + "\n\nFiles and pages in it, in full:\n/x")

    rig = Rig(working(), IDEA)
    rig.judge = Judges()
    done = await tick(replace(rig.parts(), predictor=Halves()), rig.loop().state, NOW)
    assert done.digest.endswith("in full:\n/x")
    assert rig.judge.cases[0].situation == done.digest
    assert "in full" not in done.model_dump_json(exclude={"digest"}), "it is kept once"


@pytest.mark.parametrize(("dropped", "reason", "chosen"), [
    ((), "Nothing repeats itself.", True),
    (("'Bad idea': rm is not allowed",), "'Bad idea': rm is not allowed", False),
])  # fmt: skip
async def test_silence_is_a_choice_only_if_no_idea_was_dropped(dropped: tuple[str, ...], reason: str, chosen: bool) -> None:  # noqa: FBT001
    class Silent:
        async def predict(self, observation: Observation, digest: str) -> Prediction:
            return Prediction(thoughts="Nothing repeats itself.", dropped=dropped)

    rig = Rig(working())
    done = await tick(replace(rig.parts(), predictor=Silent()), rig.loop().state, NOW)
    assert (done.ending, done.reason) == ("silent", reason)
    assert (done.silence is not None and done.silence.accepted) is chosen
    assert done.verdicts == ()


async def test_the_verdict_on_silence_stands_in_the_record() -> None:
    rig = Rig(working(), IDEA)
    done = await tick(rig.parts(), rig.loop().state, NOW)
    assert done.ending == "offer"
    assert done.silence is not None
    assert not done.silence.accepted
    assert Tick.model_validate_json(done.model_dump_json()).silence == done.silence


async def test_the_best_of_the_candidates_is_offered_even_if_another_cannot_run() -> None:
    rig = Rig(working(), IDEA.model_copy(update={"operation": Operation(name="rm", arguments={})}), IDEA)
    done = await tick(rig.parts(), rig.loop().state, NOW)
    assert (done.ending, done.choice) == ("offer", 1)
    assert done.verdicts[0].reason.startswith("It cannot run")


async def test_reasons_of_all_refused_candidates_are_told() -> None:
    rig = Rig(working(), IDEA.model_copy(update={"because": " "}), IDEA.model_copy(update={"task": "x"}))
    done = await tick(rig.parts(), rig.loop().state, NOW)
    assert done.ending == "filtered"
    assert done.reason == "Nothing shows that you need this. The offer is too short to understand."


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process can be set on POSIX only")
async def test_work_of_last_evening_is_earlier_work_by_the_local_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    evening = NOW - timedelta(hours=9)
    document = Document(key="t.odt", app="soffice", title="t.odt", first=evening, last=evening, dwell=3600)
    rig = Rig(working(), IDEA)
    found = []
    for zone in ("America/Los_Angeles", "UTC"):  # 21:00 of the day before, and 05:00 of this one
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        state = rig.loop().state.model_copy(update={"documents": (document,)})
        done = await tick(rig.parts(), state, NOW)
        found.append(bool(done.observation and done.observation.documents))
    monkeypatch.undo()
    time.tzset()
    assert found == [True, False]


async def test_presence_is_looked_at_only_when_everything_else_lets_the_tick_pass() -> None:
    rig = Rig(working(), IDEA)
    looks = []

    class Busy:
        async def look(self):  # type: ignore[no-untyped-def]
            looks.append(1)
            return rig.presence.state.model_copy(update={"do_not_disturb": "yes"})

    parts = rig.parts()
    held = await tick(type(parts)(**{**parts.__dict__, "presence": Busy()}), rig.loop().state, NOW)
    assert (held.ending, held.reason) == ("held", "do_not_disturb")
    _call(rig)
    await tick(type(parts)(**{**parts.__dict__, "presence": Busy()}), rig.loop().state, NOW)
    assert looks == [1]


async def test_the_judge_learns_what_would_run_and_why_an_operation_cannot() -> None:
    rig = Rig(working(), IDEA)
    rig.judge = Judges()
    _unknown_operation(rig)
    await tick(rig.parts(), rig.loop().state, NOW)
    assert rig.judge.cases[0].candidates[0].line.startswith("cannot run:")


def _long_at_it(rig: Rig, hours: float = 0.5) -> None:
    """In the middle of something; after more than an hour and a half that is a pattern of its own."""
    for_so_long = 3600 * hours
    there = event("window", for_so_long, for_so_long - 5, id=2, app="soffice", title="thesis.odt - Writer")
    rig.sensor.events = (event("afk", for_so_long, for_so_long - 5, id=1, status="not-afk"), there)


async def test_an_idea_worth_it_waits_mid_task_for_a_breakpoint_but_with_evidence_not_for_ever() -> None:
    rig = Rig(working(), IDEA)
    rig.judge = Judges()
    _long_at_it(rig, 2)
    state = rig.loop().state
    done = await tick(rig.parts(), state, NOW)
    assert (done.ending, done.reason, done.gate.breakpoint) == ("filtered", reasons.WAITS, "")
    same = Asked(at=NOW - timedelta(hours=1), contexts=done.contexts)
    waited = state.model_copy(update={"waiting": NOW - timedelta(minutes=26), "asked": same})
    assert (await tick(rig.parts(), waited, NOW)).ending == "offer"
    elsewhere = same.model_copy(update={"contexts": ("x",)})
    for change in ({"waiting": NOW - timedelta(hours=2)}, {"asked": elsewhere}):
        assert (await tick(rig.parts(), waited.model_copy(update=change), NOW)).ending == "filtered"
    _long_at_it(rig)
    assert (await tick(rig.parts(), waited, NOW)).reason == reasons.WAITS


async def test_there_is_no_breakpoint_while_nobody_touches_anything() -> None:
    rig = Rig(working(), IDEA)
    ends = {}
    for idle in (5, 70):
        touched = rig.sensor.events[0].model_copy(update={"duration": 1800.0 - idle})
        rig.sensor.events = (touched, *rig.sensor.events[1:])
        ends[idle] = (await tick(rig.parts(), rig.loop().state, NOW)).gate.breakpoint
    assert ends == {5: "switch", 70: ""}


async def test_back_from_a_break_is_a_breakpoint_only_with_evidence_of_a_need() -> None:
    rig = Rig(working(), IDEA)
    returned = event("afk", 2000, 1700, id=1, status="afk"), event("afk", 300, 295, id=2, status="not-afk")
    sheet = {"app": "libreoffice-calc", "title": "hours.ods - LibreOffice Calc"}
    form = {"app": "firefox", "title": "New entry - Time sheet - Mozilla Firefox"}
    one = [event("window", 300, 295, id=3, **sheet)]
    copying = [event("window", 300 - 10 * n, 9.5, id=n + 3, **(sheet, form)[n % 2]) for n in range(30)]
    found = {}
    for windows in (one, copying):
        rig.sensor.events = (*returned, *windows)
        seen = (await tick(rig.parts(), rig.loop().state, NOW)).gate
        found[seen.evidence] = seen.breakpoint
    assert found == {(): "", ("copying_between_windows",): "back"}


async def test_while_offers_rest_the_predictor_is_asked_and_nothing_is_offered() -> None:
    rig = Rig(working(), IDEA)
    state = rig.loop().state
    rested = state.model_copy(update={"pace": Pace(offered_at=NOW - timedelta(minutes=4))})
    done = await tick(rig.parts(), rested, NOW)
    assert (done.ending, len(rig.predictor.asked)) == ("filtered", 1)
    assert done.reason == "The last offer was 4 minutes ago; the next one may come in 6."


async def test_a_refused_kind_gives_way_to_another_and_a_muted_one_never_comes() -> None:
    other = IDEA.model_copy(update={"kind": "long_read", "task": "Summarise the paper on queues"})
    refused = learn(Pace(), Answered(offer=1, at=NOW - timedelta(hours=3), response="rejected", idea=IDEA.kind))
    for pace, why in ((refused, "You turned this kind of offer down; it rests."), (mute(Pace(), IDEA.kind), "You said never")):
        rig = Rig(working(), IDEA, other)
        state = rig.loop().state.model_copy(update={"pace": pace})
        done = await tick(rig.parts(), state, NOW)
        assert (done.ending, done.choice) == ("offer", 1)
        rig.predictor.candidates = (IDEA,)
        done = await tick(rig.parts(), state, NOW)
        assert done.ending == "filtered"
        assert done.reason.startswith(why)


async def test_a_chance_below_the_price_is_not_offered_and_said() -> None:
    rig = Rig(working(), IDEA)
    rig.judge = Judges()
    state = rig.loop().state.model_copy(update={"pace": Pace(level=1)})
    assert (await tick(rig.parts(), state, NOW)).ending == "offer"
    _long_at_it(rig)
    rig.judge = RulesOnly()
    done = await tick(rig.parts(), state, NOW)
    assert (done.ending, done.reason) == (
        "filtered",
        f"Chance 0.55; an interruption now is worth it from {done.gate.price:.2f}.",
    )


async def test_the_tokens_of_the_day_are_a_budget() -> None:
    rig = Rig(working(), IDEA)
    call = LLMCall(at=NOW - timedelta(hours=1), purpose="predict", host="h", model="m", prompt="p", prompt_tokens=399_000)
    yesterday = call.model_copy(update={"at": NOW - timedelta(days=1), "completion_tokens": 10**6})
    rig.store.add_calls([yesterday, call])
    assert (await tick(rig.parts(), rig.loop().state, NOW)).ending == "offer"
    rig.store.add_calls([call.model_copy(update={"completion_tokens": 1000, "prompt_tokens": 0})])
    done = await tick(rig.parts(), rig.loop().state, NOW)
    assert (done.ending, done.reason, done.gate.tokens_today) == ("held", "tokens", 400_000)
