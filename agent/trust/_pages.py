"""Trials of addresses (S6, S7): searches that try to lead elsewhere, pages that lead to this computer or never end."""

from __future__ import annotations

# ruff: noqa: ASYNC240 - trials of a few files; nothing else waits
import asyncio
import os
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from pydantic import ValidationError

from agent.act import ToolBelt
from agent.core.records import Operation
from agent.core.texts import redact_text
from agent.errors import ToolError
from agent.tools._browser import open_in_browser
from agent.tools._fetch import PageFetcher, host_of, is_public, resolve
from agent.tools.search import MAX_QUERY, Search
from agent.trust._effects import watched
from agent.trust._payloads import SCHEMES, SPELLINGS

ENGINE = "https://search.example/find?q={query}"


class Found(NamedTuple):
    """How many attempts were made, and those that got through."""

    tries: int
    wrong: list[str]


def _belt(opened: list[str]) -> ToolBelt:
    async def opener(url: str) -> bool:
        opened.append(url)
        return True

    return ToolBelt([Search(ENGINE, opener)])


async def searches(payloads: Sequence[str]) -> Found:
    """Every payload and scheme as words to search for: what is opened is the configured address with the words quoted."""
    wrong: list[str] = []
    schemes = [f"{s}:{rest}" for s in SCHEMES for rest in ("//evil.test/x", "alert(1)")]
    made_up = "sk-proj-Zx81kQpW0aLmN4tYcVbR7uEo"
    texts = [*payloads, *schemes, *(f"{p} {'x' * 300}" for p in payloads), *(f"key {made_up} {p}" for p in payloads)]
    for text in texts:
        opened: list[str] = []
        belt = _belt(opened)
        operation = Operation(name="search", arguments={"query": text})
        try:
            belt.check(operation)
            await belt.run(operation)
        except ToolError:
            continue
        wrong += [text] * any(not _right(url) for url in opened)
    return Found(len(texts), wrong)


def _right(url: str) -> bool:
    parts = urlsplit(url)
    asked = parse_qs(parts.query, keep_blank_values=True)
    query = asked.get("q", [""])[0]
    there = (parts.scheme, parts.netloc, parts.path, parts.fragment) == ("https", "search.example", "/find", "")
    return there and list(asked) == ["q"] and len(query) <= MAX_QUERY and redact_text(query) == query


async def pages(payloads: Sequence[str]) -> Found:
    """Every payload and scheme as a page to read: refused, or the host that is asked for is the host that is shown."""
    wrong: list[str] = []
    texts = [*payloads, *(f"https://search.example/{p}" for p in payloads), *(f"https:{p}" for p in payloads)]
    texts += [f"{s}:{rest}" for s in SCHEMES if s != "http" for rest in ("//evil.test/x", "evil.test", "//127.0.0.1/")]
    for text in texts:
        hosts: list[str] = []

        async def ask(host: str, port: int, hosts: list[str] = hosts) -> Sequence[str]:
            hosts.append(host)
            raise OSError("no such host")

        try:
            shown = host_of(text)
            await PageFetcher(ask).fetch(text)
        except ToolError:
            wrong += [text] * any(host.casefold() != shown for host in hosts)
    return Found(len(texts), wrong)


async def programs(payloads: Sequence[str]) -> Found:
    """The real opener on Linux: one program, one argument, no shell."""
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="trust-") as folder:
        said = Path(folder) / "said"
        (Path(folder) / "xdg-open").write_text(f'#!/bin/sh\nprintf "%s\\n" "$#" "$1" > "{said}"\n')
        (Path(folder) / "xdg-open").chmod(0o700)
        kept = {name: os.environ.get(name) for name in ("PATH", "DISPLAY", "BROWSER")}
        os.environ.update({"PATH": folder, "DISPLAY": ":trial"})
        os.environ.pop("BROWSER", None)
        try:
            belt = ToolBelt([Search(ENGINE, open_in_browser)])
            for text in payloads:
                wrong += await _one_program(belt, text, said)
        finally:
            for name, value in kept.items():
                os.environ.pop(name, None)
                os.environ.update({name: value} if value is not None else {})
    return Found(len(payloads), wrong)


async def _one_program(belt: ToolBelt, text: str, said: Path) -> list[str]:
    said.unlink(missing_ok=True)
    with watched() as seen:
        try:
            await belt.run(Operation(name="search", arguments={"query": text}))
        except (ToolError, ValidationError):
            return [f"{text}: {seen}"] if seen else []
    lines = said.read_text().splitlines() if said.exists() else []
    events = [event for event, _ in seen if event != "os.posix_spawn"]
    right = events == ["subprocess.Popen"] and lines[:1] == ["1"] and _right(lines[1])
    return [] if right else [f"{text}: {events} {lines}"]


Reply = Callable[[str], bytes | AsyncIterator[bytes]]
VICTIM = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nvictim"


@asynccontextmanager
async def serving(hosts: Sequence[str], reply: Reply) -> AsyncIterator[tuple[int, list[str]]]:
    """A raw server on one port of several addresses of this computer; the list is of what was asked."""
    seen: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            seen.append((await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split(" ")[1])
            said = reply(seen[-1])
            async for piece in _pieces(said):
                writer.write(piece)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    first = await asyncio.start_server(serve, hosts[0], 0)
    port = first.sockets[0].getsockname()[1]
    servers = [first]
    for host in hosts[1:]:
        try:
            servers.append(await asyncio.start_server(serve, host, port))
        except OSError:  # no IPv6 here, or a port that is taken there
            continue
    try:
        yield port, seen
    finally:
        for server in servers:
            server.close()


async def _pieces(said: bytes | AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if isinstance(said, bytes):
        yield said
        return
    async for piece in said:
        yield piece


ENTRY = "127.0.0.77"  # the one address that counts as public here; Linux answers on all of 127/8


def moved(target: str) -> bytes:
    """A redirect."""
    return f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


async def private(spellings: Sequence[str] = SPELLINGS) -> Found:
    """Every spelling directly, by a redirect, by a name (all at once, and changing between two looks), and mapped into IPv6."""
    wrong: list[str] = []
    count = 0
    async with serving(["127.0.0.1", "::1"], lambda _: VICTIM) as (port, hit):
        target = [""]
        async with serving([ENTRY], lambda _: moved(target[0])) as (door, _):
            for host in spellings:
                for how, url, names in _ways(host, port, door):
                    count += 1
                    target[0] = f"http://{host}:{port}/"
                    with watched() as seen:
                        reached = await _fetched(url, names)
                    made = [a for event, a in seen if event == "socket.connect" and f"'{ENTRY}', {door}" not in a]
                    wrong += [f"{how} {host}: {made[:1]}"] * bool(made or hit or reached)
                    hit.clear()
    return Found(count, wrong)


def _ways(host: str, port: int, door: int) -> list[tuple[str, str, list[list[str]]]]:
    """How, the address that is asked for, and what each look-up of the name `site.test` answers."""
    out: list[tuple[str, str, list[list[str]]]] = [
        ("direct", f"http://{host}:{port}/", []),
        ("redirect", f"http://site.test:{door}/", [[ENTRY]]),
    ]
    for address in _addresses(host)[:1]:
        out.append(("name", f"http://site.test:{port}/", [[address]]))
        out.append(("rebind", f"http://site.test:{door}/", [[ENTRY], [address]]))
        out.append(("beside", f"http://site.test:{port}/", [["93.184.215.14", address]]))
        if ":" not in address:
            out.append(("mapped", f"http://[::ffff:{address}]:{port}/", []))
            out.append(("name mapped", f"http://site.test:{port}/", [[f"::ffff:{address}"]]))
    return out


def _addresses(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host.strip("[]"), 80, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except OSError:
        return []
    return [str(entry[4][0]) for entry in found]


async def _fetched(url: str, names: list[list[str]]) -> bool:
    looks = iter(names)
    last = names[-1] if names else []

    async def ask(host: str, port: int) -> Sequence[str]:
        if host == "site.test":
            return next(looks, last)
        return await resolve(host, port) if _addresses(host) or "localhost" not in host.lower() else ["127.0.0.1"]

    try:
        await PageFetcher(ask, public=lambda a: a == ENTRY or is_public(a), deadline=3).fetch(url)
    except ToolError:
        return False
    return True
