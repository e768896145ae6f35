"""proactive train"""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated

import typer

from agent.cli._ui import say


def command(
    data: Annotated[Path, typer.Option(help="Judgement rows as JSON lines: ProactiveBench's form or our own.")],
    out: Annotated[Path, typer.Option(help="Folder for the weights and their model card.")],
    seed: Annotated[int, typer.Option(min=0, max=10**9, help="Of training and resampling.")] = 0,
    resume: Annotated[Path | None, typer.Option(help="Keep what is finished here, and go on from it.")] = None,
) -> None:
    """Train the embedded judge on judgement rows; measures it with traces held out. To learn from your own answers: learn."""
    from rich.console import Console
    from rich.progress import Progress

    from agent.bench.card import FIGURES, train
    from agent.bench.reward import Plan
    from agent.bench.reward_report import span, value

    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("training", total=1.0)
        today = datetime.now(timezone.utc).date()
        fitted = train(Plan(data, seed=seed, resume=resume), out, today, lambda share: progress.update(bar, completed=share))
    for key, name in FIGURES.items():
        say(f"{value(fitted.figures.get(key)):>6}  {span(fitted.figures.get(f'{key}_ci')):<16} {name}")
    say(f"Written: {fitted.weights} and {fitted.card}")
