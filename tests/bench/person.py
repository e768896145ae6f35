"""What a day is made of: a person with the windows and pages in front, on a computer with its browsers and watchers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Browser:
    """A browser: its app, what it adds to a title, the same of a private window, its web bucket ('' without a watcher)."""

    app: str
    suffix: str
    private: str
    bucket: str = ""
    flagged: bool = False


@dataclass(frozen=True)
class Machine:
    """A computer. `swift`: the macOS watcher that puts the address into window events and blanks private ones."""

    host: str
    zone: str
    browsers: tuple[Browser, ...]
    titles: bool = True
    afk: bool = True
    swift: bool = False
    editor: str = ""


@dataclass(frozen=True)
class Person:
    """What somebody has in front. Pages are (address, title), windows (app, title), calls (app, title, address, audible)."""

    name: str
    machine: Machine
    mail: tuple[str, ...]
    chat: tuple[str, ...]
    work: tuple[tuple[str, str], ...]
    pages: tuple[tuple[str, str], ...]
    engine: tuple[str, str]
    asks: tuple[str, ...]
    paper: tuple[str, str]
    sheet: tuple[str, str]
    form: tuple[str, str]
    wares: tuple[tuple[str, str], ...]
    book: tuple[str, str]
    idle: tuple[tuple[str, str], ...]
    secret: tuple[str, ...]
    bank: tuple[tuple[str, str], ...]
    vault: tuple[str, str]
    call: tuple[str, str, str, bool]
    code: str
    plan: str


def pairs(text: str) -> tuple[tuple[str, str], ...]:
    rows = (line.strip().partition(" ") for line in text.strip().splitlines())
    return tuple((a, b) for a, _, b in rows)


def rows(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


def wins(text: str) -> tuple[tuple[str, str], ...]:
    rows = (line.strip().partition(" :: ") for line in text.strip().splitlines())
    return tuple((a, b) for a, _, b in rows)


EDGE = " - Microsoft\u200b Edge"
