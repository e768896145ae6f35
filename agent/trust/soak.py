"""The last soaks of this checkout: the daemon for an hour with faults, and its loop for a month on a simulated clock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from agent.errors import ProactiveError
from agent.trust import _month, _soak_figures
from agent.trust.row import Row
from agent.trust.run import code

HERE = Path(__file__).resolve().parents[2] / "docs" / "soak"
HOUR, DAYS = "soak.json", "soak_days.json"


def rows(full: bool, data: Path | None) -> Iterator[Row]:  # noqa: FBT001 - the contract of every part
    """What `make soak` kept in docs/soak; it takes too long to be run with the rest."""
    yield from _hour(HERE / HOUR)
    yield from _days(HERE / DAYS)


def keep(found: dict[str, float], file: Path, today: date) -> None:
    """Write the figures of a soak with its date and code. Raises ProactiveError."""
    try:
        file.write_text(json.dumps({"date": today.isoformat(), "code": code(), **found}, indent=1) + "\n", encoding="utf-8")
    except OSError as e:
        raise ProactiveError(f"{file} cannot be written: {e.strerror}.", "Give --out another folder.") from e


def _hour(file: Path) -> Iterator[Row]:
    if not file.is_file():
        yield _missing("daemon on a real ActivityWatch server, with faults", "make soak MINUTES=60")
        return
    kept = json.loads(file.read_text(encoding="utf-8"))
    yield from _dated(_soak_figures.lines(kept), kept)


def _days(file: Path) -> Iterator[Row]:
    if not file.is_file():
        yield _missing("many days on a simulated clock", "make soak DAYS=30")
        return
    kept = json.loads(file.read_text(encoding="utf-8"))
    yield from _dated(_month.lines(kept), kept)


def _dated(made: list[Row], kept: dict[str, str]) -> Iterator[Row]:
    yield from (r._replace(what=f"{r.what}; {kept['date']}, code {kept['code']}") for r in made)


def _missing(what: str, command: str) -> Row:
    return Row("soak", what, 0, f"not run in this checkout: {command}", "", None)
