"""A small computer for attacks: folders, an ActivityWatch server and a web site on loopback, both in the attacker's hand."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import unquote

CANARY = "CANARY-7F3-outside"
Reply = Callable[[str], tuple[str, bytes]]
HOST = "pages.example"


def furnish(base: Path) -> Path:
    """An allowed folder with a file, beside secrets, links, a second name and a pipe; returns the allowed folder."""
    root, outside = base / "Downloads", base / "outside"
    for folder in (root / "sub", root / ".hidden", outside):
        folder.mkdir(parents=True, exist_ok=True)
    (outside / "secret.txt").write_text(CANARY)
    (outside / "twice.txt").write_text(CANARY)
    (root / ".hidden" / "key.txt").write_text(CANARY)
    (root / "taken.txt").write_text("precious")
    if os.name == "posix":
        (root / "link.txt").symlink_to(outside / "secret.txt")
        (root / "linked").symlink_to(outside)
        (root / "hard.txt").hardlink_to(outside / "twice.txt")
        os.mkfifo(root / "pipe")
    return root


class Site:
    """An HTTP server on loopback; `hits` are the paths that were asked for."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.hits: list[str] = []
        self.port = 0
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Site:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._server is not None:
            self._server.close()
            await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ", 2)[1].decode("latin-1")
                self.hits.append(path)
                kind, body = self.reply(path)
                writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


class Watchers:
    """What an ActivityWatch server answers: a person at work until just now, and what strangers wrote into its buckets."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.others = 0
        self.window: Mapping[str, Any] = {}
        self.web: Mapping[str, Any] = {}
        self.editor: Mapping[str, Any] = {}
        self.strange: Mapping[str, tuple[Mapping[str, Any], Sequence[Any]]] = {}

    def reply(self, path: str) -> tuple[str, bytes]:
        """The JSON of one request."""
        return "application/json", json.dumps(self._answer(unquote(path.split("?", maxsplit=1)[0]))).encode()

    def _answer(self, path: str) -> Any:
        if path.endswith("/info"):
            return {"hostname": "lab", "version": "v0.13"}
        names = {"window": "currentwindow", "afk": "afkstatus", "web": "web.tab.current", "editor": "app.editor.activity"}
        if path.rstrip("/").endswith("/buckets"):
            own = {f"aw-watcher-{n}_lab": {"type": kind, "hostname": "lab", "client": "x"} for n, kind in names.items()}
            return {**own, **{n: about for n, (about, _) in self.strange.items()}}
        bucket = path.split("/")[-2]
        return list(self.strange[bucket][1]) if bucket in self.strange else self._events(bucket.split("_")[0].split("-")[-1])

    def _events(self, track: str) -> list[dict[str, Any]]:
        """Half an hour in one document, some minutes in another, just back in the first: a moment for an offer."""
        first = dict(self.window or {"app": "libreoffice-writer", "title": "thesis.odt - LibreOffice Writer"})
        paper = {"app": "evince", "title": f"paper {self.others}.pdf"}
        rows: dict[str, list[tuple[float, float, Mapping[str, Any]]]] = {
            "window": [
                (1800, 400, first),
                (400, 290, paper),
                (110, 105, first),
            ],
            "afk": [(1800, 5, {"status": "not-afk"})],
            "web": [(1700, 5, self.web)] if self.web else [],
            "editor": [(1700, 420, self.editor)] if self.editor else [],
        }
        return [self.event(n, *row) for n, row in enumerate(rows.get(track, []), 1)]

    def event(self, number: int, begin: float, end: float, data: Mapping[str, Any]) -> dict[str, Any]:
        """An event from `begin` to `end` seconds ago."""
        at = (self._now() - timedelta(seconds=begin)).isoformat()
        return {"id": number, "timestamp": at, "duration": begin - end, "data": dict(data)}


class Network:
    """The stack of servers of one run."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.watchers = Watchers(now)
        self.page = b"<p>Nothing yet.</p>"
        self.aw = Site(self.watchers.reply)
        self.web = Site(lambda _: ("text/html; charset=utf-8", self.page))
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Network:
        await self._stack.enter_async_context(self.aw)
        await self._stack.enter_async_context(self.web)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        await self._stack.aclose()

    @property
    def url(self) -> str:
        """The address of a page of the site, under its public name."""
        return f"http://{HOST}:{self.web.port}/article"

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        """The one public name there is; raises OSError for every other."""
        if host == HOST:
            return ["127.0.0.1"]
        raise OSError("no such host")
