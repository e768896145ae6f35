"""What the running daemon does when it is asked: a choice of the user takes effect on what is on the screen, at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agent.config import RewardSettings, Settings
from agent.core.clean import Safe
from agent.core.policy import PaceSettings
from agent.core.records import Candidate, GateInput, LLMCall, Observation, Offer, Prediction, Tick, Toast
from agent.core.redact import Rules
from agent.desk import Desk
from agent.errors import ControlError
from agent.levels import settle
from agent.loop import Loop
from agent.state import State, load
from agent.store.sqlite import FILE, SqliteStore
from tests.conftest import NOW
from tests.parts import IDEA, Judges, Predicts, Rig, later, working


def desk(rig: Rig, loop: Loop, config: Path | None = None, state: Callable[[], State] | None = None) -> Desk:
    """A desk over a loop of scripted parts."""
    app = SimpleNamespace(parts=loop.parts, clock=rig.clock, settings=Settings(), state=state)
    daemon: Any = SimpleNamespace(app=app, loop=loop, watch=SimpleNamespace(path=config))
    return Desk(daemon)


async def shown() -> tuple[Rig, Loop, Desk]:
    """A loop with an offer on the screen that nobody has answered."""
    rig = Rig(working(), IDEA)
    loop = rig.loop()
    tick = Tick(id="t1", at=NOW, ending="offer", reason="", gate=GateInput(at=NOW, local_minute=0))
    hour = timedelta(hours=1)
    offer = Offer(id=0, nonce="n", tick="t1", at=NOW, expires=NOW + hour, candidate=IDEA, line="Search the web")
    assert rig.store.add_offer(tick, offer).id == 1
    assert await rig.notifier.show(Toast(offer=1, nonce="n", title="Search the web", body=""))
    loop.state = loop.state.model_copy(update={"open_offer": 1, "offered": (NOW,)})
    return rig, loop, desk(rig, loop)


def muted(loop: Loop) -> list[str]:
    return list(loop.state.pace.muted)


async def test_never_takes_the_offer_off_the_screen_and_is_stored() -> None:
    rig, loop, asked = await shown()
    assert await asked.never(1) == {"kind": "repeated_search", "name": "repeated_search"}
    assert (rig.notifier.withdrawn, loop.state.open_offer) == ([1], None)
    assert load(rig.store, loop.state.settings, loop.state.rules, NOW).pace.muted == ("repeated_search",)
    await asked.never(1)
    assert muted(loop) == ["repeated_search"]
    assert await asked.again("1") == {"kind": "repeated_search", "name": "repeated_search"}
    assert muted(loop) == []
    with pytest.raises(ControlError, match="The kind 'repeated_search' is not muted"):
        await asked.again("repeated_search")


async def test_level_0_takes_the_offer_off_the_screen_and_others_leave_it() -> None:
    rig, loop, asked = await shown()
    await asked.level(1)
    assert (rig.notifier.withdrawn, loop.state.pace.level) == ([], 1)
    await asked.level(0)
    assert (rig.notifier.withdrawn, loop.state.open_offer) == ([1], None)
    assert settle(rig.store, 3) == 0


async def test_a_choice_keeps_what_was_learnt_and_forgetting_keeps_the_choice() -> None:
    rig, loop, asked = await shown()
    await rig.notifier.withdraw(1)
    await loop.drain()
    await asked.answer(1, "rejected", "cli")
    learnt = loop.state.pace.answers
    assert [a.response for a in learnt] == ["rejected"]
    await asked.level(2)
    await asked.never(1)
    assert loop.state.pace.answers == learnt
    assert await asked.forget() == {"answers": 1}
    assert (loop.state.pace.answers, loop.state.pace.level, loop.state.pace.muted) == ((), 2, ("repeated_search",))


async def test_the_report_is_that_of_the_settings_in_force() -> None:
    _, loop, asked = await shown()
    r = await asked.pace()
    assert (r["level"], r["offers"], r["tokens"]["used"]) == (3, {"today": 1, "cap": loop.state.settings.daily_cap}, 0)
    assert r["price"] >= RewardSettings().threshold
    assert r["ideas"] == []


@pytest.mark.parametrize(("text", "kept"), [("[pace]\nlevel = 2\n", 2), ("[pace]\nlevel = 'x'\n", 3), (None, 3)])
async def test_a_level_outlives_an_edit_that_was_made_before_it_and_is_not_in_force_yet(
    tmp_path: Path, text: str | None, kept: int
) -> None:
    rig = Rig(working())
    config = tmp_path / "private.toml"
    if text is not None:
        config.write_text(text, encoding="utf-8")
    await desk(rig, rig.loop(), config).level(5)
    assert settle(rig.store, kept) == 5


class Slow(Predicts):
    """A model that thinks until it is let go on, and gives back what it was asked in its calls."""

    def __init__(self, *candidates: Candidate) -> None:
        super().__init__(*candidates)
        self.began, self.go_on = asyncio.Event(), asyncio.Event()

    async def predict(self, observation: Observation, digest: str) -> Prediction:
        self.began.set()
        await self.go_on.wait()
        call = LLMCall(at=NOW, purpose="predict", host="h", model="m", prompt=Safe(digest))
        return (await super().predict(observation, digest)).model_copy(update={"calls": (call,)})


@pytest.mark.parametrize(
    "chosen", [{"everything": True}, {"since": NOW - timedelta(hours=1)}, {"until": later(1)}, {"number": 1}]
)
async def test_a_look_that_is_being_made_does_not_write_again_what_is_deleted(tmp_path: Path, chosen: dict[str, Any]) -> None:
    rig = Rig(working(), IDEA)
    rig.predictor, judge = Slow(IDEA), Judges()
    rig.judge = judge
    with closing(SqliteStore(tmp_path / FILE)) as store:
        rig.store = store  # type: ignore[assignment]
        store.sending(LLMCall(at=NOW, purpose="predict", host="h", model="m", prompt=Safe("thesis.odt")))
        loop = rig.loop()
        looking = asyncio.create_task(loop.step(NOW))
        await rig.predictor.began.wait()
        deleted = asyncio.create_task(desk(rig, loop, state=lambda: load(store, PaceSettings(), Rules(), NOW)).erase(chosen))
        await asyncio.sleep(0)
        rig.predictor.go_on.set()
        with pytest.raises(ControlError, match="dropped"):
            await looking
        await deleted
        assert (store.calls(), store.ticks(), store.offers(), loop.last) == ([], [], [], None)
        assert (judge.cases, rig.notifier.shown) == ([], [])
        assert (await loop.step(later(3))).ending != "failed", "and then it goes on"


@pytest.mark.parametrize("seconds", [1e308, -1e9, 0, float("nan"), float("inf"), True, "a", [1]])
async def test_a_pause_of_no_length_is_refused_in_words(seconds: Any) -> None:
    rig = Rig(working(), IDEA)
    loop = rig.loop()
    with pytest.raises(ControlError, match="is no time to pause"):
        await desk(rig, loop).pause(seconds)
    assert loop.state.paused_until is None


async def test_what_names_no_offer_or_kind_is_refused_in_words() -> None:
    rig = Rig(working(), IDEA)
    asked = desk(rig, rig.loop())
    for number in ("1", 2**70, -1, True, None, ["x"]):
        with pytest.raises(ControlError, match="There is no offer"):
            await asked.never(number)  # type: ignore[arg-type]
    with pytest.raises(ControlError, match="is not muted"):
        await asked.again(5)  # type: ignore[arg-type]
