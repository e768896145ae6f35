"""Fetches one public web page: pinned to addresses that were checked, few redirects, little data, little time.

Covered: every spelling of a private, loopback, link-local or reserved address, direct, by DNS, by redirect, mapped or
tunnelled in IPv6; DNS that changes its answer (the checked address is the one connected to); compressed bombs; drip feeds;
endless redirects; cookies, credentials, proxies from the environment (none is used).
Not covered: a public host that passes requests on to a private one; pages behind a log-in or drawn by scripts.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.core import defence
from agent.core.lines import cut, hidden, one_line
from agent.errors import ToolError

if TYPE_CHECKING:
    import httpx

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
MAX_BODY = 2 * 2**20
TYPES = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/plain": "text",
    "text/markdown": "text",
    "application/pdf": "pdf",
}
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_REDIRECTS = {301, 302, 303, 307, 308}
# No user info, query, fragment or backslash: nothing in which two parsers could see two hosts.
_ADDRESS = re.compile(
    r"https?://(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:/[^\s?#\\<>\"\[\]{}]*)?", re.IGNORECASE
)
_HEADERS = {
    "User-Agent": "Mozilla/5.0 (compatible; proactive-agent)",
    "Accept": "text/html, text/plain, application/pdf",
    "Accept-Encoding": "gzip",
}


@dataclass(frozen=True)
class Fetched:
    """A page: where it was in the end, what it is (html, text, pdf), its bytes (at most 2 MiB) and its charset, if named."""

    url: str
    kind: str
    data: bytes
    charset: str = ""


def host_of(url: str) -> str:
    """The host of a page address; ToolError if it is not a plain public http(s) address without a query."""
    match = _ADDRESS.fullmatch(url)
    if match is None or hidden(url) or len(url) > 2000:
        raise ToolError(
            f"'{cut(one_line(url), 60)}' is not a plain web address.",
            "It must be http(s), without user name, query or fragment.",
        )
    host = match["host"].strip("[]").casefold()
    if (host.rstrip(".").endswith("localhost") and defence.on("private_address")) or _private(host):
        raise _not_public(host)
    return host


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet; one that carries another (6to4, Teredo, NAT64) by that as well."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv4Address):
        return _open(ip)
    if not defence.on("private_address"):
        return True
    if ip in _NAT64:  # all there is for an IPv4 site on a network with IPv6 only
        return _open(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    inner = [i for i in (ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())) if i is not None]
    return _open(ip) and not ip.is_site_local and all(_open(i) for i in inner)


def _open(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def _private(host: str) -> bool:
    try:
        return not is_public(host)
    except ValueError:
        return False  # a name: judged by what it resolves to


def _not_public(host: str) -> ToolError:
    return ToolError(f"{cut(host, 60)} is not on the open internet.", "Only public pages are fetched.")


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host as the system resolves it; raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class PageFetcher:
    """Fetches pages; raises ToolError. Resolver and `public` are given by tests that serve pages from this machine."""

    def __init__(
        self, resolver: Resolver = resolve, *, public: Callable[[str], bool] = is_public, deadline: float = 15.0
    ) -> None:
        self._resolve = resolver
        self._public = public
        self._deadline = deadline

    async def fetch(self, url: str) -> Fetched:
        """The page at an address (see `host_of`), through at most 3 redirects."""
        host_of(url)
        try:
            return await asyncio.wait_for(self._follow(url), self._deadline if defence.on("deadline") else None)
        except asyncio.TimeoutError as e:
            raise ToolError(f"The page did not come within {self._deadline:.0f} seconds.", "Try again later.") from e

    async def _follow(self, url: str) -> Fetched:
        import httpx

        host = host_of(url)
        try:
            target = httpx.URL(url)
            for hop in range(4 if defence.on("redirect_count") else 100):
                found = await self._once(target, checked=not hop or defence.on("redirect_check"))
                if isinstance(found, Fetched):
                    return found
                target = _next(target, found)
                host = target.host
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, zlib.error) as e:
            raise ToolError(
                f"The page at {cut(host, 60)} could not be fetched ({type(e).__name__}).", "Open it yourself."
            ) from e
        raise ToolError("The page sends from address to address (more than 3 redirects).", "Open it yourself.")

    async def _once(self, url: httpx.URL, *, checked: bool) -> Fetched | str:
        """One request: the page, or where it redirects to."""
        import httpx

        address = await self._address(url, checked=checked)
        # The connection goes to the checked address; name, certificate and Host stay those of the page.
        pinned = url.copy_with(host=address, fragment=None, username=None, password=None)
        headers = {**_HEADERS, "Host": url.netloc.decode("ascii")}
        extensions = {"sni_hostname": url.raw_host.decode("ascii")}
        async with (
            httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=self._deadline) as client,
            client.stream("GET", pinned, headers=headers, extensions=extensions) as response,
        ):
            if response.status_code in _REDIRECTS and "location" in response.headers:
                return str(response.headers["location"])
            return await _page(url, response)

    async def _address(self, url: httpx.URL, *, checked: bool) -> str:
        port = url.port or (443 if url.scheme == "https" else 80)
        found = await self._resolve(url.raw_host.decode("ascii").strip("[]"), port)
        # One private answer among public ones is an attack or a mistake; neither is worth a request.
        if checked and (not found or not all(self._public(a) for a in found)):
            raise _not_public(url.host)
        if not defence.on("pinned_address"):
            found = await self._resolve(url.raw_host.decode("ascii").strip("[]"), port)
        return found[0]


def _next(url: httpx.URL, location: str) -> httpx.URL:
    target = url.join(location)
    if target.scheme not in ("http", "https") or (url.scheme, target.scheme) == ("https", "http"):
        raise ToolError(f"The page redirects to {cut(target.scheme, 20)}:, which is not followed.", "Open it yourself.")
    return target


async def _page(url: httpx.URL, response: httpx.Response) -> Fetched:
    if response.status_code != 200:
        raise ToolError(f"{cut(url.host, 60)} answered {response.status_code}.", "Open the page yourself.")
    kind = TYPES.get(response.headers.get("content-type", "").split(";")[0].strip().lower())
    if kind is None:
        raise ToolError(f"The page at {cut(url.host, 60)} is not text, html or PDF.", "Open it yourself.")
    data = await _body(response)
    if len(data) > MAX_BODY and kind == "pdf":
        raise ToolError(f"The PDF is larger than {MAX_BODY // 2**20} MiB.", "Download it, then use the file.")
    return Fetched(str(url), kind, data[:MAX_BODY] if defence.on("size_cap") else data, response.charset_encoding or "")


async def _body(response: httpx.Response) -> bytes:
    """At most one byte more than the limit, so that the caller can tell."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise ToolError("The page comes in an encoding that was not asked for.", "Open it yourself.")
    inflate = zlib.decompressobj(16 + zlib.MAX_WBITS) if encoding != "identity" else None
    data, came = bytearray(), 0
    async for chunk in response.aiter_raw():
        # Never more decoded at once than still fits: a bomb costs no memory.
        room = MAX_BODY + 1 - len(data) if defence.on("size_cap") else 0
        data += inflate.decompress(chunk, room) if inflate else chunk
        came += len(chunk)  # what is packed has an end too, and what follows that is nobody's
        if (room and max(came, len(data)) > MAX_BODY) or (inflate and inflate.eof):
            break
    return bytes(data[: MAX_BODY + 1]) if defence.on("size_cap") else bytes(data)
