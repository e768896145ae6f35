"""What other processes may ask of a running daemon: the port Control."""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from agent import __version__
from agent.core.records import Answer, Offer
from agent.errors import ControlError
from agent.judges import RulesOnly

if TYPE_CHECKING:
    from agent.daemon import Daemon


class Desk:
    """Fits the port Control over a daemon."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon

    async def status(self) -> dict[str, Any]:
        """What runs, since when, what the last tick said, what it cost today."""
        app, loop = self._daemon.app, self._daemon.loop
        now, last = app.clock.now(), loop.last
        midnight = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0).astimezone(timezone.utc)
        calls = app.parts.store.calls(since=midnight)
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
            "problems": [] if last is None else list(last.problems),
            "next_tick": loop.due,
            "interval_minutes": round(loop.state.pace.interval / 60, 1),
            "ticks": dict(loop.endings),
            "offers_today": sum(1 for t in loop.state.offered if t >= midnight),
            "calls_today": len(calls),
            "tokens_today": sum(c.prompt_tokens + c.completion_tokens for c in calls),
            "cost_today": round(sum(c.cost for c in calls), 4),
            "memory_mib": _memory(),
            "cpu_percent": round(100 * time.process_time() / max(1.0, (now - self._daemon.started).total_seconds()), 3),
            "bugs": self._daemon.bugs,
        }

    async def answer(self, offer: int, kind: str, source: str) -> dict[str, Any]:
        """Answer an offer from the inbox; ControlError says why it does not count."""
        found = self._offer(offer)
        if kind not in ("accepted", "rejected"):
            raise ControlError(f"'{kind}' is not an answer.", "Use accept or reject.")
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
        now = self._daemon.app.clock.now()
        until = datetime.max.replace(tzinfo=timezone.utc) if seconds is None else now + timedelta(seconds=seconds)
        self._daemon.loop.pause(until)
        await self._daemon.loop.withdraw()
        return {"until": None if seconds is None else until.isoformat()}

    async def resume(self) -> dict[str, Any]:
        """Offers again."""
        self._daemon.loop.pause(None)
        return {}

    async def stop(self) -> dict[str, Any]:
        """End the daemon; the answer is sent before it goes."""
        self._daemon.end()
        return {"pid": os.getpid()}

    def _offer(self, number: int) -> Offer:
        found = self._daemon.app.parts.store.offer(number)
        if found is None:
            raise ControlError(f"There is no offer {number}.", "See: proactive inbox")
        return found


def _memory() -> float | None:
    """The most memory this process held so far, MiB; None on Windows, which has no getrusage."""
    if sys.platform == "win32":
        return None
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / 2**20 if sys.platform == "darwin" else most / 2**10, 1)
