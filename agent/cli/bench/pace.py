"""proactive bench pace"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.cli._ui import console, show_json


def command(  # noqa: PLR0913, PLR0917 - the options of a command
    votes: Annotated[
        Path | None, typer.Option(help="Judgement rows with votes, as JSON lines; else a small set of ours.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=365, help="Days a user is followed.")] = 30,
    seeds: Annotated[int, typer.Option(min=1, max=1000, help="Users of each profile.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Write a picture: curves day by day, help against interruptions.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Keep what is finished here, and go on from it.")] = None,
) -> None:
    """How policies of asking and offering do on simulated users made of human votes, beside the one that learns."""
    from rich.console import Console
    from rich.progress import Progress

    from agent.bench.pace.report import Wish, pace, picture, render_table

    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("playing", total=1.0)
        found = pace(Wish(votes, days, seeds, resume), lambda share: progress.update(bar, completed=share))
    if plot is not None:
        picture(found, plot)
    if as_json:
        show_json(found.report)
    else:
        render_table(found.report, console())
