"""Asks an X server, over its socket, whether the active window fills the screen; no X library is loaded.

A library would be shorter, but libX11 ends the process when the X server goes away and blocks without a deadline.
Covered: `_NET_WM_STATE_FULLSCREEN` on `_NET_ACTIVE_WINDOW` (EWMH 1.5) of screen 0, local displays, MIT-MAGIC-COOKIE-1.
Not covered: displays over TCP (ssh -X), further screens, programs that cover the screen without telling the window manager.
"""

from __future__ import annotations

import asyncio
import os
import re
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from agent.presence._said import Untold

# X11 protocol numbers (X Window System Protocol, X.Org 1.20, appendix B), little-endian byte order.
INTERN_ATOM: Final = 16
GET_PROPERTY: Final = 20
GENERIC_EVENT: Final = 35
COOKIE: Final = b"MIT-MAGIC-COOKIE-1"
ATOMS: Final = (b"_NET_SUPPORTING_WM_CHECK", b"_NET_ACTIVE_WINDOW", b"_NET_WM_STATE", b"_NET_WM_STATE_FULLSCREEN")
LONGS: Final = 64  # how much of a property to read, in 4-byte units
_DISPLAY = re.compile(r"^(?:unix)?:(\d+)(?:\.0)?$")


async def full_screen(display: str) -> bool:
    """Whether the active window fills the screen; Untold if the display cannot be asked."""
    found = _DISPLAY.match(display)
    if not found:
        raise Untold(f"display '{display}' is not a local one" if display else "there is no X display")
    try:
        reader, writer = await _connect(int(found[1]))
    except OSError as error:
        raise Untold(f"display {display} cannot be reached") from error
    try:
        return await _ask(reader, writer, found[1])
    except (OSError, EOFError, struct.error) as error:  # IncompleteReadError is an EOFError
        raise Untold(f"display {display} broke off") from error
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _connect(number: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    name = f"/tmp/.X11-unix/X{number}"  # noqa: S108 - where every X server listens
    try:
        return await asyncio.open_unix_connection(name)
    except (FileNotFoundError, ConnectionRefusedError):
        return await asyncio.open_unix_connection(f"\0{name}")


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: str) -> bool:
    writer.write(_hello(_cookie(number)))
    root = await _root(reader)
    writer.write(b"".join(_intern(name) for name in ATOMS))
    manager, active, states, wanted = [struct.unpack_from("<I", await _reply(reader), 8)[0] for _ in ATOMS]
    if not manager or not await _property(reader, writer, root, manager):
        raise Untold("no window manager tells the active window")
    window = await _property(reader, writer, root, active) if active else ()
    if not any(window) or not states or not wanted:  # none in front; or no window has ever filled the screen
        return False
    return wanted in await _property(reader, writer, window[0], states)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)


def _hello(cookie: bytes) -> bytes:
    name = COOKIE if cookie else b""
    return struct.pack("<BxHHHHxx", ord("l"), 11, 0, len(name), len(cookie)) + _padded(name) + _padded(cookie)


def _intern(name: bytes) -> bytes:
    body = _padded(name)
    return struct.pack("<BBHHxx", INTERN_ATOM, 1, 2 + len(body) // 4, len(name)) + body


async def _root(reader: asyncio.StreamReader) -> int:
    """The root window out of the server's answer to the hello."""
    accepted, size = struct.unpack("<B5xH", await reader.readexactly(8))
    body = await reader.readexactly(size * 4)
    if accepted != 1:
        raise Untold("the X server refused the connection")
    vendor, formats = struct.unpack_from("<H", body, 16)[0], body[21]
    return int(struct.unpack_from("<I", body, 32 + vendor + -vendor % 4 + 8 * formats)[0])


async def _reply(reader: asyncio.StreamReader) -> bytes:
    """The next reply, past the events that every client is sent; Untold for an error."""
    while True:
        head = await reader.readexactly(32)
        more = head[0] == 1 or head[0] & 0x7F == GENERIC_EVENT
        rest = await reader.readexactly(4 * struct.unpack_from("<I", head, 4)[0]) if more else b""
        if head[0] == 0:
            raise Untold("the active window went away")
        if head[0] == 1:
            return head + rest


async def _property(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, window: int, atom: int) -> tuple[int, ...]:
    """The 32-bit values of a property; none if it is not set."""
    writer.write(struct.pack("<BBHIIIII", GET_PROPERTY, 0, 6, window, atom, 0, 0, LONGS))
    reply = await _reply(reader)
    size = struct.unpack_from("<I", reply, 16)[0] if reply[1] == 32 else 0
    return struct.unpack_from(f"<{size}I", reply, 32)


def _cookie(number: str) -> bytes:
    """The cookie for a local display out of the .Xauthority file; empty if there is none."""
    path = Path(os.environ.get("XAUTHORITY") or Path.home() / ".Xauthority")
    with suppress(OSError, struct.error):
        for display, name, cookie in _entries(path.read_bytes()):
            if name == COOKIE and display in (b"", number.encode()):
                return cookie
    return b""


def _entries(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """(display, name, cookie) of each entry: big-endian counted strings after a family (Xau(3))."""
    at = 0
    while at < len(data):
        at += 2
        fields = []
        for _ in range(4):
            size = struct.unpack_from(">H", data, at)[0]
            fields.append(data[at + 2 : at + 2 + size])
            at += 2 + size
        yield fields[1], fields[2], fields[3]
