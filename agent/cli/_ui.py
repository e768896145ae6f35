"""What the commands share: the terminal, the running daemon, the store, words for times."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from agent.errors import ControlError, ProactiveError, StoreError
from agent.paths import data_folder

if TYPE_CHECKING:
    from rich.console import Console

    from agent.core.ports import Store

_SPAN = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(s|sec|m|min|h|d)?\s*$")
_UNITS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}


def console() -> Console:
    """The terminal as rich sees it; wide enough for tables when it is a file or pipe."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 120, highlight=False)


def say(text: str) -> None:
    """One line to the user."""
    sys.stdout.write(text + "\n")


def show_json(value: object) -> None:
    """JSON to standard output, and nothing else."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n")


def ask(do: str, **arguments: Any) -> dict[str, Any]:
    """Ask the running daemon; ControlError if there is none."""
    from agent.client import ask as call

    return asyncio.run(call(data_folder(), do, **arguments))


def store() -> Store:
    """The store, for reading, whether the daemon runs or not; StoreError if there is none yet."""
    from agent.store.sqlite import FILE, open_readonly

    path = data_folder() / FILE
    if not path.exists():
        raise StoreError("There is no history yet.", "Start with: proactive run, or see proactive demo")
    opened: Store = open_readonly(path)
    return opened


def seconds(text: str) -> float:
    """A span such as '90s', '30m', '1h', '2d' (minutes without a unit) in seconds; ControlError if it is none."""
    match = _SPAN.match(text)
    if not match:
        raise ControlError(f"'{text}' is not a span of time.", "Write it as 30m, 1h or 2d.")
    return float(match[1]) * _UNITS[match[2] or "m"]


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


def complain(error: ProactiveError) -> None:
    """Say an error on standard error, without ending."""
    sys.stderr.write(f"{error.title}\n" + (f"{error.hint}\n" if error.hint else ""))
