"""Wakes the daemon for its one next tick: a one-shot job of APScheduler that is armed again after each, and never dropped."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Coroutine
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)

# Wall clock and monotonic clock drift apart by this when the machine slept or the clock was set.
DRIFT = 5.0


class Alarm:
    """Calls `due`, which must return at once, at the time it was armed for: late after a sleep, but never dropped."""

    def __init__(self, due: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._due = due
        self._scheduler = _scheduler()
        self._offset = time.time() - time.monotonic()

    def start(self) -> None:
        """Begin, in the running loop."""
        self._scheduler.start()

    def arm(self, at: datetime) -> None:
        """The next call, in place of one that is armed."""
        self._scheduler.add_job(self._due, "date", run_date=at, id="tick", replace_existing=True, misfire_grace_time=None)

    def slept(self) -> bool:
        """Whether the machine slept or the clock was set since the last look: then whatever was armed must be armed anew."""
        before, self._offset = self._offset, time.time() - time.monotonic()
        moved = self._offset - before
        if abs(moved) <= DRIFT:
            return False
        log.info("the clock moved by %.0f s (sleep, or it was set)", moved)
        return True

    def pause(self) -> None:
        """No more calls."""
        self._scheduler.pause()

    def stop(self) -> None:
        """End; the loop needs one more turn after it."""
        self._scheduler.shutdown(wait=False)


def _scheduler() -> AsyncIOScheduler:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    return AsyncIOScheduler(timezone=timezone.utc, job_defaults={"coalesce": True, "max_instances": 1})
