"""Shows offers as desktop toasts with two buttons and turns what the user or the server does into one answer each.

An offer ends as accepted, rejected, dismissed, ignored, opened, withdrawn or lost; only after `ignored` and `opened` may a
late click still bring accepted or rejected. A toast that was not delivered never has an answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import platform
import time
import uuid
from collections import deque
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field

from agent.core.records import Answer, ResponseKind, Toast
from agent.notify import _dbus
from agent.notify._centre import ACCEPT, REJECT, Attach, Centre, Events, Note, Place, offered
from agent.notify._moved import ToastSeconds
from agent.plug import Supplies

KINDS: dict[str, ResponseKind] = {ACCEPT: "accepted", REJECT: "rejected"}
REASONS: dict[int, ResponseKind] = {1: "ignored", 2: "dismissed", 3: "withdrawn", 4: "lost"}
LATE: frozenset[ResponseKind] = frozenset({"ignored", "opened"})
LATE_KEPT = 20

TURN_SECONDS, CLOSE_SECONDS = 1.0, 1.5  # with leaving the bus, below the 3 s that a stop may take
LOOK_SECONDS = 2.0  # how often the wall clock is compared, so that an offer ends right after a suspend
EARLY_CLOSE = 0.9  # share of ttl: MATE <= 1.29 calls a click on the x 'expired', but an expired toast has lived its ttl


class Settings(BaseModel):
    """Settings of desktop toasts; all times in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    app_name: str = "Proactive"
    """The name shown by the notification centre; the same as in the desktop file."""
    ttl: ToastSeconds = None
    """Not to be set: how long a toast stays on the screen is toast_seconds under [pace]. Servers may not keep to it."""
    grace: float = Field(default=30.0, ge=0, le=3600)
    """How long after its time an unanswered toast is taken down and counted as ignored (hovering stops a server's clock)."""
    patience: float = Field(default=5.0, ge=0.1, le=60)
    """How long a notification server may take for a call (a living one needs 14 ms, a frozen one holds it for ever)."""
    late: float = Field(default=3600.0, ge=0)
    """How long after that a click on a toast that is still up is passed on; the store refuses it once the offer expired."""


@dataclass
class Showing:
    """One toast that was sent, from before the first byte until nothing more can come for it."""

    toast: Toast
    ttl: float
    delivered: bool = False
    kind: ResponseKind | None = None
    wall: float = field(default_factory=time.time)
    ticks: float = field(default_factory=time.monotonic)
    timer: asyncio.TimerHandle | None = None

    @property
    def age(self) -> float:
        """Seconds since it was sent, by the clock that went further: a suspend stops one, a step back the other."""
        return max(time.time() - self.wall, time.monotonic() - self.ticks)

    def delivery(self) -> None:
        """A server took it."""
        self.delivered = True

    def stop(self) -> None:
        """No deadline any more."""
        if self.timer is not None:
            self.timer.cancel()


class DesktopNotifier:
    """The port Notifier on desktop-notifier. Answers go on the queue it was built with."""

    def __init__(self, settings: Settings, supplies: Supplies, *, system: str = "Linux", attach: Attach = _dbus.attach) -> None:
        self.settings = settings
        self._supplies = supplies
        self._body_accepts = system == "Windows"  # its body click is the usual yes, and the title says what runs
        events = Events(self._pressed, self._clicked, self._dismissed, self._closed, self._gone)
        self._centre = Centre(Place(settings.app_name, system, settings.patience), events, attach)
        self._turn = asyncio.Lock()
        self._shown: dict[str, Showing] = {}
        self._used: deque[str] = deque(maxlen=500)
        self._told: deque[str] = deque(maxlen=10)
        self._over = False

    async def probe(self) -> str:
        """'' if offers can be shown and answered, else one line: what is missing and what to do."""
        if self._over:
            return "Toasts are off: Proactive is stopping."
        async with self._turn:
            return await self._centre.probe()

    async def show(self, toast: Toast) -> bool:
        """Show an offer, in place of the one that is open; True once a server took it. A nonce is shown once only."""
        async with self._turn:
            if self._over or toast.nonce in self._used:
                return False
            self._used.append(toast.nonce)
            for showing in [s for s in self._shown.values() if s.kind is None]:
                await self._retire(showing)
            return await self._deliver(Showing(toast, toast.ttl))

    async def tell(self, title: str, body: str) -> bool:
        """Show a toast without buttons; True once a server took it."""
        async with self._turn:
            identifier = uuid.uuid4().hex
            self._told.append(identifier)
            return await self._centre.send(Note(identifier, title, body))

    async def withdraw(self, offer: int) -> None:
        """Take an offer off the screen and answer 'withdrawn' if it was still open; nothing happens if it is gone."""
        async with self._turn:
            for showing in [s for s in self._shown.values() if s.toast.offer == offer]:
                await self._retire(showing)

    async def close(self) -> None:
        """Take down every toast of ours within 3 s and leave the bus; what was open is answered 'withdrawn'."""
        if self._over:
            return
        self._over = True
        with contextlib.suppress(asyncio.TimeoutError):  # what is just being sent must be taken down too
            await asyncio.wait_for(self._turn.acquire(), TURN_SECONDS)
            self._turn.release()
        ours = [*self._shown, *self._told]
        for nonce in list(self._shown):
            self._resolve(nonce, "withdrawn")
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.gather(*(self._centre.retire(i) for i in ours)), CLOSE_SECONDS)
        self._shown.clear()
        await self._centre.leave()

    async def _deliver(self, showing: Showing) -> bool:
        toast = showing.toast
        self._shown[toast.nonce] = showing
        try:
            await self._centre.send(offered(toast, showing.delivery))
        finally:
            if not showing.delivered:
                self._shown.pop(toast.nonce, None)
        if showing.delivered:
            self._watch(showing)
        return showing.delivered

    async def _retire(self, showing: Showing) -> None:
        self._resolve(showing.toast.nonce, "withdrawn")
        self._shown.pop(showing.toast.nonce, None)
        await self._centre.retire(showing.toast.nonce)

    def _watch(self, showing: Showing) -> None:
        if showing.kind is not None or self._over:
            return
        left = showing.ttl + self.settings.grace - showing.age
        if left > 0:
            showing.timer = asyncio.get_running_loop().call_later(min(left, LOOK_SECONDS), self._watch, showing)
            return
        self._resolve(showing.toast.nonce, "ignored")
        self._centre.sweep(showing.toast.nonce)

    def _resolve(self, nonce: str, kind: ResponseKind) -> None:
        showing = self._shown.get(nonce)
        if showing is None or not showing.delivered or not self._counts(showing, kind):
            return
        showing.kind = kind
        showing.stop()
        answer = Answer(offer=showing.toast.offer, nonce=nonce, kind=kind, at=self._supplies.clock.now(), source="toast")
        self._supplies.answers.put_nowait(answer)
        if kind not in LATE:
            self._shown.pop(nonce)
        for old in list(self._shown)[:-LATE_KEPT]:
            self._shown.pop(old).stop()
            self._centre.forget(old)

    def _counts(self, showing: Showing, kind: ResponseKind) -> bool:
        if showing.kind is None:
            return True
        limit = showing.ttl + self.settings.grace + self.settings.late
        return showing.kind in LATE and kind in KINDS.values() and showing.age <= limit

    # Called by the centre. A toast that is not in `_shown` is somebody else's, or done.

    def _pressed(self, identifier: str, button: str) -> None:
        if button in KINDS and (button != ACCEPT or self._whole(identifier)):
            self._resolve(identifier, KINDS[button])
            self._centre.finish(identifier)  # dunst leaves it on the screen

    def _clicked(self, identifier: str) -> None:
        self._resolve(identifier, "accepted" if self._body_accepts and self._whole(identifier) else "opened")

    def _whole(self, identifier: str) -> bool:
        showing = self._shown.get(identifier)
        return showing is None or showing.toast.whole

    def _dismissed(self, identifier: str) -> None:
        self._resolve(identifier, "dismissed")

    def _closed(self, identifier: str, reason: int) -> None:
        kind = REASONS.get(reason, "lost")
        showing = self._shown.get(identifier)
        if showing and reason == 1 and self._centre.product == "MATE" and showing.age < EARLY_CLOSE * showing.ttl:
            kind = "dismissed"
        self._resolve(identifier, kind)
        if identifier not in self._shown:
            self._centre.forget(identifier)

    def _gone(self) -> None:
        for nonce, showing in list(self._shown.items()):
            if showing.delivered:
                self._resolve(nonce, "lost")
                self._shown.pop(nonce, None)


def build(settings: Settings, supplies: Supplies) -> DesktopNotifier:
    """Build the plug; nothing is connected before the first probe or toast."""
    return DesktopNotifier(settings, supplies, system=platform.system())
