"""proactive resume"""

from __future__ import annotations

from agent.cli._ui import change, say


def command() -> None:
    """Make offers again after a pause."""
    change("resume")
    say("Offers are on.")
