"""The legal order of responses to an offer, and the word that an offer has come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agent.core import defence
from agent.core.records import ExecutionState, Response, ResponseKind

NO_ANSWER = "no answer yet"
IN_DOUBT = "Proactive stopped while this ran; it may or may not have been done. It is not run again."
NOT_RUN = "Not run: Proactive stopped after you accepted and before this began. Nothing was done; to have it, do it by hand."
IN_FLIGHT = "no answer was kept: it is being asked, or that was stopped meanwhile"
"""Error of an LLM call that was about to be sent."""
DELETED = "(deleted)"
"""What stands in the place of a text that the user deleted."""

_CHOICES: frozenset[ResponseKind] = frozenset({"accepted", "rejected"})
_ENDS: frozenset[ResponseKind] = _CHOICES | {"dismissed", "ignored", "withdrawn", "lost"}

# None is a fresh offer, shown and not yet answered. What ended without a choice can still be chosen in the inbox, a
# rejected offer can still be accepted there, and nothing but undo follows an accept: so it is accepted at most once.
FOLLOWS: Mapping[ResponseKind | None, frozenset[ResponseKind]] = {
    None: _ENDS | {"opened", "undelivered"},
    "opened": _ENDS,
    "dismissed": _CHOICES,
    "ignored": _CHOICES,
    "withdrawn": _CHOICES,
    "lost": _CHOICES,
    "undelivered": _CHOICES,
    "rejected": frozenset({"accepted"}),
    "accepted": frozenset({"undone"}),
    "undone": frozenset(),
}

# What the user may no longer choose once the offer has expired; what became of the toast is recorded at any time.
UNTIL_EXPIRY: frozenset[ResponseKind] = _CHOICES | {"opened"}

# Which states an execution may come from. An effect that was in doubt is never run again, so `unknown` is an end.
COMES_FROM: Mapping[ExecutionState, frozenset[ExecutionState]] = {
    "executing": frozenset(),
    "done": frozenset({"executing"}),
    "failed": frozenset({"executing"}),
    "unknown": frozenset({"executing"}),
    "undone": frozenset({"done"}),
}


def legal(last: ResponseKind | None, new: ResponseKind, expired: bool) -> bool:  # noqa: FBT001 - a fact, named at each call
    """Whether `new` may follow `last` (None: shown, no response yet) on an offer that has or has not expired.

    `undone` asks one thing more of the caller: that the operation was carried out (see `undoable`).
    """
    if expired and new in UNTIL_EXPIRY and defence.on("ttl"):
        return False
    return new in FOLLOWS[last] or not defence.on("single_use")


def undoable(state: ExecutionState | None) -> bool:
    """Whether an execution in this state (None: there is none) may be followed by the response `undone`."""
    return state in ("done", "undone")


def settled(responses: Iterable[Response]) -> str:
    """The word the inbox shows for an offer with these responses, oldest first: the last kind, or 'no answer yet'."""
    word = NO_ANSWER
    for response in responses:
        word = response.kind
    return word
