"""A clock that is set back: what was asked in the future of now is no reason for an hour's silence."""

from __future__ import annotations

from datetime import timedelta

from agent.state import Asked, load
from tests.conftest import NOW
from tests.parts import IDEA, Rig, later, working


async def test_a_clock_set_back_costs_one_interval_and_not_the_hour() -> None:
    rig = Rig(working(), IDEA)
    loop = rig.loop()
    before = load(rig.store, loop.state.settings, loop.state.rules, NOW)
    loop.state = before.model_copy(update={"asked": Asked(at=later(60), fingerprint="an hour ahead")})
    assert (await loop.step(NOW)).reason == "pace"
    rig.sensor.events = tuple(e.model_copy(update={"timestamp": e.timestamp + timedelta(minutes=11)}) for e in working())
    assert (await loop.step(later(11))).ending == "offer"
