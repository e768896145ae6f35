"""What our judge thinks of an option: the population's chance, moved by the user's own answers up to yesterday."""

from __future__ import annotations

import math
from datetime import datetime

from agent.bench.pace.votes import Option
from agent.core.records import ResponseKind
from reward_model.personal import Decision, Personal
from reward_model.scorer import SPEAK, sigmoid

LATEST = 60
"""Decisions kept; the product keeps 200 and learns at once, here it takes place in the morning, for the fit takes its time."""


class Opinion:
    """The personal layer over one user's answers. `shift` (log-odds) makes every option look worse, to move the price."""

    def __init__(self, shift: float = 0.0) -> None:
        self._shift = shift
        self._layer = Personal()
        self._today: list[Decision] = []

    def of(self, option: Option) -> tuple[float, bool]:
        """The chance of this option for this user, and whether the judge lets it through."""
        p = self._layer.adjust(option.p, "", option.kind)
        p = sigmoid(math.log(p / (1 - p)) - self._shift) if 0 < p < 1 else p
        return p, p >= SPEAK

    def note(self, at: datetime, task: str, kind: ResponseKind, option: Option, offer: int) -> None:
        """An answer, to be learnt from tomorrow."""
        self._today.append(Decision(at, task, kind, option.p, option.kind, key=str(offer)))

    def refit(self) -> None:
        """Learn yesterday's answers."""
        layer = self._layer.update(*self._today)
        self._layer, self._today = Personal(layer.decisions[-LATEST:]), []
