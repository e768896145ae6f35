"""Watches every connection and look-up of the whole suite: one that would leave this machine is refused and fails its test."""

from __future__ import annotations

import ipaddress
import socket
import sys
from collections.abc import Iterator
from typing import Any

import pytest

CALLS = ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname")
# Names that no resolver knows (RFC 6761), which tests look up on purpose.
NOWHERE = (".invalid", ".test", ".example", "localhost")
_left: list[str] = []


def leaves(event: str, args: tuple[Any, ...]) -> bool:
    """Whether a call would send something to another machine."""
    where = args[0] if event.startswith("socket.get") else args[-1]
    host = where[0] if isinstance(where, tuple) else where
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in (None, "") or not isinstance(host, str) or host.startswith(("/", "\0", "@")):
        return False  # a socket of this machine's own
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return not host.rstrip(".").casefold().endswith(NOWHERE) and not (event.startswith("socket.get") and _numeric(host))
    return not address.is_loopback and not event.startswith("socket.get")


def _numeric(host: str) -> bool:
    """Whether it is a number in another spelling (127.1, 0x7f000001): read by the system itself, without asking anybody."""
    try:
        socket.inet_aton(host.rstrip("."))
    except OSError:
        return False
    return True


def _spy(event: str, args: tuple[Any, ...]) -> None:
    if event in CALLS and leaves(event, args):
        _left.append(f"{event} {args[0] if event.startswith('socket.get') else args[-1]!r}")
        raise ConnectionRefusedError(f"no test may leave this machine: {_left[-1]}")


sys.addaudithook(_spy)


@pytest.fixture(autouse=True)
def nothing_leaves_this_machine() -> Iterator[None]:
    """Fails the test during which something tried to."""
    before = len(_left)
    yield
    assert _left[before:] == []
