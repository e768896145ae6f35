"""What every presence promises, on every platform: an answer in time, 'unknown' where it cannot tell, never an error."""

from __future__ import annotations

import json
import os
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import plug
from agent.core.ports import Presence
from agent.core.records import PresenceState
from agent.presence._said import Said, state
from agent.presence.macos import MacosPresence
from agent.presence.windows import told
from tests.fake_notifications import StillClock

WORDS = ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY")


@pytest.fixture(params=plug.kinds("presence"))
def presence(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Presence:
    """Each kind, on a machine without bus, display or home."""
    for word in WORDS:
        monkeypatch.delenv(word, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    built: Presence = plug.build("presence", request.param, {}, plug.Supplies(clock=StillClock(), data=tmp_path))
    return built


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[Path]:
    """A socket that takes connections and never says a word."""
    path = tmp_path / "silent"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen(8)
        yield path


def known(said: PresenceState) -> tuple[str, str, str]:
    """The three answers."""
    return said.do_not_disturb, said.full_screen, said.screen_share


async def test_a_bare_machine_is_unknown_and_every_source_says_why(presence: Presence) -> None:
    start = time.perf_counter()
    said = await presence.look()
    assert time.perf_counter() - start < 1.2
    assert known(said) == ("unknown",) * 3
    assert said.sources
    assert all(text.startswith("unknown (") and text.endswith(")") for text in said.sources.values())


@pytest.mark.skipif(os.name != "posix", reason="unix sockets")
async def test_a_bus_that_hangs_costs_at_most_a_second(
    presence: Presence, silent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={silent}")
    start = time.perf_counter()
    assert known(await presence.look()) == ("unknown",) * 3
    assert time.perf_counter() - start < 1.2


@pytest.mark.parametrize("address", ["nonsense", "unix:path=/nowhere", "tcp:host=x,port=y", ""])
async def test_a_bus_address_that_leads_nowhere_is_unknown(
    presence: Presence, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    assert known(await presence.look()) == ("unknown",) * 3


@pytest.mark.parametrize("display", ["nonsense", ":98765", "far.example.org:0", "localhost:10.0", ":0.1"])
async def test_a_display_that_leads_nowhere_is_unknown(
    presence: Presence, display: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", display)
    assert known(await presence.look()) == ("unknown",) * 3


def test_one_yes_counts_more_than_any_no_and_a_no_more_than_unknown() -> None:
    yes, no = Said("full_screen", "a", "yes"), Said("full_screen", "b", "no")
    unknown = Said("full_screen", "c", "unknown", "asleep")
    assert state([no, unknown, yes]).full_screen == "yes"
    assert state([unknown, no]).full_screen == "no"
    assert state([unknown]).full_screen == "unknown"
    assert state([unknown, no]).sources == {
        "c": "unknown (asleep)",
        "b": "no",
        "do not disturb": "unknown (nothing here tells it)",
        "screen share": "unknown (nothing here tells it)",
    }


WINDOWS = {
    None: ("unknown", "unknown"),
    0: ("unknown", "unknown"),
    1: ("yes", "unknown"),
    2: ("unknown", "yes"),
    3: ("unknown", "yes"),
    4: ("yes", "unknown"),
    5: ("unknown", "no"),
    6: ("yes", "no"),
    7: ("unknown", "yes"),
    99: ("unknown", "unknown"),
}


@pytest.mark.parametrize("number", WINDOWS)
def test_windows_states_are_read_as_microsoft_documents_them(number: int | None) -> None:
    assert known(told(number))[:2] == WINDOWS[number]


FOCUS = {
    json.dumps({"data": [{"storeAssertionRecords": [{"assertionDetails": {}}]}]}): "yes",
    json.dumps({"data": [{"storeInvalidationRecords": [{}]}]}): "unknown",
    json.dumps({"data": [{"storeAssertionRecords": []}]}): "unknown",
    json.dumps({"data": "x"}): "unknown",
    "[1, 2": "unknown",
    "[" * 100_000: "unknown",
    "\xff\xfe": "unknown",
}


@pytest.mark.parametrize("text", FOCUS, ids=range(len(FOCUS)))
async def test_a_focus_of_macos_is_read_from_its_file(text: str, tmp_path: Path) -> None:
    path = tmp_path / "Assertions.json"
    path.write_bytes(text.encode("latin-1"))
    assert (await MacosPresence(path).look()).do_not_disturb == FOCUS[text]


def test_the_cookie_of_the_right_display_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from agent.presence._x11 import _cookie

    def entry(display: bytes, name: bytes, cookie: bytes) -> bytes:
        return struct.pack(">H", 256) + b"".join(struct.pack(">H", len(f)) + f for f in (b"host", display, name, cookie))

    good, cookie = b"MIT-MAGIC-COOKIE-1", b"c" * 16
    path = tmp_path / "auth"
    monkeypatch.setenv("XAUTHORITY", str(path))
    assert _cookie("7") == b""
    path.write_bytes(entry(b"1", good, b"x" * 16) + entry(b"7", b"XDM", b"y") + entry(b"7", good, cookie))
    assert _cookie("7") == cookie
    path.write_bytes(path.read_bytes()[:-5] + b"")
    assert _cookie("8") == b""
    path.write_bytes(entry(b"", good, cookie))
    assert _cookie("8") == cookie
    path.write_bytes(b"\x01")
    assert _cookie("8") == b""
