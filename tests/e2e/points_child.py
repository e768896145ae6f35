"""A nursery of children that are killed at a named point: a line of the store, of the belt or of the rename.

For each line `MODE DATABASE POINT OCCURRENCE` it forks a child that works as MODE says (`offer`: one offer from its making to
its undo, with a backup and a close; `open`: only opens the database) and kills itself when that line runs for that time.
POINT `-` = to the end; then it says every point it passed, in order. What the store acknowledged is said as it goes.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import FrameType
from typing import Any

import agent.store
import agent.tools
from agent import act, plug
from agent.core.ports import Parts
from agent.core.records import Answer, Candidate, GateInput, Offer, Operation, Tick, Toast
from agent.store import _backup
from agent.store.sqlite import SqliteStore

AT = datetime(2026, 3, 2, 14, 0, tzinfo=timezone.utc)
HOMES = (str(Path(agent.store.__file__).parent), str(Path(agent.tools.__file__).parent), act.__file__, __file__)


def say(*words: object) -> None:
    """One line, in one write, so that no half of it is ever read."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


class Clock:
    """Stands still."""

    factor = 1.0

    def now(self) -> datetime:
        """AT."""
        return AT


class Said:
    """A notifier that says what it showed."""

    async def show(self, toast: Toast) -> bool:
        """Say that it was shown."""
        say("shown", toast.offer)
        return True

    async def tell(self, title: str, body: str) -> bool:
        """Say nothing."""
        return bool(title or body)


def parts(store: SqliteStore, folder: Path) -> Parts:
    """Real store and rename; the rest stands in."""
    supplies: Any = plug.Supplies(clock=Clock(), roots=(folder,))  # type: ignore[arg-type]
    tools = act.ToolBelt([plug.build("tools", "rename_file", {}, supplies)])
    rest: dict[str, Any] = dict.fromkeys(("sensor", "presence", "predictor", "judge", "answers"))
    return Parts(clock=Clock(), store=store, notifier=Said(), tools=tools, **rest)  # type: ignore[arg-type]


async def copied(_: str) -> str:
    """No clipboard here."""
    return ""


def offer(database: Path) -> None:
    """One offer: made, shown, accepted, carried out, every second one undone; then a backup and the end."""
    folder = database.parent / "files"
    folder.mkdir(exist_ok=True)
    store = SqliteStore(database)
    for run in store.recover(AT):
        say(run.state, run.offer)
    p = parts(store, folder)
    name = f"{time.time_ns():x}"
    (folder / f"{name}.old.txt").write_text(name)
    do = Operation(name="rename_file", arguments={"path": str(folder / f"{name}.old.txt"), "new_name": f"{name}.new.txt"})
    candidate = Candidate(task="x", because="y", operation=do)
    tick = Tick(id=name, at=AT, ending="offer", reason="r", gate=GateInput(at=AT, local_minute=1))
    made = Offer(
        id=0, nonce=name, tick=name, at=AT, expires=AT + timedelta(hours=1), candidate=candidate, line=p.tools.check(do)
    )
    made = store.add_offer(tick, made)
    say("offer", made.id, name)
    act.seal(p, made)
    asyncio.run(_answered(p, made))
    _backup.make(database)
    store.close()


async def _answered(p: Parts, made: Offer) -> None:
    await p.notifier.show(Toast(offer=made.id, nonce=made.nonce, title=made.line, body="", ttl=1))
    if p.store.add_response(Answer(offer=made.id, nonce=made.nonce, kind="accepted", at=AT, source="t")):
        say("response", made.id, 1, "accepted")
    done = await act.carry_out(p, made, AT, copied)
    say(done.state, made.id)
    if made.id % 2 == 0:
        await act.undo(p, made, AT)
        p.store.add_response(Answer(offer=made.id, nonce=made.nonce, kind="undone", at=AT, source="undo"))
        say("undone", made.id)


def open_(database: Path) -> None:
    """Open, migrate, close."""
    SqliteStore(database).close()


MODES: dict[str, Callable[[Path], None]] = {"offer": offer, "open": open_}


class Points:
    """Counts the lines that run, and kills at one."""

    def __init__(self, point: str, occurrence: int) -> None:
        self.point = point
        self.left = occurrence
        self.passed: list[str] = []

    def call(self, frame: FrameType, _event: str, _arg: object) -> Any:
        """Look into the functions of ours only."""
        return self.line if frame.f_code.co_filename.startswith(HOMES) else None

    def line(self, frame: FrameType, event: str, _arg: object) -> Any:
        """One line runs."""
        if event == "line":
            name = f"{Path(frame.f_code.co_filename).stem}:{frame.f_code.co_name}:{frame.f_lineno}"
            if self.point == "-":
                self.passed.append(name)
            elif name == self.point:
                self.left -= 1
                if self.left <= 0:
                    os.kill(os.getpid(), signal.SIGKILL)
        return self.line


def child(mode: str, database: Path, point: str, occurrence: int) -> None:
    """Work until killed or done."""
    points = Points(point, occurrence)
    threading.settrace(points.call)
    sys.settrace(points.call)
    MODES[mode](database)
    sys.settrace(None)
    for name, count in Counter(points.passed).items():
        say("point", name, count)


def main() -> None:
    """Fork a child for each line of standard input and say when it is gone."""
    for line in sys.stdin:
        mode, database, point, occurrence = line.rstrip("\n").split("\t")
        forked = os.fork()
        if not forked:
            code = 3
            try:
                child(mode, Path(database), point, int(occurrence))
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(forked, 0)
        say("gone", os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
