"""A notifier that answers by itself, at once: for tests, benches, dry runs and the demo without a terminal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from agent.core.records import Answer, ResponseKind, Toast
from agent.plug import Supplies

Decide = Callable[[Toast], ResponseKind | None]


class Settings(BaseModel):
    """Settings of scripted answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    script: ResponseKind | tuple[ResponseKind, ...] = "ignored"
    """One answer for every offer, or a list of answers in order (then ignored). 'undelivered' means that showing fails."""
    delay: float = Field(default=3.0, ge=0)
    """Seconds between the showing and the time the answer bears; nobody waits for it."""


class ScriptedNotifier:
    """The port Notifier. `shown`, `told` and `withdrawn` keep what was asked; set `decide` to answer by a function.

    `decide` gets the toast and returns the kind of answer, or None for no answer at all.
    """

    def __init__(self, settings: Settings, supplies: Supplies) -> None:
        self.settings = settings
        self.shown: list[Toast] = []
        self.told: list[tuple[str, str]] = []
        self.withdrawn: list[int] = []
        self.decide: Decide = self._next
        self._supplies = supplies
        self._open: dict[int, Toast] = {}
        self._used: set[str] = set()
        self._over = False

    async def probe(self) -> str:
        """Always ''."""
        return ""

    async def show(self, toast: Toast) -> bool:
        """Note the toast and answer it; False if the script says 'undelivered', the nonce was used, or it is closed."""
        if self._over or toast.nonce in self._used:
            return False
        self._used.add(toast.nonce)
        kind = self.decide(toast)
        self.shown.append(toast)
        if kind == "undelivered":
            return False
        if kind is None:
            self._open[toast.offer] = toast
        else:
            self._answer(toast, kind, self.settings.delay)
        return True

    async def tell(self, title: str, body: str) -> bool:
        """Note the message."""
        self.told.append((title, body))
        return not self._over

    async def withdraw(self, offer: int) -> None:
        """Note it; an offer that had no answer is answered 'withdrawn'."""
        self.withdrawn.append(offer)
        toast = self._open.pop(offer, None)
        if toast is not None:
            self._answer(toast, "withdrawn", 0)

    async def close(self) -> None:
        """Withdraw what had no answer."""
        self._over = True
        for offer in list(self._open):
            await self.withdraw(offer)

    def _next(self, _: Toast) -> ResponseKind:
        script = self.settings.script
        if isinstance(script, str):
            return script
        return script[len(self.shown)] if len(self.shown) < len(script) else "ignored"

    def _answer(self, toast: Toast, kind: ResponseKind, delay: float) -> None:
        at = self._supplies.clock.now() + timedelta(seconds=delay)
        self._supplies.answers.put_nowait(Answer(offer=toast.offer, nonce=toast.nonce, kind=kind, at=at, source="scripted"))


def build(settings: Settings, supplies: Supplies) -> ScriptedNotifier:
    """Build the plug."""
    return ScriptedNotifier(settings, supplies)
