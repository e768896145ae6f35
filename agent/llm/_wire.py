"""One HTTP request to an endpoint through the openai SDK: own limits, no redirects, no retries, nothing sent unasked."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from agent.core.defence import on
from agent.llm._fault import RequestError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

CONNECT = 10.0
ERROR_BODY = 16_384
_SENT = {
    "host",
    "authorization",
    "content-type",
    "content-length",
    "accept",
    "accept-encoding",
    "user-agent",
    "connection",
    "x-stainless-raw-response",  # the SDK reads it back from the sent request to know that it must leave the body alone
}
RUNNING = "Is it running, and is base_url right?"
_WHY = (
    ("certificate", "its certificate is not accepted", "Check the certificate."),
    ("ssl", "it speaks no TLS", "Check base_url: is it https?"),
    ("name or service", "its name is not known", "Check base_url and the network."),
    ("name resolution", "its name cannot be looked up", "Check base_url and the network."),
    ("nodename", "its name is not known", "Check base_url and the network."),
    ("getaddrinfo", "its name is not known", "Check base_url and the network."),
    ("attempts failed", "nobody answers there", RUNNING),
    ("refused", "nobody answers there", RUNNING),
    ("disconnected", "it hung up", RUNNING),
)
"""What a library says where no connection came about: the word to look for, ours for it, the remedy."""
_THINKING = re.compile(r"\A\s*<think>.*?</think>\s*", re.DOTALL)


@dataclass(frozen=True)
class Completion:
    """What an endpoint answered: the text, tokens as it counts them (None if it does not) and whether it was cut short."""

    text: str
    prompt_tokens: int | None
    completion_tokens: int | None
    cut: bool


class StatusError(Exception):
    """An HTTP status other than 200, with as much of the body as is worth reading."""

    def __init__(self, status: int, headers: Mapping[str, str], body: str) -> None:
        super().__init__(str(status))
        self.status = status
        self.headers = headers
        self.body = body


def connect(base_url: str, key: SecretStr, timeout: float) -> AsyncOpenAI:
    """A client for one endpoint: retries, redirects and proxies from the environment off, and only the headers of _SENT.

    The SDK would add the environment's organisation and project and a description of this machine; they are taken off.
    """
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient

    async def only_ours(request: Any) -> None:
        for name in [n for n in request.headers if n.lower() not in _SENT]:
            del request.headers[name]
        request.headers["user-agent"] = "proactive"
        request.headers["accept-encoding"] = "identity"
        request.headers.pop("authorization", None)
        if secret := key.get_secret_value():
            request.headers["authorization"] = f"Bearer {secret}"

    http = DefaultAsyncHttpxClient(
        follow_redirects=not on("redirects_off"),
        trust_env=False,
        verify=base_url.startswith("https:"),  # a local endpoint without TLS needs no certificates in memory
        timeout=timeout,
        event_hooks={"request": [only_ours], "response": [_refuse]},
    )
    shown = key.get_secret_value() or "none"
    return AsyncOpenAI(base_url=base_url, api_key=shown, max_retries=0, timeout=timeout, http_client=http)


async def _refuse(response: Any) -> None:
    """Ends every answer but 200 here: the SDK would read an error's body to its end, however long it is."""
    followed = 300 <= response.status_code < 400 and not on("redirects_off")
    if response.status_code != 200 and not followed:
        body = await _take(response.aiter_raw(), ERROR_BODY)
        raise StatusError(response.status_code, dict(response.headers), body.decode("utf-8", "replace"))


async def post(client: AsyncOpenAI, body: dict[str, Any], max_bytes: int) -> Completion:
    """Send one completion request; raises StatusError or RequestError. The deadline is the caller's."""
    from openai import OpenAIError

    try:
        async with client.chat.completions.with_streaming_response.create(**body) as response:
            raw = await _body(response.http_response, max_bytes)
    except OpenAIError as e:
        cause = e.__cause__
        if isinstance(cause, StatusError):
            raise cause from None
        raise _unreachable(cause or e) from None
    return _completion(raw)


async def _body(response: Any, max_bytes: int) -> bytes:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise RequestError("garbage", "sends a compressed answer that was not asked for")
    try:
        raw = await _take(response.aiter_raw(), max_bytes + 1)
    except Exception as e:  # noqa: BLE001 - the SDK's HTTP library differs by version (httpx, httpx2); both raise their own
        raise RequestError("garbage", f"broke off in the middle of its answer ({type(e).__name__})") from None
    if len(raw) > max_bytes and on("response_cap"):
        raise RequestError("garbage", f"sent more than {max_bytes} bytes")
    return raw


async def _take(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    """The first `limit` bytes; the rest is left unread."""
    taken = bytearray()
    async for chunk in chunks:
        taken += chunk[: limit - len(taken)] if on("response_cap") else chunk
        if len(taken) >= limit and on("response_cap"):
            break
    return bytes(taken)


def _unreachable(cause: BaseException) -> RequestError:
    name = type(cause).__name__
    if "Timeout" in name:
        return RequestError("timeout", "did not answer in time", "It is asked again later.")
    said = str(cause).lower()  # never quoted: it may hold what was to be sent
    why, hint = next(((why, hint) for needle, why, hint in _WHY if needle in said), (name, RUNNING))
    return RequestError("down", f"cannot be reached ({why})", hint)


def _completion(raw: bytes) -> Completion:
    """Reads the answer; every field may be absent or of another type than promised."""
    try:
        answer = json.loads(raw.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise RequestError("garbage", "answered with something that is not JSON", "Check base_url (most end in /v1).") from None
    choices = answer.get("choices") if isinstance(answer, dict) else None
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise RequestError("garbage", "answered with JSON that is not a completion", "Check base_url (most end in /v1).")
    usage = _dict(answer.get("usage"))
    return Completion(
        text=_THINKING.sub("", _content(_dict(choices[0].get("message")))).encode("utf-8", "replace").decode("utf-8"),
        prompt_tokens=_count(usage.get("prompt_tokens")),
        completion_tokens=_count(usage.get("completion_tokens")),
        cut=choices[0].get("finish_reason") == "length",
    )


def _content(message: dict[str, Any]) -> str:
    """The text, also when it comes in parts; a refusal or a bare tool call is an empty one."""
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(str(_dict(part).get("text", "")) for part in content)
    return content if isinstance(content, str) else ""


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None
