"""A shadow notes what it would do, offers nothing, goes by its own asks and offers, and is compared with the live policy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from pydantic import ValidationError

from agent.bench.stub import task_words
from agent.core.decisions import asks, offers
from agent.core.pace_settings import PaceSettings
from agent.core.records import Event, Tick
from agent.core.redact import Rules
from agent.loop import Loop
from agent.replay import compare
from agent.shadow import KEY, Ghost
from agent.state import load
from tests.conftest import NOW
from tests.parts import IDEA, Rig, later, working

LIVE = PaceSettings(level=5)


def rig_with(**shadow: object) -> tuple[Rig, Loop]:
    """A loop with a shadow of these settings."""
    rig = Rig(working(), IDEA, answer="ignored")
    return rig, rig.loop(load(rig.store, LIVE.model_copy(update={"shadow": shadow}), Rules(), NOW))


async def played(rig: Rig, loop: Loop, looks: int = 60, first: int = 0) -> list[Tick]:
    """So many looks two minutes apart, with something new and another idea at each."""
    done = []
    for n in range(first, first + looks):
        now = later(2 * n)
        rig.clock.advance(now)
        rig.sensor.events = moved(working(), n, now - NOW)
        rig.predictor.candidates = (IDEA.model_copy(update={"kind": f"kind{n}", "task": task_words(n + 1)}),)
        done.append(await loop.step(now))
        await loop.drain()
    return done


def moved(events: Sequence[Event], n: int, by: timedelta) -> tuple[Event, ...]:
    """The events at a later time, in windows of other titles."""
    titles = {e.id: {"title": f"{e.data['title']} {n}"} if "title" in e.data else {} for e in events}
    return tuple(e.model_copy(update={"timestamp": e.timestamp + by, "data": e.data | titles[e.id]}) for e in events)


async def test_without_a_shadow_nothing_is_noted() -> None:
    rig = Rig(working(), IDEA)
    assert {t.shadow for t in await played(rig, rig.loop(), 3)} == {""}
    assert rig.store.get_state(KEY) is None


async def test_a_shadow_with_the_settings_of_the_live_policy_decides_alike() -> None:
    rig, loop = rig_with(daily_cap=LIVE.daily_cap)
    done = await played(rig, loop)
    found = compare(rig.store)
    assert (found.looks, found.same, found.cells) == (60, 60, ())
    assert found.offers == found.offers_shadow == sum(t.ending == "offer" for t in done) > 1
    assert found.answers["both"] == {"ignored": found.offers}


async def test_the_shadow_offers_nothing_and_asks_nobody() -> None:
    plain = Rig(working(), IDEA, answer="ignored")
    alone = await played(plain, plain.loop(load(plain.store, LIVE, Rules(), NOW)))
    rig, loop = rig_with(floor=1, start=2)
    beside = await played(rig, loop)
    assert [(t.ending, t.reason) for t in beside] == [(t.ending, t.reason) for t in alone]
    assert len(rig.notifier.shown) == len(plain.notifier.shown)
    assert len(rig.predictor.asked) == len(plain.predictor.asked)
    assert sum(asks(t.shadow) for t in beside) > sum(t.prediction is not None for t in beside)
    assert any(t.shadow == "ask" for t in beside), "where only it would have asked, nobody knows what would have come"


async def test_offers_that_a_quieter_shadow_would_not_have_made_are_told_with_their_answers() -> None:
    rig, loop = rig_with(daily_cap=1)
    await played(rig, loop)
    found = compare(rig.store)
    assert found.offers > found.offers_shadow == 1
    assert found.answers == {"both": {"ignored": 1}, "live only": {"ignored": found.offers - 1}}
    assert {c.shadow for c in found.cells} & {"daily_cap"}
    assert found.looks == found.same + sum(c.count for c in found.cells)


async def test_a_restart_does_not_make_the_shadow_forget() -> None:
    rig, loop = rig_with(daily_cap=1)
    await played(rig, loop, 5)
    kept = rig.store.get_state(KEY)
    assert kept is not None
    assert len(kept) < 4096
    assert len(Ghost.model_validate_json(kept).offered) == 1
    again = rig.loop(load(rig.store, loop.state.settings, Rules(), later(10)))
    done = (await played(rig, again, 5, first=5))[-1]
    assert not offers(done.shadow)


async def test_a_shadow_that_cannot_be_read_begins_anew() -> None:
    rig, loop = rig_with(level=4)
    rig.store.put_state(KEY, "{oops")
    assert (await loop.step(NOW)).shadow


WRONG = [
    ({"dailycap": 3}, "dailycap: unknown key"),
    ({"level": 9}, "level: Input should be less than or equal to 5"),
    ({"floor": 50}, "ceiling: 30 minutes is less than floor"),
    ({"shadow": {}}, "a shadow has no shadow"),
]


@pytest.mark.parametrize(("shadow", "said"), WRONG, ids=[s.split(":")[0] for _, s in WRONG])
def test_a_shadow_with_wrong_settings_is_refused_in_words(shadow: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match="shadow") as caught:
        PaceSettings(shadow=shadow)
    assert said in caught.value.errors()[0]["msg"]


def test_a_shadow_has_the_live_settings_but_for_its_own() -> None:
    live = PaceSettings(daily_cap=7, shadow={"level": 1})
    shadow = live.shadowed()
    assert shadow is not None
    assert (shadow.daily_cap, shadow.level, shadow.shadow) == (7, 1, {})
    assert PaceSettings().shadowed() is None
