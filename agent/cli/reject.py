"""proactive reject"""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from agent.cli._ui import say


def command(offer: Annotated[int, typer.Argument(help="Number of the offer, from: proactive inbox")]) -> None:
    """Reject an offer: the next one takes another approach."""
    from agent.answering import answer

    asyncio.run(answer(offer, "rejected"))
    say(f"Offer {offer} rejected; the next one takes another approach.")
