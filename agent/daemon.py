"""The daemon: scheduler, lock, signals, control and configuration around the loop, on one asyncio loop in the main thread."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import Coroutine, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from agent import __version__
from agent.alarm import Alarm
from agent.app import App
from agent.clocks import RealClock
from agent.configfile import Watch
from agent.control import Server
from agent.core.ports import LLM, Notifier, Sensor
from agent.core.records import Answer, Offer
from agent.errors import ConfigError, ControlError, ProactiveError
from agent.lock import Lock
from agent.loop import Loop

log = logging.getLogger(__name__)

WATCH_EVERY = 2.0
# A notification server may come, go or freeze at any time; `status` says so within a minute.
PROBE_EVERY = 30 * WATCH_EVERY
# A stop takes less than 3 s whatever hangs: toasts and running operations have this long, connections the rest.
CLOSE_WITHIN = 2.0
HANG_UP_WITHIN = 0.4


class Daemon:
    """One running daemon over a data folder; also the Control that other processes reach."""

    def __init__(self, watch: Watch, data: Path) -> None:
        self.watch = watch
        self.data = data
        self.app: App
        self.loop: Loop
        self.started = datetime.now(timezone.utc)
        self.toasts = "not tried yet"
        self.bugs = 0
        self._ticking = False
        self._stop = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._alarm: Alarm
        self._told: set[str] = set()

    async def run(self) -> None:
        """Run until a signal or `stop`. Raises StoreError when another daemon runs, ConfigError when a plug cannot be built."""
        os.umask(0o077)
        lock = Lock(self.data)
        lock.take()
        try:
            self.open()
            await self._serve()
        finally:
            lock.release()

    def open(self) -> None:
        """Build the parts and the loop; the caller holds the lock."""
        self.app = App(self.watch.settings, RealClock(), self.data)
        self.loop = Loop(self.app.parts, self.app.state())

    async def _serve(self) -> None:
        self._recover()
        server = Server(self, self.data)
        await server.start()
        self._alarm = Alarm(self._due)
        self._alarm.start()
        self._signals()
        self._beside(self._answers())
        self._beside(self._resume_watch())
        self._alarm.arm(datetime.now(timezone.utc))
        log.info("running, pid %s, version %s", os.getpid(), __version__)
        await self._stop.wait()
        self._alarm.pause()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._close(server)
        self._alarm.stop()
        await asyncio.sleep(0)
        log.info("stopped")

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside the scheduler until it ends or the daemon does."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _close(self, server: Server) -> None:
        """Toasts off the screen, their answers stored, everything closed. An operation cut off here is unknown at the start."""
        await server.close()
        ending = asyncio.gather(self.app.parts.notifier.close(), self.loop.settle())
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(ending, CLOSE_WITHIN)
        with contextlib.suppress(ProactiveError):
            await self.loop.drain()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.app.close(), HANG_UP_WITHIN)

    def _recover(self) -> None:
        """After a crash: operations cut short become unknown, offers on the screen are lost to it but stay in the inbox."""
        store, now = self.app.parts.store, self.app.clock.now()
        for run in store.recover(now):
            log.warning("the operation of offer %s was cut short by a crash and is not run again", run.offer)
        for offer in store.offers(since=now - timedelta(days=1)):
            if not store.responses(offer.id):
                store.add_response(Answer(offer=offer.id, nonce=offer.nonce, kind="lost", at=now, source="daemon"))

    async def _due(self) -> None:
        self._beside(self._tick())  # a task of ours: one of the alarm's could not be cancelled without a traceback

    async def _tick(self) -> None:
        self._ticking = True
        try:
            await self._reconfigure()
            done = await self.loop.step(self.app.clock.now())
            for problem in self._model_problems():
                why = done.reason if done.ending == "failed" else problem
                await self._tell("The model does not answer", why, once=problem)
        except ProactiveError as e:
            self._once(str(e))
        except Exception:  # a bug of ours must not end the day: say so, count it, go on with the next tick
            self.bugs += 1
            log.exception("a tick failed; the next one goes on")
            self.loop.due = None
        finally:
            self._ticking = False
            if not self._stop.is_set():
                now, poll = self.app.clock.now(), timedelta(seconds=self.loop.state.settings.poll)
                due = self.loop.due
                self._alarm.arm(min(due, now + poll) if due and due > now else now + poll)  # the clock may have gone back

    async def _reconfigure(self) -> None:
        """Apply an edit of the configuration; a broken one keeps the last good one and is told once."""
        changed = self.watch.changed()
        before, models = self.app.parts, list(self.app.llms.values())
        try:
            parts = self.app.rebuild(self.watch.settings) if changed else before
        except ConfigError as e:
            self.watch.problem = str(e)
            log.warning("%s The settings before it stay in force.", e)
        if self.watch.problem:
            await self._tell("Configuration not applied", self.watch.problem, once=self.watch.problem)
        elif changed:
            self._told.clear()
            self.loop.reconfigure(parts, self.app.state())
            gone = [p for p in (before.sensor, before.notifier) if p not in (parts.sensor, parts.notifier)]
            self._beside(self._retire([*gone, *models]))
            log.info("the new configuration is in force")

    async def _retire(self, ports: Sequence[Sensor | Notifier | LLM]) -> None:
        """Close what the new configuration does not use, once no operation does either."""
        await self.loop.settle()
        await asyncio.gather(*(p.close() for p in ports), return_exceptions=True)

    def _model_problems(self) -> list[str]:
        """What is wrong with which endpoint at present, one line each."""
        return [problem for llm in self.app.llms.values() for problem in getattr(llm, "problems", tuple)()]

    async def _tell(self, title: str, text: str, *, once: str) -> None:
        """Tell the user, once until the configuration changes."""
        if once not in self._told:
            self._told.add(once)
            await self.app.parts.notifier.tell(title, text)

    def _once(self, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            log.warning("%s", message)

    async def _answers(self) -> None:
        """Take each answer the moment it comes; a tick never waits for one."""
        while True:
            answer = await self.app.answers.get()
            try:
                await self.loop.take(answer)
            except ProactiveError as e:
                log.warning("%s", e)
            except Exception:  # as in a tick: the next answer must still be taken
                self.bugs += 1
                log.exception("an answer could not be taken")

    async def _resume_watch(self) -> None:
        """After suspend or a set clock, forwards or back, look at once; toasts are tried then and every minute."""
        probed = -PROBE_EVERY
        while True:
            moved = self._alarm.slept()
            if moved and not self._ticking:
                self._alarm.arm(self.app.clock.now())
            if moved or time.monotonic() - probed >= PROBE_EVERY:
                probed = time.monotonic()
                await self._probe()
            await asyncio.sleep(WATCH_EVERY)

    async def _probe(self) -> None:
        self.toasts = await self.app.parts.notifier.probe()
        if self.toasts:
            self._once(f"Toasts are off: {self.toasts}")

    def _signals(self) -> None:
        running = asyncio.get_running_loop()
        for name in ("SIGTERM", "SIGINT", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is None:
                continue
            try:
                running.add_signal_handler(number, self._stop.set)
            except NotImplementedError:  # Windows has no add_signal_handler
                signal.signal(number, lambda *_: running.call_soon_threadsafe(self._stop.set))

    # The port Control.

    async def status(self) -> dict[str, Any]:
        """What runs, since when, what the last tick said, what it cost today."""
        now = self.app.clock.now()
        midnight = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0).astimezone(timezone.utc)
        calls = self.app.parts.store.calls(since=midnight)
        last = self.loop.last
        return {
            "pid": os.getpid(),
            "version": __version__,
            "since": self.started.isoformat(),
            "config": str(self.watch.path or ""),
            "config_problem": self.watch.problem,
            "model": self.app.settings.alias("agent") or "offline",
            "model_problems": self._model_problems(),
            "judge": type(self.app.parts.judge).__name__,
            "toasts": self.toasts,
            "paused_until": self.loop.state.paused_until,
            "last_tick": None if last is None else {"at": last.at, "ending": last.ending, "reason": last.reason},
            "sensor": last.reason if last is not None and last.ending == "failed" and last.observation is None else "",
            "problems": [] if last is None else list(last.problems),
            "next_tick": self.loop.due,
            "interval_minutes": round(self.loop.state.pace.interval / 60, 1),
            "ticks": dict(self.loop.endings),
            "offers_today": sum(1 for t in self.loop.state.offered if t >= midnight),
            "calls_today": len(calls),
            "tokens_today": sum(c.prompt_tokens + c.completion_tokens for c in calls),
            "cost_today": round(sum(c.cost for c in calls), 4),
            "bugs": self.bugs,
        }

    async def answer(self, offer: int, kind: str, source: str) -> dict[str, Any]:
        """Answer an offer from the inbox; ControlError says why it does not count."""
        found = self._offer(offer)
        if kind not in ("accepted", "rejected"):
            raise ControlError(f"'{kind}' is not an answer.", "Use accept or reject.")
        now = self.app.clock.now()
        await self.app.parts.notifier.withdraw(offer)
        await self.loop.drain()
        answer = Answer.model_validate({"offer": offer, "nonce": found.nonce, "kind": kind, "at": now, "source": source})
        if await self.loop.take(answer) is None:
            word = "has expired" if now > found.expires else "was already answered"
            raise ControlError(f"Offer {offer} {word}.", "See: proactive inbox")
        await self.loop.settle()
        run = self.app.parts.store.execution(offer)
        return {"line": found.line, "execution": None if run is None else run.model_dump(mode="json")}

    async def undo(self, offer: int) -> dict[str, Any]:
        """Undo what an accepted offer did."""
        return {"text": await self.loop.undo(self._offer(offer), self.app.clock.now())}

    async def pause(self, seconds: float | None) -> dict[str, Any]:
        """No offers for that long, or until `resume`; an open toast is withdrawn."""
        now = self.app.clock.now()
        until = datetime.max.replace(tzinfo=timezone.utc) if seconds is None else now + timedelta(seconds=seconds)
        self.loop.pause(until)
        await self.loop.withdraw()
        return {"until": None if seconds is None else until.isoformat()}

    async def resume(self) -> dict[str, Any]:
        """Offers again."""
        self.loop.pause(None)
        return {}

    async def stop(self) -> dict[str, Any]:
        """End the daemon; the answer is sent before it goes."""
        asyncio.get_running_loop().call_later(0.05, self._stop.set)
        return {"pid": os.getpid()}

    def _offer(self, number: int) -> Offer:
        found = self.app.parts.store.offer(number)
        if found is None:
            raise ControlError(f"There is no offer {number}.", "See: proactive inbox")
        return found
