"""How long what was stored is kept: offers, responses and executions for ever, what they came from for some weeks."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Protocol, runtime_checkable

from agent.core.records import Moment, Record

# Fourteen days of held looks answer 'why was it so quiet lately?'; they are nearly all of the rows (1,440 a day).
HELD = timedelta(days=14)
LOOKS = timedelta(days=90)
CALLS = timedelta(days=90)
DOCUMENTS = timedelta(days=90)
# An offer that was accepted in its last minute may still run; a minute is the most that takes.
EXPIRED = timedelta(hours=1)
# Rows that one call of `prune` removes: a look with its prompts has up to 50 KB, and a call must not block for 50 ms.
SLICE = 25
# A clock is believed when the newest look of at least a day ago is from the eight days before; else time is counted up to that
# look: a clock that was set to 2038 for an hour erases nothing. Wrong by a week, it takes a week too much.
SURE, NEAR = timedelta(days=1), timedelta(days=8)
NEVER = datetime(1900, 1, 1, tzinfo=timezone.utc)
SEAL = "seal:"
"""Beginning of the state keys under which agent/act.py keeps what files an offer speaks of; the offer's number follows."""
OPERATION = "operation:"
"""Beginning of what stands in the place of a look's id at the LLM calls of an operation; the offer's number follows."""


class Cutoffs(Record):
    """What is older than these moments is forgotten: held looks, other looks, LLM calls, documents, seals of ended offers."""

    held: Moment
    looks: Moment
    calls: Moment
    documents: Moment
    expired: Moment


def cutoffs(now: Moment) -> Cutoffs:
    """The cut-off times of a pruning at `now`."""
    return Cutoffs(held=now - HELD, looks=now - LOOKS, calls=now - CALLS, documents=now - DOCUMENTS, expired=now - EXPIRED)


def due(store: Prunes, now: Moment) -> tuple[str, Cutoffs]:
    """What is to be forgotten, and a mark that changes when it is time again: every local day.

    As long as no look of the days before bears the clock out, time is counted up to the newest look of before, and the mark
    changes every hour.
    """
    here, last = now.astimezone(), store.looked(now - SURE)
    if last is not None and now - last <= NEAR:
        return here.date().isoformat(), cutoffs(now)
    return here.isoformat(timespec="hours"), cutoffs(last or NEVER)


@runtime_checkable
class Guards(Protocol):
    """A store that notices when it cannot write, and that it was damaged."""

    def ready(self) -> None:
        """Store what waits for room; StoreError if nothing can be stored at present."""
        ...

    def notice(self) -> str:
        """What the user should know of it now; '' if all is well."""
        ...

    def news(self) -> str:
        """What has not been told yet; '' the second time."""
        ...


@runtime_checkable
class Prunes(Protocol):
    """A store that can forget what is old, a slice at a time, so that its caller is never held up for long."""

    def prune(self, before: Cutoffs, limit: int = SLICE) -> int:
        """Remove at most `limit` old rows and return how many; 0 = nothing is left to remove. Raises StoreError.

        Offers, responses and executions stay. A look that ended in an offer stays too, without what was seen (observation,
        digest, LLM calls) once it is older than other looks may be.
        """
        ...

    def looked(self, until: Moment) -> Moment | None:
        """When the newest look up to then was, if any is kept."""
        ...
