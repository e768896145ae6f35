"""proactive bench ideas"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from agent.cli._ui import console, show_json


def command(
    data: Annotated[Path, typer.Option(help="Judgement rows as JSON lines: ProactiveBench's form or our own.")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    seed: Annotated[int, typer.Option(help="Of training.")] = 0,
    resume: Annotated[Path | None, typer.Option(help="Keep what is finished here, and go on from it.")] = None,
) -> None:
    """What each idea behind the scorer gives, and the learning curve; some minutes."""
    from rich.console import Console
    from rich.progress import Progress

    from agent.bench.ideas import ideas

    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("training", total=1.0)
        found = ideas(data, seed, resume, lambda share: progress.update(bar, completed=share))
    if as_json:
        show_json(found)
    else:
        _tables(found)


def _tables(found: dict[str, Any]) -> None:
    from rich.table import Table

    about = "n = {n} rows, {traces} traces in {groups} groups, seed {seed}, sha256 {short}".format(
        **found, short=found["sha256"][:8]
    )
    table = Table(title=f"Traces held out. {about}", title_justify="left")
    heads = ("task AUC", "Chinese", "Latin", "gate AUC", "top-1")
    for n, head in enumerate(("change", *heads)):
        table.add_column(head, justify="right" if n else "left")
    for name, row in found["ideas"].items():
        table.add_row(name, *("-" if v is None else f"{v:.3f}" for v in row.values()))
    console().print(table)
    curve = Table(title="Learning curve", title_justify="left")
    for head in ("traces in training", "task AUC", "gate AUC"):
        curve.add_column(head, justify="right")
    for size, row in found["curve"].items():
        curve.add_row(str(size), f"{row['auc_task']:.3f}", f"{row['auc_gate']:.3f}")
    console().print(curve)
