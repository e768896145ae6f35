"""proactive level"""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli._ui import change, pace_report, say
from agent.levels import HIGHEST, LOWEST, describe


def command(
    number: Annotated[
        int | None, typer.Argument(min=LOWEST, max=HIGHEST, help="0 = never, 3 = the usual, 5 = the most; none = show it.")
    ] = None,
) -> None:
    """How readily offers are made, 0 to 5; stays until you or your configuration choose another."""
    if number is not None:
        change("level", number=number)
        say(f"Level {number}: {describe(number)}")
        return
    now = pace_report()["level"]
    for level in range(LOWEST, HIGHEST + 1):
        say(f"{'>' if level == now else ' '} {level}  {describe(level)}")
