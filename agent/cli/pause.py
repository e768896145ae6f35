"""proactive pause"""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli._ui import ask, say, seconds


def command(
    span: Annotated[str, typer.Argument(help="How long, such as 30m or 2h; without it until resume.")] = "",
) -> None:
    """Make no offers for a while."""
    ask("pause", seconds=seconds(span) if span else None)
    say(f"No offers for {span}." if span else "No offers until: proactive resume")
