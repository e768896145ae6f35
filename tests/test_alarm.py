"""The alarm: one call at a time, late rather than never, and a clock that was set is noticed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone

import pytest

from agent.alarm import DRIFT, Alarm


class Calls:
    """Counts the calls."""

    def __init__(self) -> None:
        self.times: list[float] = []

    async def __call__(self) -> None:
        self.times.append(time.monotonic())


@pytest.fixture
async def calls() -> AsyncIterator[tuple[Alarm, Calls]]:
    """A started alarm and what it called."""
    seen = Calls()
    alarm = Alarm(seen.__call__)
    alarm.start()
    yield alarm, seen
    alarm.stop()
    await asyncio.sleep(0)


def soon(seconds: float) -> datetime:
    return datetime.now(timezone.utc) + timedelta(seconds=seconds)


async def test_a_time_long_past_is_due_at_once_and_once(calls: tuple[Alarm, Calls]) -> None:
    alarm, seen = calls
    alarm.arm(soon(-8 * 3600))
    await asyncio.sleep(0.15)
    assert len(seen.times) == 1


async def test_arming_again_replaces_what_was_armed(calls: tuple[Alarm, Calls]) -> None:
    alarm, seen = calls
    alarm.arm(soon(3600))
    alarm.arm(soon(0.1))
    await asyncio.sleep(0.3)
    assert len(seen.times) == 1


async def test_paused_it_calls_nobody(calls: tuple[Alarm, Calls]) -> None:
    alarm, seen = calls
    alarm.arm(soon(0.05))
    alarm.pause()
    await asyncio.sleep(0.2)
    assert seen.times == []


@pytest.mark.parametrize("moved", [3600.0, -3600.0, DRIFT + 1])
async def test_a_sleep_or_a_set_clock_is_noticed_once(calls: tuple[Alarm, Calls], moved: float) -> None:
    alarm, _ = calls
    assert not alarm.slept()
    alarm._offset -= moved  # as if the clocks had stood that far apart at the last look
    assert alarm.slept()
    assert not alarm.slept()
