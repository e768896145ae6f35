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
from agent.backfill import SLICE, recall
from agent.clocks import RealClock
from agent.configfile import SETTLE, Watch
from agent.control import Server
from agent.core.keep import Guards
from agent.core.ports import LLM, Notifier, Sensor
from agent.core.records import Answer
from agent.core.render import HORIZON
from agent.desk import Desk
from agent.errors import ConfigError, ProactiveError, StoreError
from agent.keys import scrub
from agent.lock import Lock
from agent.loop import Loop
from agent.seclusion import close_umask
from agent.watchdog import Watchdog

log = logging.getLogger(__name__)

STORING = "storing"
WATCH_EVERY = 2.0
# A notification server may come, go or freeze at any time; `status` says so within a minute.
PROBE_EVERY = 30 * WATCH_EVERY
# A stop takes less than 3 s whatever hangs: what runs beside has this long, toasts and operations, connections the rest.
BESIDE_WITHIN = 0.4
CLOSE_WITHIN = 1.8
HANG_UP_WITHIN = 0.4


class Daemon:
    """One running daemon over a data folder."""

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
        self._lock: Lock
        self._told: set[str] = set()
        self._fresh = False
        self._watchdog = Watchdog(data)

    async def run(self) -> None:
        """Run until a signal or `stop`. Raises StoreError when another daemon runs, ConfigError when a plug cannot be built."""
        close_umask()
        self._lock = Lock(self.data)
        self._lock.take()
        try:
            self.open()
            await self._serve()
            if not self._lock.held():
                raise StoreError(
                    f"{self._lock.path} was removed or replaced while Proactive ran.", "Start it again: proactive run"
                )
        finally:
            self._watchdog.stop()
            self._lock.release()

    def open(self) -> None:
        """Build the parts and the loop; the caller holds the lock."""
        self.app = App(self.watch.settings, RealClock(), self.data)
        self.loop = Loop(self.app.parts, self.app.state())
        self._fresh = not self.loop.state.documents and self.loop.state.forgotten is None

    async def _serve(self) -> None:
        self._recover()
        server = Server(Desk(self), self.data)
        await server.start()
        self._watchdog.start()
        self._alarm = Alarm(self._due)
        self._alarm.start()
        self._signals()
        self._beside(self._watchdog.beats())
        self._beside(self._answers())
        self._beside(self._news())
        self._beside(self._resume_watch())
        self._alarm.arm(datetime.now(timezone.utc))
        log.info("running, pid %s, version %s", os.getpid(), __version__)
        await self._stop.wait()
        self._watchdog.stop()
        self._alarm.pause()
        for task in self._tasks:
            task.cancel()
        if self._tasks:  # one that swallows its cancellation must not keep the daemon
            await asyncio.wait(self._tasks, timeout=BESIDE_WITHIN)
        await self._close(server)
        self._alarm.stop()
        await asyncio.sleep(0)
        log.info("stopped")

    async def _news(self) -> None:
        """A history that was damaged and mended is told once."""
        store = self.app.parts.store
        if isinstance(store, Guards) and (said := store.news()):
            await self._tell("Your history was damaged and mended", said, once=said)

    async def _recall(self) -> None:
        """At the very first start: the documents of the day before."""
        if past := self.app.past(SLICE.total_seconds()):
            found = await recall(past, self.app.rules(), self.started - HORIZON)
            async with self.loop.forgetting.turn:
                if not self.loop.forgetting.ended:  # the user may have deleted that time meanwhile
                    self.loop.recall(found)

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
        """After a crash: operations cut short are unknown, those never begun failed, offers on the screen lost to it only."""
        store, now = self.app.parts.store, self.app.clock.now()
        for run in store.recover(now):
            log.warning("offer %s: %s", run.offer, run.text)
        for offer in store.offers(since=now - timedelta(days=1)):
            if not store.responses(offer.id):
                store.add_response(Answer(offer=offer.id, nonce=offer.nonce, kind="lost", at=now, source="daemon"))

    async def _due(self) -> None:
        self._beside(self._tick())  # a task of ours: one of the alarm's could not be cancelled without a traceback

    async def _tick(self) -> None:
        self._ticking = True
        try:
            await self._reconfigure()
            if self.watch.unsettled:  # it may forbid what a look now would send
                self.loop.due = self.app.clock.now() + timedelta(seconds=SETTLE)
                return
            done = await self.loop.step(self.app.clock.now())
            if self._fresh and done.ending != "failed":
                self._fresh = False
                self._beside(self._recall())
            for problem in self.model_problems():
                why = done.reason if done.ending == "failed" else problem
                await self._tell("The model does not answer", why, once=problem)
            self._told.discard(STORING)
        except StoreError as e:
            await self._tell("Nothing can be stored at present", str(e), once=STORING)
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
            self.watch.settings = self.app.settings  # those in force, so that saving again is a change
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

    def model_problems(self) -> list[str]:
        """What is wrong with which endpoint at present, one line each."""
        return [problem for llm in self.app.llms.values() for problem in getattr(llm, "problems", tuple)()]

    async def stopping(self) -> None:
        """Wait until it is to stop."""
        await self._stop.wait()

    def end(self) -> None:
        """Stop, once what asked for it has its answer."""
        asyncio.get_running_loop().call_later(0.05, self._stop.set)

    async def _tell(self, title: str, text: str, *, once: str) -> None:
        """Tell the user, once until the configuration changes."""
        if once not in self._told:
            self._told.add(once)
            await self.app.parts.notifier.tell(title, scrub(text))

    def _once(self, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            log.warning("%s", message)

    async def _answers(self) -> None:
        """Take each answer the moment it comes; a tick never waits for one."""
        while not self._stop.is_set():
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
        while not self._stop.is_set():
            moved = self._alarm.slept()
            if moved and not self._ticking:
                self._alarm.arm(self.app.clock.now())
            if moved or time.monotonic() - probed >= PROBE_EVERY:
                probed = time.monotonic()
                await self._probe()
            await asyncio.sleep(WATCH_EVERY)
            if not self._lock.held():  # another daemon may start now: two would offer and run twice
                self._stop.set()

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
