"""proactive log"""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli._ui import MOST, clock, say, show_json, store
from agent.core.reasons import explain


def command(
    limit: Annotated[int, typer.Option("-n", min=1, max=MOST, help="How many looks, newest last.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Whole records as JSON.")] = False,
) -> None:
    """The last looks: when, how each ended, and why."""
    ticks = list(reversed(store().ticks(limit=limit)))
    if as_json:
        show_json([t.model_dump(mode="json") for t in ticks])
        return
    for t in ticks:
        say(f"{clock(t.at)}  {t.ending:8}  {explain(t)}  [{t.id[:8]}]")
