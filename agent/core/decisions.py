"""One decision in a word, as it was stored and as it would be made: from a look's inputs and verdicts, a pace and settings.

A word is a gate's reason to hold, or 'ask' (the predictor would be asked; nobody knows what it would say), 'silent',
'filtered' (no candidate is worth it and may be offered, the last offer was too recent, or a breakpoint is waited for),
'failed', or 'offer N', N from 1.
"""

from __future__ import annotations

from collections.abc import Mapping

from agent.core import pace as paces
from agent.core.pace_settings import PaceSettings
from agent.core.policy import choose, gate, resting, waits
from agent.core.records import GateInput, Pace, Prediction, Tick

ASK, SILENT, FILTERED, FAILED = "ask", "silent", "filtered", "failed"
OFFER = "offer "
Numbers = Mapping[str, object]
"""Interval, rest, strain and level, by the names of GateInput."""
ASKED = frozenset({ASK, SILENT, FILTERED, FAILED})
"""Words of decisions to ask the predictor, beside those to offer."""


def asks(word: str) -> bool:
    """Whether the predictor was or would be asked."""
    return word in ASKED or offers(word)


def offers(word: str) -> bool:
    """Whether something was or would be offered."""
    return word.startswith(OFFER)


def stored(tick: Tick) -> str:
    """How a look was decided."""
    if tick.ending == "held":
        return tick.reason
    if tick.ending == "offer":
        return f"{OFFER}{(tick.choice or 0) + 1}"
    return tick.ending


def decide(tick: Tick, seen: GateInput, pace: Pace, settings: PaceSettings) -> str:
    """How the look would be decided on these inputs, with the verdicts it got."""
    if reason := gate(seen, settings):
        return reason
    if tick.prediction is None:
        return ASK
    if tick.ending == "failed":
        return FAILED
    if not tick.prediction.candidates:
        return SILENT
    choice = choose(tick.verdicts, seen.price, barred(tick.prediction, pace, seen))
    return FILTERED if choice is None or resting(seen) or waits(seen) else f"{OFFER}{choice + 1}"


def waiting(tick: Tick, seen: GateInput, pace: Pace) -> bool:
    """Whether an idea of this look is worth an offer and only waits for a breakpoint."""
    asked = tick.prediction
    if asked is None or resting(seen) or not waits(seen):
        return False
    return choose(tick.verdicts, seen.price, barred(asked, pace, seen)) is not None


def barred(prediction: Prediction, pace: Pace, seen: GateInput) -> dict[int, str]:
    """Which candidates may not be offered now, by index, and why."""
    said = ((n, paces.barred(pace, paces.idea_of(c), seen.at)) for n, c in enumerate(prediction.candidates))
    return {n: why for n, why in said if why}


def numbers(pace: Pace, before: PaceSettings, now: PaceSettings) -> Numbers:
    """What the gate looks at of a pace under other settings than before; a level that the user set stays."""
    level = pace.level if before.level == now.level else now.level
    found = paces.facing(pace.model_copy(update={"level": level}), now)
    return {k: v for k, v in found.items() if k != "offered_at"}


def faced(seen: GateInput, found: Numbers, settings: PaceSettings) -> GateInput:
    """The inputs with these numbers, and the price that follows from them."""
    moved = seen.model_copy(update=found)
    return moved.model_copy(update={"price": paces.priced(moved, settings)})
