"""proactive bench soak"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated

import typer

from agent.cli._ui import console, show_json


def command(
    minutes: Annotated[float, typer.Option(min=1, max=10_080, help="How long, at the product's own pace.")] = 60.0,
    days: Annotated[int, typer.Option(min=0, max=400, help="Instead: so many days on a simulated clock.")] = 0,
    out: Annotated[Path, typer.Option(help="Folder for figures, samples and picture.")] = Path("soak"),
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Run the daemon for long, with faults: memory, descriptors, threads, processor and disk; 1 if a limit is missed."""
    from agent.trust import _month, _soak_figures
    from agent.trust._table import render
    from agent.trust.soak import DAYS, HOUR, keep

    logging.getLogger().addHandler(logging.NullHandler())  # the faults are ours
    if days:  # in this process, which is measured: a line a day instead of a bar
        found = asyncio.run(_month.month(days, out, lambda _, line: typer.echo(line, err=True)))
        made = _month.lines(found)
    else:
        found = _hour(minutes, out)
        made = _soak_figures.lines(found)
    keep(found, out / (DAYS if days else HOUR), datetime.now(timezone.utc).date())
    if as_json:
        show_json(found)
    else:
        render(made, console())
    raise typer.Exit(int(any(r.ok is False for r in made)))


def _hour(minutes: float, out: Path) -> dict[str, float]:
    from rich.console import Console
    from rich.progress import Progress

    from agent.trust import _soak

    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("soaking", total=1.0)

        def told(share: float, line: str) -> None:
            progress.update(bar, completed=share, description=line)

        return asyncio.run(_soak.soak(minutes, out, told)).found
