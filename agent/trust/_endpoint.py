"""A chat completions endpoint on loopback that proposes whenever it is asked, or fails in the way that is set."""

from __future__ import annotations

import asyncio
import contextlib
import json
from types import TracebackType
from typing import Literal

from agent.bench.stub import StubLLM
from agent.clocks import RealClock
from agent.core.ports import LLMRequest
from agent.core.texts import composed

Mode = Literal["good", "500", "hang", "garbage", "cut", "flood"]
FLOOD = 10 << 20
CHUNK = b"x" * 65_536


class Endpoint:
    """`async with Endpoint() as llm:` serves at `llm.base_url`; set `mode` at any time. `asked` counts requests."""

    def __init__(self) -> None:
        self.mode: Mode = "good"
        self.asked = 0
        self.base_url = ""
        self._stub = StubLLM(RealClock())
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Endpoint:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.base_url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        for writer in list(self._open):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                length = int(head.partition("content-length:")[2].partition("\r\n")[0])
                body = json.loads(await reader.readexactly(length))
                self.asked += 1
                if not await self._answer(writer, body["messages"]):
                    break
        self._open.discard(writer)
        writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, messages: list[dict[str, str]]) -> bool:
        mode = self.mode
        if mode == "hang":
            await asyncio.sleep(3600)
        text = (await self._stub.complete(_request(messages))).answer
        message = {"role": "assistant", "content": text}
        whole = json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}).encode()
        body = {"garbage": b"<html>\xff no JSON</html>", "500": b"{}"}.get(mode, whole)
        status, length = "500 Broken" if mode == "500" else "200 OK", FLOOD if mode == "flood" else len(body)
        writer.write(f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n".encode())
        if mode == "flood":
            for _ in range(FLOOD // len(CHUNK)):
                writer.write(CHUNK)
                await writer.drain()
        else:
            writer.write(body[: len(body) // 2] if mode == "cut" else body)
            await writer.drain()
        return mode != "cut"


def _request(messages: list[dict[str, str]]) -> LLMRequest:
    system, user = messages[0]["content"], messages[-1]["content"]
    purpose = "judge" if "<<<offers" in user else "predict"
    return LLMRequest(purpose=purpose, system=composed(system), user=composed(user))
