"""Questions to the session bus that start no service, change nothing and wait a quarter of a second at most."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from agent.presence._said import Untold

if TYPE_CHECKING:
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

WAIT: Final = 0.25  # seconds for one answer; a healthy one takes 1 to 5 ms
BUS: Final = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
SERVER: Final = ("org.freedesktop.Notifications", "/org/freedesktop/Notifications", "org.freedesktop.Notifications")
PROPERTIES: Final = "org.freedesktop.DBus.Properties"
Address = tuple[str, str, str]


class Session:
    """The session bus for the length of one look: which names are owned, and who shows notifications."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus
        self.names: frozenset[str] = frozenset()
        self.server = self.vendor = ""

    async def learn(self) -> None:
        """Ask who is there; a notification server that does not say its name in time stays ''."""
        self.names = frozenset((await self.call(BUS, "ListNames"))[0])
        if SERVER[0] in self.names:
            with suppress(Untold):
                self.server, self.vendor = map(str, (await self.call(SERVER, "GetServerInformation"))[:2])

    async def call(self, address: Address, member: str, *texts: str) -> list[Any]:
        """The body of the answer to a call with text arguments; Untold if there is none in time or it is an error."""
        destination, path, interface = address
        message = _message(destination, path, interface, member, texts)
        try:
            reply = await asyncio.wait_for(self._bus.call(message), WAIT)
        except asyncio.TimeoutError:
            raise Untold(f"{destination} does not answer") from None
        except Exception as error:  # a bus that goes away raises whatever broke, down to bare Exception
            raise Untold(f"the session bus failed: {type(error).__name__}") from error
        if reply is None or reply.message_type.name != "METHOD_RETURN":
            raise Untold(reply.error_name if reply and reply.error_name else f"{destination} refused")
        return [_plain(value) for value in reply.body]

    async def get(self, destination: str, path: str, interface: str, name: str) -> Any:
        """A property; Untold as for `call`."""
        return (await self.call((destination, path, PROPERTIES), "Get", interface, name))[0]

    def close(self) -> None:
        """Leave the bus."""
        self._bus.disconnect()


async def connect() -> Session:
    """Join the session bus and learn who is there; Untold if there is no bus or it does not answer."""
    try:
        from dbus_fast.aio import MessageBus

        bus = MessageBus()
    except ImportError:
        raise Untold("dbus-fast is not installed") from None
    except Exception as error:  # an address that cannot be found or read raises several unrelated classes
        raise Untold("there is no session bus") from error
    session = Session(bus)
    try:
        await asyncio.wait_for(bus.connect(), WAIT)
        await session.learn()
    except BaseException as error:
        session.close()
        if isinstance(error, Untold) or not isinstance(error, Exception):
            raise
        raise Untold("the session bus cannot be reached") from error
    return session


def _message(destination: str, path: str, interface: str, member: str, texts: tuple[str, ...]) -> Message:
    from dbus_fast import Message, MessageFlag

    return Message(
        destination=destination,
        path=path,
        interface=interface,
        member=member,
        flags=MessageFlag.NO_AUTOSTART,
        signature="s" * len(texts),
        body=list(texts),
    )


def _plain(value: Any) -> Any:
    return _plain(value.value) if type(value).__name__ == "Variant" else value
