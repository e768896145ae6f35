"""R7: what an endpoint may answer, and exactly how often it is asked then: for one ask, and in an hour of asks each 20 s."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from pydantic import SecretStr

from agent.errors import LLMError
from agent.llm.openai import Endpoint, OpenAILLM, Settings, build
from agent.plug import Supplies
from agent.trust._sockets import HandClock, Said, Told, completion, question
from agent.trust.row import Row

NOW = datetime(2026, 3, 2, 14, 0, tzinfo=timezone.utc)
EVERY = 20
CEILING = 12


class Case(NamedTuple):
    """An answer; requests for one ask; requests in an hour (None: at most 12)."""

    name: str
    said: Said | None
    once: int
    hour: int | None


def _refused(status: int, text: str = "no", *headers: tuple[str, str], code: str = "") -> Said:
    body = json.dumps({"error": {"message": text, "code": code}}).encode()
    return Said(body, status, headers)


def cases() -> Iterator[Case]:
    """The table of the plan."""
    for status in (401, 403, 402):
        yield Case(f"{status}", _refused(status), 1, 1)
    yield Case("429 without credit", _refused(429, code="insufficient_quota"), 1, 1)
    for status in (404, 408, 409, 500, 502, 503, 504, 301):
        yield Case(f"{status}", _refused(status), 1, None)
    yield Case("400", _refused(400, "bad"), 1, None)
    date = (NOW + timedelta(seconds=3600)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    for wait, hour in (("", None), ("0", None), ("-1", None), ("NaN", None), ("3600", 1), (date, 1)):
        yield Case(f"429, Retry-After {wait or 'none'}", _refused(429, "slow", ("Retry-After", wait)), 1, hour)
    yield Case("429, Retry-After 3, waited out once", _refused(429, "slow", ("Retry-After", "3")), 2, None)
    whole = len(completion("{}")) + 60
    for n in range(20):
        yield Case(f"a stream cut at {n}/20", Said(completion("{}"), after=whole * n // 20, close=True), 1, None)
    yield Case("10 MiB", Said(b"x" * (10 << 20)), 1, None)
    yield Case("no JSON", Said(b"<html>"), 1, None)
    for name in ("nobody listens", "no such host", "no TLS"):
        yield Case(name, None, 0, None)


async def rows() -> list[Row]:
    """One row: every case, asked once and for an hour."""
    wrong, asked, count = [], 0, 0
    for case in cases():
        count += 1
        once, hour, failures = await _tried(case)
        asked += once + hour
        fits = hour == case.hour if case.hour is not None else hour <= CEILING
        # Where nobody answers, what is counted are the connections that were tried.
        if (case.said is not None and (once != case.once or not fits)) or (case.said is None and failures > CEILING):
            wrong.append(f"{case.name}: {once}, {hour}")
    what = "answers of an endpoint: requests for one ask, and in an hour of asks each 20 s"
    told = f"{count - len(wrong)} as written ({asked} requests)" + (f"; wrong: {'; '.join(wrong)}" if wrong else "")
    goal = "401, 402, 403, no credit: 1; 429 with 3600: 1 until due; else 1 an ask and at most 12 an hour"
    return [Row("R7", what, count, told, goal, not wrong)]


async def _tried(case: Case) -> tuple[int, int, int]:
    """Requests for one ask, requests in an hour, and calls in it that reached for the network."""
    async with _server(case) as (url, server):
        clock = HandClock(NOW)
        llm = _llm(url, clock, 10.0 if server else 1.0)
        await _ask(llm)
        await llm.close()
        once = len(server.asked) if server else 0
        if server:
            server.asked.clear()
        clock, failures = HandClock(NOW), 0
        llm = _llm(url, clock, 10.0 if server else 1.0)
        while clock.now() < NOW + timedelta(hours=1):
            failures += await _ask(llm) not in ("open", "refused")
            clock.at += timedelta(seconds=EVERY)
        await llm.close()
        return once, len(server.asked) if server else 0, failures


@asynccontextmanager
async def _server(case: Case) -> AsyncIterator[tuple[str, Told | None]]:
    """The endpoint's address, and the server behind it if there is one."""
    said = case.said or Said()
    async with Told(lambda *_: said) as server:
        if case.said is not None or case.name == "no TLS":
            yield server.base_url if case.said else f"https://127.0.0.1:{server.port}/v1", server if case.said else None
            return
    yield "https://no-such-host.invalid/v1" if case.name == "no such host" else server.base_url, None


def _llm(url: str, clock: HandClock, timeout: float) -> OpenAILLM:
    ends = [Endpoint(base_url=url, api_key=SecretStr("sk-lab-0123456789abcdef"), model="m")]
    return build(Settings(alias="lab", endpoints=ends, timeout=timeout, seed=1), Supplies(clock=clock))


async def _ask(llm: OpenAILLM) -> str:
    try:
        await asyncio.wait_for(llm.complete(question()), 20)
    except LLMError as e:
        return e.kind
    return ""
