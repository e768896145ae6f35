"""The four cells of the agent benchmark and what follows from them: figures, and intervals by resampling traces. Pure.

The definitions are ProactiveBench's (thunlp/ProactiveAgent, eval/calculate_agent_performance.py): a proposal that the judge
accepts is a correct detection, one that it rejects a false alarm; a silent turn is a non-response where silence was right and
a missed need where it was not. Each proposal counts; a silent turn counts once.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

FIGURES = ("recall", "precision", "accuracy", "false_alarm", "f1", "accept_rate", "proposals_per_event")
"""What `figures` gives, in this order."""
RESAMPLES = 2000
_LOW, _HIGH = 0.025, 0.975


class Worth(NamedTuple):
    """Of one turn, chances 0..1: of each proposal, that it is accepted; of the turn, that help is needed."""

    accept: tuple[float, ...]
    need: float


class Cells(NamedTuple):
    """Counts (expected ones where a judge gives chances): correct detections, false alarms, non-responses, missed needs."""

    detected: float = 0.0
    alarms: float = 0.0
    quiet: float = 0.0
    missed: float = 0.0
    turns: int = 0
    unanswered: int = 0

    @property
    def proposals(self) -> float:
        """How many proposals were made."""
        return self.detected + self.alarms


def cells(worths: Iterable[Worth | None]) -> Cells:
    """The cells of turns; None stands for a turn without an answer, which is left out of every figure."""
    detected = alarms = quiet = missed = 0.0
    turns = unanswered = 0
    for worth in worths:
        if worth is None:
            unanswered += 1
            continue
        turns += 1
        detected += sum(worth.accept)
        alarms += len(worth.accept) - sum(worth.accept)
        if not worth.accept:
            quiet += 1 - worth.need
            missed += worth.need
    return Cells(detected, alarms, quiet, missed, turns, unanswered)


def total(parts: Iterable[Cells]) -> Cells:
    """The sum of cells."""
    columns = list(zip(*parts, strict=True))
    if not columns:
        return Cells()
    detected, alarms, quiet, missed, turns, unanswered = (sum(c) for c in columns)
    return Cells(detected, alarms, quiet, missed, int(turns), int(unanswered))


def figures(c: Cells) -> dict[str, float | None]:
    """The figures by the names of FIGURES; None where nothing was counted that could be divided by."""
    precision = _share(c.detected, c.proposals)
    return {
        "recall": _share(c.detected, c.detected + c.missed),
        "precision": precision,
        "accuracy": _share(c.detected + c.quiet, c.proposals + c.quiet + c.missed),
        "false_alarm": None if precision is None else 1 - precision,
        "f1": _share(2 * c.detected, 2 * c.detected + c.alarms + c.missed),
        "accept_rate": precision,
        "proposals_per_event": _share(c.proposals, c.turns),
    }


def resamples(count: int, seed: int, times: int = RESAMPLES) -> list[list[int]]:
    """Samples of the numbers below `count`, as many, with replacement: the same for every model, so that they can be paired."""
    chance = random.Random(seed)  # noqa: S311 - a bootstrap, no secret
    return [chance.choices(range(count), k=count) for _ in range(times)]


def intervals(by_trace: Sequence[Cells], samples: Sequence[Sequence[int]]) -> dict[str, tuple[float, float] | None]:
    """The 95 % percentile interval of each figure over resampled traces; None where it cannot be given."""
    drawn: Mapping[str, list[float]] = {name: [] for name in FIGURES}
    for sample in samples:
        for name, value in figures(total(by_trace[i] for i in sample)).items():
            if value is not None:
                drawn[name].append(value)
    return {name: interval(values) for name, values in drawn.items()}


def interval(values: Sequence[float]) -> tuple[float, float] | None:
    """The middle 95 % of values; None without any."""
    if not values:
        return None
    ordered = sorted(values)
    last = len(ordered) - 1
    return ordered[round(_LOW * last)], ordered[round(_HIGH * last)]


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole > 1e-12 else None
