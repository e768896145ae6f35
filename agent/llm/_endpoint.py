"""One endpoint of an alias: its client, its breaker, what it has been found to accept, and one completion on it."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import SecretStr

from agent.core.defence import on
from agent.core.ports import Clock, LLMRequest
from agent.keys import scrub
from agent.llm._breaker import Breaker
from agent.llm._fault import RequestError, of_status
from agent.llm._ladder import Ladder
from agent.llm._wire import Completion, StatusError, connect, post

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_CHANGES = 4
_NEUTRAL = ("too_long", "filtered")


@dataclass(frozen=True)
class Target:
    """Where an endpoint is and what it may take: seconds for a chunk, bytes for an answer."""

    base_url: str
    key: SecretStr
    model: str
    timeout: float
    max_bytes: int

    @property
    def host(self) -> str:
        """Host and port, without credentials or path."""
        parts = urlsplit(self.base_url)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


class EndpointClient:
    """Asks one endpoint; raises RequestError with text that names it and holds no key."""

    def __init__(self, target: Target, clock: Clock, rng: random.Random) -> None:
        self.target = target
        self.breaker = Breaker(rng)
        self._clock = clock
        self._ladder = Ladder()
        self._client: AsyncOpenAI | None = None
        self._connecting = asyncio.Lock()

    async def ask(
        self, request: LLMRequest, seconds: float, *, patient: bool, sending: Callable[[], None] = lambda: None
    ) -> Completion:
        """One completion within that many seconds of real time; `sending` is called before anything is sent.

        A patient call waits out a Retry-After that fits into them, once; otherwise each failure goes to the breaker at once.
        """
        now = self._clock.now()
        if not self.breaker.begin(now):
            raise self._held(now)
        try:
            sending()
            completion = await self._patiently(request, time.monotonic() + seconds, patient=patient)
        except RequestError as fault:
            return self._note(fault)
        finally:
            self.breaker.ended()
        self.breaker.succeeded()
        return completion

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _patiently(self, request: LLMRequest, deadline: float, *, patient: bool) -> Completion:
        try:
            return await self._climb(request, deadline)
        except RequestError as fault:
            wait = fault.wait
            if not patient or fault.kind != "busy" or wait is None or wait >= deadline - time.monotonic():
                raise
            if not self.breaker.again(self._clock.now()):
                raise
        await self._clock.sleep(wait)
        return await self._climb(request, deadline)

    async def _climb(self, request: LLMRequest, deadline: float) -> Completion:
        """Change what the endpoint refuses until it accepts the request; each refusal is remembered."""
        changes: dict[str, Callable[[], bool]] = {"format": self._ladder.down, "length": self._ladder.rename}
        for _ in range(_CHANGES):
            try:
                completion = await self._send(request, deadline)
            except RequestError as fault:
                if fault.kind not in changes or not changes[fault.kind]():
                    raise
            else:
                if not (completion.cut and not completion.text.strip() and self._ladder.widen()):
                    return completion
        raise RequestError("garbage", "accepts no form of the request", "Check model and base_url.")

    async def _send(self, request: LLMRequest, deadline: float) -> Completion:
        target = self.target
        client = await self._connected()
        body = self._ladder.body(request, target.model)
        try:
            left = max(0.0, deadline - time.monotonic()) if on("total_deadline") else None
            return await asyncio.wait_for(post(client, body, target.max_bytes), left)
        except asyncio.TimeoutError:
            raise RequestError("timeout", "did not answer in time", "It is asked again later.") from None
        except StatusError as e:
            raise of_status(e.status, e.headers, e.body, self._clock.now()) from None

    async def _connected(self) -> AsyncOpenAI:
        """The client, made on the first request and off the loop: importing the SDK takes a third of a second."""
        async with self._connecting:
            if self._client is None:
                target = self.target
                self._client = await asyncio.to_thread(connect, target.base_url, target.key, target.timeout)
            return self._client

    def _note(self, fault: RequestError) -> Completion:
        """Tell the breaker, then raise the fault again with the host in front; a filtered answer is an empty one."""
        now = self._clock.now()
        if fault.kind == "filtered":
            self.breaker.succeeded()
            return Completion("", None, 0, cut=False)
        what = self._scrubbed(f"{self.target.host} {fault.what}")
        if fault.kind == "refused":
            self.breaker.refused(now, what)
        elif fault.kind not in _NEUTRAL:
            self.breaker.failed(now, what, fault.wait)
        kind = "garbage" if fault.kind in ("format", "length") else fault.kind
        raise RequestError(kind, what, self._scrubbed(fault.hint), wait=fault.wait) from None

    def _scrubbed(self, text: str) -> str:
        """What an endpoint said, without the key: a refusal likes to quote it."""
        return scrub(text, self.target.key.get_secret_value())

    def _held(self, now: datetime) -> RequestError:
        wait = self.breaker.wait(now)
        why = self.breaker.why or f"{self.target.host} is being asked"
        if wait == float("inf"):
            return RequestError("stopped", why, "Nothing is asked until the settings change.")
        return RequestError("open", why, f"It is asked again in {wait:.0f} s." if wait else "A first request is on its way.")
