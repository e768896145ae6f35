"""The clocks: each fits the port, scaled time is scaled, simulated time passes at once and in order."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta, timezone

import pytest

from agent.clocks import RealClock, ScaledClock, SimulatedClock
from agent.core.ports import Clock
from tests.conftest import NOW


@pytest.mark.parametrize("clock", [RealClock(), ScaledClock(1000), SimulatedClock(NOW)])
async def test_every_clock_gives_aware_times_in_utc_and_sleeps_its_own_seconds(clock: Clock) -> None:
    before = clock.now()
    await clock.sleep(0.02)
    assert before.utcoffset() == timedelta(0)
    assert clock.now() - before >= timedelta(seconds=0.019)
    assert clock.factor > 0


async def test_a_scaled_clock_starts_where_it_is_told_and_runs_faster() -> None:
    clock = ScaledClock(600, NOW.astimezone(timezone(timedelta(hours=9))))
    real = time.monotonic()
    await clock.sleep(60)
    real = time.monotonic() - real
    assert 0.09 < real < 1
    assert timedelta(seconds=59) < clock.now() - NOW < timedelta(seconds=700)


@pytest.mark.parametrize("factor", [0, -1, float("inf"), float("nan")])
def test_a_scaled_clock_refuses_a_factor_that_stops_or_reverses_time(factor: float) -> None:
    with pytest.raises(ValueError, match="greater than 0"):
        ScaledClock(factor)


async def test_a_simulated_hour_takes_no_time() -> None:
    clock, real = SimulatedClock(NOW), time.monotonic()
    await clock.sleep(3600)
    assert clock.now() == NOW + timedelta(hours=1)
    assert time.monotonic() - real < 0.5


async def test_simulated_sleepers_wake_in_the_order_of_their_times() -> None:
    clock, woken = SimulatedClock(NOW), []

    async def sleeper(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((seconds, (clock.now() - NOW).total_seconds()))

    await asyncio.gather(*(sleeper(s) for s in (30, 10, 20, 10)))
    assert woken == [(10, 10), (10, 10), (20, 20), (30, 30)]


async def test_a_cancelled_simulated_sleeper_holds_nobody_up() -> None:
    clock = SimulatedClock(NOW)
    first, second = asyncio.create_task(clock.sleep(5)), asyncio.create_task(clock.sleep(9))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait_for(second, 1)
    assert clock.now() == NOW + timedelta(seconds=9)


def test_simulated_time_never_goes_back() -> None:
    clock = SimulatedClock(NOW)
    clock.advance(NOW - timedelta(hours=1))
    assert clock.now() == NOW
