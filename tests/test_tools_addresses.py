"""Which addresses the page fetcher may ask for: none that is private in any spelling, none that can be read in two ways."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import pytest

from agent.errors import ToolError
from agent.tools._fetch import PageFetcher, host_of, is_public, resolve


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
