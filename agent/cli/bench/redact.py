"""proactive bench redact"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.cli._ui import console, show_json


def command(  # noqa: PLR0913, PLR0917 - the options of a command
    secrets: Annotated[list[Path] | None, typer.Option(help="Secrets in their context; may be given again.")] = None,
    benign: Annotated[list[Path] | None, typer.Option(help="Harmless texts; may be given again.")] = None,
    pii: Annotated[list[Path] | None, typer.Option(help="Sentences with labelled personal data; may be given again.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    misses: Annotated[bool, typer.Option("--misses", help="List what was missed, and what was hidden by mistake.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Write a picture: what is gone, by context and kind.")] = None,
) -> None:
    """How much of secrets and personal data is hidden, how much harmless text by mistake, and how fast."""
    from rich.console import Console
    from rich.progress import Progress

    from agent.bench.drawable import drawable
    from agent.bench.redact import measure
    from agent.bench.redact_data import corpora
    from agent.bench.redact_table import picture, render_table

    if not (secrets or benign or pii):
        raise typer.BadParameter("give at least one file.", param_hint="--secrets, --benign or --pii")
    drawable(plot)
    data = corpora(secrets or [], benign or [], pii or [])
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("redacting", total=1.0)
        found = measure(data, lambda share: progress.update(bar, completed=share))
    if as_json:
        show_json(found if misses else {k: v for k, v in found.items() if k != "misses"})
    else:
        render_table(found, console(), misses=misses)
    if plot is not None:
        picture(found, plot)
