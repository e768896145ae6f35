"""Trials of accepted operations (S4): what is shown is what runs, and an accept that is not right runs nothing."""

from __future__ import annotations

# ruff: noqa: ASYNC240 - trials of a few files; nothing else waits
import asyncio
import random
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import JsonValue

from agent import act
from agent.act import ToolBelt, carry_out
from agent.clocks import SimulatedClock
from agent.core.offers import in_full
from agent.core.ports import Parts, Store
from agent.core.records import Answer, Candidate, Execution, GateInput, Offer, Operation, Prediction, Tick
from agent.errors import ToolError
from agent.loop import Loop
from agent.notify.scripted import ScriptedNotifier
from agent.notify.scripted import Settings as NotifySettings
from agent.plug import Supplies
from agent.store.memory import MemoryStore
from agent.tools.chat import Chat
from agent.tools.read import Read
from agent.tools.rename_file import RenameFile
from agent.tools.search import Search
from agent.trust._attacker import Attacker
from agent.trust._shown import toast
from agent.trust._stage import Quiet

ENGINE = "https://search.example/find?q={query}"
_ALPHABETS = (
    *(
        "abcdefghij klmnop",
        "äöüßéñç ÅÆØ",
        "абвгдежз ий",
        "漢字かなカナ 한글",
        "مرحبا بالعالم ",
        "שלום עולם ",
        "👩\u200d👩\u200d👧 🏴",
        "0123456789 -_.,",
    ),
    *(
        "&?=#%+/\\:;@",
        "\"'`<>|$(){}[]*~^!",
        "\u202a\u202e\u2066\u2069\u200e\u200f\u061c",
        "\x00\x07\x1b\x7f\x85\t\n\r",
        "\u200b\ufeff\u2060\xad\U000e0041",
    ),
    *("e\u0301a\u0308o\u0302", "\u2028\u2029 ", "ſﬁ①Ａ", "sk-proj-Zx81kQpW0aLmN4tYcVbR7uEo", "password: Hunter2xyz! "),
)


async def _copy(_: str) -> str:
    return "Not copied: this is a trial."


class Counter:
    """A desk where offers are made and accepted; everything that runs is noted."""

    def __init__(self, root: Path, now: datetime, store: Store | None = None) -> None:
        self.root = root
        self.opened: list[str] = []
        self.clock = SimulatedClock(now)
        self.llm = Attacker(self.clock, lambda _: "An answer.")
        self.supplies = Supplies(clock=self.clock)
        unused: Any = None
        self.parts = Parts(
            clock=self.clock,
            store=store or MemoryStore(),
            sensor=unused,
            presence=Quiet(),
            predictor=unused,
            judge=unused,
            notifier=ScriptedNotifier(NotifySettings(), self.supplies),
            tools=self._belt(),
            answers=self.supplies.answers,
        )
        self._made = 0

    def _belt(self) -> ToolBelt:
        async def opener(url: str) -> bool:
            self.opened.append(url)
            return True

        return ToolBelt([Search(ENGINE, opener), Chat(self.llm), RenameFile([self.root]), Read([self.root])])

    def offer(self, operation: Operation, *, minutes: float = 60) -> Offer:
        """Make an offer as the loop does. Raises ToolError."""
        belt, now = self.parts.tools, self.clock.now()
        exact = belt.exact(operation) if isinstance(belt, ToolBelt) else operation
        line = belt.check(exact)
        candidate = Candidate(task="In full: t", because="In full: b", operation=exact)  # as if they were the arguments
        self._made += 1
        name = f"t{self._made}"
        gate = GateInput(at=now, local_minute=0)
        found = Prediction(candidates=(candidate,))
        tick = Tick(id=name, at=now, ending="offer", reason="r", gate=gate, prediction=found, choice=0)
        expires = now + timedelta(minutes=minutes)
        offer = Offer(id=0, nonce=f"nonce-{name}", tick=name, at=now, expires=expires, candidate=candidate, line=line)
        offer = self.parts.store.add_offer(tick, offer)
        act.seal(self.parts, offer)
        return offer

    def accept(self, offer: Offer, nonce: str = "") -> bool:
        """Whether an accept counts."""
        said = Answer(offer=offer.id, nonce=nonce or offer.nonce, kind="accepted", at=self.clock.now(), source="trial")
        return self.parts.store.add_response(said) is not None

    async def pressed(self, offer: Offer) -> bool:
        """Whether an accept from a toast is taken."""
        said = Answer(offer=offer.id, nonce=offer.nonce, kind="accepted", at=self.clock.now(), source="toast")
        return await Loop(self.parts, _blank_state()).take(said) is not None

    async def run(self, offer: Offer) -> Execution:
        """Carry it out."""
        return await carry_out(self.parts, offer, self.clock.now(), _copy)

    def effects(self) -> tuple[int, int, list[str]]:
        """Searches opened, questions asked, names in the folder."""
        return len(self.opened), len(self.llm.asked), sorted(p.name for p in self.root.iterdir())


def words(chance: random.Random, longest: int) -> str:
    """Words of any script and sign, sometimes far too many."""
    pools = chance.sample(_ALPHABETS, chance.randrange(1, 4))
    size = chance.choice((1, 3, 12, 40, 120, longest - 1, longest, longest + 1))
    text = "".join(chance.choice(chance.choice(pools)) for _ in range(size))
    return text if chance.random() < 0.5 else " ".join(chance.choice(pools) for _ in range(3))[:longest]


def operation(chance: random.Random, file: Path, number: int) -> Operation:
    """A search, a question or a rename with any words in it."""
    name = chance.choice(("search", "chat", "rename_file"))
    if name == "rename_file":
        new = words(chance, 60).replace("/", " ") + chance.choice(("", f" {number}")) + file.suffix
        return Operation(name=name, arguments={"path": str(file), "new_name": new.encode("utf-8", "ignore").decode()})
    key, longest = ("query", 200) if name == "search" else ("question", 1000)
    return Operation(name=name, arguments={key: words(chance, longest)})


async def shown_is_run(cases: int, now: datetime, seed: int = 1) -> tuple[int, list[str]]:
    """How many operations ran, and where one was not the one that was shown, sign for sign."""
    chance, wrong, ran = random.Random(seed), [], 0  # noqa: S311 - a trial is to be repeatable
    with tempfile.TemporaryDirectory(prefix="trust-") as folder:
        for number in range(cases):
            if number % 500 == 0:  # a store of its own for each part, so that the trial does not slow down
                desk = Counter(Path(folder), now)
            file = Path(folder) / f"scan {number}.txt"
            file.write_text(str(number))
            wanted = operation(chance, file, number)
            try:
                offer = desk.offer(wanted)
            except ToolError:
                file.unlink()
                continue
            before = len(desk.opened), len(desk.llm.asked)
            shown = toast(offer)
            if not shown.accepts and await desk.pressed(offer):
                wrong.append(f"{wanted}: accepted in a toast without Accept")
            desk.accept(offer)
            done = await desk.run(offer)
            ran += done.state == "done"
            said = _ran(desk, before, Path(folder), file)
            inbox = f"{offer.line}\n{in_full(offer)}"
            read = [shown.holds(piece) if shown.accepts else piece in inbox for piece in said]
            if done.state != "done" or not read or not all(read):
                wrong.append(f"{wanted}: shown {shown.text if shown.accepts else inbox!r}, ran {said!r} {done.text[:80]}")
            for left in Path(folder).iterdir():
                left.unlink()
    return ran, wrong


def _ran(desk: Counter, before: tuple[int, int], folder: Path, file: Path) -> list[str]:
    """What really ran: the words that were sent, or both names of the file; [] if it was not exactly one thing."""
    said = [
        [parse_qs(urlsplit(u).query, keep_blank_values=True, strict_parsing=True)["q"][0]] for u in desk.opened[before[0] :]
    ]
    said += [[r.user] for r in desk.llm.asked[before[1] :]]
    names = [p.name for p in folder.iterdir()]
    if names != [file.name]:
        said.append([file.name, *names])
    return said[0] if len(said) == 1 else []


async def refused(store: Store, now: datetime, root: Path, counts: Sequence[int] = (100, 100, 100, 200)) -> dict[str, int]:
    """How many of these accepts ran something: expired, replayed, with a foreign nonce, with the file swapped."""
    desk = Counter(root, now, store)
    loop = Loop(desk.parts, _blank_state())
    ran = {"expired": 0, "replayed": 0, "foreign": 0, "swapped": 0}
    for number in range(counts[0]):
        offer = desk.offer(Operation(name="search", arguments={"query": f"expired {number}"}), minutes=1)
        desk.clock.advance(desk.clock.now() + timedelta(minutes=1 + number))
        ran["expired"] += await _answered(desk, loop, offer, offer.nonce)
    for number in range(counts[1]):
        offer = desk.offer(Operation(name="search", arguments={"query": f"replayed {number}"}))
        await _answered(desk, loop, offer, offer.nonce)
        ran["replayed"] += await _answered(desk, loop, offer, offer.nonce)
    other = desk.offer(Operation(name="search", arguments={"query": "another"}))
    for number in range(counts[2]):
        offer = desk.offer(Operation(name="search", arguments={"query": f"foreign {number}"}))
        ran["foreign"] += await _answered(desk, loop, offer, (other.nonce, "", offer.nonce[:-1], "\u202e")[number % 4])
    for number in range(counts[3]):
        ran["swapped"] += await _swapped(desk, loop, number)
    return ran


def _blank_state() -> Any:
    from agent.state import State

    return State()


async def _answered(desk: Counter, loop: Loop, offer: Offer, nonce: str) -> int:
    """1 if the answer had an effect."""
    before = desk.effects()
    said = Answer(offer=offer.id, nonce=nonce, kind="accepted", at=desk.clock.now(), source="trial")
    desk.supplies.answers.put_nowait(said)
    await _quietly(loop)
    return int(desk.effects() != before)


async def _quietly(loop: Loop) -> None:
    await loop.drain()
    await loop.settle()


async def _swapped(desk: Counter, loop: Loop, number: int) -> int:
    """A file is replaced between the offer and the accept: by another, a link, a folder, a hard link, nothing, or anew."""
    file, aside = desk.root / f"scan {number}.txt", desk.root / f"aside {number}.txt"
    file.write_text("as offered")
    aside.write_text("swapped in")
    await asyncio.sleep(0.02)  # what is offered was not made in the same instant as what replaces it
    kind = ("rename_file", "read")[number % 2]
    arguments: dict[str, JsonValue] = (
        {"path": str(file), "new_name": f"new {number}.txt"} if kind == "rename_file" else {"source": str(file)}
    )
    offer = desk.offer(Operation(name=kind, arguments=arguments))
    _replace(file, aside, number // 2 % 6)
    before = desk.effects()
    said = Answer(offer=offer.id, nonce=offer.nonce, kind="accepted", at=desk.clock.now(), source="trial")
    desk.supplies.answers.put_nowait(said)
    await _quietly(loop)
    run = desk.parts.store.execution(offer.id)
    ran = desk.effects() != before or run is None or run.state != "failed"
    for left in list(desk.root.iterdir()):
        left.rmdir() if left.is_dir() and not left.is_symlink() else left.unlink()
    return int(ran)


def _replace(file: Path, aside: Path, how: int) -> None:
    if how == 0:
        aside.replace(file)
        return
    file.unlink()
    if how == 1:
        file.symlink_to(aside)
    elif how == 2:
        file.mkdir()
    elif how == 3:
        file.hardlink_to(aside)
    elif how == 5:
        file.write_text("swapped in")  # as long, and ext4 gives it the inode of the one that was removed
