"""proactive undo"""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from agent.cli._ui import say


def command(offer: Annotated[int, typer.Argument(help="Number of the accepted offer.")]) -> None:
    """Undo what an accepted offer did, where that is possible (a renamed file)."""
    from agent.answering import undo

    say(str(asyncio.run(undo(offer))["text"]))
