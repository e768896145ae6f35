"""What decisions were made on beside the gate's inputs: rules, settings and the pace; stored once for all of its looks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Protocol, runtime_checkable

from agent.core.pace_settings import PaceSettings
from agent.core.records import Pace, Record, Tick

RULES = 3
"""Number of the policy's rules. Raise it with each change after which gate, choose, price, interval, rest or learn may decide
otherwise on the same inputs: `proactive replay` then names the change as the cause of a difference."""


class Basis(Record):
    """Rules, settings (with those of a shadow, if one ran) and pace in force.

    The times of the last ask and offer are not in the pace: each look has them in its gate's inputs.
    """

    rules: int = RULES
    settings: PaceSettings
    pace: Pace

    @property
    def id(self) -> str:
        """A short hash of all of it."""
        return hashlib.sha256(json.dumps(self.model_dump(), default=str).encode()).hexdigest()[:12]


def basis(settings: PaceSettings, pace: Pace) -> Basis:
    """The basis of decisions under these settings with this pace."""
    return Basis(settings=settings, pace=pace.model_copy(update={"asked_at": None, "offered_at": None}))


@runtime_checkable
class Recalls(Protocol):
    """A store from which past decisions can be recomputed. Raises StoreError."""

    def put_basis(self, basis: Basis, at: datetime) -> None:
        """Keep what looks are decided on from `at` on; one that is known is only given the new time."""
        ...

    def basis(self, id: str) -> Basis | None:  # noqa: A002 - the record's own word
        """The basis of that id; None if there is none, or none that this version understands."""
        ...

    def decisions(self, since: datetime | None = None) -> Iterator[Tick]:
        """Looks from `since` on, oldest first, one at a time, without what was seen (observation, digest, LLM calls)."""
        ...
