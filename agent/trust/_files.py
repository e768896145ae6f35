"""Trials of files (S5): every way out of the allowed folder, every target that is taken, every kind of entry, and undo."""

from __future__ import annotations

# ruff: noqa: ASYNC240 - trials of a few files; nothing else waits
import os
import random
import socket
import stat
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import product
from pathlib import Path

from pydantic import ValidationError

from agent.act import ToolBelt
from agent.core.records import Operation, Result
from agent.errors import ToolError
from agent.tools._roots import Roots
from agent.tools.read import Read
from agent.tools.rename_file import RenameFile
from agent.trust._desk import CANARY, furnish
from agent.trust._effects import tree
from agent.trust._payloads import RESERVED, TAKEN

_TARGETS = ("outside/secret.txt", "etc/passwd", "secret.txt")
_LEAKS = (CANARY, "root:x:0")


@contextmanager
def room() -> Iterator[tuple[Path, Path, ToolBelt]]:
    """A folder of its own with the allowed folder in it, and the tools over that."""
    with tempfile.TemporaryDirectory(prefix="trust-") as folder:
        base = Path(folder)
        root = furnish(base)
        (root / "scan.txt").write_text("a scan")
        yield base, root, ToolBelt([RenameFile([root]), Read([root])])


def rename(path: str, name: str) -> Operation:
    """A rename."""
    return Operation(name="rename_file", arguments={"path": path, "new_name": name})


async def tried(belt: ToolBelt, operation: Operation) -> Result | None:
    """What it did when shown and run; None if it was refused."""
    try:
        belt.check(operation)
        return await belt.run(operation)
    except (ToolError, ValidationError):
        return None


async def traversals(payloads: Sequence[str]) -> tuple[int, list[str]]:
    """How many attempts were made, and those that reached or changed anything but the one file inside."""
    wrong: list[str] = []
    count = 0
    with room() as (base, root, belt):
        before = tree(base)
        for operation in _escapes(payloads, root):
            count += 1
            done = await tried(belt, operation)
            if done is not None and any(leak in done.text + done.clipboard for leak in _LEAKS):
                wrong.append(f"read outside: {operation}")
            if done is not None and done.undo and _moved_inside(base, root, before):
                await belt.undo(operation, done.undo)
            if tree(base) != before:
                wrong.append(f"changed: {operation}")
                break
    return count, wrong


def _escapes(payloads: Sequence[str], root: Path) -> Iterator[Operation]:
    for payload, target in product(payloads, _TARGETS):
        filled = payload.replace("{FILE}", target)
        for path in (filled, f"{root}/{filled}", f"{root}{filled}"):
            yield rename(path, "new.txt")
            yield Operation(name="read", arguments={"source": path})
        for name in (filled, f"{filled}.txt"):
            yield rename(str(root / "scan.txt"), name)


def _moved_inside(base: Path, root: Path, before: dict[str, tuple[int, bytes]]) -> bool:
    """Whether just the one file has another name in its own folder."""
    after = tree(base)
    gone, come = set(before) - set(after), set(after) - set(before)
    inside = root.relative_to(base)
    return gone == {str(inside / "scan.txt")} and all(Path(p).parent == inside for p in come) and len(come) == 1


async def entries() -> tuple[int, list[str]]:
    """Links, second names, pipes, sockets, devices and hidden files: none is used, by either tool."""
    with room() as (base, root, belt):
        (root / "dangling.txt").symlink_to(root / "nowhere.txt")
        (root / "loop").symlink_to(root)
        (root / "up").symlink_to(base)
        with socket.socket(socket.AF_UNIX) as listener:
            here = Path.cwd()
            os.chdir(root)
            listener.bind("socket.txt")
            os.chdir(here)
        devices = _devices(root)
        before = tree(base)
        names = (
            *("link.txt", "linked/secret.txt", "hard.txt", "pipe", "dangling.txt", "loop/scan.txt", "up/outside/secret.txt"),
            *("socket.txt", ".hidden/key.txt", "sub", "sub/..", ".", "", "linked", "up/Downloads/scan.txt"),
        )
        tries = [str(root / n) for n in (*names, *devices)]
        wrong = []
        for path in tries:
            done = [await tried(belt, rename(path, "new.txt")), await tried(belt, rename(path, "new"))]
            done.append(await tried(belt, Operation(name="read", arguments={"source": path})))
            wrong += [path] * (any(d is not None for d in done) or tree(base) != before)
        return 3 * len(tries), wrong


def _devices(root: Path) -> tuple[str, ...]:
    """Devices of our own, where the system lets us make them (as root): those of the system are never touched."""
    try:
        os.mknod(root / "null", stat.S_IFCHR | 0o600, os.makedev(1, 3))
        os.mknod(root / "zero", stat.S_IFCHR | 0o600, os.makedev(1, 5))
    except (PermissionError, AttributeError):
        return ()
    return ("null", "zero")


async def targets() -> tuple[int, list[str]]:
    """Names that are taken, in every spelling that some file system takes for the same, and names no system should hold."""
    wrong: list[str] = []
    for there, name in TAKEN:
        with room() as (base, root, belt):
            (root / there).write_text("precious")
            source = root / ("scan.txt" if there != "scan.txt" else "taken.txt")
            before = tree(base)
            await tried(belt, rename(str(source), name))
            wrong += [f"{there} by {name}"] * (tree(base) != before)
    for kind in ("link", "folder", "pipe"):
        with room() as (base, root, belt):
            _occupy(root / "new.txt", kind)
            before = tree(base)
            await tried(belt, rename(str(root / "scan.txt"), "new.txt"))
            wrong += [f"a {kind}"] * (tree(base) != before)
    with room() as (base, root, belt):
        before = tree(base)
        for name in RESERVED:
            await tried(belt, rename(str(root / "scan.txt"), name))
            wrong += [f"reserved {name}"] * (tree(base) != before)
    return len(TAKEN) + 3 + len(RESERVED), wrong


def _occupy(path: Path, kind: str) -> None:
    if kind == "link":
        path.symlink_to("nowhere")
    elif kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)


async def across() -> tuple[int, list[str]]:
    """A folder on another device: a link to it is not followed; named as a root, a rename stays on it. n = 0 without one."""
    other = Path("/dev/shm")  # noqa: S108 - the one folder that is another device on most Linux computers
    with room() as (base, root, belt):
        if not other.is_dir() or not os.access(other, os.W_OK) or other.stat().st_dev == base.stat().st_dev:
            return 0, []
        with tempfile.TemporaryDirectory(prefix="trust-", dir=other) as far:
            (Path(far) / "a.txt").write_text("far")
            (root / "far").symlink_to(far)
            wrong = [p for p in (f"{root}/far/a.txt",) if await tried(belt, rename(p, "b.txt"))]
            done = await tried(ToolBelt([RenameFile([Path(far)])]), rename(f"{far}/a.txt", "b.txt"))
            names = [p.name for p in Path(far).iterdir()]
            return 2, wrong + ["a rename on another device"] * (done is None or names != ["b.txt"])


async def races(seconds: float) -> tuple[int, list[str]]:
    """A folder on the way to the file is swapped for a link to the outside all the time: nothing outside is renamed or read."""
    with room() as (base, root, belt):
        inside, aside, link = root / "sub", root / "aside", base / "turn"
        (inside / "secret.txt").write_text("inside")
        link.symlink_to(base / "outside")
        outside, over = tree(base / "outside"), threading.Event()

        def turn() -> None:
            while not over.is_set():
                inside.rename(aside)
                link.rename(inside)
                inside.rename(link)
                aside.rename(inside)

        thread = threading.Thread(target=turn)
        thread.start()
        count, wrong, end = 0, [], time.monotonic() + seconds
        path = str(inside / "secret.txt")
        while time.monotonic() < end:
            count += 1
            done = await tried(belt, rename(path, f"new {count}.txt"))
            if done is not None:
                path = str(inside / f"new {count}.txt")
            with suppress(ToolError):
                wrong += ["read outside"] * (CANARY in Roots([root]).read(path).decode())
        over.set()
        thread.join()
        return count, wrong + ["renamed outside"] * (tree(base / "outside") != outside)


async def undone(cases: int, seed: int = 3) -> tuple[int, list[str]]:
    """Renames that were undone to the byte, and undos that would have touched another file and were refused."""
    chance, wrong = random.Random(seed), []  # noqa: S311 - a trial is to be repeatable
    with room() as (base, root, belt):
        before = tree(base)
        for number in range(cases):
            name = "".join(chance.choice("abcdé 漢ß-_.0") for _ in range(chance.randrange(1, 30))).strip(" .") or "x"
            operation = rename(str(root / "scan.txt"), f"{name} {number}.txt")
            done = await tried(belt, operation)
            if done is None or done.undo is None:
                wrong.append(f"not renamed: {name}")
                continue
            in_the_way = number % 4 == 3  # somebody has taken the old name meanwhile
            if in_the_way:
                (root / "scan.txt").write_text("precious")
            wrong += await _taken_back(belt, operation, done, root, blocked=in_the_way)
            wrong += [f"not as before: {name}"] * (tree(base) != before)
    return cases, wrong


async def _taken_back(belt: ToolBelt, operation: Operation, done: Result, root: Path, *, blocked: bool) -> list[str]:
    if done.undo is None:
        return ["no undo"]
    if not blocked:
        await belt.undo(operation, done.undo)
        return []
    try:
        await belt.undo(operation, done.undo)
    except ToolError:
        kept = (root / "scan.txt").read_text() == "precious"
        (root / "scan.txt").unlink()
        await belt.undo(operation, done.undo)
        return [] if kept else ["an undo overwrote a file"]
    return ["an undo overwrote a file"]


async def everything(payloads: Sequence[str], renames: int, seconds: float = 0.3) -> Counter[str]:
    """All trials; counts by name, and `wrong` with the first words of each under `what`."""
    out: Counter[str] = Counter()
    trials = (traversals(payloads), entries(), targets(), across(), races(seconds))
    for name, trial in zip(("escapes", "entries", "targets", "across", "races"), trials, strict=True):
        count, wrong = await trial
        out.update({name: count, "wrong": len(wrong), **{f"! {name}: {w[:160]}": 1 for w in wrong}})
    count, wrong = await undone(renames)
    out.update({"undone": count - len(wrong), "to undo": count, "wrong": len(wrong), **{f"! undo: {w}": 1 for w in wrong}})
    return out
