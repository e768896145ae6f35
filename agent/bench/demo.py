"""The demo: the bundled day played into a private ActivityWatch server, the real loop on it, offers, and a receipt.

Nothing leaves the machine and nothing of the user's is read: server, database and files live in a temporary folder, the
predictor is the offline one, and pages of the day come from the bundle. Time is simulated; it stands still while an offer
waits for a person.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from agent import plug
from agent.act import ToolBelt
from agent.app import App, Given
from agent.backfill import SLICE, recall
from agent.bench import spans
from agent.bench.bystanders import NoDesktop, Watched
from agent.bench.player import Player
from agent.bench.sample import PlantedFiles, SampleBrowser, SamplePages, sample
from agent.bench.server import PrivateServer
from agent.clocks import SimulatedClock
from agent.config import NotifySettings, Settings
from agent.core.policy import PaceSettings
from agent.core.ports import Notifier
from agent.core.reasons import quiet
from agent.core.records import Execution, LLMCall, Offer, ResponseKind, Tick, Toast
from agent.core.render import HORIZON
from agent.core.responses import settled
from agent.loop import Loop
from agent.notify.scripted import ScriptedNotifier
from agent.notify.scripted import Settings as Scripted
from agent.sense.day import Day, read_day
from agent.senses import Senses
from agent.tools.read import Read
from agent.tools.rename_file import RenameFile
from agent.tools.search import Search
from agent.tools.summarise import Summarise

TOAST_SECONDS = 10.0
SCRIPT: tuple[ResponseKind, ...] = (
    "accepted",
    "accepted",
    "accepted",
    "rejected",
    "accepted",
    "ignored",
    "accepted",
    "accepted",
)


@dataclass
class Shown:
    """One offer of the demo with what became of it."""

    offer: Offer
    response: str
    run: Execution | None


@dataclass
class Receipt:
    """What the demo did: minutes in focus, ticks, why those without an offer stayed quiet, offers, LLM calls, begin and end."""

    minutes: float = 0.0
    ticks: int = 0
    quiet: Counter[str] = field(default_factory=Counter)
    offers: list[Shown] = field(default_factory=list)
    calls: list[LLMCall] = field(default_factory=list)
    began: datetime | None = None
    ended: datetime | None = None


@dataclass
class Stage:
    """What the front end gives: how offers are shown (None = the scripted user), and whom to tell about progress."""

    notifier: Callable[[plug.Supplies], Notifier] | None
    played: Callable[[float, datetime], None]
    happened: Callable[[Tick, Shown], None]


async def demo(stage: Stage) -> Receipt:
    """Play the bundled day. Raises SensorError when the private server cannot run."""
    with tempfile.TemporaryDirectory(prefix="proactive-demo-", ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        day, begin, pages = await asyncio.to_thread(_prepare, home)
        async with PrivateServer() as server, Player(day, server.url) as player:
            clock = SimulatedClock(begin)
            settings = Settings(
                notify=NotifySettings(kind="scripted"),
                pace=PaceSettings(toast_seconds=TOAST_SECONDS),
                activitywatch={"port": server.port, "hostname": day.host},
            )
            supplies = plug.Supplies(clock=clock)
            raw = {"port": server.port, "hostname": day.host}
            watched = Watched(Senses([plug.build("sense", "activitywatch", raw, supplies), PlantedFiles(home)]))
            given = Given(sensor=watched, presence=NoDesktop(), tools=_tools(home, pages, scripted=stage.notifier is None))
            app = App(settings, clock, Path(folder) / "data", given)
            loop = _with_notifier(app, stage)
            try:
                await player.advance(begin)
                past = plug.build("sense", "activitywatch", raw | {"first": SLICE.total_seconds()}, supplies)
                loop.recall(await recall(past, app.rules(), begin - HORIZON))
                receipt = await _through(day, begin, _Play(loop, player, clock, stage))
            finally:
                await app.parts.notifier.close()
                await loop.parts.notifier.close()
                await app.close()
            receipt.minutes = spans.seconds(spans.overlap(spans.union(_flat(watched)), [(begin, day.end)])) / 60
            return receipt


def _prepare(home: Path) -> tuple[Day, datetime, dict[str, Path]]:
    """The bundled day with its home folder laid out at `home`; when its main part begins; the pages it has the text of."""
    folder = sample()
    raw = json.loads((folder / "day.json").read_text(encoding="utf-8").replace("/home/nele", home.as_posix()))
    shutil.copytree(folder / "home", home)
    moved = home.parent / "day.json"
    moved.write_text(json.dumps(raw), encoding="utf-8")
    pages = {url: folder / name for url, name in raw["truth"].get("pages", {}).items()}
    PlantedFiles.plan(home, raw["truth"].get("files", []))
    day = read_day(moved)
    return day, day.truth.blocks[0].start, pages


def _tools(home: Path, pages: dict[str, Path], *, scripted: bool) -> ToolBelt:
    """The real tools, on the demo's own files and pages; without a person no browser is opened."""
    fetcher = SamplePages(pages)
    engine = "https://duckduckgo.com/?q={query}"
    search = Search(engine, SampleBrowser.closed) if scripted else Search(engine)
    return ToolBelt([search, Read([home], fetcher), Summarise([home], None, fetcher), RenameFile([home])])


def _with_notifier(app: App, stage: Stage) -> Loop:
    """A loop that shows offers as the front end wants, or asks the scripted user."""
    supplies = plug.Supplies(clock=app.clock, answers=app.answers)
    if stage.notifier is None:
        scripted = ScriptedNotifier(Scripted(script=SCRIPT), supplies)
        parts = app.parts.__class__(**{**app.parts.__dict__, "notifier": scripted})
    else:
        parts = app.parts.__class__(**{**app.parts.__dict__, "notifier": stage.notifier(supplies)})
    return Loop(parts, app.state())


@dataclass
class _Play:
    loop: Loop
    player: Player
    clock: SimulatedClock
    stage: Stage


async def _through(day: Day, begin: datetime, play: _Play) -> Receipt:
    """Step from `begin` to the end of the day; before each tick the server is told what it would know by then."""
    now, end = begin, day.end + timedelta(seconds=60)
    receipt = Receipt(began=begin, ended=end)
    store = play.loop.parts.store
    while now <= end:
        play.clock.advance(now)
        await play.player.advance(now)
        tick = await play.loop.step(now)
        receipt.ticks += 1
        if tick.ending == "offer":
            await _answered(play)
            offer = store.offers(limit=1)[0]
            shown = Shown(offer, settled(store.responses(offer.id)), store.execution(offer.id))
            receipt.offers.append(shown)
            play.stage.happened(tick, shown)
        else:
            receipt.quiet[quiet(tick)] += 1
        play.stage.played((now - begin) / (end - begin), now)
        now = play.loop.due or now + timedelta(seconds=60)
    receipt.calls = list(store.calls())
    return receipt


async def _answered(play: _Play) -> None:
    """Wait for the answer of a person while the day stands still; an offer nobody answers leaves the screen."""
    loop = play.loop
    for _ in range(int((TOAST_SECONDS + 2) * 20)):
        await loop.drain()
        if loop.state.open_offer is None:
            break
        await asyncio.sleep(0.05)
    await loop.withdraw()
    await loop.settle()


def _flat(watched: Watched) -> list[spans.Stretch]:
    return [stretch for stretches in watched.windows().values() for stretch in stretches]


__all__ = ["Receipt", "Shown", "Stage", "Toast", "demo"]
