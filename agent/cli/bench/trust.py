"""proactive bench trust"""

from __future__ import annotations

import logging
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated

import typer

from agent.cli._ui import console, say, show_json


def command(  # noqa: PLR0913, PLR0917 - the options of a command line
    data: Annotated[Path | None, typer.Option(help="Folder with the corpora; without it, rows that need them say so.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Only this part; may be given again.")] = None,
    sample: Annotated[bool, typer.Option("--sample", help="A small sample of each part instead of everything.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for trust.md and trust.json; without it nothing is written.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Keep what is finished here, and go on from it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """The figures of privacy, injection, faults and loss in one table; 1 if a goal is missed."""
    from rich.console import Console
    from rich.progress import Progress

    from agent.errors import ProactiveError
    from agent.trust import page
    from agent.trust._table import render
    from agent.trust.run import Ask, run

    if data is not None and not data.is_dir():
        raise ProactiveError(f"{data} is no folder.", "Give --data the folder of the corpora, or leave it out.")
    logging.getLogger().addHandler(logging.NullHandler())  # what the parts provoke is no news
    ask = Ask(full=not sample, data=data, only=tuple(only or ()), resume=resume)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("", total=1.0)
        parts = run(ask, lambda share, line: progress.update(bar, completed=share, description=line))
    today = datetime.now(timezone.utc).date()
    files = page.write(parts, ask, out, today) if out else ()
    rows = [r for p in parts for r in p.rows]
    if as_json:
        show_json(page.as_json(parts, ask, today))
    else:
        render(rows, console())
        if files:
            say("Written: " + ", ".join(map(str, files)))
    raise typer.Exit(int(any(r.ok is False for r in rows)))
