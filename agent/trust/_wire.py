"""Runs one tick over given events and gives back all that left the redaction: what a model was sent, the database, the log."""

from __future__ import annotations

import asyncio
import io
import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

from agent.act import ToolBelt
from agent.clocks import SimulatedClock
from agent.core import canary, redact, secrets, texts, urls
from agent.core import exclude as exclusions
from agent.core import private as privacy
from agent.core.policy import PaceSettings
from agent.core.ports import Parts
from agent.core.records import Answer, Event, NewFile, PresenceState, Reading, Track
from agent.core.redact import Rules
from agent.judges import LLMJudgePort
from agent.llm.scripted import ScriptedLLM
from agent.llm.scripted import Settings as LLMSettings
from agent.logs import FORMAT, RedactingFormatter
from agent.loop import Loop
from agent.notify.scripted import ScriptedNotifier
from agent.notify.scripted import Settings as NotifySettings
from agent.plug import Supplies
from agent.predict import LLMPredictor
from agent.state import load
from agent.store.sqlite import SqliteStore

NOW = datetime(2026, 3, 2, 14, 0, tzinfo=timezone.utc)
CONTROL = "thesis.odt"
"""Stands in every trial, and must get through where nothing is broken: else the trial would prove nothing."""


class Out(NamedTuple):
    """All that got out, as text; how often the model was asked; whether a problem was told."""

    text: str
    asked: int
    told: bool

    def leaks(self, values: Sequence[str]) -> list[str]:
        """Those of the values that got out."""
        return [v for v in values if v in self.text]


class _Sensed:
    def __init__(self, events: Sequence[Event], files: Sequence[NewFile]) -> None:
        self.reading = Reading(events=tuple(events), files=tuple(files))

    async def read(self, now: datetime) -> Reading:
        return self.reading

    async def close(self) -> None:
        """Nothing to close."""


class _Quiet:
    async def look(self) -> PresenceState:
        return PresenceState()


def seen(track: Track, ago: float, duration: float, **data: Any) -> Event:
    """An event that began `ago` seconds before NOW."""
    start = NOW - timedelta(seconds=ago)
    return Event(bucket=f"aw-watcher-{track}_lab", track=track, timestamp=start, duration=duration, data=data)


def at_work() -> list[Event]:
    """Half an hour of work that a model is asked about."""
    desk = {"app": "libreoffice-writer", "title": f"{CONTROL} - LibreOffice Writer"}
    return [
        seen("afk", 1800, 1795, status="not-afk"),
        seen("window", 1800, 1400, **desk),
        seen("window", 400, 290, app="evince", title="paper.pdf"),
        seen("window", 110, 105, **desk),
    ]


def run(events: Sequence[Event], files: Sequence[NewFile] = ()) -> Out:
    """One tick over these events with a real store, and what got out of it; an error that ends the tick is logged."""
    forget()
    with tempfile.TemporaryDirectory(prefix="proactive-trust-") as folder, _logged() as log:
        return asyncio.run(_run(Path(folder), (events, files), log))


def forget() -> None:
    """Empty what the redaction remembers, as in a process that has just begun."""
    for module in (redact, texts, urls, secrets, privacy, exclusions):
        for cached in list(vars(module).values()):
            if hasattr(cached, "cache_clear"):
                cached.cache_clear()


async def _run(folder: Path, given: tuple[Sequence[Event], Sequence[NewFile]], log: io.StringIO) -> Out:
    clock = SimulatedClock(NOW)
    answers: asyncio.Queue[Answer] = asyncio.Queue()
    supplies = Supplies(clock=clock, answers=answers)
    store = SqliteStore(folder / "proactive.db")
    llm, belt = ScriptedLLM(LLMSettings(), supplies), ToolBelt([])
    notifier = ScriptedNotifier(NotifySettings(delay=0), supplies)
    judge, predictor = LLMJudgePort(llm), LLMPredictor(llm, belt)
    parts = Parts(clock, store, _Sensed(*given), _Quiet(), predictor, judge, notifier, belt, answers)
    loop = Loop(parts, load(store, PaceSettings(), Rules(), NOW))
    try:
        await loop.step(NOW)
    except Exception:  # as the daemon does: a bug is logged, and the next tick goes on
        logging.getLogger("agent.daemon").exception("a tick failed; the next one goes on")
    stored = [t.model_dump_json() for t in store.ticks()] + [c.model_dump_json() for c in store.calls()]
    stored += [d.model_dump_json() for d in store.documents()]
    store.close()
    kept = await asyncio.to_thread(_bytes, folder)
    sent = [f"{r.system}\n{r.user}" for r in llm.requests]
    told = loop.last is None or bool(loop.last.problems)
    return Out("\n".join([*sent, *stored, *kept, log.getvalue()]), len(sent), told)


def _bytes(folder: Path) -> list[str]:
    return [f.read_bytes().decode("utf-8", "replace") for f in folder.rglob("*") if f.is_file()]


@contextmanager
def _logged() -> Iterator[io.StringIO]:
    """Everything that is logged, as the daemon's file would hold it."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(RedactingFormatter(FORMAT))
    root, level = logging.getLogger(), logging.getLogger().level
    others = root.handlers[:]
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    try:
        yield text
    finally:
        root.handlers[:] = others
        root.setLevel(level)


def secrets_at_work() -> tuple[list[Event], list[str], list[NewFile]]:
    """Work with made-up secrets in titles, an address and files, private windows and a vault; what must not get out."""
    events, values = at_work(), []
    for n, (_, text, value) in enumerate(canary.TEXTS):
        title = f"{text} - {CONTROL}"
        events.append(seen("window", 1700 - 20 * n, 10, app="gedit", title=title))
        values.append(value)
    ways = {"private.": "Qzdivorce lawyer — Mozilla Firefox Private Browsing", "vault": "Qzvault of mine - KeePassXC"}
    events += [
        seen("window", 1000 - 20 * n, 4, app=app, title=title)
        for n, (app, title) in enumerate(
            (("firefox", ways["private."]), ("KeePassXC", ways["vault"]), ("firefox", "Qzkonto - Sparkasse — Mozilla Firefox"))
        )
    ]
    events.append(
        seen("web", 940, 4, title="Qzhidden", url="https://qzuser:qzpass@a.example/p?qzquery=1#qzpart", incognito=True)
    )
    events.append(seen("web", 800, 4, title="plain", url="https://qzuser:qzpass@a.example/p?qzquery=1#qzpart", incognito=False))
    events.append(seen("window", 700, 4, app="firefox", title="Qzhidden — Mozilla Firefox"))
    events.append(seen("editor", 600, 4, file=f"/home/mira/{values[0]}/a.py", project="/home/mira/p", language="python"))
    files = [NewFile(path=f"/home/mira/Downloads/{values[0]}.pdf", at=NOW - timedelta(minutes=2), size=9)]
    values += ["Qzdivorce", "Qzvault", "Qzkonto", "Qzhidden", "qzuser", "qzpass", "qzquery", "qzpart", "/home/mira"]
    return events, values, files
