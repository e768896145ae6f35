"""proactive snooze"""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli._ui import change, say
from agent.cli._ui import span as read


def command(span: Annotated[str, typer.Argument(help="How long, such as 30m or 2h.")] = "1h") -> None:
    """No offers for an hour, or as long as you say."""
    length = read(span)
    change("pause", seconds=length.seconds)
    say(f"No offers for {length.words}.")
