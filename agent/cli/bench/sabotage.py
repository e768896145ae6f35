"""proactive bench sabotage"""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli._ui import console, say, show_json
from agent.errors import ProactiveError


def command(
    names: Annotated[list[str] | None, typer.Argument(help="Only these defences; all without.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Leave out each defence once and run the tests that watch it: they must fail; 1 if some do not. Needs a checkout."""
    from rich.console import Console
    from rich.progress import Progress
    from rich.table import Table

    from agent.trust.sabotage import checkout, defences, sabotage

    root = checkout()
    known = defences(root)
    chosen = [d for d in known if not names or d.name in names]
    if unknown := set(names or ()) - {d.name for d in known}:
        raise ProactiveError(f"There is no defence '{min(unknown)}'.", "Those there are: " + ", ".join(d.name for d in known))
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("", total=1.0)
        done = sabotage(root, chosen, lambda share, name: progress.update(bar, completed=share, description=name))
    red = sum(o.red for o in done[1:])
    if as_json:
        show_json({"n": len(chosen), "red": red, "outcomes": [o._asdict() for o in done]})
    else:
        table = Table("defence left out", "what it is", "tests", "failed first", "s", box=None, pad_edge=False)
        for defence, outcome in zip(chosen, done[1:], strict=True):
            mark = "red" if outcome.red else "STAYED GREEN"
            table.add_row(defence.name, defence.what, mark, outcome.said.partition("::")[2], f"{outcome.seconds:.1f}")
        console().print(table, markup=False)
        say(f"{red} of {len(chosen)} defences are noticed when they are missing.")
    raise typer.Exit(int(red < len(chosen)))
