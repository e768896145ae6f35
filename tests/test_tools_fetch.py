"""The page fetcher: no request to a private address in any spelling, and no page that costs more than 2 MiB and its time."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from agent.errors import ToolError
from agent.tools._fetch import MAX_BODY, PageFetcher, host_of, is_public, resolve


def words(text: str) -> list[str]:
    """The words of a text, as a table that is read by people."""
    return text.split()


PRIVATE = words("""
0.0.0.0 10.0.0.1 10.255.255.255 100.64.0.1 127.0.0.1 127.1.2.3 127.255.255.254 169.254.169.254 172.16.0.1
172.31.255.255 192.0.0.1 192.0.2.1 192.168.0.1 192.168.255.255 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1
239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:7f00:1
::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1 64:ff9b::127.0.0.1 64:ff9b::10.0.0.1
64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001:db8::1 2001:2::1 2001:10::1 2002:7f00:1:: 2002:a00:1::
2002:c0a8:101:: 2001:0:7f00:1:: fc00::1 fd00::1 fd12:3456:789a::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1
""")
PUBLIC = words("""
1.1.1.1 8.8.8.8 93.184.215.14 172.15.0.1 172.32.0.1 2606:4700:4700::1111 2a00:1450:4001::1 64:ff9b::808:808
""")
SPELLINGS = words("""
127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7f.0.0.1 0x7f.1 0177.0.0.1 017700000001 0177.1 127.0.0.1. 0
0.0.0.0 00.0.0.0 10.1 0xa000001 012.0.0.1 167772161 192.168.1 0xc0a80001 3232235521 0300.0250.0.1
169.254.43518 2852039166 0xa9fea9fe 0251.0376.0251.0376 localhost LOCALHOST localhost. foo.localhost [::1]
[::] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [fe80::1] [fd00::1] [::127.0.0.1] [64:ff9b::7f00:1]
[2002:7f00:1::]
""")


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_of_the_open_internet_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_open_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", SPELLINGS)
async def test_no_spelling_of_a_private_host_is_fetched(host: str) -> None:
    """The system's own resolver reads the numeric spellings; no packet is needed for any of them."""
    with pytest.raises(ToolError):
        await PageFetcher(resolve, deadline=5).fetch(f"http://{host}/")


@pytest.mark.parametrize("address", PRIVATE)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_name_that_resolves_to_a_private_address_is_not_fetched(address: str, scheme: str) -> None:
    with pytest.raises(ToolError, match="not on the open internet"):
        await PageFetcher(answering(address)).fetch(f"{scheme}://example.com/")


@pytest.mark.parametrize("answers", [["1.1.1.1", "127.0.0.1"], ["::1", "1.1.1.1"], []])
async def test_one_private_answer_among_public_ones_is_enough_to_refuse(answers: list[str]) -> None:
    with pytest.raises(ToolError, match="not on the open internet"):
        await PageFetcher(answering(*answers)).fetch("http://example.com/")


URLS = [
    *(
        "file:///etc/passwd",
        "ftp://example.com/",
        "gopher://example.com/",
        "javascript:alert(1)",
        "data:text/html,x",
        "//example.com/",
    ),
    *(
        "http:///example.com",
        "http:example.com",
        "http://",
        "http://user@example.com/",
        "http://user:pw@example.com/",
        "http://@example.com/",
    ),
    *(
        "http://example.com\\@127.0.0.1/",
        "http://example.com#@127.0.0.1/",
        "http://127.0.0.1?.example.com",
        "http://example.com/?q=my+secret",
    ),
    *(
        "http://example.com/#x",
        "http://exa mple.com/",
        "http://example.com/a b",
        "http://example.com/\r\nHost: x",
        "http://example.com/\u202ecod",
    ),
    *(
        "http://exämple.com/",
        "http://①②⑦.⓪.⓪.①/",
        "http://127。0。0。1/",
        "http://[::1",
        "http://[::1%25eth0]/",
        "http://example.com:80:80/",
    ),
    *("http://%31%32%37.0.0.1/", "http://example.com/" + "a" * 2000, "HTTP ://example.com", " http://example.com/"),
]


@pytest.mark.parametrize("url", URLS)
def test_an_address_in_which_two_parsers_could_see_two_hosts_is_refused(url: str) -> None:
    with pytest.raises(ToolError):
        host_of(url)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.com", "example.com"),
        ("HTTPS://Docs.Example.COM:8443/a/b%20c;d=e@f", "docs.example.com"),
        ("http://xn--exmple-cua.com/ü", "xn--exmple-cua.com"),
        ("http://1.1.1.1/", "1.1.1.1"),
    ],
)
def test_a_plain_address_has_one_host(url: str, host: str) -> None:
    assert host_of(url) == host


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
