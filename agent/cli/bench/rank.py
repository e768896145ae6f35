"""proactive bench rank"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.cli._ui import console, show_json


def command(  # noqa: PLR0913, PLR0917 - the options of a command
    data: Annotated[Path, typer.Option(help="Judgement rows as JSON lines: ProactiveBench's form or our own.")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Write a picture: acceptance against how often one speaks.")] = None,
    seed: Annotated[int, typer.Option(min=0, max=1_000_000_000, help="Of training and resampling.")] = 0,
    rounds: Annotated[int, typer.Option(min=100, help="Resamples an interval is made of.")] = 1000,
    resume: Annotated[Path | None, typer.Option(help="Keep what is finished here, and go on from it.")] = None,
) -> None:
    """What ranking is worth: the best of each turn's candidates against a random one, and speaking on the best turns only."""
    from rich.console import Console
    from rich.progress import Progress

    from agent.bench.drawable import drawable
    from agent.bench.rank import picture, rank, render_table

    drawable(plot)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("ranking", total=1.0)
        found = rank(data, seed, rounds, resume, lambda share: progress.update(bar, completed=share))
    if as_json:
        show_json(found)
    else:
        render_table(found, console())
    if plot is not None:
        picture(found, plot)
