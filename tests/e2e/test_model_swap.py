"""The model is edited, breaks and heals while the daemon runs; what was asked of each endpoint is counted."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.bench.server import PrivateServer
from tests.e2e.daemon import Daemon, eventually
from tests.e2e.feeder import Feeder
from tests.stub_llm import Reply, StubEndpoint, completion, refusal, stub

pytestmark = pytest.mark.e2e

SILENCE = completion(json.dumps({"purpose": "reads", "thoughts": "nothing to offer", "candidates": []}))
CALM = 3.5  # seconds in which a daemon that may ask does ask here; the first pause after a failure is 5 s or more


@pytest.fixture
def fed() -> Iterator[PrivateServer]:
    """A real ActivityWatch server while somebody turns page after page: every look sees something new."""
    made = PrivateServer()
    asyncio.run(made.__aenter__())
    with Feeder(made.url, made.host, every=2.2):
        yield made
    asyncio.run(made.__aexit__(None, None, None))


def settings(**aliases: StubEndpoint) -> dict[str, Any]:
    """Sections that name these endpoints; the first is the default."""
    keys = {
        name: [{"api_key": f"key-of-{name}-123456", "base_url": e.base_url, "model": f"model-{name}"}]
        for name, e in aliases.items()
    }
    return {"api_keys": keys, "request": {"default_completions_model": next(iter(aliases)), "timeout": 3.0}}


@contextlib.asynccontextmanager
async def asking(folder: Path, port: int, *replies: Reply, **request: Any) -> AsyncIterator[tuple[Daemon, StubEndpoint]]:
    """A daemon whose only model answers these in turn."""
    async with stub(*replies) as model:
        sections = settings(A=model)
        sections["request"] |= request
        made = Daemon(folder, activitywatch={"port": port}, **sections)
        with made.running():
            await made.until(lambda _: model.requests, 20)
            yield made, model
            assert (await made.ask("status"))["bugs"] == 0
            assert "Traceback" not in made.log
            assert "key-of-A" not in made.log


async def edited(made: Daemon) -> None:
    """Change the configuration in something that has nothing to do with the model, and wait until it is in force."""
    before = made.log.count("the new configuration is in force")
    made.write(pace={**made.sections["pace"], "toast_seconds": 10 + before})
    await eventually(lambda: made.log.count("the new configuration is in force") > before)


async def test_an_edited_alias_moves_the_next_call_and_a_broken_edit_does_not(fed: PrivateServer, tmp_path: Path) -> None:
    async with stub(SILENCE) as a, stub(SILENCE) as b:
        made = Daemon(tmp_path, activitywatch={"port": fed.port}, **settings(A=a, B=b))
        with made.running():
            await made.until(lambda _: len(a.requests) >= 2, 20)
            assert b.requests == []
            broken = made.config.read_text().replace('default_completions_model = "A"', 'default_completions_model = "B')
            made.write(broken)
            line = 1 + broken[: broken.index('"B')].count("\n")
            status = await made.until(lambda s: s["config_problem"])
            assert str(made.config) in status["config_problem"]
            assert f"line {line}" in status["config_problem"]
            assert f"line {line}" in (await made.proactive("status")).stdout
            before = len(a.requests)
            await eventually(lambda: len(a.requests) > before)
            made.write('[request]\ndefault_completions_modell = "B"\n')
            status = await made.until(lambda s: "unknown key" in s["config_problem"])
            assert "line 2: unknown key 'request.default_completions_modell'. Did you mean" in status["config_problem"]
            assert b.requests == []
            made.write(request={**made.sections["request"], "default_completions_model": "B"})
            status = await made.until(lambda s: s["model"] == "B")
            assert status["config_problem"] == ""
            after = len(a.requests)
            await eventually(lambda: len(b.requests) >= 2)
            assert len(a.requests) == after, "not one more call to the first"
            assert b.requests[0]["model"] == "model-B"
            assert b.headers[0]["authorization"] == "Bearer key-of-B-123456"


async def test_a_refused_key_is_asked_once_until_the_configuration_changes(fed: PrivateServer, tmp_path: Path) -> None:
    refused = refusal(401, "Incorrect API key provided: key-of-A-123456")
    async with asking(tmp_path, fed.port, refused, refused, SILENCE) as (made, model):
        await asyncio.sleep(CALM)
        assert len(model.requests) == 1
        status = await made.until(lambda s: s["model_problems"])
        assert "refused the key (HTTP 401)" in status["model_problems"][0]
        assert "refused the key (HTTP 401)" in (await made.proactive("status")).stdout
        await edited(made)
        await eventually(lambda: len(model.requests) == 2)
        await edited(made)
        await eventually(lambda: len(model.requests) >= 4)
        await made.until(lambda s: not s["model_problems"])


async def test_retry_after_is_kept_to_the_second_and_for_an_hour(fed: PrivateServer, tmp_path: Path) -> None:
    soon, late = [Reply(429, "{}", headers=(("Retry-After", seconds),)) for seconds in ("1", "3600")]
    async with asking(tmp_path, fed.port, soon, SILENCE, late) as (made, model):
        began = time.monotonic()
        await eventually(lambda: len(model.requests) >= 2)
        assert 0.8 < time.monotonic() - began < 4
        await eventually(lambda: len(model.requests) == 3)
        await asyncio.sleep(CALM)
        assert len(model.requests) == 3
        assert "asks for fewer requests (HTTP 429)" in (await made.ask("status"))["model_problems"][0]


FAILURES = {
    "500": (refusal(500, "oh"), "failed (HTTP 500)"),
    "403": (refusal(403, "no"), "refused the key (HTTP 403)"),
    "404": (refusal(404, "no such model"), "does not know the address or the model"),
    "no credit": (refusal(429, "You exceeded your current quota", code="insufficient_quota"), "no credit left"),
    "hanging": (Reply(mode="hang"), "did not answer in time"),
    "dripping": (Reply(body=b" " * 200, mode="drip"), "did not answer in time"),
    "cut": (Reply(body=SILENCE.body, mode="cut"), "broke off"),
    "reset": (Reply(mode="reset"), "cannot be reached"),
    "garbage": (Reply(body=b"<html>"), "not JSON"),
    "flood": (Reply(mode="flood"), "sent more than"),
}


async def failing(folder: Path, port: int, fault: str, at_once: asyncio.Semaphore) -> tuple[int, str, list[str]]:
    """Requests made, what status names, and how the looks that asked have ended."""
    folder.mkdir()
    async with at_once, asking(folder, port, FAILURES[fault][0]) as (made, model):
        status = await made.until(lambda s: s["model_problems"])
        await asyncio.sleep(CALM)
        return len(model.requests), status["model_problems"][0], [t.ending for t in made.ticks() if t.observation is not None]


async def test_a_failing_endpoint_is_asked_once_and_named(fed: PrivateServer, tmp_path: Path) -> None:
    at_once = asyncio.Semaphore(4)
    found = await asyncio.gather(*(failing(tmp_path / fault, fed.port, fault, at_once) for fault in FAILURES))
    for (fault, (_, words)), (count, problem, endings) in zip(FAILURES.items(), found, strict=True):
        assert count == 1, f"{fault}: {count} requests"
        assert words in problem, fault
        assert set(endings) == {"failed"}, fault


async def test_prose_instead_of_json_costs_one_repair_and_then_waits_for_something_new(
    fed: PrivateServer, tmp_path: Path
) -> None:
    async with asking(tmp_path, fed.port, completion("I would rather chat."), completion("No, really."), SILENCE) as (
        made,
        model,
    ):
        await eventually(lambda: len(model.requests) >= 3)
        asked = [t for t in made.ticks() if t.prediction is not None]
        assert (asked[0].ending, len(asked[0].prediction.calls if asked[0].prediction else ())) == ("silent", 2)
        assert (await made.ask("status"))["calls_today"] >= 3


async def test_the_offline_predictor_stands_in_if_the_user_says_so(fed: PrivateServer, tmp_path: Path) -> None:
    async with asking(tmp_path, fed.port, refusal(500, "oh"), fallback_offline=True) as (made, model):
        offer = await made.offer()
        assert offer.candidate.kind != ""
        assert len(model.requests) == 1
        assert "failed (HTTP 500)" in (await made.ask("status"))["model_problems"][0]


async def test_entries_of_one_alias_are_tried_in_order(fed: PrivateServer, tmp_path: Path) -> None:
    async with stub(refusal(503, "oh")) as first, stub(SILENCE) as second:
        sections = settings(A=first, B=second)
        keys = sections["api_keys"]
        made = Daemon(tmp_path, activitywatch={"port": fed.port}, **{**sections, "api_keys": {"A": [*keys["A"], *keys["B"]]}})
        with made.running():
            await made.until(lambda _: len(second.requests) >= 3, 20)
            assert len(first.requests) == 1
