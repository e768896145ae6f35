"""Plays the bundled day, moved by whole days, in a process of its own, so that its memory is not that of what is measured.

Each line it reads is `day N` or a moment in ISO form; it answers each with a line once that is done.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from agent.bench.player import Player
from agent.bench.sample import sample
from agent.errors import ProactiveError
from agent.sense.day import Day, read_day


class Feeder:
    """The other end: `day(n)` begins a day, `advance(now)` plays it up to then. Both raise ProactiveError when it has ended."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def day(self, number: int) -> tuple[datetime, datetime, str]:
        """Begin a day: from when to when there is something to see, and the name of the computer it was recorded on."""
        begin, end, host = json.loads(await self._do(f"day {number}"))
        return datetime.fromisoformat(begin), datetime.fromisoformat(end), str(host)

    async def advance(self, until: datetime) -> None:
        """Send what became known up to then."""
        await self._do(until.isoformat())

    async def _do(self, line: str) -> str:
        assert self._process.stdin is not None  # noqa: S101 - both are pipes
        assert self._process.stdout is not None  # noqa: S101
        self._process.stdin.write(line.encode() + b"\n")
        await self._process.stdin.drain()
        answer = await self._process.stdout.readline()
        if not answer:
            raise ProactiveError("The process that plays the days has ended.", "Its words stand above.")
        return answer.decode()


@asynccontextmanager
async def feeder(url: str) -> AsyncIterator[Feeder]:
    """A process that feeds the server at `url`; it ends with the block."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "agent.trust._feeder", url, stdin=pipe, stdout=pipe)
    try:
        yield Feeder(process)
    finally:
        process.terminate()
        await process.wait()


def moved(day: Day, days: int) -> Day:
    """The day, so many days later."""
    by = timedelta(days=days)

    def later(part: Any) -> Any:
        if hasattr(part, "timestamp"):
            return part.model_copy(update={"timestamp": part.timestamp + by})
        return part.model_copy(update={"start": part.start + by, "end": part.end + by})

    truth = day.truth.model_copy(update={"blocks": tuple(map(later, day.truth.blocks))})
    events = {name: tuple(map(later, own)) for name, own in day.events.items()}
    return day.model_copy(update={"events": events, "truth": truth})


async def _serve(url: str) -> None:
    recorded = read_day(sample() / "day.json")
    async with AsyncExitStack() as stack:
        player: Player | None = None
        while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
            if line.startswith("day "):
                await stack.aclose()
                day = moved(recorded, int(line[4:]))
                player = await stack.enter_async_context(Player(day, url))
                answer = json.dumps([day.truth.blocks[0].start.isoformat(), day.end.isoformat(), day.host])
            else:
                answer = str(await player.advance(datetime.fromisoformat(line)) if player else 0)
            sys.stdout.write(answer + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
