"""proactive bench agent"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli._ui import console, say

if TYPE_CHECKING:
    from agent.bench.agent_measure import Plan
    from agent.bench.agent_report import Report


def command(  # noqa: PLR0913, PLR0917 - the options of a command
    traces: Annotated[Path, typer.Option(help="Folder with the benchmark's traces and its splits.json.")],
    more: Annotated[list[Path] | None, typer.Argument(metavar="FILE", help="Further recordings.", show_default=False)] = None,
    recorded: Annotated[list[Path] | None, typer.Option(help="Recorded answers: files (.json, .json.gz) or a folder.")] = None,
    model: Annotated[str, typer.Option(help="Or ask a model: an alias of your configuration.")] = "",
    judge: Annotated[str, typer.Option(help="scorer, rules, always or llm:ALIAS.")] = "scorer",
    splits: Annotated[Path | None, typer.Option(help="Another splits.json.")] = None,
    official: Annotated[Path | None, typer.Option(help="Folder with the published figures, MODEL.csv.")] = None,
    rewards: Annotated[Path | None, typer.Option(help="Judgement rows: the scorer is fitted on those of other traces.")] = None,
    resume: Annotated[
        Path | None, typer.Option(help="Keeps finished answers and verdicts of models; goes on from them.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=1_000_000_000, help="Of the resampling and the fits.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw F1 to this .png.")] = None,
) -> None:
    """How an agent does on the benchmark's traces: what a judge says of its offers and its silences."""
    files = (*(recorded or []), *(more or []))
    if bool(files) == bool(model):
        raise typer.BadParameter("give either --recorded FILE... or --model ALIAS")

    from agent.bench.agent_measure import Plan
    from agent.bench.agent_plot import plot as draw
    from agent.bench.agent_report import to_json
    from agent.bench.agent_table import render_table
    from agent.bench.drawable import drawable

    drawable(plot)
    plan = Plan(traces, files, model, judge, splits, official, rewards, resume, seed)
    report = _measured(plan)
    if as_json:
        say(to_json(report))
    else:
        render_table(report, console())
    if plot is not None:
        draw(report, plot)


def _measured(plan: Plan) -> Report:
    """Measured with a progress bar on standard error, where the budget of a run is told too."""
    from rich.console import Console
    from rich.progress import Progress

    from agent.bench.agent_measure import Teller, measure

    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("reading", total=1.0)
        teller = Teller(
            lambda stage, share: progress.update(bar, description=stage, completed=share),
            lambda text: progress.console.print(text, markup=False, highlight=False),
        )
        return asyncio.run(measure(plan, teller))
