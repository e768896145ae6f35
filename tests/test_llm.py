"""The endpoint's client against a real server: every fault, with the requests counted."""

from __future__ import annotations

import asyncio
import base64
import logging
import os
import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import psutil
import pytest

from agent.core.ports import LLMRequest
from agent.core.records import LLMCall
from agent.errors import ConfigError, LLMError
from agent.keys import scrub
from agent.llm._breaker import Breaker
from agent.llm._fault import retry_after
from agent.llm.openai import Endpoint, OpenAILLM, Settings, build
from agent.plug import Supplies
from tests.conftest import NOW
from tests.stub_llm import Reply, completion, refusal, stub

KEY = "sk-lab-0123456789abcdefWXYZ"
ASK = LLMRequest(purpose="predict", system="Answer in JSON.", user="What now?", format={"title": "t", "type": "object"})
TEXT = LLMRequest(purpose="chat", system="Answer.", user="What now?")


class HandClock:
    """A clock that the test moves; sleeping moves it too."""

    factor = 1.0

    def __init__(self) -> None:
        self.time = NOW
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)

    def pass_(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


def llm(clock: HandClock, *urls: str, timeout: float = 5.0, key: str = KEY, **more: Any) -> OpenAILLM:
    ends = [Endpoint(base_url=u, api_key=key, model=f"m{n}") for n, u in enumerate(urls)]  # type: ignore[arg-type]
    return build(Settings(alias="lab", endpoints=ends, timeout=timeout, seed=1, **more), Supplies(clock=clock))


async def fault(model: OpenAILLM, request: LLMRequest = TEXT) -> LLMError:
    with pytest.raises(LLMError) as caught:
        await model.complete(request)
    return caught.value


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


async def test_an_answer_is_recorded_with_prompt_host_tokens_and_cost(clock: HandClock) -> None:
    async with stub(completion("yes", usage={"prompt_tokens": 2000, "completion_tokens": 500})) as server:
        model = llm(clock, server.base_url, price_in=1.0, price_out=4.0)
        call = await model.complete(TEXT)
        await model.close()
    assert call.prompt == "[system]\nAnswer.\n\n[user]\nWhat now?"
    assert (call.answer, call.host, call.model, call.at) == ("yes", f"127.0.0.1:{server.port}", "m0", NOW)
    assert (call.prompt_tokens, call.completion_tokens, call.cost) == (2000, 500, pytest.approx(0.004))
    assert 0 < call.seconds < 5
    assert server.requests[0]["messages"] == [
        {"role": "system", "content": "Answer."},
        {"role": "user", "content": "What now?"},
    ]


@pytest.mark.parametrize("usage", [None, "many", {"prompt_tokens": "9"}, {"prompt_tokens": -1, "completion_tokens": True}])
async def test_tokens_are_estimated_where_the_endpoint_gives_none(clock: HandClock, usage: Any) -> None:
    async with stub(completion("a word or two", usage=usage)) as server:
        model = llm(clock, server.base_url)
        call = await model.complete(TEXT)
        await model.close()
    assert 5 < call.prompt_tokens < 30
    assert 3 < call.completion_tokens < 10


async def test_only_the_headers_that_are_needed_are_sent(clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-private")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with stub(completion("yes")) as server:
        model, local = llm(clock, server.base_url), llm(clock, server.base_url, key="")
        await model.complete(TEXT)
        await local.complete(TEXT)
        await model.close()
        await local.close()
    first, second = server.headers
    needed = {"host", "connection", "accept", "accept-encoding", "content-type", "content-length", "user-agent"}
    assert set(first) - {"x-stainless-raw-response"} == needed | {"authorization"}
    assert first["authorization"] == f"Bearer {KEY}"
    assert "authorization" not in second


REFUSALS = {
    "schema": refusal(400, "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."),
    "object": Reply(400, "{\"error\":\"'response_format.type' must be 'json_schema' or 'text'\"}"),
    "grammar": refusal(500, "failed to parse grammar"),
}


@pytest.mark.parametrize(("first", "kinds"), [
    ([], ["json_schema"]),
    (["schema"], ["json_schema", "json_object"]),
    (["grammar"], ["json_schema", "json_object"]),
    (["schema", "object"], ["json_schema", "json_object", None]),
])  # fmt: skip
async def test_the_answer_format_steps_down_once_and_is_remembered(
    clock: HandClock, first: list[str], kinds: list[str | None]
) -> None:
    async with stub(*[REFUSALS[f] for f in first], completion("{}")) as server:
        model = llm(clock, server.base_url)
        await model.complete(ASK)
        await model.complete(ASK)
        await model.close()
    asked = [(r.get("response_format") or {}).get("type") for r in server.requests]
    assert asked == [*kinds, kinds[-1]]


async def test_max_tokens_is_renamed_once_and_is_remembered(clock: HandClock) -> None:
    def answer(body: dict[str, Any]) -> Reply:
        text = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        return refusal(400, text, param="max_tokens") if "max_tokens" in body else completion("yes")

    async with stub(answer=answer) as server:
        model = llm(clock, server.base_url)
        await model.complete(TEXT)
        await model.complete(TEXT)
        await model.close()
    assert ["max_tokens" in r for r in server.requests] == [True, False, False]
    assert server.requests[1]["max_completion_tokens"] > TEXT.max_tokens


async def test_an_answer_spent_on_reasoning_is_asked_for_once_more_with_room(clock: HandClock) -> None:
    async with stub(completion("", finish_reason="length"), completion("yes")) as server:
        model = llm(clock, server.base_url)
        assert (await model.complete(TEXT)).answer == "yes"
        await model.close()
    assert [r["max_tokens"] for r in server.requests] == [800, 4896]


@pytest.mark.parametrize("reply", [
    completion(None, refusal="I cannot help with that."),
    completion("", finish_reason="content_filter"),
    completion(None, tool_calls=[{"id": "1"}]),
    refusal(400, "The response was filtered", code="content_filter"),
])  # fmt: skip
async def test_a_refused_or_filtered_answer_is_empty_and_no_fault(clock: HandClock, reply: Reply) -> None:
    async with stub(reply) as server:
        model = llm(clock, server.base_url)
        assert (await model.complete(TEXT)).answer == ""
        assert model.problems() == ()
        await model.close()


async def test_text_in_parts_and_behind_a_thought_is_read(clock: HandClock) -> None:
    parts = [{"type": "text", "text": "<think>hm</think>\n"}, {"type": "text", "text": "yes\ud800"}]
    async with stub(completion(parts)) as server:
        model = llm(clock, server.base_url)
        assert (await model.complete(TEXT)).answer == "yes?"
        await model.close()


@pytest.mark.parametrize("reply", [
    refusal(401, f"Incorrect API key provided: {KEY}."),
    refusal(403, "Forbidden"),
    refusal(402, "Insufficient credits"),
    refusal(429, "You exceeded your current quota.", code="insufficient_quota"),
])  # fmt: skip
async def test_a_refused_key_is_tried_once_until_reset(clock: HandClock, reply: Reply) -> None:
    async with stub(reply) as server:
        model = llm(clock, server.base_url)
        for _ in range(30):
            assert (await fault(model)).kind == "refused"
            clock.pass_(3600)
        assert len(server.requests) == 1
        model.reset()
        await fault(model)
        assert len(server.requests) == 2
        await model.close()


@pytest.mark.parametrize(("reply", "kind"), [
    (refusal(404, "model 'm0' not found"), "missing"),
    (refusal(400, "The model `m0` does not exist", code="model_not_found"), "missing"),
    (Reply(301, "", (("location", "http://127.0.0.1:1/steal"),)), "missing"),
    (refusal(400, "This model's maximum context length is 4096 tokens.", code="context_length_exceeded"), "too_long"),
    (refusal(400, "the request exceeds the available context size, try increasing it"), "too_long"),
    (refusal(413, "Payload too large"), "too_long"),
    (refusal(400, "bad"), "garbage"),
    (refusal(408, "slow"), "timeout"),
    (refusal(409, "conflict"), "down"),
    (refusal(429, "slow down"), "busy"),
    (refusal(500, "oops"), "down"),
    (refusal(502, "oops"), "down"),
    (refusal(503, "loading model"), "down"),
    (refusal(504, "oops"), "down"),
    (Reply(mode="reset"), "down"),
    (Reply(body="<html><body>Welcome</body></html>"), "garbage"),
    (Reply(body='{"candidates": []}'), "garbage"),
    (Reply(body='{"choices": [1]}'), "garbage"),
    (Reply(body="[" * 200_000), "garbage"),
    (Reply(body=b"\xff\xfe{"), "garbage"),
    (Reply(body=""), "garbage"),
    (Reply(body="x", headers=(("content-encoding", "gzip"),)), "garbage"),
])  # fmt: skip
async def test_each_fault_has_its_kind_and_is_not_tried_twice(clock: HandClock, reply: Reply, kind: str) -> None:
    async with stub(reply) as server:
        model = llm(clock, server.base_url)
        error = await fault(model)
        await model.close()
    assert error.kind == kind
    assert len(server.requests) == 1
    assert error.title.startswith(f"127.0.0.1:{server.port} ")
    assert [c.prompt for c in error.calls] == ["[system]\nAnswer.\n\n[user]\nWhat now?"]  # type: ignore[attr-defined]


ECHOES: dict[str, Callable[[str], str]] = {
    "in pieces": lambda k: ", ".join((k[:9], k[9:18], k[18:])),
    "reversed": lambda k: k[::-1],
    "with its scheme in base64": lambda k: base64.b64encode(f"Bearer {k}".encode()).decode(),
    "in hex": lambda k: k.encode().hex(),
    "escaped": lambda k: "".join(f"\\u{ord(c):04x}" for c in k),
    "beside the prompt": lambda k: f"{TEXT.user} \x1b[31m\u202e AKIAQWERTYUIOPASDFGH",
}


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422, 429, 500, 302])
async def test_nothing_that_a_refusal_says_is_quoted_anywhere(
    clock: HandClock, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    for echo in ECHOES.values():
        body = refusal(status, echo(KEY), code=echo(KEY))
        async with stub(body) as server:
            model = llm(clock, server.base_url)
            error = await fault(model)
            said = f"{error} {error.calls[0].error} {model.problems()} {caplog.text}"  # type: ignore[attr-defined]
            await model.close()
        pieces = [echo(KEY)[n : n + 8] for n in range(len(echo(KEY)) - 8)]
        assert [p for p in pieces if p in said] == []
        assert f"HTTP {status}" in said


async def test_a_header_that_cannot_be_sent_is_not_quoted(clock: HandClock) -> None:
    model = llm(clock, "http://127.0.0.1:1/v1", key=f"{KEY[:12]}\x00{KEY[12:]}")
    error = await fault(model)
    await model.close()
    assert KEY[:12] not in str(error)
    assert KEY[12:] not in str(error)


async def test_nobody_listening_is_down_and_says_so(clock: HandClock) -> None:
    async with stub(completion("x")) as server:
        gone = server.base_url
    model = llm(clock, gone)
    error = await fault(model)
    assert error.kind == "down"
    assert "cannot be reached" in error.title
    await model.close()


async def test_an_unknown_name_is_down(clock: HandClock) -> None:
    model = llm(clock, "https://no-such-host.invalid/v1")
    assert (await fault(model)).kind == "down"
    await model.close()


async def test_a_server_that_does_not_speak_tls_is_down(clock: HandClock) -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    async with server:
        model = llm(clock, f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")
        error = await fault(model)
        await model.close()
    assert error.kind == "down"
    assert "it speaks no TLS" in error.title


async def test_a_prompt_that_is_too_long_does_not_close_the_endpoint(clock: HandClock) -> None:
    async with stub(refusal(400, "maximum context length is 10"), completion("yes")) as server:
        model = llm(clock, server.base_url)
        await fault(model)
        assert (await model.complete(TEXT)).answer == "yes"
        await model.close()


def _date(seconds: float) -> str:
    return (NOW + timedelta(seconds=seconds)).strftime("%a, %d %b %Y %H:%M:%S GMT")


@pytest.mark.parametrize("header", [("retry-after", "3"), ("retry-after-ms", "3000"), ("retry-after", _date(3))])
async def test_a_short_retry_after_is_waited_out_once(clock: HandClock, header: tuple[str, str]) -> None:
    async with stub(Reply(429, "{}", (header,)), completion("yes")) as server:
        model = llm(clock, server.base_url, timeout=30)
        assert (await model.complete(TEXT)).answer == "yes"
        await model.close()
    assert len(server.requests) == 2
    assert clock.slept == [pytest.approx(3)]


@pytest.mark.parametrize("value", ["0", "-1", "NaN", "inf", "-inf", "soon", "", _date(-60), "1e999", "Mon, 99 Foo 2026"])
async def test_a_retry_after_that_means_nothing_is_ignored(clock: HandClock, value: str) -> None:
    async with stub(Reply(429, "{}", (("retry-after", value),)), completion("yes")) as server:
        model = llm(clock, server.base_url, timeout=30)
        assert (await fault(model)).kind == "busy"
        assert len(server.requests) == 1
        clock.pass_(16)
        await model.complete(TEXT)
        await model.close()
    assert clock.slept == []


@pytest.mark.parametrize("value", ["3600", _date(3600)])
async def test_a_long_retry_after_is_respected_to_the_second(clock: HandClock, value: str) -> None:
    async with stub(Reply(429, "{}", (("retry-after", value),)), completion("yes")) as server:
        model = llm(clock, server.base_url)
        assert (await fault(model)).kind == "busy"
        for _ in range(59):
            clock.pass_(60)
            assert (await fault(model)).kind == "open"
        assert len(server.requests) == 1
        clock.pass_(61)
        assert (await model.complete(TEXT)).answer == "yes"
        await model.close()


def test_a_retry_after_is_capped_at_a_day() -> None:
    assert retry_after({"retry-after": "1e12"}, NOW) == 86_400


@pytest.mark.parametrize("reply", [refusal(500, "x"), refusal(429, "x"), refusal(404, "x"), Reply(body="<html>")])
async def test_an_outage_costs_at_most_twelve_requests_an_hour(clock: HandClock, reply: Reply) -> None:
    times: list[datetime] = []

    def answer(_: dict[str, Any]) -> Reply:
        times.append(clock.time)
        return reply

    async with stub(answer=answer) as server:
        model = llm(clock, server.base_url)
        for _ in range(3 * 180):
            await fault(model)
            clock.pass_(20)
        await model.close()
    most = max(sum(1 for t in times if a <= t < a + timedelta(hours=1)) for a in times)
    assert 5 <= most <= 12
    assert len(times) >= 9


async def test_one_probe_at_a_time_is_let_through_and_a_success_closes_the_breaker(clock: HandClock) -> None:
    async with stub(*[refusal(500, "x")] * 5, completion("yes")) as server:
        model = llm(clock, server.base_url)
        for _ in range(5):
            await fault(model)
            clock.pass_(901)
        got = await asyncio.gather(*[model.complete(TEXT) for _ in range(4)], return_exceptions=True)
        assert len(server.requests) == 6
        assert [type(g) for g in got].count(LLMCall) == 1
        assert model.problems() == ()
        await asyncio.gather(*[model.complete(TEXT) for _ in range(4)])
        await model.close()


async def test_a_redirect_is_not_followed(clock: HandClock) -> None:
    targets: list[str] = []

    def answer(_: dict[str, Any]) -> Reply:
        return Reply(307, "", (("location", f"{targets[0]}/chat/completions"),))

    async with stub(completion("stolen")) as other, stub(answer=answer) as server:
        targets.append(other.base_url)
        model = llm(clock, server.base_url)
        assert (await fault(model)).kind == "missing"
        await model.close()
    assert (len(server.requests), len(other.requests)) == (1, 0)


def test_an_endpoint_that_fails_every_other_time_is_held_to_twelve_failures_an_hour() -> None:
    breaker, failed = Breaker(random.Random(1)), []
    for second in range(0, 7200, 10):
        now = NOW + timedelta(seconds=second)
        if not breaker.begin(now):
            continue
        breaker.ended()
        if second % 20:
            breaker.succeeded()
        else:
            breaker.failed(now, "x")
            failed.append(now)
    assert max(sum(1 for t in failed if a <= t < a + timedelta(hours=1)) for a in failed) == 12


@pytest.mark.parametrize("seed", range(20))
def test_pauses_stay_between_five_seconds_and_fifteen_minutes(seed: int) -> None:
    breaker, now, pauses = Breaker(random.Random(seed)), NOW, []
    for _ in range(12):
        breaker.failed(now, "x")
        pauses.append(breaker.wait(now))
        now += timedelta(seconds=pauses[-1])
    assert all(5 <= p <= 900 for p in pauses[:11])
    assert all(p >= 600 for p in pauses[4:])


def test_a_clock_set_back_does_not_lengthen_a_pause() -> None:
    breaker = Breaker(random.Random(1))
    for _ in range(12):
        breaker.failed(NOW, "x")
    before = breaker.wait(NOW)
    assert breaker.wait(NOW - timedelta(days=400)) <= max(before, 3600)


def test_a_model_names_every_host_that_a_prompt_may_go_to(clock: HandClock) -> None:
    both = llm(clock, "https://api.openai.com/v1", "http://127.0.0.1:11434/v1")
    assert both.host == "api.openai.com or 127.0.0.1:11434"
    assert llm(clock, "https://api.openai.com/v1", "https://api.openai.com/v2").host == "api.openai.com"


async def test_the_next_endpoint_is_asked_at_once_and_the_first_is_left_alone(clock: HandClock) -> None:
    async with stub(refusal(500, "x")) as bad, stub(completion("yes")) as good:
        model = llm(clock, bad.base_url, good.base_url)
        first = await model.complete(TEXT)
        second = await model.complete(TEXT)
        await model.close()
    assert (len(bad.requests), len(good.requests)) == (1, 2)
    assert first.host == f"127.0.0.1:{good.port} (after 127.0.0.1:{bad.port})"
    assert (second.host, second.model) == (f"127.0.0.1:{good.port}", "m1")
    assert good.requests[0]["model"] == "m1"


async def test_a_hanging_endpoint_leaves_time_for_the_next(clock: HandClock) -> None:
    async with stub(Reply(mode="hang")) as bad, stub(completion("yes")) as good:
        model = llm(clock, bad.base_url, good.base_url, timeout=0.6)
        began = time.monotonic()
        assert (await model.complete(TEXT)).answer == "yes"
        assert time.monotonic() - began < 1.5
        await model.close()


@pytest.mark.parametrize("reply", [Reply(mode="hang"), Reply(body="x" * 40, mode="drip"), Reply(500, "x" * 40, mode="drip")])
async def test_a_hanging_or_dripping_server_is_ended_by_the_deadline(clock: HandClock, reply: Reply) -> None:
    async with stub(reply) as server:
        model = llm(clock, server.base_url, timeout=0.5)
        began = time.monotonic()
        assert (await fault(model)).kind == "timeout"
        assert time.monotonic() - began < 1.5
        await model.close()
    assert len(server.requests) == 1


@pytest.mark.parametrize("keep", range(1, 21))
async def test_a_stream_cut_anywhere_is_discarded_whole(clock: HandClock, keep: int) -> None:
    whole = completion('{"candidates": []}').body
    cut = whole[: len(whole) * keep // 21] + " " * 400
    async with stub(Reply(body=whole[: len(whole) * keep // 21])) as short, stub(Reply(body=cut, mode="cut")) as broken:
        for server in (short, broken):
            model = llm(clock, server.base_url)
            assert (await fault(model)).kind == "garbage"
            assert len(server.requests) == 1
            await model.close()


@pytest.mark.parametrize("status", [200, 500])
async def test_ten_megabytes_are_cut_with_flat_memory(clock: HandClock, status: int) -> None:
    async with stub(Reply(status, mode="flood")) as server:
        model = llm(clock, server.base_url)
        await _warm(model, clock)
        before = psutil.Process().memory_info().rss
        error = await fault(model)
        assert psutil.Process().memory_info().rss - before < 12 << 20
        await model.close()
    assert error.kind == ("garbage" if status == 200 else "down")
    assert ("sent more than 1048576 bytes" in error.title) is (status == 200)
    assert server.sent < 10 << 20


async def _warm(model: OpenAILLM, clock: HandClock) -> None:
    """Import the SDK before memory is measured."""
    async with stub(completion("x")) as other:
        first = llm(clock, other.base_url)
        await first.complete(TEXT)
        await first.close()


FORMS: list[Callable[[str], str]] = [
    lambda k: k,
    lambda k: base64.b64encode(k.encode()).decode(),
    lambda k: k.replace("-", "%2D"),
    lambda k: f"{k[:8]}...{k[-4:]}",
    lambda k: f"sk-*****{k[-4:]}",
]


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 422, 429, 500])
@pytest.mark.parametrize("form", FORMS)
async def test_the_key_is_in_no_error_answer_or_log(
    clock: HandClock, caplog: pytest.LogCaptureFixture, status: int, form: Callable[[str], str]
) -> None:
    caplog.set_level(logging.DEBUG)
    text = f"Incorrect API key provided: {form(KEY)}."
    async with stub(completion(text) if status == 200 else refusal(status, text)) as server:
        model = llm(clock, server.base_url)
        try:
            seen = repr(await model.complete(TEXT))
        except LLMError as e:
            seen = f"{e!r} {e} {e.hint} {e.calls} {e.__cause__!r} {e.__context__!r} {model.problems()}"  # type: ignore[attr-defined]
        await model.close()
    logged = "\n".join(r.getMessage() for r in caplog.records)
    for secret in (KEY, KEY[:8], KEY[-4:]):
        assert secret not in seen
        assert secret not in logged


def test_words_that_are_no_keys_are_left_alone() -> None:
    assert scrub("ollama says none", "ollama") == "ollama says none"
    assert scrub(f"key {KEY} end", KEY) == "key [key] end"


@pytest.mark.parametrize("url", [
    "http://api.example.com/v1",
    "http://8.8.8.8/v1",
    "ftp://127.0.0.1/v1",
    "127.0.0.1:8080",
    "http://",
    "https://user:pass@api.example.com/v1",
    "https://api.example.com/v1?key=1",
    "http://127.0.0.1:99999/v1",
    "http://localhost.example.com/v1",
    "",
])  # fmt: skip
def test_an_address_the_prompt_may_not_go_to_is_a_config_error(clock: HandClock, url: str) -> None:
    with pytest.raises(ConfigError, match=r"api_keys\.lab"):
        llm(clock, url)


@pytest.mark.parametrize("url", [
    "https://api.example.com/v1",
    "http://127.0.0.1:11434/v1",
    "http://localhost:1234/v1/",
    "http://[::1]:8080/v1",
    "http://192.168.1.7:8000/v1",
])  # fmt: skip
def test_https_anywhere_and_http_nearby_are_allowed(clock: HandClock, url: str) -> None:
    assert llm(clock, url).name == "lab"


def test_settings_do_not_show_the_key() -> None:
    settings = Settings(alias="a", endpoints=[Endpoint(base_url="https://x.example", api_key=KEY, model="m")])  # type: ignore[arg-type]
    assert KEY not in repr(settings)
    assert KEY not in settings.model_dump_json()


def test_importing_the_plug_imports_no_http_library() -> None:
    import subprocess
    import sys

    code = "import sys, agent.llm.openai, agent.predict, agent.judges; print({'openai', 'httpx', 'httpx2'} & set(sys.modules))"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True)
    assert out.stdout.strip() == "set()"
