"""What the commands share: the terminal, the running daemon, the store, words for times."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import re
import stat
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.core.lines import escaped
from agent.errors import ControlError, ProactiveError, StoreError
from agent.paths import data_folder, unusable

if TYPE_CHECKING:
    from rich.console import Console

    from agent.core.ports import Store

_SPAN = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(s|sec|m|min|h|d)?\s*$", re.ASCII)
_UNITS = {"s": (1, "s"), "m": (60, "min"), "h": (3600, "h"), "d": (86400, "days")}
MOST = 100_000
"""Rows a command lists at most."""
_YEAR = 365 * 86400
_HOW = "Write it as 30m, 1h or 2d."


class Span(NamedTuple):
    """A length of time in seconds, and as it is said to the user."""

    seconds: float
    words: str


def console() -> Console:
    """The terminal as rich sees it; wide enough for tables when it is a file or pipe. No text moves its cursor or hides."""
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment

    class Terminal(Console):
        def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
            for piece in super().render(renderable, options):
                yield piece if piece.control else piece._replace(text=escaped(piece.text))

    return Terminal(width=None if sys.stdout.isatty() else 120, highlight=False)


def say(text: str) -> None:
    """One line to the user; signs that would control the terminal or hide are shown by their numbers."""
    sys.stdout.write(escaped(text) + "\n")


def show_json(value: object) -> None:
    """JSON to standard output, and nothing else; in ASCII, so that it is exact and does nothing to a terminal."""
    sys.stdout.write(json.dumps(value, indent=1, default=str) + "\n")


def folder() -> Path:
    """The data folder, which need not be there yet; StoreError if something else is."""
    data = data_folder()
    try:
        if not stat.S_ISDIR(data.stat().st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    except FileNotFoundError:
        return data
    except OSError as e:
        raise unusable(data, e) from e
    return data


def ask(do: str, **arguments: Any) -> dict[str, Any]:
    """Ask the running daemon; ControlError if there is none."""
    from agent.client import ask as call

    return asyncio.run(call(folder(), do, **arguments))


def change(do: str, **arguments: Any) -> dict[str, Any]:
    """Have the daemon change something, or change it in its place while none runs."""
    from agent.answering import through

    return asyncio.run(through(do, **arguments))


def pace_report() -> dict[str, Any]:
    """How the pace stands, whether the daemon runs or not: see agent/pacing.py."""
    from agent.answering import pace

    folder()
    return asyncio.run(pace())


def store() -> Store:
    """The store, for reading, whether the daemon runs or not; StoreError if there is none yet."""
    from agent.store.sqlite import FILE, open_readonly

    path = folder() / FILE
    if not path.exists():
        raise StoreError("There is no history yet.", "Start with: proactive run, or see proactive demo")
    opened: Store = open_readonly(path)
    return opened


def span(text: str) -> Span:
    """A span such as '90s', '30m', '1h', '2d' (minutes without a unit): a second to a year. ControlError if it is none."""
    match = _SPAN.match(text)
    if not match:
        raise ControlError(f"'{text}' is not a span of time.", _HOW)
    number = float(match[1])
    factor, unit = _UNITS[(match[2] or "m")[0]]
    if number * factor < 1:
        raise ControlError(f"'{text}' is no time at all.", _HOW)
    if number * factor > _YEAR:
        raise ControlError(f"'{text[:40]}' is longer than 365 days.", _HOW)
    return Span(number * factor, f"{number:g} {'day' if unit == 'days' and number == 1 else unit}")


def ago(moment: datetime) -> str:
    """How long ago, in words."""
    passed = (datetime.now(timezone.utc) - moment).total_seconds()
    if passed < 90:
        return "just now"
    if passed < 5400:
        return f"{round(passed / 60)} min ago"
    if passed < 129600:
        return f"{round(passed / 3600)} h ago"
    return f"{round(passed / 86400)} days ago"


def clock(moment: datetime) -> str:
    """A local date and time."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def until(text: str) -> str:
    """A local time, with its date if that is another one; a pause without an end lasts until resume."""
    if text.startswith("9999"):
        return "you resume"
    local = datetime.fromisoformat(text).astimezone()
    today = local.date() == datetime.now().astimezone().date()
    return local.strftime("%H:%M:%S" if today else "%Y-%m-%d %H:%M")


def complain(error: ProactiveError) -> None:
    """Say an error on standard error, without ending."""
    sys.stderr.write(escaped(f"{error.title}\n" + (f"{error.hint}\n" if error.hint else "")))
