"""R6: servers that hang or drip at every point of an answer, as ActivityWatch, as a model and as a page."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timezone

from agent.clocks import SimulatedClock
from agent.errors import ProactiveError
from agent.llm.openai import Endpoint, Settings, build
from agent.plug import Supplies
from agent.sense._http import Access
from agent.sense.activitywatch import ActivityWatchSensor
from agent.sense.activitywatch import Settings as AwSettings
from agent.tools._fetch import PageFetcher
from agent.trust._sockets import Jitter, Said, Told, Watched, completion, question
from agent.trust.row import Row

NOW = datetime(2026, 3, 2, 14, 0, tzinfo=timezone.utc)
DEADLINE = 1.0
POINTS = (0, 1, 9, 20, 40, 60, 80, 100, 150, 300)
DRIPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.5)
Ask = Callable[[int], Awaitable[object]]


def manners(body: bytes) -> list[Said]:
    """Ten servers that hang after so many bytes, and ten that drip, half of them from the first byte of the head."""
    hang = [Said(body, after=n) for n in POINTS]
    return hang + [Said(body, after=0 if n % 2 else 90, drip=drip) for n, drip in enumerate(DRIPS)]


async def rows(full: bool) -> list[Row]:  # noqa: FBT001 - as the contract has it
    """One row for each of the three that are asked."""
    few = slice(None) if full else slice(0, None, 5)
    body = json.dumps([{"x": "y" * 80}] * 30).encode()
    return [
        await _measured("ActivityWatch", _activitywatch, manners(body)[few]),
        await _measured("the model", _model, manners(completion("x" * 2000))[few]),
        await _measured("a page", _page, manners(b"<p>" + b"x" * 2000)[few]),
    ]


async def _measured(who: str, ask: Ask, said: Sequence[Said]) -> Row:
    over, odd, jitter = 0.0, 0, 0.0
    for one in said:
        aw = Watched({"window": []}, {"/info": one}) if ask is _activitywatch else None
        async with Told(aw.answer if aw else lambda *_, one=one: one) as server, Jitter() as beside:
            began = time.monotonic()
            try:
                await ask(server.port)
                odd += 1
            except ProactiveError:
                over = max(over, time.monotonic() - began - DEADLINE)
            jitter = max(jitter, beside.most)
    return Row(
        "R6", f"{who} hangs or drips; the deadline is {DEADLINE:g} s", len(said),
        f"at most {over:.2f} s over it, {odd} not ended by it, others waited {1000 * jitter:.0f} ms at most",
        "at most 1 s over it, others at most 200 ms", over <= 1.0 and not odd and jitter <= 0.2,
    )  # fmt: skip


async def _activitywatch(port: int) -> object:
    sensor = ActivityWatchSensor(AwSettings(timeout=DEADLINE), Access("127.0.0.1", port))
    try:
        return await sensor.read(NOW)
    finally:
        await sensor.close()


async def _model(port: int) -> object:
    ends = [Endpoint(base_url=f"http://127.0.0.1:{port}/v1", model="m")]
    llm = build(Settings(alias="lab", endpoints=ends, timeout=DEADLINE), Supplies(clock=SimulatedClock(NOW)))
    try:
        return await llm.complete(question())
    finally:
        await llm.close()


async def _page(port: int) -> object:
    async def here(host: str, number: int) -> Sequence[str]:
        return ("127.0.0.1",)

    fetcher = PageFetcher(here, public=lambda a: a == "127.0.0.1", deadline=DEADLINE)
    return await asyncio.shield(fetcher.fetch(f"http://page.example:{port}/"))
