"""A tick ends once and says why: one table for all endings."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.core.records import Operation
from agent.errors import JudgeError, LLMError, SensorError
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
