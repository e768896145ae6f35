"""proactive doctor"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from agent.cli._ui import console, show_json
from agent.paths import data_folder

COLOURS = {"ok": "green", "missing": "yellow", "unknown": "yellow", "problem": "red"}


def command(
    config: Annotated[Path | None, typer.Option(help="Configuration file to use.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Check ActivityWatch and its tracks, the model, toasts, presence and permissions, and name each remedy."""
    from agent.app import platform
    from agent.checks import everything
    from agent.configfile import find, read

    path = find(config)
    found = asyncio.run(everything(read(path), data_folder(), path, platform()))
    if as_json:
        show_json([f.model_dump() for f in found])
    else:
        _table([(f.mark, f.what, f.found, f.remedy) for f in found])
    if any(f.mark == "problem" for f in found):
        raise typer.Exit(1)


def _table(rows: list[tuple[str, str, str, str]]) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for head in ("", "what", "found", "remedy"):
        table.add_column(head, overflow="fold")
    for mark, what, found, remedy in rows:
        table.add_row(f"[{COLOURS[mark]}]{mark}[/]", what, escape(found), escape(remedy))
    console().print(table)
