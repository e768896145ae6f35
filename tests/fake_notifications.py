"""A private session bus and a scriptable notification server on it: no display, no real desktop, milliseconds."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from agent.trust._toasts import BUS, NAME, PATH, XML
from tests.conftest import NOW


class StillClock:
    """A clock that stands at NOW."""

    factor = 1.0

    def now(self) -> datetime:
        """NOW."""
        return NOW

    async def sleep(self, seconds: float) -> None:
        """Wait for real."""
        await asyncio.sleep(seconds)


def need(*programs: str) -> None:
    """Skip the test, by name and with the reason, if a program is not on this machine."""
    missing = [p for p in programs if shutil.which(p) is None and not Path(p).exists()]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


def stop(process: subprocess.Popen[bytes], seconds: float = 5.0) -> None:
    """End one process of ours: TERM, then KILL; waits until it is gone."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGCONT)
            process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait(seconds)


class PrivateBus:
    """A dbus-daemon of our own in a short folder of its own; `start` again after `stop` gives the same address."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pa-bus-"))
        self.socket = self.folder / "bus"
        self.address = f"unix:path={self.socket}"
        self._config = self.folder / "bus.conf"
        self._config.write_text(BUS.format(socket=self.socket))
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        reading, writing = os.pipe()
        argv = ["dbus-daemon", f"--config-file={self._config}", "--nofork", "--nopidfile", f"--print-address={writing}"]
        self.process = subprocess.Popen(argv, pass_fds=[writing], stderr=subprocess.DEVNULL)
        os.close(writing)
        with os.fdopen(reading, "rb") as answer:
            assert answer.readline(), "dbus-daemon did not start"

    def stop(self) -> None:
        """Stop it; every connection to it breaks."""
        if self.process is not None:
            stop(self.process)
            self.process = None
        self.socket.unlink(missing_ok=True)

    def kill(self) -> None:
        """Kill it, without any good-bye to those connected."""
        if self.process is not None:
            self.process.kill()
        self.stop()

    def remove(self) -> None:
        """Stop it and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def private_bus() -> Iterator[PrivateBus]:
    """A running private bus; skips where there is no dbus-daemon."""
    need("dbus-daemon")
    bus = PrivateBus()
    try:
        bus.start()
        yield bus
    finally:
        bus.remove()


@dataclass
class Shown:
    """A notification as it came over the wire."""

    app: str
    icon: str
    title: str
    body: str
    actions: list[str]
    hints: dict[str, Any]
    timeout: int


@dataclass
class FakeNotifications:
    """The server. `mode` is ok, error (Notify is refused) or hang (no reply until `thaw`).

    `before` are the signals that reach the client before the reply: ("act", key) or ("end", reason).
    """

    vendor: str = "lab"
    buttons: bool = True
    mode: str = "ok"
    first: int = 1
    shown: dict[int, Shown] = field(default_factory=dict)
    history: list[Shown] = field(default_factory=list)
    close_calls: list[int] = field(default_factory=list)
    before: list[tuple[str, int | str]] = field(default_factory=list)
    bus: Any = None
    _held: list[Any] = field(default_factory=list)

    async def start(self, address: str) -> FakeNotifications:
        """Connect and own the name."""
        from dbus_fast import NameFlag, RequestNameReply
        from dbus_fast.aio import MessageBus

        self.bus = await MessageBus(bus_address=address).connect()
        self.bus.add_message_handler(self._handle)
        reply = await self.bus.request_name(NAME, NameFlag.DO_NOT_QUEUE)
        assert reply == RequestNameReply.PRIMARY_OWNER, reply
        return self

    async def die(self) -> None:
        """Leave the bus as a killed process does."""
        bus, self.bus = self.bus, None
        if bus is not None and bus.connected:
            bus.disconnect()
            with contextlib.suppress(Exception):
                await asyncio.wait_for(bus.wait_for_disconnect(), 1)

    def act(self, nid: int, key: str) -> None:
        """The user pressed a button, or the body ('default')."""
        self._signal("ActionInvoked", "us", [nid, key])

    def end(self, nid: int, reason: int) -> None:
        """The notification goes away."""
        self.shown.pop(nid, None)
        self._signal("NotificationClosed", "uu", [nid, reason])

    def thaw(self) -> None:
        """Answer the calls held back by the mode hang."""
        self.mode = "ok"
        held, self._held = self._held, []
        for message in held:
            self.bus.send(self._answer(message))

    @property
    def last(self) -> int:
        """The id of the newest notification."""
        return max(self.shown)

    def _handle(self, message: Any) -> Any:
        from dbus_fast import Message, MessageType

        if message.message_type != MessageType.METHOD_CALL or message.path != PATH:
            return None
        if self.mode == "hang":
            self._held.append(message)
            return True
        if self.mode == "error" and message.member == "Notify":
            return Message.new_error(message, f"{NAME}.Error.ExcessNotificationGeneration", "too many similar ones")
        return self._answer(message)

    def _answer(self, message: Any) -> Any:
        from dbus_fast import Message

        if message.member == "Notify":
            nid = self._take(message.body)
            for what, value in self.before:
                (self.act if what == "act" else self.end)(nid, value)  # type: ignore[operator]
            return Message.new_method_return(message, "u", [nid])
        if message.member == "CloseNotification":
            self.close_calls.append(message.body[0])
            if message.body[0] in self.shown:
                self.end(message.body[0], 3)
            return Message.new_method_return(message)
        if message.member == "GetCapabilities":
            return Message.new_method_return(message, "as", [["actions", "body"] if self.buttons else ["body"]])
        if message.member == "GetServerInformation":
            return Message.new_method_return(message, "ssss", ["fake", self.vendor, "1", "1.2"])
        return Message.new_method_return(message, "s", [XML])

    def _take(self, body: list[Any]) -> int:
        app, _, icon, title, text, actions, hints, timeout = body
        nid, self.first = self.first, self.first + 1
        shown = Shown(app, icon, title, text, actions, {k: v.value for k, v in hints.items()}, timeout)
        self.shown[nid] = shown
        self.history.append(shown)
        return nid

    def _signal(self, member: str, signature: str, body: list[Any]) -> None:
        from dbus_fast import Message, MessageType

        signal_ = Message(
            path=PATH, interface=NAME, member=member, signature=signature, body=body, message_type=MessageType.SIGNAL
        )
        self.bus.send(signal_)


def wait_until(seen: Any, seconds: float = 5.0, step: float = 0.05) -> Any:
    """What `seen()` gives once it is true, or its last value after `seconds` (blocking)."""
    end = time.monotonic() + seconds
    while not (got := seen()) and time.monotonic() < end:
        time.sleep(step)
    return got
