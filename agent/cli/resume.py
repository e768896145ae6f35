"""proactive resume"""

from __future__ import annotations

from agent.cli._ui import ask, say


def command() -> None:
    """Make offers again after a pause."""
    ask("resume")
    say("Offers are on.")
