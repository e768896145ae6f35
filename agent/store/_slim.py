"""What stays of an old look that ended in an offer: its reason, ideas and verdicts, not what was seen."""

from __future__ import annotations

from agent.core.records import Tick

SEEN = frozenset({"observation", "digest", "judge_calls", "calls", "thoughts"})
"""Fields of a look and of its prediction with what was seen, and what models read and wrote."""


def slim(tick: Tick) -> Tick:
    """The tick without SEEN."""
    asked = tick.prediction
    prediction = asked.model_copy(update={"calls": (), "thoughts": ""}) if asked else None
    return tick.model_copy(update={"observation": None, "digest": "", "judge_calls": (), "prediction": prediction})
