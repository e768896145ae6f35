"""What stands around the loop in a bench: tools that answer instead of acting, an unknown desktop, a sensor that is watched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from agent import plug
from agent.act import ToolBelt
from agent.core.ports import Sensor, Tool
from agent.core.records import Operation, PresenceState, Reading, Result
from agent.errors import ToolError


class NoDesktop:
    """Port Presence: a machine that tells nothing."""

    async def look(self) -> PresenceState:
        """Everything unknown."""
        return PresenceState()


class BenchTools:
    """Port Toolbox over the real tools: it checks and lists like them, but runs nothing.

    The files of a recorded day are not on this machine, so an operation whose arguments have the right shape passes.
    """

    def __init__(self, allow: Sequence[str], supplies: plug.Supplies) -> None:
        self._tools: dict[str, Tool] = {name: plug.build("tools", name, {}, supplies) for name in allow}
        self._belt = ToolBelt(list(self._tools.values()))
        self.ran: list[Operation] = []

    def check(self, operation: Operation) -> str:
        """The line that says what would run; ToolError if the operation is unknown or its arguments are of another shape."""
        try:
            return self._belt.check(operation)
        except ToolError:
            if not self._fits(operation):
                raise
        shown = ", ".join(str(value) for value in operation.arguments.values())
        return f"{operation.name} {' '.join(shown.split())}"[:80]

    def catalogue(self) -> str:
        """As the real tools say."""
        return self._belt.catalogue()

    async def run(self, operation: Operation) -> Result:
        """Note it, and say that nothing was done."""
        self.ran.append(operation)
        return Result(text="Not carried out: this is a bench.")

    async def undo(self, operation: Operation, record: Mapping[str, Any]) -> str:
        """Nothing was done, so nothing is undone."""
        raise ToolError(f"{operation.name} was not carried out.", "Nothing was changed.")

    def _fits(self, operation: Operation) -> bool:
        tool = self._tools.get(operation.name)
        try:
            return tool is not None and tool.args.model_validate(operation.arguments) is not None
        except ValidationError:
            return False


class Watched:
    """Port Sensor over another one; keeps which window time it delivered, before anything is redacted."""

    def __init__(self, inner: Sensor) -> None:
        self._inner = inner
        self._ends: dict[tuple[str, datetime], datetime] = {}

    async def read(self, now: datetime) -> Reading:
        """What the sensor inside reads."""
        reading = await self._inner.read(now)
        for event in reading.events:
            if event.track == "window":
                key = (event.bucket, event.timestamp)
                self._ends[key] = max(event.end, self._ends.get(key, event.end))
        return reading

    async def close(self) -> None:
        """Close the sensor inside."""
        await self._inner.close()

    def windows(self) -> dict[str, list[tuple[datetime, datetime]]]:
        """The stretches of window events that were delivered, by bucket."""
        found: dict[str, list[tuple[datetime, datetime]]] = {}
        for (bucket, start), end in self._ends.items():
            found.setdefault(bucket, []).append((start, end))
        return found
