"""A chat completions endpoint on a real socket, programmed request by request; it keeps what it was sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

CHUNK = b"x" * 65_536


@dataclass(frozen=True)
class Reply:
    """One programmed answer. `mode`: whole, hang, drip (a byte a tenth of a second), cut (half the body), reset, flood."""

    status: int = 200
    body: bytes | str = b""
    headers: tuple[tuple[str, str], ...] = ()
    mode: str = "whole"


def completion(text: Any, *, usage: Any = None, **choice: Any) -> Reply:
    """A well-formed completion with this content."""
    finish = choice.pop("finish_reason", "stop")
    message = {"role": "assistant", "content": text, **choice}
    answer = {"object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": finish}]}
    return Reply(body=json.dumps(answer if usage is None else {**answer, "usage": usage}))


def refusal(status: int, message: str, **more: Any) -> Reply:
    """An error in the form that OpenAI uses."""
    return Reply(status, json.dumps({"error": {"message": message, **more}}))


@dataclass
class StubEndpoint:
    """Answers in turn, the last reply for ever; `replies` may also be a function of the decoded body."""

    replies: Sequence[Reply] | Callable[[dict[str, Any]], Reply]
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    port: int = 0
    sent: int = 0

    @property
    def base_url(self) -> str:
        """The address to configure."""
        return f"http://127.0.0.1:{self.port}/v1"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Handle one connection, one request after another."""
        try:
            while request := await _read(reader):
                self.headers.append(request[0])
                self.requests.append(json.loads(request[1]))
                if not await self._send(writer, self._reply()):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def _reply(self) -> Reply:
        if callable(self.replies):
            return self.replies(self.requests[-1])
        return self.replies[min(len(self.requests), len(self.replies)) - 1]

    async def _send(self, writer: asyncio.StreamWriter, reply: Reply) -> bool:
        body = reply.body.encode() if isinstance(reply.body, str) else reply.body
        if reply.mode == "hang":
            await asyncio.sleep(3600)
        if reply.mode == "reset":
            writer.transport.abort()
            return False
        extra = "".join(f"{k}: {v}\r\n" for k, v in reply.headers)
        length = 10 << 20 if reply.mode == "flood" else len(body)
        head = f"HTTP/1.1 {reply.status} X\r\ncontent-type: application/json\r\n{extra}content-length: {length}\r\n\r\n"
        writer.write(head.encode())
        return await self._send_body(writer, reply.mode, body)

    async def _send_body(self, writer: asyncio.StreamWriter, mode: str, body: bytes) -> bool:
        if mode == "flood":
            for _ in range((10 << 20) // len(CHUNK)):
                writer.write(CHUNK)
                await writer.drain()
                self.sent += len(CHUNK)
        elif mode == "drip":
            for byte in body:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.1)
        else:
            writer.write(body[: len(body) // 2] if mode == "cut" else body)
        await writer.drain()
        return mode == "whole"


async def _read(reader: asyncio.StreamReader) -> tuple[dict[str, str], bytes] | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    lines = head.decode().split("\r\n")[1:]
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines) if k}
    return headers, await reader.readexactly(int(headers.get("content-length", "0")))


@asynccontextmanager
async def stub(*replies: Reply, answer: Callable[[dict[str, Any]], Reply] | None = None) -> AsyncIterator[StubEndpoint]:
    """A running endpoint that answers these in turn, or by a function of the request."""
    endpoint = StubEndpoint(answer or replies)
    open_now: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(endpoint.serve(reader, writer))
        open_now.add(task)
        task.add_done_callback(open_now.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    endpoint.port = server.sockets[0].getsockname()[1]
    try:
        yield endpoint
    finally:
        server.close()
        for task in tuple(open_now):
            task.cancel()
        await asyncio.gather(*open_now, return_exceptions=True)
