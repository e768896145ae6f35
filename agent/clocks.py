"""The clocks that fit the port Clock: real time, time at another speed, and time that passes only when somebody waits."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
import time
from datetime import datetime, timedelta, timezone


class RealClock:
    """The time of this computer."""

    factor = 1.0

    def now(self) -> datetime:
        """The time now, UTC."""
        return datetime.now(timezone.utc)

    async def sleep(self, seconds: float) -> None:
        """Wait that many seconds."""
        await asyncio.sleep(seconds)


class ScaledClock:
    """Time from `start` on (default: now), `factor` times as fast as real time; it does not follow the computer's clock."""

    def __init__(self, factor: float, start: datetime | None = None) -> None:
        if not 0 < factor < math.inf:
            raise ValueError("factor must be greater than 0")
        self.factor = factor
        self._start = start or datetime.now(timezone.utc)
        self._began = time.monotonic()

    def now(self) -> datetime:
        """The time now on this clock, UTC."""
        passed = (time.monotonic() - self._began) * self.factor
        return (self._start + timedelta(seconds=passed)).astimezone(timezone.utc)

    async def sleep(self, seconds: float) -> None:
        """Wait that many seconds of this clock."""
        await asyncio.sleep(seconds / self.factor)


class SimulatedClock:
    """Time that stands still but for `sleep` and `advance`: a day passes as fast as it can be computed.

    A sleep ends at once and moves the clock to its end; of several sleepers the earliest ends first. Time never goes back.
    """

    factor = math.inf

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(timezone.utc)
        self._sleepers: list[tuple[datetime, int]] = []
        self._count = itertools.count()

    def now(self) -> datetime:
        """The time now on this clock, UTC."""
        return self._now

    def advance(self, to: datetime) -> None:
        """Move the clock to a moment; one that has passed already changes nothing."""
        self._now = max(self._now, to.astimezone(timezone.utc))

    async def sleep(self, seconds: float) -> None:
        """Let everybody else get as far as they can, then move the clock by that many seconds."""
        me = (self._now + timedelta(seconds=max(0.0, seconds)), next(self._count))
        heapq.heappush(self._sleepers, me)
        try:
            await asyncio.sleep(0)
            while self._sleepers[0] != me:  # noqa: ASYNC110 - the others are in this loop too and each gives way at once
                await asyncio.sleep(0)
            self.advance(me[0])
        finally:
            self._sleepers.remove(me)
            heapq.heapify(self._sleepers)
