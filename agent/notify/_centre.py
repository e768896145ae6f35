"""Bounded calls into desktop-notifier: connect late, send, take down, leave. What comes back goes to `Events`, in the loop."""

from __future__ import annotations

import asyncio
import html
import logging
import warnings
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from agent.core import defence
from agent.core.offers import TITLE_CHARS, TOAST_CHARS
from agent.core.records import Toast
from agent.notify import _dbus
from agent.notify._plain import first_line, plain, plain_lines

ACCEPT, REJECT = "accept", "reject"  # fixed: macOS keeps the button ids of the first toast with the same titles
HANGING = 3  # sends left waiting on a frozen server

logger = logging.getLogger(__name__)
Attach = Callable[[object, Callable[[str, int], None], Callable[[], None]], "_dbus.Hooks | None"]


@dataclass(frozen=True)
class Events:
    """Who is told: the toast's identifier first, then the button's id or the close reason; `gone` when the server went."""

    pressed: Callable[[str, str], None]
    clicked: Callable[[str], None]
    dismissed: Callable[[str], None]
    closed: Callable[[str, int], None]
    gone: Callable[[], None]


@dataclass(frozen=True)
class Place:
    """Where toasts are shown: under which name, on which system (as platform.system says), and the seconds a call may take."""

    app_name: str
    system: str
    patience: float


@dataclass(frozen=True)
class Note:
    """One toast to send. `ttl` 0: no buttons; not `whole`: no Accept. `dispatched` is called as soon as a server took it.

    `in_full`: the body begins with all arguments of what would run, so what the title has to be cut of need not be said too.
    """

    identifier: str
    title: str
    body: str
    ttl: float = 0.0
    dispatched: Callable[[], None] = lambda: None
    whole: bool = True
    in_full: bool = False


def offered(toast: Toast, dispatched: Callable[[], None] = lambda: None) -> Note:
    """The note of an offer."""
    return Note(toast.nonce, toast.title, toast.body, toast.ttl, dispatched, toast.whole, toast.in_full)


class Centre:
    """The notification centre of this desktop."""

    def __init__(self, place: Place, events: Events, attach: Attach = _dbus.attach) -> None:
        self._place, self._events, self._attach = place, events, attach
        self._vendor: Any = None
        self._hooks: _dbus.Hooks | None = None
        self._sending: list[asyncio.Task[Any]] = []
        self._chores: set[asyncio.Task[None]] = set()
        self._left = False

    @property
    def product(self) -> str:
        """The vendor that the server names, or empty."""
        return self._hooks.vendor if self._hooks is not None else ""

    async def probe(self) -> str:
        """'' if toasts with buttons can be shown, else one line: what is missing and what to do."""
        try:
            capabilities = await asyncio.wait_for(self._look(), self._place.patience)
        except Exception as e:  # noqa: BLE001 - three vendor libraries raise what they like; a probe only tells
            return _dbus.explain(e)
        if _dbus.backend_of(self._vendor)[1] == "DummyNotificationCenter":
            return _no_centre(self._place.system)
        if "BUTTONS" not in {c.name for c in capabilities}:
            return "The notification server shows no buttons. Answer offers with 'proactive inbox'."
        return ""

    async def send(self, note: Note) -> bool:
        """Send, within our patience; True if a server took it by then. Never raises."""
        if self._left:
            return False
        try:
            vendor = self._start()
        except Exception:  # a Windows service session raises OSError here, others may follow
            logger.warning("Toasts cannot be used here", exc_info=True)
            return False
        delivered: list[str] = []

        def dispatched() -> None:  # the only sign of delivery: the call itself succeeds even without a bus
            delivered.append(note.identifier)
            note.dispatched()

        native = self.native(note, dispatched)
        await self._bounded(asyncio.ensure_future(vendor.send_notification(native)), note.identifier)
        if not delivered and self._hooks is None:
            vendor, self._vendor = self._vendor, None  # without hooks only a new object reconnects
            await _dbus.hang_up(vendor)
        return bool(delivered)

    async def _bounded(self, task: asyncio.Task[Any], identifier: str) -> None:
        self._sending.append(task)
        task.add_done_callback(self._sent)
        try:
            done, _ = await asyncio.wait({task}, timeout=self._place.patience)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if not done:
            self._hang(task, identifier)

    def finish(self, identifier: str) -> None:
        """Take a toast down in the background and forget it."""
        self._later(self.retire(identifier))

    def sweep(self, identifier: str) -> None:
        """Take a toast down in the background; should the server leave it up, its clicks still come."""
        self._later(self._clear(identifier))

    async def retire(self, identifier: str) -> None:
        """Take a toast down, within our patience, and forget it: what still comes for it is nobody's."""
        await self._clear(identifier)
        self.forget(identifier)

    def forget(self, identifier: str) -> None:
        """Pass nothing on for this toast any more."""
        if self._hooks is not None:
            self._hooks.forget(identifier)

    async def leave(self) -> None:
        """Stop what is going on and leave the bus."""
        self._left = True
        waiting = [*self._sending, *self._chores]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await (self._hooks.disconnect() if self._hooks is not None else _dbus.hang_up(self._vendor))

    async def _look(self) -> Any:
        vendor = self._start()
        if self._hooks is not None:
            self._hooks.refresh()
        return await vendor.get_capabilities()

    def _start(self) -> Any:
        if self._vendor is None:
            vendor = self._build()
            vendor.on_button_pressed = self._events.pressed
            vendor.on_clicked = self._events.clicked
            vendor.on_dismissed = self._events.dismissed
            self._hooks = self._attach(vendor, self._events.closed, self._events.gone)
            self._vendor = vendor
        return self._vendor

    def _build(self) -> Any:
        with warnings.catch_warnings():  # 6.2 names an event loop policy that Python 3.14 deprecates
            warnings.simplefilter("ignore", DeprecationWarning)
            from desktop_notifier import DesktopNotifier

        logging.getLogger("desktop_notifier").setLevel(logging.ERROR)  # it warns at each toast that could not be sent
        return DesktopNotifier(app_name=self._place.app_name, app_icon=None)

    def native(self, note: Note, dispatched: Callable[[], None]) -> Any:
        """The note as desktop-notifier takes it: the action's line first, at most 200 signs in all, nothing that is markup."""
        from desktop_notifier import Button, Notification, Urgency

        title, rest = first_line(plain(note.title, TITLE_CHARS))
        above = () if note.in_full or not rest else (rest,)
        text = plain_lines("\n".join((*above, note.body)), TOAST_CHARS - len(title) - 1)
        accept = (Button("Accept", identifier=ACCEPT),) if note.whole else ()
        buttons = (*accept, Button("Something else", identifier=REJECT))
        return Notification(
            title=title,
            message=html.escape(text, quote=False) if self._place.system == "Linux" and defence.on("markup_escape") else text,
            urgency=Urgency.Normal,
            buttons=buttons if note.ttl else (),
            timeout=max(1, round(note.ttl)) if note.ttl else -1,
            identifier=note.identifier,
            on_dispatched=dispatched,
        )

    def _sent(self, task: asyncio.Task[Any]) -> None:
        self._sending.remove(task)
        if not task.cancelled() and task.exception() is not None:
            logger.warning("A toast could not be sent", exc_info=task.exception())

    def _hang(self, task: asyncio.Task[Any], identifier: str) -> None:
        """A frozen server may still show it when it thaws: wait for that in the background and take it down then."""
        logger.warning("The notification server did not answer in %g s", self._place.patience)
        task.add_done_callback(lambda t: None if t.cancelled() else self.finish(identifier))
        for old in self._sending[:-HANGING]:
            old.cancel()

    async def _clear(self, identifier: str) -> None:
        if self._vendor is None:
            return
        take_down = self._hooks.take_down if self._hooks is not None else self._vendor.clear
        try:
            await asyncio.wait_for(take_down(identifier), self._place.patience)
        except (KeyError, asyncio.TimeoutError):
            pass  # it is gone already, or the server is frozen
        except Exception:  # a toast that cannot be closed must not end the daemon
            logger.debug("A toast could not be taken down", exc_info=True)

    def _later(self, chore: Coroutine[Any, Any, None]) -> None:
        if self._left:
            chore.close()
            return
        task = asyncio.ensure_future(chore)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)


def _no_centre(system: str) -> str:
    if system == "Darwin":
        return "macOS shows toasts only for a signed app: use the Python of python.org, not Homebrew's, conda's or uv's."
    return "This system has no notification centre that Proactive can use. Answer offers with 'proactive inbox'."
