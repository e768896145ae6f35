"""One decision in a word, as it was stored and as it would be made: from a look's inputs and verdicts, a pace and settings.

A word is a gate's reason to hold, or 'ask' (the predictor would be asked; nobody knows what it would say), 'silent',
'filtered' (no candidate is worth it and may be offered, the last offer was too recent, or a breakpoint is waited for),
'failed', or 'offer N', N from 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from agent.core import pace as paces
from agent.core.pace_settings import PaceSettings
from agent.core.policy import choose, gate, resting, waits
from agent.core.records import GateInput, Pace, Prediction, Tick
from reward_model.case import Verdict

ASK, SILENT, FILTERED, FAILED = "ask", "silent", "filtered", "failed"
OFFER = "offer "
Numbers = Mapping[str, object]
"""Interval, rest and level, by the names of GateInput."""
ASKED = frozenset({ASK, SILENT, FILTERED, FAILED})
"""Words of decisions to ask the predictor, beside those to offer."""


class Weighed(NamedTuple):
    """The best candidate (-1 if none is worth an offer), and why it is not offered now.

    `held` is 'refused', 'rests' (the last offer was too recent), 'waits' (for a breakpoint), or '' if it is offered; `barred`
    are the candidates that may not be offered, by index, with the reason.
    """

    best: int
    held: str
    barred: Mapping[int, str]


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
    found = weigh(tick.prediction, tick.verdicts, pace, seen)
    return FILTERED if found.held else f"{OFFER}{found.best + 1}"


def waiting(tick: Tick, seen: GateInput, pace: Pace) -> bool:
    """Whether an idea of this look is worth an offer and only waits for a breakpoint."""
    return tick.prediction is not None and weigh(tick.prediction, tick.verdicts, pace, seen).held == "waits"


def weigh(prediction: Prediction, verdicts: Sequence[Verdict], pace: Pace, seen: GateInput) -> Weighed:
    """Which candidate is worth an offer and whether it may be made now; the only place where this is decided."""
    said = ((n, paces.barred(pace, paces.idea_of(c), seen.at)) for n, c in enumerate(prediction.candidates))
    barred = {n: why for n, why in said if why}
    best = choose(verdicts, seen.price, barred)
    if best is None:
        return Weighed(-1, "refused", barred)
    return Weighed(best, "rests" if resting(seen) else "waits" if waits(seen) else "", barred)


def numbers(pace: Pace, before: PaceSettings, now: PaceSettings) -> Numbers:
    """What the gate looks at of a pace under other settings than before; a level that the user set stays."""
    level = pace.level if before.level == now.level else now.level
    found = paces.facing(pace.model_copy(update={"level": level}), now)
    return {k: v for k, v in found.items() if k != "offered_at"}


def faced(seen: GateInput, pace: Pace, found: Numbers, settings: PaceSettings) -> GateInput:
    """The inputs with these numbers, and the price that follows from them."""
    moved = seen.model_copy(update={**found, "heard": paces.heard(pace, seen.local_minute)})
    return moved.model_copy(update={"price": paces.priced(moved, settings)})
