"""proactive bench report"""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated

import typer

from agent.cli._ui import say, show_json


def command(
    data: Annotated[Path, typer.Option(help="Folder with reward_train.jsonl and, if there, the parts for agents.")],
    out: Annotated[Path, typer.Option(help="Folder for benchmark.md and its images/.")],
    seed: Annotated[int, typer.Option(min=0, max=1_000_000_000, help="Of training and resampling.")] = 0,
    resume: Annotated[Path | None, typer.Option(help="Keep what is finished here, and go on from it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The figures as JSON too.")] = False,
) -> None:
    """Run every bench and write the report with its pictures; some minutes."""
    from rich.console import Console
    from rich.progress import Progress

    from agent.bench.document import prepare, write
    from agent.bench.document_measure import measure

    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("measuring", total=1.0)
        ready = data.is_dir()
        if ready:
            prepare(out)
        found = measure(data, seed, resume, lambda share: progress.update(bar, completed=share))
        files = write(found, out, datetime.now(timezone.utc).date())
    if as_json:
        show_json(found.as_json())
        return
    for line in found.missing:
        say(line)
    say("Written: " + ", ".join(map(str, files)))
