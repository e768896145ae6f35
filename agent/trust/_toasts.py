"""A session bus and a notification server of our own, with a user at it who answers each toast after some seconds."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><keep_umask/><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>"""
XML = """<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
<node><interface name="org.freedesktop.Notifications">
<method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
<arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/><arg type="a{sv}" direction="in"/>
<arg type="i" direction="in"/><arg type="u" direction="out"/></method>
<method name="CloseNotification"><arg type="u" direction="in"/></method>
<method name="GetCapabilities"><arg type="as" direction="out"/></method>
<method name="GetServerInformation"><arg type="s" direction="out"/><arg type="s" direction="out"/>
<arg type="s" direction="out"/><arg type="s" direction="out"/></method>
<signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
<signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
</interface></node>"""
THINKS = 4.0
EXPIRED, DISMISSED, CLOSED = 1, 2, 3


class Toasts:
    """`async with Toasts() as desk:` runs bus and server; `up` and `down` let the server come and go. `shown` counts toasts.

    `address` is '' where there is no dbus-daemon: then there is no notification server at all.
    """

    def __init__(self) -> None:
        self.address = ""
        self.shown = 0
        self._folder = Path(tempfile.mkdtemp(prefix="proactive-bus-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._bus: Any = None
        self._turns = itertools.cycle(("accept", "default", "ignore", "reject", "dismiss"))
        self._users: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Toasts:
        if shutil.which("dbus-daemon"):
            await asyncio.to_thread(self._spawn)
            await self.up()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.down()
        if self._process is not None:
            self._process.terminate()
            await asyncio.to_thread(self._process.communicate)
        shutil.rmtree(self._folder, ignore_errors=True)

    async def up(self) -> None:
        """Connect and own the name."""
        from dbus_fast import NameFlag
        from dbus_fast.aio import MessageBus

        if self.address and self._bus is None:
            self._bus = await MessageBus(bus_address=self.address).connect()
            self._bus.add_message_handler(self._handle)
            await self._bus.request_name(NAME, NameFlag.DO_NOT_QUEUE)

    async def down(self) -> None:
        """Leave the bus as a killed server does."""
        bus, self._bus = self._bus, None
        if bus is not None:
            bus.disconnect()
            with contextlib.suppress(Exception):  # however it ended, it ended
                await asyncio.wait_for(bus.wait_for_disconnect(), 1)

    def _spawn(self) -> None:
        socket, config = self._folder / "bus", self._folder / "bus.conf"
        config.write_text(BUS.format(socket=socket), encoding="utf-8")
        argv = ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile", "--print-address"]
        self._process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if self._process.stdout is not None and self._process.stdout.readline():
            self.address = f"unix:path={socket}"

    def _handle(self, message: Any) -> Any:
        from dbus_fast import Message, MessageType

        if message.message_type != MessageType.METHOD_CALL or message.path != PATH:
            return None
        if message.member == "Notify":
            self.shown += 1
            self._asked(self.shown, message.body[5])
            return Message.new_method_return(message, "u", [self.shown])
        if message.member == "CloseNotification":
            self._signal("NotificationClosed", "uu", [message.body[0], CLOSED])
            return Message.new_method_return(message)
        if message.member == "GetCapabilities":
            return Message.new_method_return(message, "as", [["actions", "body"]])
        if message.member == "GetServerInformation":
            return Message.new_method_return(message, "ssss", ["soak", "soak", "1", "1.2"])
        return Message.new_method_return(message, "s", [XML])

    def _asked(self, number: int, actions: list[str]) -> None:
        task = asyncio.ensure_future(self._answer(number, actions[::2]))
        self._users.add(task)
        task.add_done_callback(self._users.discard)

    async def _answer(self, number: int, keys: list[str]) -> None:
        """Press a button, the body or the cross in turn, or let it expire."""
        await asyncio.sleep(THINKS)
        turn = next(self._turns)
        buttons = [k for k in keys if k != "default"]
        if turn in ("accept", "reject") and len(buttons) > 1:
            self._signal("ActionInvoked", "us", [number, buttons[turn == "reject"]])
        elif turn == "default" and "default" in keys:
            self._signal("ActionInvoked", "us", [number, "default"])
        self._signal("NotificationClosed", "uu", [number, EXPIRED if turn == "ignore" else DISMISSED])

    def _signal(self, member: str, signature: str, body: list[Any]) -> None:
        from dbus_fast import Message, MessageType

        if self._bus is not None:
            self._bus.send(
                Message(
                    path=PATH, interface=NAME, member=member, signature=signature, body=body, message_type=MessageType.SIGNAL
                )
            )
