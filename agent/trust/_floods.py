"""Trials of pages without end (S7): a packed bomb, packed nothing, more behind what is packed, body, drip, head, redirects."""

from __future__ import annotations

import asyncio
import gzip
import time
import zlib
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from agent.errors import ToolError
from agent.tools._fetch import MAX_BODY, PageFetcher
from agent.trust._pages import moved, serving

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
PACKED = b"Content-Encoding: gzip\r\n\r\n"
NAMES = ("bomb", "tail", "hollow", "body", "drip", "heads", "round")


class Flood(NamedTuple):
    """What came of one page without end: bytes kept, seconds."""

    name: str
    kept: int
    seconds: float


async def _body() -> AsyncIterator[bytes]:
    yield HEAD + b"\r\n"
    while True:
        yield b"x" * 65536


async def _drip() -> AsyncIterator[bytes]:
    yield HEAD + b"\r\n"
    while True:
        yield b"x"
        await asyncio.sleep(0.1)


async def _tail() -> AsyncIterator[bytes]:
    """A packed page that ends, and bytes after it that do not."""
    yield HEAD + PACKED + gzip.compress(b"words " * 200)
    while True:
        yield bytes(65536)


async def _hollow() -> AsyncIterator[bytes]:
    """Packed blocks of nothing: a stream of bytes that unpacks to none."""
    yield HEAD + PACKED + gzip.compress(b"")[:10]
    while True:
        yield b"\x00\x00\x00\xff\xff" * 13000


async def _heads() -> AsyncIterator[bytes]:
    yield HEAD
    while True:
        yield b"X: " + b"y" * 8000 + b"\r\n"


async def floods(deadline: float, names: Sequence[str] = NAMES, gib: float = 1.0) -> list[Flood]:
    """Ask for each of these pages without end."""

    def reply(path: str) -> bytes | AsyncIterator[bytes]:
        if path.startswith("/round"):
            return moved(path + "x")
        if path == "/bomb":
            return HEAD + PACKED + bomb(gib)
        return {"/body": _body, "/drip": _drip, "/heads": _heads, "/tail": _tail, "/hollow": _hollow}[path]()

    out = []
    async with serving(["127.0.0.1"], reply) as (port, _):
        for name in names:
            began = time.monotonic()
            kept = await _kept(f"http://site.test:{port}/{name}", deadline)
            out.append(Flood(name, kept, time.monotonic() - began))
    return out


async def _kept(url: str, deadline: float) -> int:
    async def ask(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    try:
        return len((await PageFetcher(ask, public=lambda _: True, deadline=deadline).fetch(url)).data)
    except ToolError:
        return 0


def bomb(gib: float) -> bytes:
    """A gzip stream that unpacks to that many GiB of zeros: one packed MiB again and again."""
    packer = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS)
    first = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + piece * max(1, round(gib * 1024) - 1)


def within(flood: Flood, deadline: float) -> bool:
    """Whether a page without end cost no more than it may."""
    return flood.kept <= MAX_BODY and flood.seconds <= deadline + 1
