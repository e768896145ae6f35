"""proactive bench cost"""

from __future__ import annotations

import asyncio
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from agent.cli._ui import console, say


class Judge(Enum):
    """The judges by the names of the configuration."""

    scorer = "scorer"
    llm = "llm"
    both = "both"
    rules = "rules"
    off = "off"


def command(
    day: Annotated[Path, typer.Option(help="A recorded day: an ActivityWatch export, or buckets, events and truth as JSON.")],
    model: Annotated[str, typer.Option(help="stub (always proposes), offline, or an alias of your configuration.")] = "stub",
    judge: Annotated[Judge | None, typer.Option(help="Who judges; else llm with the stub, scorer with all others.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """What a recorded day costs in looks, calls and tokens, and whether anything private leaks."""
    from rich.console import Console
    from rich.progress import Progress

    from agent.bench.cost import cost as measure
    from agent.bench.cost_report import render_table, to_json

    kind = judge.value if judge else ""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("playing the day", total=1.0)
        report = asyncio.run(measure(day, model, lambda share: progress.update(bar, completed=share), kind))
    if as_json:
        say(to_json(report))
    else:
        render_table(report, console())
