"""proactive bench reward"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from agent.cli._ui import console, show_json


class Split(str, Enum):
    """How rows are divided."""

    trace = "trace"
    published = "published"


def command(  # noqa: PLR0913, PLR0917 - the options of a command
    data: Annotated[Path, typer.Option(help="Judgement rows as JSON lines: ProactiveBench's form or our own.")],
    split: Annotated[
        Split, typer.Option(help="trace: each trace held out in turn. published: their split, which leaks.")
    ] = Split.trace,
    judge: Annotated[str, typer.Option(help="scorer, llm:ALIAS, rules, always, never or lookup.")] = "scorer",
    test: Annotated[Path | None, typer.Option(help="With --split published: the test rows.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Write a picture: calibration and the gate.")] = None,
    seed: Annotated[int, typer.Option(min=0, max=1_000_000_000, help="Of training and resampling.")] = 0,
    rounds: Annotated[int, typer.Option(min=100, help="Resamples an interval is made of.")] = 1000,
    resume: Annotated[Path | None, typer.Option(help="Keep what is finished here, and go on from it.")] = None,
) -> None:
    """How good a judge is: its hits and misses, calibration and cost, with intervals and beside the published table."""
    from rich.console import Console
    from rich.progress import Progress

    from agent.bench.drawable import drawable
    from agent.bench.reward import JUDGES, Plan, reward
    from agent.bench.reward_report import picture, render_table

    if judge not in JUDGES and not (judge.startswith("llm:") and len(judge) > 4):
        raise typer.BadParameter(f"'{judge}' is not one of {', '.join(JUDGES)} or llm:ALIAS.", param_hint="--judge")
    if test is not None and split is not Split.published:
        raise typer.BadParameter("goes with --split published only.", param_hint="--test")
    drawable(plot)
    plan = Plan(data, split.value, judge, test, seed, resume, rounds)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("judging", total=1.0)
        found = reward(plan, lambda share: progress.update(bar, completed=share))
    if as_json:
        show_json({k: v for k, v in found.items() if k != "gate"})
    else:
        render_table(found, console())
    if plot is not None:
        picture(found, plot)
