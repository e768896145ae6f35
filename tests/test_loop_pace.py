"""What the loop does with answers: the pace they teach, what is said while a model thinks, a clock that is set back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from agent.core.pace import barred, idea_of, interval, learn
from agent.core.policy import PaceSettings
from agent.core.records import (
    Answered,
    Observation,
    Pace,
    Prediction,
    PresenceState,
)
from agent.core.redact import Rules
from agent.state import load, pace_of
from agent.store.memory import MemoryStore
from tests.conftest import NOW
from tests.parts import IDEA, Rig, later, working


def test_a_pace_of_the_first_version_is_read_and_a_damaged_one_starts_afresh(caplog: pytest.LogCaptureFixture) -> None:
    store = MemoryStore()
    store.put_state("pace", '{"interval":1800.0,"asked_at":"2026-03-02T13:00:00Z","offered_at":null,"rejected":2}')
    assert load(store, PaceSettings(), Rules(), NOW).pace == Pace(asked_at=NOW - timedelta(hours=1))
    store.put_state("pace", '{"answers":[[1,2]]}')
    assert load(store, PaceSettings(level=2), Rules(), NOW).pace == Pace(level=2)
    assert "starts afresh" in caplog.text


async def test_new_settings_change_the_level_and_keep_what_was_learnt() -> None:
    rig = Rig(working(), IDEA, answer="ignored")
    loop = rig.loop()
    await loop.step(NOW)
    await loop.drain()
    settings = PaceSettings(level=5, floor=2, ceiling=8)
    loop.reconfigure(loop.parts, load(rig.store, settings, Rules(), NOW))
    assert (loop.state.pace.level, len(loop.state.pace.answers)) == (5, 1)
    assert interval(loop.state.pace, settings) == 480


@pytest.mark.parametrize(("said", "why"), [({"level": 0}, "level"), ({"muted": ("the idea",)}, "refused")])
async def test_a_level_or_never_said_while_the_model_thinks_holds_the_offer(said: dict[str, Any], why: str) -> None:
    rig = Rig(working(), IDEA)
    loop = rig.loop()
    ask = rig.predictor.predict

    async def slow(observation: Observation, digest: str) -> Prediction:
        found = await ask(observation, digest)
        muted = said.get("muted") and (idea_of(found.candidates[0]),)
        loop.repace(loop.state.pace.model_copy(update=said | ({"muted": muted} if muted else {})))
        return found

    rig.predictor.predict = slow  # type: ignore[method-assign]
    done = await loop.step(NOW)
    assert (done.ending, done.reason, done.choice) == ("held", why, None)
    assert list(rig.store.offers()) == []


async def test_a_refusal_under_do_not_disturb_is_learnt() -> None:
    rig = Rig(working(), IDEA)
    loop = rig.loop()
    rig.notifier.decide = lambda _: "rejected"
    await loop.step(NOW)
    rig.presence.state = PresenceState(do_not_disturb="yes")
    await loop.step(later(5))
    assert [a.response for a in loop.state.pace.answers] == ["rejected"]


async def test_what_a_clock_ahead_had_for_later_is_over_when_it_is_set_back() -> None:
    rig = Rig(working(), IDEA)
    loop = rig.loop()
    rig.notifier.decide = lambda _: "rejected"
    ahead = later(60 * 24 * 3650)
    loop.state = loop.state.model_copy(update={"pace": Pace(offered_at=ahead), "offered": (ahead,) * 4})
    answer = Answered(offer=1, at=ahead, response="rejected", idea="a")
    loop.repace(learn(loop.state.pace, answer))
    await loop.step(NOW)
    assert barred(loop.state.pace, "a", later(60 * 25)) == ""
    assert max(loop.state.offered) <= NOW


def test_a_damaged_pace_keeps_what_was_muted() -> None:
    assert pace_of('{"answers": [1], "muted": ["a"]}') == Pace(muted=("a",))
    assert pace_of("{") == Pace()


async def test_answers_under_do_not_disturb_teach_nothing() -> None:
    rig = Rig(working(), IDEA)
    loop = rig.loop()
    await loop.step(NOW)
    rig.presence.state = PresenceState(do_not_disturb="yes")
    await loop.step(later(5))
    assert [r.kind for r in rig.store.responses(1)] == ["ignored"]
    assert loop.state.pace.answers == ()


async def test_a_clock_that_was_set_back_does_not_silence_offers_for_long() -> None:
    rig = Rig(working())
    loop = rig.loop()
    loop.state = loop.state.model_copy(update={"pace": Pace(offered_at=later(60 * 24))})
    await loop.step(NOW)
    assert loop.state.pace.offered_at == NOW
