"""Holds calls to a failing endpoint back: growing pauses, one probe at a time, a ceiling of requests an hour."""

from __future__ import annotations

import math
import random
from collections import deque
from datetime import datetime, timedelta

from agent.core.defence import on

FIRST, LONGEST = 5.0, 900.0
OPENS_AT = 5
OPEN_AT_LEAST = 600.0
CEILING = 12
HOUR = timedelta(hours=1)


class Breaker:
    """Counts the failures of one endpoint in the loop's time.

    After the n-th failure in a row the pause is drawn between 5 s and 5 * 2^n s, at most 15 minutes (full jitter); from the
    fifth on it is 10 to 15 minutes. Then one call at a time is let through until one succeeds. Whatever happens, no more than
    12 failed requests fall into one hour. A refused key stops calls for good, until `reset`.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._failures: deque[datetime] = deque(maxlen=CEILING)
        self.reset()

    def reset(self) -> None:
        """Forget everything: the settings changed or the user asked for a retry."""
        self._failures.clear()
        self._streak = 0
        self._pause = 0.0
        self._since: datetime | None = None
        self._probing = False
        self.why = ""

    def begin(self, now: datetime) -> bool:
        """May a request be sent now? If so it counts as running until `succeeded`, `failed` or `ended`."""
        if not on("breaker"):
            return True
        if self.wait(now) > 0 or (self._streak and self._probing):
            return False
        self._probing = True
        return True

    def ended(self) -> None:
        """The request is over, however it ended."""
        self._probing = False

    def succeeded(self) -> None:
        """The endpoint answered: it is well."""
        self._streak = 0
        self._pause = 0.0
        self._since = None
        self.why = ""

    def failed(self, now: datetime, why: str, wait: float | None = None) -> None:
        """One more failure; `wait` is the pause the endpoint itself asked for, if it is the longer one."""
        self._streak += 1
        self._failures.append(now)
        self._since = now
        self._pause = max(self._draw(), wait or 0.0)
        self.why = why

    def again(self, now: datetime) -> bool:
        """A request failed that could be sent again at once: is there room for both in the hour? If so the first is counted."""
        room = len(self._failures) < CEILING - 1 or self._ceiling(now) <= 0
        if room:
            self._failures.append(now)
        return room

    def refused(self, now: datetime, why: str) -> None:
        """The key is not accepted: asking again would change nothing."""
        self.failed(now, why, math.inf)

    def wait(self, now: datetime) -> float:
        """Seconds until a call is let through; 0 for now, infinite until `reset`."""
        if self._since is None:
            return 0.0
        if now < self._since:
            self._clock_went_back(now)
        return max(0.0, self._pause - (now - self._since).total_seconds(), self._ceiling(now))

    def _draw(self) -> float:
        if self._streak >= OPENS_AT:
            return self._rng.uniform(OPEN_AT_LEAST, LONGEST)
        return self._rng.uniform(FIRST, min(LONGEST, FIRST * 2**self._streak))

    def _ceiling(self, now: datetime) -> float:
        if len(self._failures) < CEILING:
            return 0.0
        return (self._failures[0] + HOUR - now).total_seconds()

    def _clock_went_back(self, now: datetime) -> None:
        """A pause is a length of time: measured again from now, it cannot become a day because the clock was corrected."""
        self._since = now
        self._failures = deque((min(f, now) for f in self._failures), maxlen=CEILING)
