"""What other processes may ask of a running daemon: the port Control."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from agent import __version__, levels
from agent.configfile import read
from agent.core import pace as paces
from agent.core.keep import Guards
from agent.core.lines import one_line
from agent.core.records import Answer, LLMCall, Offer, Pace
from agent.errors import ConfigError, ControlError
from agent.judges import RulesOnly
from agent.pacing import ROWS, midnight, name, report
from agent.store._erase import Chosen
from agent.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from agent.daemon import Daemon

LONGEST = 366 * 86400  # seconds of a pause; without an end it is None
NUMBER = re.compile(r"^\d{1,18}$", re.ASCII)


class Desk:
    """Fits the port Control over a daemon."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon

    async def status(self) -> dict[str, Any]:
        """What runs, since when, what the last tick said, what it cost today."""
        app, loop = self._daemon.app, self._daemon.loop
        now, last = app.clock.now(), loop.last
        today, settings = midnight(now), loop.state.settings
        calls = app.parts.store.calls(since=today, limit=ROWS)
        return {
            "pid": os.getpid(),
            "version": __version__,
            "since": self._daemon.started.isoformat(),
            "config": str(self._daemon.watch.path or ""),
            "config_problem": self._daemon.watch.problem,
            "model": app.settings.alias("agent") or "offline",
            "model_problems": self._daemon.model_problems(),
            "judge": "rules" if isinstance(app.parts.judge, RulesOnly) else app.settings.reward_model.kind,
            "toasts": self._daemon.toasts,
            "paused_until": loop.state.paused_until,
            "last_tick": None if last is None else {"at": last.at, "ending": last.ending, "reason": last.reason},
            "sensor": last.reason if last is not None and last.ending == "failed" and last.observation is None else "",
            "problems": [*self._history(), *(() if last is None else last.problems)],
            "next_tick": loop.due,
            "level": loop.state.pace.level,
            "interval_minutes": round(paces.interval(loop.state.pace, settings) / 60, 1),
            "rest_minutes": round(paces.rest(loop.state.pace, settings) / 60, 1),
            "ticks": dict(loop.endings),
            "offers_today": sum(1 for t in loop.state.offered if t >= today),
            "offers_cap": settings.daily_cap,
            "calls_today": len(calls),
            "tokens_today": sum(c.tokens for c in calls),
            "tokens_budget": settings.daily_tokens or None,
            "cost_today": round(sum(c.cost for c in calls), 4),
            "memory_mib": _memory(),
            "cpu_percent": round(100 * time.process_time() / max(1.0, (now - self._daemon.started).total_seconds()), 3),
            "bugs": self._daemon.bugs,
        }

    async def answer(self, offer: int, kind: str, source: str) -> dict[str, Any]:
        """Answer an offer from the inbox; ControlError says why it does not count."""
        found = self._offer(offer)
        if kind not in ("accepted", "rejected"):
            raise ControlError(f"'{one_line(str(kind))[:40]}' is not an answer.", "Use accept or reject.")
        now = self._daemon.app.clock.now()
        await self._daemon.app.parts.notifier.withdraw(offer)
        await self._daemon.loop.drain()
        answer = Answer.model_validate({"offer": offer, "nonce": found.nonce, "kind": kind, "at": now, "source": source})
        if await self._daemon.loop.take(answer) is None:
            word = "has expired" if now > found.expires else "was already answered"
            raise ControlError(f"Offer {offer} {word}.", "See: proactive inbox")
        await self._daemon.loop.settle()
        run = self._daemon.app.parts.store.execution(offer)
        return {"line": found.line, "execution": None if run is None else run.model_dump(mode="json")}

    async def undo(self, offer: int) -> dict[str, Any]:
        """Undo what an accepted offer did."""
        return {"text": await self._daemon.loop.undo(self._offer(offer), self._daemon.app.clock.now())}

    async def pause(self, seconds: float | None) -> dict[str, Any]:
        """No offers for that long, or until `resume`; an open toast is withdrawn."""
        if seconds is not None and (type(seconds) not in (int, float) or not 0 < seconds <= LONGEST):
            raise ControlError(f"{str(seconds)[:40]} is no time to pause.", "Name seconds, a year at most.")
        now = self._daemon.app.clock.now()
        until = datetime.max.replace(tzinfo=timezone.utc) if seconds is None else now + timedelta(seconds=seconds)
        self._daemon.loop.pause(until)
        await self._daemon.loop.withdraw()
        return {"until": None if seconds is None else until.isoformat()}

    async def resume(self) -> dict[str, Any]:
        """Offers again."""
        self._daemon.loop.pause(None)
        return {}

    async def pace(self) -> dict[str, Any]:
        """How often, when and what is offered, and why."""
        app = self._daemon.app
        return report(app.parts.store, self._daemon.loop.state, app.clock.now(), app.settings.reward_model)

    async def level(self, number: int) -> dict[str, Any]:
        """From now on offers are made that readily; at 0 an open toast is withdrawn."""
        if type(number) is not int or not levels.LOWEST <= number <= levels.HIGHEST:
            raise ControlError(f"There is no level {str(number)[:40]}.", "Choose one from 0 (never) to 5.")
        levels.choose(self._daemon.app.parts.store, number, self._configured())
        self._repace(self._pace.model_copy(update={"level": number}))
        if number == 0:
            await self._daemon.loop.withdraw()
        return {"level": number}

    async def never(self, offer: int) -> dict[str, Any]:
        """No more offers of this one's kind; if it is on the screen, it is withdrawn."""
        idea = paces.idea_of(self._offer(offer).candidate)
        if not any(paces.same(idea, m) for m in self._pace.muted):
            self._repace(paces.mute(self._pace, idea))
        if self._daemon.loop.state.open_offer == offer:
            await self._daemon.loop.withdraw()
        return {"kind": idea, "name": self._name(idea)}

    async def again(self, kind: str) -> dict[str, Any]:
        """Offers of a muted kind again; it is named by its kind, its name or the number of an offer."""
        kind = str(kind)
        found = next((m for m in self._pace.muted if self._meant(kind, m)), None)
        if found is None:
            raise ControlError(f"The kind '{one_line(kind)[:60]}' is not muted.", "See: proactive never --list")
        named = self._name(found)
        self._repace(paces.unmute(self._pace, found))
        return {"kind": found, "name": named}

    async def forget(self) -> dict[str, Any]:
        """Forget what the answers taught about the pace; level and muted kinds, which the user chose, stay."""
        known = len(self._pace.answers)
        self._repace(paces.forget(self._pace))
        return {"answers": known}

    async def keep(self, call: dict[str, Any]) -> dict[str, Any]:
        """Put an LLM call that a command made into the ledger."""
        self._daemon.app.parts.store.add_calls([LLMCall.model_validate(call)])
        return {}

    async def erase(self, chosen: dict[str, Any]) -> dict[str, Any]:
        """Delete LLM calls and what they told from the store, its copies and this process; what is seen again is new."""
        app, loop = self._daemon.app, self._daemon.loop
        store = app.parts.store
        if not isinstance(store, SqliteStore):
            raise ControlError("This store keeps no ledger.")
        async with loop.forgetting.still():
            await loop.withdraw()
            done = await asyncio.to_thread(store.erase, Chosen.model_validate(chosen))
            loop.forget(app.state())
        return done.model_dump()

    async def stop(self) -> dict[str, Any]:
        """End the daemon; the answer is sent before it goes."""
        self._daemon.end()
        return {"pid": os.getpid()}

    def _history(self) -> list[str]:
        """What the user should know of the store."""
        store = self._daemon.app.parts.store
        return [said for said in (store.notice(),) if said] if isinstance(store, Guards) else []

    def _configured(self) -> int:
        """The configuration's level as it stands in the file, which the next look applies; that in force if it is broken."""
        path = self._daemon.watch.path
        with suppress(ConfigError):
            if path is not None:
                return read(path).pace.level
        return self._daemon.loop.state.settings.level

    @property
    def _pace(self) -> Pace:
        return self._daemon.loop.state.pace

    def _repace(self, pace: Pace) -> None:
        self._daemon.loop.repace(pace)

    def _name(self, idea: str) -> str:
        return name(self._daemon.app.parts.store, self._pace, idea)

    def _meant(self, kind: str, muted: str) -> bool:
        """Whether a muted idea is what the user calls so."""
        offer = self._daemon.app.parts.store.offer(int(kind)) if NUMBER.match(kind) else None
        return kind in (muted, self._name(muted)) or (offer is not None and paces.same(paces.idea_of(offer.candidate), muted))

    def _offer(self, number: int) -> Offer:
        known = type(number) is int and 0 < number < 10**18
        found = self._daemon.app.parts.store.offer(number) if known else None
        if found is None:
            raise ControlError(f"There is no offer {str(number)[:40]}.", "See: proactive inbox")
        return found


def _memory() -> float | None:
    """The most memory this process held so far, MiB; None on Windows, which has no getrusage."""
    if sys.platform == "win32":
        return None
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / 2**20 if sys.platform == "darwin" else most / 2**10, 1)
