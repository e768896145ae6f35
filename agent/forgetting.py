"""Looks and deletions of one loop take turns, so that what the user deletes is not written again by a look that saw it.

A look that is asking a model when a deletion comes is cut short: nothing of it is kept, and nobody is asked further.
Not covered: a text that was on its way already.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from agent.core.records import Tick
from agent.errors import ControlError


class Forgetting:
    """The turns of one loop: a look is made while `turn` is held, a deletion within `still`; `ended` counts these."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.ended = 0
        self._deletions = 0
        self._asking: asyncio.Task[Tick] | None = None

    async def ask(self, asking: Coroutine[Any, Any, Tick]) -> Tick:
        """What the models say of a look; ControlError if something is deleted meanwhile."""
        self._asking = asyncio.create_task(asking)
        if self._deletions:
            self._asking.cancel()
        try:
            return await self._asking
        except asyncio.CancelledError:
            if self._deletions:
                raise ControlError("A look was dropped: what it saw was being deleted.") from None
            raise
        finally:
            self._asking = None

    @asynccontextmanager
    async def still(self) -> AsyncIterator[None]:
        """While this lasts no look is made; one that is being made ends first, and asks nobody any more."""
        self._deletions += 1
        try:
            if self._asking is not None:
                self._asking.cancel()
            async with self.turn:
                try:
                    yield
                finally:
                    self.ended += 1
        finally:
            self._deletions -= 1
