"""proactive pause"""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli._ui import change, say
from agent.cli._ui import span as read


def command(
    span: Annotated[str, typer.Argument(help="How long, such as 30m or 2h; without it until resume.")] = "",
) -> None:
    """Make no offers for a while."""
    length = read(span) if span else None
    change("pause", seconds=length.seconds if length else None)
    say(f"No offers for {length.words}." if length else "No offers until: proactive resume")
