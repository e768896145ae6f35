"""Any OpenAI-compatible endpoint, or several in fail-over order under one alias."""

from __future__ import annotations

import ipaddress
import logging
import random
import time
from datetime import datetime
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from agent.core.defence import on
from agent.core.ports import LLMRequest
from agent.core.records import LLMCall
from agent.core.tokens import tokens
from agent.errors import ConfigError, LLMError, StoreError
from agent.keys import know, scrub
from agent.llm._endpoint import EndpointClient, Target
from agent.llm._fault import RequestError
from agent.llm._prompt import as_text
from agent.llm._wire import Completion
from agent.plug import Supplies

log = logging.getLogger(__name__)

MILLION = 1_000_000
_QUIET = ("open", "stopped")


class Endpoint(BaseModel):
    """One address that speaks the chat completions API."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    base_url: str
    """The address up to and including the version, for example http://127.0.0.1:11434/v1. https, unless it is local."""
    api_key: SecretStr = SecretStr("")
    """The key; may be empty for a local server."""
    model: str
    """The model's name as this endpoint knows it."""


class Settings(BaseModel):
    """Settings of one alias."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    alias: str
    """The name under [[api_keys]]."""
    endpoints: list[Endpoint] = Field(min_length=1)
    """Asked in order: the next one when one fails."""
    timeout: float = Field(default=30.0, gt=0, le=600)
    """Seconds one completion may take in all: every endpoint, wait and second try included."""
    max_bytes: int = Field(default=1 << 20, gt=0)
    """Longest answer read from an endpoint, bytes."""
    price_in: float = Field(default=0.0, ge=0)
    """Price of a million prompt tokens; 0 if unknown."""
    price_out: float = Field(default=0.0, ge=0)
    """Price of a million answer tokens; 0 if unknown."""
    seed: int | None = None
    """Seed of the pauses between attempts; random if not given."""


class CompletionError(LLMError):
    """An LLMError that also carries what was sent: one failed LLMCall an endpoint that was asked."""

    def __init__(self, fault: RequestError, calls: tuple[LLMCall, ...]) -> None:
        kind = "refused" if fault.kind == "stopped" else fault.kind
        super().__init__(f"{fault.what[:1].upper()}{fault.what[1:]}.", fault.hint, kind=kind)
        self.calls = calls


class OpenAILLM:
    """LLM on one alias: the first endpoint that answers within the deadline; raises CompletionError when none does."""

    def __init__(self, settings: Settings, supplies: Supplies) -> None:
        self.name = settings.alias
        self._settings = settings
        self._clock = supplies.clock
        self._sending = supplies.sending
        rng = random.Random(settings.seed)  # noqa: S311 - pauses, not secrets
        self._endpoints = [EndpointClient(_target(e, settings), supplies.clock, rng) for e in settings.endpoints]

    async def complete(self, request: LLMRequest) -> LLMCall:
        """One completion; the call's prompt is both messages word for word in the form of `as_text`.

        `host` names the endpoint that answered, and after it those that were sent the same prompt and failed. Tokens are the
        endpoint's own count, or estimated if it gives none.
        """
        at, deadline = self._clock.now(), time.monotonic() + self._settings.timeout
        faults: list[RequestError] = []
        failed: list[LLMCall] = []
        for left, endpoint in zip(range(len(self._endpoints), 0, -1), self._endpoints, strict=True):
            began = time.monotonic()
            blank = self._blank(request, endpoint, at)
            share = (deadline - began) / left
            result = await self._try(endpoint, request, share, blank, last=left == 1)
            seconds = time.monotonic() - began
            if isinstance(result, Completion):
                return self._filled(blank, result, seconds, tuple(c.host for c in failed), endpoint)
            faults.append(result)
            if result.kind not in _QUIET:
                failed.append(blank.model_copy(update={"error": result.what, "seconds": seconds}))
                log.warning("%s: %s", self.name, result.what)
        raise CompletionError(_worst(faults), tuple(failed))

    async def _try(
        self, endpoint: EndpointClient, request: LLMRequest, seconds: float, blank: LLMCall, *, last: bool
    ) -> Completion | RequestError:
        try:
            return await endpoint.ask(request, seconds, patient=last, sending=lambda: self._sending(blank))
        except RequestError as fault:
            return fault
        except StoreError as e:
            raise LLMError("Nothing was sent: it could not be written into the ledger.", str(e)) from e

    @property
    def host(self) -> str:
        """Where a prompt may go: the host of each endpoint, in the order in which they are asked."""
        return " or ".join(dict.fromkeys(e.target.host for e in self._endpoints))

    def reset(self) -> None:
        """Ask again at once, also where a key was refused."""
        for endpoint in self._endpoints:
            endpoint.breaker.reset()

    def problems(self) -> tuple[str, ...]:
        """What is wrong with which endpoint at present, one line each; empty when all is well."""
        return tuple(e.breaker.why for e in self._endpoints if e.breaker.why)

    async def close(self) -> None:
        """Close all connections."""
        for endpoint in self._endpoints:
            await endpoint.close()

    def _blank(self, request: LLMRequest, endpoint: EndpointClient, at: datetime) -> LLMCall:
        target = endpoint.target
        prompt = as_text(request)
        return LLMCall(
            at=at,
            purpose=request.purpose,
            host=target.host,
            model=target.model,
            prompt=prompt,
            prompt_tokens=tokens(prompt),
        )

    def _filled(
        self, blank: LLMCall, answer: Completion, seconds: float, before: tuple[str, ...], endpoint: EndpointClient
    ) -> LLMCall:
        text = scrub(answer.text, endpoint.target.key.get_secret_value())
        sent = blank.prompt_tokens if answer.prompt_tokens is None else answer.prompt_tokens
        got = tokens(text) if answer.completion_tokens is None else answer.completion_tokens
        cost = (sent * self._settings.price_in + got * self._settings.price_out) / MILLION
        host = f"{blank.host} (after {', '.join(before)})" if before else blank.host
        return blank.model_copy(
            update={
                "answer": text,
                "prompt_tokens": sent,
                "completion_tokens": got,
                "cost": cost,
                "seconds": seconds,
                "host": host,
            }
        )


def _worst(faults: list[RequestError]) -> RequestError:
    """What to report when nobody answered: the first thing that happened now, else a refused key, else the first pause."""
    for quiet in ((), ("open",)):
        told = [f for f in faults if f.kind not in (quiet or _QUIET)]
        if told:
            return told[0]
    return faults[0]


def _target(endpoint: Endpoint, settings: Settings) -> Target:
    key = know(SecretStr(endpoint.api_key.get_secret_value().strip()))
    return Target(endpoint.base_url.strip(), key, endpoint.model, settings.timeout, settings.max_bytes)


def build(settings: Settings, supplies: Supplies) -> OpenAILLM:
    """An LLM on the alias's endpoints; ConfigError if an address is not one the prompt may be sent to."""
    for endpoint in settings.endpoints:
        _check(settings.alias, endpoint.base_url.strip())
    return OpenAILLM(settings, supplies)


def _check(alias: str, base_url: str) -> None:
    where = f"[[api_keys.{alias}]] base_url"
    try:
        parts = urlsplit(base_url)
        host = parts.hostname or ""
        parts.port  # noqa: B018 - raises on a port that is none
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("http", "https"):
        raise ConfigError(f"{where} is not an http or https address.", "For example: https://api.openai.com/v1")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigError(f"{where} holds a name, password or query.", "Write the address alone; the key goes into api_key.")
    if parts.scheme == "http" and not is_local(host) and on("url_https"):
        raise ConfigError(f"{where} is plain http to {host}.", "Use https; http is for addresses of this machine or network.")


def is_local(host: str) -> bool:
    """Is this name or address of this machine or a private network, judged without asking DNS?"""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return address.is_loopback or address.is_private
