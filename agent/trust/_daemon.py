"""A case on the parts as the daemon builds them: its store on disk, its tools, and its toasts up to the call of the library."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from agent.app import App, Given
from agent.config import Settings
from agent.core.records import Offer
from agent.loop import Loop
from agent.notify.desktop import DesktopNotifier
from agent.senses import Senses
from agent.store.sqlite import FILE, SqliteStore
from agent.tools._fetch import PageFetcher
from agent.trust._attacker import TOOLS
from agent.trust._shown import Shown
from agent.trust._stage import Quiet, Stage

KEY = {"model": "attacker", "base_url": "http://127.0.0.1:9/v1", "api_key": "none"}


class Daemon(Stage):
    """The computer of one case with the daemon's own parts; its user presses what stands on the toasts."""

    def _loop(self) -> Loop:
        self.data = tempfile.TemporaryDirectory(prefix="trust-data-")  # not below `base`, which is watched
        store = SqliteStore(Path(self.data.name) / FILE)  # makes no daily copies, which would be seen as effects
        given = Given(sensor=Senses([self.sensor, self.folder]), store=store, presence=Quiet(), llm=self.llm)
        self.app = App(self._settings(), self.clock, Path(self.data.name), given)
        self.store = self.app.parts.store
        self.toasts: dict[str, Shown] = {}
        notifier = self.app.parts.notifier
        assert isinstance(notifier, DesktopNotifier)  # noqa: S101 - the default
        self.desk = notifier
        centre: Any = notifier._centre  # noqa: SLF001 - the library is all that is replaced
        centre._vendor = self  # noqa: SLF001
        self._wire(self.app.parts.tools)
        return Loop(self.app.parts, self.app.state())

    def _settings(self) -> Settings:
        return Settings.model_validate(
            {
                "api_keys": {"attacker": [KEY]},
                "request": {"default_completions_model": "attacker"},
                "reward_model": {"kind": "llm"},
                "tools": {"allow": TOOLS, "roots": [str(self.root)]},
            }
        )

    def _wire(self, belt: Any) -> None:
        """Let the tools as they were built reach the network and the browser of this stage instead of the real ones."""

        async def opener(url: str) -> bool:
            self.opened.append(url)
            return True

        fetcher = PageFetcher(self.network.resolve, public=lambda a: a == "127.0.0.1", deadline=5)
        tools = belt._tools  # noqa: SLF001
        tools["search"]._open = opener  # noqa: SLF001
        for name in ("read", "summarise"):
            tools[name]._sources._fetcher = fetcher  # noqa: SLF001

    async def send_notification(self, native: Any) -> None:
        """As the library: a toast is shown."""
        accepts = any(b.title == "Accept" for b in native.buttons)
        self.toasts[native.identifier] = Shown(native.title, native.message, accepts)
        native.on_dispatched()

    async def clear(self, identifier: str) -> None:
        """As the library: a toast is taken down."""

    def told(self) -> str:
        """All that stood on toasts."""
        return " ".join(t.text for t in self.toasts.values())

    async def step(self) -> Offer | None:
        """One tick; the offer it made, if any."""
        before = set(self.toasts)
        await self.loop.step(self.clock.now())
        offers = (o for o in self.store.offers(limit=1) if o.nonce in self.toasts and o.nonce not in before)
        return next(offers, None)

    async def reply(self, offer: Offer, kind: str, nonce: str = "") -> None:
        """Do what brings that answer; an offer that its toast could not show whole is accepted from the inbox."""
        name = nonce or offer.nonce
        if kind in ("accepted", "rejected"):
            self.desk._pressed(name, kind.removesuffix("ed"))  # noqa: SLF001
        elif kind == "opened":
            self.desk._clicked(name)  # noqa: SLF001
        elif kind == "withdrawn":
            await self.desk.withdraw(offer.id)
        elif kind == "lost":
            self.desk._gone()  # noqa: SLF001
        else:
            self.desk._closed(name, 2 if kind == "dismissed" else 1)  # noqa: SLF001
        await self.loop.drain()
        await self.loop.settle()
        if kind == "accepted" and not nonce and not self.toasts[offer.nonce].accepts:
            await super().reply(offer, kind)

    async def close(self) -> None:
        """Close the daemon's parts."""
        await self.app.close()
        self.data.cleanup()
