"""Every plug of the port LLM keeps the port's promises."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from agent import plug
from agent.clocks import SimulatedClock
from agent.core.ports import LLM, LLMRequest
from agent.errors import ConfigError
from agent.plug import Supplies
from tests.conftest import NOW
from tests.stub_llm import completion, stub

REQUEST = LLMRequest(purpose="judge", system="Answer in JSON.", user="Is it? äß漢", format={"title": "t", "type": "object"})
MINIMAL = {"openai": {"endpoints": [{"base_url": "http://127.0.0.1:1/v1", "model": "m"}]}}
KINDS = plug.kinds("llm")


@asynccontextmanager
async def running(kind: str) -> AsyncIterator[LLM]:
    async with stub(completion('{"yes": true}')) as server:
        endpoint = {"base_url": server.base_url, "api_key": "", "model": "m"}
        settings = {
            "openai": {"alias": "lab", "endpoints": [endpoint]},
            "scripted": {"alias": "lab", "answers": ['{"yes": true}']},
        }
        llm: LLM = plug.build("llm", kind, settings[kind], Supplies(clock=SimulatedClock(NOW)))
        yield llm
        await llm.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_call_holds_what_was_sent_what_came_back_and_its_price(kind: str) -> None:
    async with running(kind) as llm:
        call = await llm.complete(REQUEST)
    assert llm.name == "lab"
    assert (call.answer, call.purpose, call.at, call.error) == ('{"yes": true}', "judge", NOW, "")
    assert call.prompt == "[system]\nAnswer in JSON.\n\n[user]\nIs it? äß漢"
    assert call.prompt_tokens > 0
    assert call.completion_tokens > 0
    assert call.cost == 0
    assert call.host
    assert call.model


@pytest.mark.parametrize("kind", KINDS)
async def test_close_may_be_called_twice_and_before_any_call(kind: str) -> None:
    async with running(kind) as llm:
        await llm.close()
        await llm.close()


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_setting_is_a_config_error(kind: str) -> None:
    with pytest.raises(ConfigError, match="temprature"):
        plug.build("llm", kind, {"alias": "x", "temprature": 1} | MINIMAL.get(kind, {}), Supplies(clock=SimulatedClock(NOW)))
