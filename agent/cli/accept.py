"""proactive accept"""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from agent.cli._ui import say
from agent.errors import ToolError


def command(offer: Annotated[int, typer.Argument(help="Number of the offer, from: proactive inbox")]) -> None:
    """Accept an offer: exactly what it shows is carried out, once."""
    from agent.answering import answer

    done = asyncio.run(answer(offer, "accepted"))
    run = done["execution"] or {}
    say(done["line"])
    if run.get("state") != "done":
        raise ToolError(str(run.get("text") or "The operation was not carried out."), f"See: proactive why {offer}")
    say(str(run["text"]))
