"""Servers on loopback that answer as they are told, also slowly, in part or not at all; and clocks that can be set."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any

from agent.core.ports import LLMRequest
from agent.core.texts import composed

TYPES = {"window": "currentwindow", "afk": "afkstatus", "web": "web.tab.current"}
HEAD = "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{extra}Content-Length: {length}\r\n\r\n"


@dataclass(frozen=True)
class Said:
    """One answer. After `after` bytes of it (head and body) it hangs, or drips a byte every `drip` seconds, or closes."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    after: int | None = None
    drip: float = 0.0
    close: bool = False


class Told:
    """`async with Told(answer) as server:` answers every request (path, body) with what `answer` says, at `port`."""

    def __init__(self, answer: Callable[[str, bytes], Said]) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.port = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def base_url(self) -> str:
        """The address as an endpoint's."""
        return f"http://127.0.0.1:{self.port}/v1"

    async def __aenter__(self) -> Told:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = int(head.lower().partition("content-length:")[2].partition("\r\n")[0] or 0)
                path = head.split(" ")[1]
                self.asked.append(path)
                if not await _send(writer, self.answer(path, await reader.readexactly(length))):
                    break
        writer.close()


async def _send(writer: asyncio.StreamWriter, said: Said) -> bool:
    extra = "".join(f"{k}: {v}\r\n" for k, v in said.headers)
    whole = HEAD.format(status=said.status, extra=extra, length=len(said.body)).encode() + said.body
    if said.after is None:
        writer.write(whole)
        await writer.drain()
        return True
    writer.write(whole[: said.after])
    await writer.drain()
    if said.close:
        writer.transport.abort()
        return False
    for byte in whole[said.after :] if said.drip else b"":
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(said.drip)
    await asyncio.sleep(3600)
    return False


@dataclass
class Watched:
    """What an ActivityWatch server has: events by track; `spoilt` answers instead of it for paths that end so."""

    events: dict[str, list[Any]] = field(default_factory=dict)
    spoilt: dict[str, Said] = field(default_factory=dict)

    def answer(self, path: str, _: bytes) -> Said:
        """The answer to a path."""
        for part, said in self.spoilt.items():
            if path.partition("?")[0].endswith(part):
                return said
        if path.endswith("/info"):
            return _json({"hostname": "lab", "version": "v0.13.2", "testing": False})
        if path.endswith("/buckets/"):
            return _json({f"aw-{t}": {"type": TYPES[t.split("-")[0]], "hostname": "lab"} for t in self.events})
        return _json(self.events.get(path.split("/")[4].removeprefix("aw-"), []))


def _json(value: Any) -> Said:
    return Said(json.dumps(value).encode())


def completion(text: str) -> bytes:
    """The body of a well-formed completion."""
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]}).encode()


class HandClock:
    """A clock that is set by hand, forwards or back; sleeping moves it."""

    factor = 1.0

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """The time it was set to."""
        return self.at

    async def sleep(self, seconds: float) -> None:
        """Move on at once."""
        self.at += timedelta(seconds=seconds)


class Jitter:
    """`async with Jitter() as beside:` the longest that something else in the loop waited beyond its time: `most`, seconds."""

    EVERY = 0.02

    async def __aenter__(self) -> Jitter:
        self.most = 0.0
        self._task = asyncio.create_task(self._beat())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _beat(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(self.EVERY)
            self.most = max(self.most, time.perf_counter() - began - self.EVERY)


def at_work() -> dict[str, list[Any]]:
    """What an ActivityWatch server has of somebody who has been at work for the last twenty minutes."""
    now = time.time() - 1200
    work = [{"id": n, "timestamp": _stamp(now + 100 * n), "duration": 99.0, "data": {"app": "Code", "title": f"{n % 2}.py"}}
            for n in range(12)]  # fmt: skip
    return {"window": work, "afk": [{"id": 1, "timestamp": _stamp(now), "duration": 1199.0, "data": {"status": "not-afk"}}]}


def _stamp(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def question() -> LLMRequest:
    """The least that a model can be asked."""
    return LLMRequest(purpose="chat", system=composed("Answer."), user=composed("What now?"))
