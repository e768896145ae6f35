"""One line of the table of trust."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """What was tried under which id of the plan, how often, what came of it, the goal, and whether it is met (None: report)."""

    id: str
    what: str
    n: int
    result: str
    goal: str
    ok: bool | None
