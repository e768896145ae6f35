"""Runs every part of the figures of trust: each file of this folder that has `rows` is one; what is finished is kept."""

from __future__ import annotations

import hashlib
import importlib
import logging
import pkgutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import agent
import agent.trust
from agent.bench.keeping import append, entries
from agent.errors import ProactiveError
from agent.trust.row import Row

log = logging.getLogger(__name__)
Told = Callable[[float, str], None]
"""Told the share that is done and what is going on."""
FORM = ("part", "key", "rows", "seconds")


class Part(NamedTuple):
    """The rows of one file of this folder: its name, its first sentence, what came of it, and how long it took."""

    name: str
    about: str
    rows: tuple[Row, ...]
    seconds: float


class Ask(NamedTuple):
    """What is wanted: everything or a sample, the folder of the corpora, which parts (all if none is named), where to keep."""

    full: bool = True
    data: Path | None = None
    only: tuple[str, ...] = ()
    resume: Path | None = None


def names() -> tuple[str, ...]:
    """Every part, in the order of the page."""
    found = sorted(m.name for m in pkgutil.iter_modules(agent.trust.__path__) if not m.name.startswith("_"))
    return tuple(name for name in found if hasattr(_module(name), "rows"))


def run(ask: Ask, told: Told = lambda *_: None) -> list[Part]:
    """Every part that is wanted. A part that breaks gives a row that says so, and the next goes on. Raises ProactiveError."""
    chosen = [n for n in names() if not ask.only or n in ask.only]
    if unknown := set(ask.only) - set(chosen):
        raise ProactiveError(f"There is no part '{min(unknown)}'.", "Those there are: " + ", ".join(names()))
    kept = _kept(ask) if ask.resume else {}
    made = []
    for n, name in enumerate(chosen):
        made.append(_part(name, ask, kept, partial(_told, told, n / len(chosen), name)))
    return made


def _told(told: Told, share: float, name: str, line: str) -> None:
    told(share, f"{name} {line}")


def _part(name: str, ask: Ask, kept: dict[tuple[str, str], Part], told: Callable[[str], None]) -> Part:
    key = _key(ask)
    if (name, key) in kept:
        return kept[name, key]
    told("")
    began = time.monotonic()
    made, whole = collected(name, _rows(name, ask), told)
    part = Part(name, about(name), made, round(time.monotonic() - began, 1))
    if ask.resume and whole:
        append(ask.resume, {"part": name, "key": key, "rows": [r._asdict() for r in part.rows], "seconds": part.seconds})
    return part


def collected(name: str, found: Iterable[Row], told: Callable[[str], None] = lambda _: None) -> tuple[tuple[Row, ...], bool]:
    """The rows as they come, and whether all came; a part that breaks ends with a row that says so."""
    made: list[Row] = []
    try:
        for row in found:
            made.append(row)
            told(row.id)
    except Exception as e:  # the other parts must still be measured; what broke is a line of the page
        log.exception("the part %s broke", name)
        said = f"{type(e).__name__}: {str(e)[:160]}"
        return (*made, Row(name, "broke off before its end", len(made), said, "no error", ok=False)), False
    return tuple(made), True


def _rows(name: str, ask: Ask) -> Iterator[Row]:
    found: Iterable[Row] = _module(name).rows(ask.full, ask.data)
    yield from found


def _module(name: str) -> Any:
    return importlib.import_module(f"agent.trust.{name}")


def about(name: str) -> str:
    """The first sentence of a part."""
    return (_module(name).__doc__ or "").strip().splitlines()[0]


def _kept(ask: Ask) -> dict[tuple[str, str], Part]:
    found = {}
    for entry in entries(ask.resume, FORM) if ask.resume else ():
        made = tuple(Row(**row) for row in entry["rows"])
        if entry["part"] in names():
            found[entry["part"], entry["key"]] = Part(entry["part"], about(entry["part"]), made, entry["seconds"])
    return found


def _key(ask: Ask) -> str:
    """Rows hold for this code, this corpora folder and this size of run only."""
    return f"{code()} {'full' if ask.full else 'sample'} {corpora(ask.data)}"


@cache
def corpora(folder: Path | None) -> str:
    """Hash of the files of the corpora, 12 signs; '' without a folder. Raises OSError."""
    if folder is None:
        return ""
    total = hashlib.sha256()
    for file in sorted(f for f in folder.rglob("*") if f.is_file()):
        total.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes())
    return total.hexdigest()[:12]


@cache
def code() -> str:
    """Hash of every source file and resource as this run began, 12 signs."""
    root = Path(agent.__file__).parent
    files: Sequence[Path] = sorted(
        f for folder in (root, root.parent / "reward_model", root.parent / "resources") for f in folder.rglob("*")
        if f.is_file() and "__pycache__" not in f.parts
    )  # fmt: skip
    total = hashlib.sha256()
    for file in files:
        total.update(file.relative_to(root.parent).as_posix().encode() + b"\0" + file.read_bytes())
    return total.hexdigest()[:12]
