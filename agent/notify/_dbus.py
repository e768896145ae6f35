"""The one place that knows the inside of desktop-notifier 6.2 on D-Bus: it keeps what that library throws away.

Covered: every close reason (6.2 acts on reason 2 only), signals that arrive before the Notify reply, the server or the bus
going away, one socket leaked per failed send, no reconnect, an unset bus address, a cache that only grows.
Not covered: servers that change their interface without giving up the name; a reply that a replaced server never sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from agent.errors import NotifierError

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
BUS = "org.freedesktop.DBus"

# A frozen server holds dbus-fast's introspection for 30 s and a frozen bus holds it for ever; a warm one answers in 6 ms.
CONNECT_SECONDS = 4.0
_HANG_UP = 0.4
_EARLY = 64
_IDS = "_platform_to_interface_notification_identifier"
_NEEDED = ("_init_dbus", "_send", "_on_action", "_on_closed", "_notification_cache", "_capabilities", "interface", _IDS)

logger = logging.getLogger(__name__)


def bus_address() -> str | None:
    """The systemd user bus when the environment names no session bus and that socket is there, else None (as usual)."""
    if os.environ.get("DBUS_SESSION_BUS_ADDRESS") or not hasattr(os, "getuid"):
        return None
    socket = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}") / "bus"
    return f"unix:path={socket}" if socket.is_socket() else None


def backend_of(notifier: object) -> tuple[Any, str]:
    """The backend of a DesktopNotifier and its class name; (None, '') if there is no such thing any more."""
    backend = getattr(notifier, "_backend", None)
    return backend, type(backend).__name__ if backend is not None else ""


def explain(error: BaseException) -> str:
    """One line for the user: why toasts do not work, and what to do."""
    name = type(error).__name__
    if isinstance(error, (asyncio.TimeoutError, TimeoutError)):
        return "The notification server does not answer. Restart it; until then answer with 'proactive inbox'."
    if name in ("InvalidAddressError", "KeyError"):
        return "There is no desktop session here (no session bus). Answer offers with 'proactive inbox'."
    if isinstance(error, (OSError, EOFError)):
        return "The session bus cannot be reached. Start Proactive from your desktop session, or use 'proactive inbox'."
    if name == "DBusError":
        return "No notification server runs in this session. Start one (dunst, mako, xfce4-notifyd, ...)."
    return f"Toasts cannot be used here ({name}). Answer offers with 'proactive inbox'."


def attach(notifier: object, on_closed: Callable[[str, int], None], on_gone: Callable[[], None]) -> Hooks | None:
    """Hook into a DesktopNotifier; None where it is not on D-Bus or is built otherwise than in 6.2 (then deadlines only)."""
    backend, kind = backend_of(notifier)
    if kind != "DBusDesktopNotifier":
        return None
    missing = [name for name in _NEEDED if not hasattr(backend, name)]
    if missing:
        logger.warning(
            "desktop-notifier is built otherwise than expected (%s); toasts end by deadline only", ", ".join(missing)
        )
        return None
    return Hooks(backend, on_closed, on_gone)


async def hang_up(notifier: object) -> None:
    """Leave the bus of a DesktopNotifier that has no hooks (the library has no close of its own)."""
    bus = getattr(backend_of(notifier)[0], "bus", None)
    if bus is not None and hasattr(bus, "wait_for_disconnect"):
        await _hang_up(bus)


class Hooks:
    """Stands in front of one D-Bus backend. `on_closed(identifier, reason)` and `on_gone()` are called in the loop."""

    def __init__(self, backend: Any, on_closed: Callable[[str, int], None], on_gone: Callable[[], None]) -> None:
        self.vendor = ""
        self._backend = backend
        self._on_closed, self._on_gone = on_closed, on_gone
        self._base_send = backend._send  # noqa: SLF001 - wrapped; this file is the one that may
        self._ids: dict[int, str] = {}
        self._early: list[tuple[int, Callable[[], None]]] = []
        self._sending = 0
        self._generation = 0
        self._bus: Any = None
        self._watcher: asyncio.Task[None] | None = None
        backend._init_dbus = self._connect  # noqa: SLF001
        backend._send = self._send  # noqa: SLF001

    def refresh(self) -> None:
        """Make the next look at the capabilities ask the server again."""
        self._backend._capabilities = None  # noqa: SLF001

    def forget(self, identifier: str) -> None:
        """Drop a toast: what still comes for it is nobody's."""
        self._ids = {nid: known for nid, known in self._ids.items() if known != identifier}
        self._backend._notification_cache.pop(identifier, None)  # noqa: SLF001

    async def take_down(self, identifier: str) -> None:
        """Ask the server to close a toast; its clicks are still known until `forget` (some servers leave it up)."""
        nid = next((n for n, known in self._ids.items() if known == identifier), None)
        if nid is not None and self._backend.interface is not None:
            await self._backend.interface.call_close_notification(nid)

    async def disconnect(self) -> None:
        """Leave the bus, without telling `on_gone`."""
        bus, self._bus = self._bus, None
        self._reset()
        if bus is not None:
            await _hang_up(bus)
        if self._watcher is not None:
            await asyncio.wait({self._watcher}, timeout=_HANG_UP)
            self._watcher.cancel()

    async def _connect(self) -> Any:
        from dbus_fast.aio import MessageBus

        bus: Any = MessageBus(bus_address=bus_address())
        try:
            interface = await asyncio.wait_for(self._subscribe(bus), CONNECT_SECONDS)
        except BaseException:  # also when cancelled: 6.2 leaves the socket open on any failure
            await _hang_up(bus)
            raise
        self._bus = self._backend.bus = bus
        self._backend.interface = interface
        self._watcher = asyncio.create_task(self._until_gone(bus))
        return interface

    async def _subscribe(self, bus: Any) -> Any:
        from dbus_fast import Message

        rule = f"type='signal',sender='{BUS}',interface='{BUS}',member='NameOwnerChanged',arg0='{NAME}'"
        await bus.connect()
        bus.add_message_handler(partial(self._owner_changed, bus))
        call = Message(
            destination=BUS, path="/org/freedesktop/DBus", interface=BUS, member="AddMatch", signature="s", body=[rule]
        )
        await bus.call(call)
        introspection = await bus.introspect(NAME, PATH)
        interface = bus.get_proxy_object(NAME, PATH, introspection).get_interface(NAME)
        if hasattr(interface, "on_notification_closed"):
            interface.on_notification_closed(self._closed)
        if hasattr(interface, "on_action_invoked"):
            interface.on_action_invoked(self._action)
        self.vendor = (await interface.call_get_server_information())[1]
        return interface

    def _owner_changed(self, bus: Any, message: Any) -> None:
        if message.member != "NameOwnerChanged" or message.sender != BUS or message.body[0] != NAME:
            return
        if message.body[1]:  # an owner left: its toasts are gone, and the next server may be another product
            self._gone(bus)
            bus.disconnect()

    async def _until_gone(self, bus: Any) -> None:
        with contextlib.suppress(Exception):  # however the connection ended, it ended
            await bus.wait_for_disconnect()
        self._gone(bus)

    def _gone(self, bus: Any) -> None:
        if self._bus is bus:
            self._bus = None
            self._reset()
            self._on_gone()

    def _reset(self) -> None:
        self._generation += 1
        self._ids.clear()
        self._early.clear()
        self._backend.interface = None
        self._backend._notification_cache.clear()  # noqa: SLF001
        getattr(self._backend, _IDS).clear()
        self.refresh()

    async def _send(self, notification: Any) -> None:
        generation = self._generation
        self._sending += 1
        try:
            await self._base_send(notification)
        finally:
            self._sending -= 1
            early = self._early[:]
            if not self._sending:
                self._early.clear()
        identifier: str = notification.identifier
        nid: int = getattr(self._backend, _IDS).inverse.pop(identifier)
        if generation != self._generation:
            raise NotifierError("The notification server went away while a toast was sent.")
        self._ids[nid] = identifier
        for known, event in early:  # after this turn, when the toast counts as delivered
            if known == nid:
                asyncio.get_running_loop().call_soon(event)

    def _known(self, nid: int, event: Callable[[], None]) -> str:
        identifier = self._ids.get(nid, "")
        if not identifier and self._sending and len(self._early) < _EARLY:
            self._early.append((nid, event))
        return identifier

    def _action(self, nid: int, key: str) -> None:
        identifier = self._known(nid, partial(self._action, nid, key))
        if not identifier:
            return
        if key == "default":
            self._backend.handle_clicked(identifier)
        else:
            self._backend.handle_button(identifier, key)

    def _closed(self, nid: int, reason: int) -> None:
        identifier = self._known(nid, partial(self._closed, nid, reason))
        if identifier:
            self._on_closed(identifier, reason)


async def _hang_up(bus: Any) -> None:
    """Close the connection and see it closed, or a failed send would leave its socket behind."""
    if not bus.connected:
        return
    bus.disconnect()
    with contextlib.suppress(Exception):  # however it ends, it ended; the wait is bounded
        await asyncio.wait_for(bus.wait_for_disconnect(), _HANG_UP)
