"""A scripted ActivityWatch server: right answers by default, and every wrong one a test asks for."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from agent.sense._http import Access

TYPES = {
    "window": "currentwindow",
    "afk": "afkstatus",
    "web": "web.tab.current",
    "editor": "app.editor.activity",
    "input": "os.hid.input",
}


@dataclass
class Reply:
    """One scripted answer. `drip` sends a byte that often (seconds), `hang` sends nothing at all."""

    body: bytes = b""
    status: int = 200
    drip: float = 0.0
    hang: bool = False
    headers: dict[str, str] = field(default_factory=dict)


class StubAw:
    """`async with StubAw() as aw:` answers at `aw.access`. `play[part]` answers every path that contains `part`."""

    def __init__(self, hostname: str = "lab", key: str = "") -> None:
        self.hostname = hostname
        self.key = key
        self.buckets: dict[str, dict[str, Any]] = {}
        self.events: dict[str, list[Any]] = {}
        self.play: dict[str, Reply] = {}
        self.seen: list[str] = []
        self.connections = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def access(self) -> Access:
        """Where it answers."""
        return Access("127.0.0.1", self.port)

    def add(self, name: str, track: str, *events: Any, hostname: str | None = None, **fields: Any) -> None:
        """A bucket with these events."""
        host = self.hostname if hostname is None else hostname
        self.buckets[name] = {"id": name, "type": TYPES.get(track, track), "client": "x", "hostname": host, **fields}
        self.events[name] = list(events)

    def asked(self, part: str) -> list[str]:
        """The paths asked for so far that contain `part`."""
        return [path for path in self.seen if part in path]

    async def __aenter__(self) -> StubAw:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Close the port and every connection; `start` again with `async with`."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._open):
                writer.transport.abort()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                path = head.split(" ")[1]
                self.seen.append(path)
                await self._answer(writer, self._reply(path, head))
        self._open.discard(writer)
        writer.close()

    def _reply(self, path: str, head: str) -> Reply:
        for part, reply in self.play.items():
            if part in path:
                return reply
        if path == "/api/0/info":
            return _json({"hostname": self.hostname, "version": "v0.13.2", "testing": False, "device_id": "x"})
        if self.key and f"authorization: bearer {self.key}" not in head.lower():
            return Reply(b'{"message": "Unauthorized"}', 401)
        if path == "/api/0/buckets/":
            return _json(self.buckets)
        url = urlsplit(path)
        name = unquote(url.path.split("/")[4])
        limit = int(parse_qs(url.query).get("limit", ["-1"])[0])
        return _json(self.events[name][:limit]) if name in self.events else Reply(b'{"message": "no such bucket"}', 404)

    async def _answer(self, writer: asyncio.StreamWriter, reply: Reply) -> None:
        if reply.hang:
            await asyncio.sleep(60)
        headers = {"Content-Type": "application/json", "Content-Length": str(len(reply.body)), **reply.headers}
        lines = [f"HTTP/1.1 {reply.status} X", *(f"{k}: {v}" for k, v in headers.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        pieces = [reply.body[i : i + 1] for i in range(len(reply.body))] if reply.drip else [reply.body]
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(reply.drip)


def _json(value: Any) -> Reply:
    return Reply(json.dumps(value).encode())
