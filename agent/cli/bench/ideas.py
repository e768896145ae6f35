"""proactive bench ideas"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from agent.cli._ui import console, show_json


def command(
    data: Annotated[Path, typer.Option(help="Judgement rows as JSON lines: ProactiveBench's form or our own.")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Write a picture: the learning curve, and what each idea gives.")] = None,
    seed: Annotated[int, typer.Option(min=0, max=1_000_000_000, help="Of training.")] = 0,
    resume: Annotated[Path | None, typer.Option(help="Keep what is finished here, and go on from it.")] = None,
) -> None:
    """What each idea behind the scorer gives, and the learning curve; some minutes."""
    from rich.console import Console
    from rich.progress import Progress

    from agent.bench.drawable import drawable
    from agent.bench.ideas import ideas
    from agent.bench.ideas_plot import picture

    drawable(plot)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("training", total=1.0)
        found = ideas(data, seed, resume, lambda share: progress.update(bar, completed=share))
    if as_json:
        show_json(found)
    else:
        _tables(found)
    if plot is not None:
        picture(found, plot)


def _tables(found: dict[str, Any]) -> None:
    from rich.table import Table

    from agent.bench.reward_report import span

    about = "n = {n} rows, {traces} traces in {groups} groups, seed {seed}, sha256 {short}".format(
        **found, short=found["sha256"][:8]
    )
    table = Table(title=f"Traces held out. {about}", title_justify="left")
    shown = {
        "auc_task": "task AUC",
        "auc_task_chinese": "Chinese",
        "auc_task_latin": "Latin",
        "auc_gate": "gate AUC",
        "top1": "top-1",
    }
    for n, head in enumerate(("change", *shown.values(), "tasks, against the first (95 %)")):
        table.add_column(head, justify="right" if n else "left")
    for name, row in found["ideas"].items():
        cells = ["-" if row[key] is None else f"{row[key]:.3f}" for key in shown]
        gain = row.get("gain_task")
        table.add_row(name, *cells, "" if gain is None else f"{gain:+.3f} {span(row['gain_task_ci'])}")
    console().print(table)
    curve = Table(title="Learning curve", title_justify="left")
    for head in ("traces in training", "task AUC", "gate AUC"):
        curve.add_column(head, justify="right")
    for size, row in found["curve"].items():
        curve.add_row(str(size), f"{row['auc_task']:.3f}", f"{row['auc_gate']:.3f}")
    console().print(curve)
