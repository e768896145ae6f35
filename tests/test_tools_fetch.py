"""The page fetcher: redirects, rebinding, bombs, drips and odd answers of servers on this machine."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import httpx
import pytest

from agent.errors import ToolError
from agent.tools._fetch import MAX_BODY, PageFetcher, _next, resolve


def answering(*addresses: str) -> Callable[[str, int], Awaitable[Sequence[str]]]:
    """A resolver that answers the same for every name, and refuses to be asked for numbers it was not given."""

    async def resolver(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolver


Reply = Callable[[str, dict[str, str], asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(reply: Reply) -> AsyncIterator[tuple[int, list[dict[str, str]]]]:
    """A raw HTTP server on loopback; yields its port and the headers of the requests it got."""
    seen: list[dict[str, str]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lines = head.split("\r\n")
            headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:] if line)}
            seen.append({"": lines[0], **headers})
            await reply(lines[0].split()[1], headers, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], seen
    finally:
        server.close()
        await server.wait_closed()


def local(deadline: float = 15.0) -> PageFetcher:
    """A fetcher for which every name is this machine and this machine, 127.0.0.1 alone, is public."""
    return PageFetcher(answering("127.0.0.1"), public=lambda a: a == "127.0.0.1", deadline=deadline)


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    kind = [] if any(h.lower().startswith("content-type") for h in headers) else ["Content-Type: text/html; charset=utf-8"]
    lines = [f"HTTP/1.1 {status}", *kind, *headers, f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + body


def fixed(data: bytes) -> Reply:
    async def reply(path: str, headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(data)

    return reply


@pytest.mark.e2e
async def test_a_page_is_fetched_at_the_checked_address_under_its_own_name_without_cookies() -> None:
    async with serving(fixed(answer(b"<p>Hello</p>", "Set-Cookie: a=b"))) as (port, seen):
        page = await local().fetch(f"http://example.com:{port}/a/b")
        await local().fetch(f"http://example.com:{port}/a/b")
    assert (page.kind, page.data, page.charset) == ("html", b"<p>Hello</p>", "utf-8")
    assert seen[1][""] == "GET /a/b HTTP/1.1"
    assert seen[1]["host"] == f"example.com:{port}"
    assert not {"cookie", "authorization", "referer"} & set(seen[1])


@pytest.mark.e2e
@pytest.mark.parametrize(
    "target", ["http://127.0.0.2:{port}/", "http://localhost:{port}/x", "http://[::1]:{port}/", "//2130706434:{port}/"]
)
async def test_a_redirect_to_a_private_address_is_not_followed(target: str) -> None:
    async def names(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"] if host == "example.com" else await resolve(host, port)

    async with serving(fixed(b"")) as (_, victims):

        async def reply(path: str, headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
            writer.write(answer(b"", f"Location: {target.format(port=port)}", status="302 Found"))

        async with serving(reply) as (port, seen):
            # Only the first look counts as public: what the redirect points at is this machine in other words.
            looks = itertools.count()
            fetcher = PageFetcher(names, public=lambda _: next(looks) == 0)
            with pytest.raises(ToolError, match="open internet"):
                await fetcher.fetch(f"http://example.com:{port}/")
    assert len(seen) == 1
    assert victims == []


@pytest.mark.e2e
async def test_a_name_that_changes_its_address_is_connected_where_it_was_checked() -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])

    async def rebinding(host: str, port: int) -> Sequence[str]:
        return next(answers)

    async def reply(path: str, headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(answer(b"", "Location: /next", status="302 Found"))

    async with serving(reply) as (port, seen):
        fetcher = PageFetcher(rebinding, public=lambda a: a == "127.0.0.1")
        with pytest.raises(ToolError, match="open internet"):
            await fetcher.fetch(f"http://example.com:{port}/")
    assert len(seen) == 1


@pytest.mark.e2e
async def test_three_redirects_are_followed_and_a_fourth_is_not() -> None:
    async def reply(path: str, headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        left = int(path.strip("/"))
        writer.write(answer(b"", f"Location: /{left - 1}", status="301 Moved") if left else answer(b"there"))

    async with serving(reply) as (port, seen):
        assert (await local().fetch(f"http://example.com:{port}/3")).data == b"there"
        seen.clear()
        with pytest.raises(ToolError, match="more than 3 redirects"):
            await local().fetch(f"http://example.com:{port}/9")
    assert len(seen) == 4


@pytest.mark.e2e
@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://example.com/", "javascript:alert(1)", "http://[", "http://a:b:c/"]
)
async def test_a_redirect_to_anything_but_a_page_is_a_clear_failure(target: str) -> None:
    async with serving(fixed(answer(b"", f"Location: {target}", status="302 Found"))) as (port, _):
        with pytest.raises(ToolError):
            await local().fetch(f"http://example.com:{port}/")


@pytest.mark.parametrize("target", ["http://example.com/", "ftp://example.com/", "file:///etc/passwd", "javascript:alert(1)"])
def test_a_redirect_leads_to_no_other_scheme_and_from_https_never_to_http(target: str) -> None:
    with pytest.raises(ToolError, match="which is not followed"):
        _next(httpx.URL("https://example.com/a"), target)
    assert str(_next(httpx.URL("https://example.com/a"), "/b")) == "https://example.com/b"


@pytest.mark.e2e
async def test_a_compressed_bomb_gives_two_mebibytes_and_no_more() -> None:
    packer = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS)
    bomb = b"".join(packer.compress(b"\x20" * 2**20) for _ in range(200)) + packer.flush()
    async with serving(fixed(answer(bomb, "Content-Encoding: gzip"))) as (port, _):
        assert len((await local().fetch(f"http://example.com:{port}/")).data) == MAX_BODY


@pytest.mark.e2e
async def test_a_body_without_end_is_cut() -> None:
    sent = 0

    async def reply(path: str, headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            sent += 65536
            await writer.drain()

    async with serving(reply) as (port, _):
        assert len((await local().fetch(f"http://example.com:{port}/")).data) == MAX_BODY
    assert sent < 40 * 2**20  # what the socket buffers of this machine hold at most


@pytest.mark.e2e
async def test_a_drip_ends_at_the_deadline() -> None:
    async def reply(path: str, headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        for _ in range(200):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with serving(reply) as (port, _):
        began = time.monotonic()
        with pytest.raises(ToolError, match="did not come within"):
            await local(deadline=0.3).fetch(f"http://example.com:{port}/")
    assert time.monotonic() - began < 1.5


ODD = [
    (answer(b"x", "Content-Type: application/octet-stream"), "not text"),
    (answer(b"x", "Content-Type: image/svg+xml"), "not text"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", "not text"),
    (answer(b"x", "Content-Encoding: br"), "encoding"),
    (answer(b"not gzip", "Content-Encoding: gzip"), "could not be fetched"),
    (answer(b"no", status="404 Not Found"), "404"),
    (answer(b"%PDF-" + b"x" * MAX_BODY, "Content-Type: application/pdf"), "larger than 2 MiB"),
    (b"garbage\r\n\r\n", "could not be fetched"),
    (b"", "could not be fetched"),
]


@pytest.mark.e2e
@pytest.mark.parametrize(("raw", "said"), ODD, ids=[said + str(i) for i, (_, said) in enumerate(ODD)])
async def test_an_odd_answer_is_a_clear_failure(raw: bytes, said: str) -> None:
    async with serving(fixed(raw)) as (port, _):
        with pytest.raises(ToolError, match=said):
            await local().fetch(f"http://example.com:{port}/")


@pytest.mark.e2e
async def test_a_compressed_page_is_unpacked() -> None:
    async with serving(fixed(answer(gzip.compress(b"<p>packed</p>"), "Content-Encoding: gzip"))) as (port, _):
        assert (await local().fetch(f"http://example.com:{port}/")).data == b"<p>packed</p>"


async def test_a_server_that_is_not_there_is_a_clear_failure() -> None:
    with pytest.raises(ToolError, match="could not be fetched"):
        await local().fetch("http://example.com:1/")
