"""A home with a history of offers and answers, and what they taught about the pace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

from agent.core.pace import idea_of, learn
from agent.core.records import Answer, Answered, Candidate, GateInput, LLMCall, Offer, Operation, Pace, ResponseKind, Tick
from agent.paths import private_folder
from agent.store.sqlite import FILE, SqliteStore

Past = tuple[float, str, ResponseKind | None]
"""Days ago, the kind of the idea (a task in words if it holds a space), and the answer."""

HISTORY: Sequence[Past] = (
    (6, "repeated_search", "accepted"),
    (5, "repeated_search", "accepted"),
    (5, "repeated_search", "ignored"),
    (3, "rename_scan", "rejected"),
    (3, "rename_scan", "rejected"),
    (2, "Draft the minutes of the meeting", "dismissed"),
    (1, "repeated_search", "undelivered"),
    (1, "repeated_search", None),
)


def home(folder: Path, history: Sequence[Past] = HISTORY) -> Path:
    """Write the history below `folder` and return it; today cost 1,500 tokens."""
    store, now = SqliteStore(private_folder(folder / "data") / FILE), datetime.now(timezone.utc)
    pace = Pace()
    for n, (ago, what, answer) in enumerate(history, 1):
        offer = _offer(store, n, now - timedelta(days=ago, seconds=len(history) - n), what)
        if answer is None:
            continue
        at = offer.at + timedelta(seconds=9)
        store.add_response(Answer(offer=n, nonce=offer.nonce, kind=answer, at=at, source="toast"))
        idea = idea_of(offer.candidate)
        pace = learn(pace, Answered(offer=n, at=offer.at, response=answer, idea=idea))
    store.put_state("pace", pace.model_dump_json())
    call = LLMCall(
        at=now - timedelta(seconds=20), purpose="propose", host="h", model="m", prompt="", prompt_tokens=1200,
        completion_tokens=300,
    )  # fmt: skip
    store.add_calls([call])
    store.close()
    return folder


def _offer(store: SqliteStore, n: int, at: datetime, what: str) -> Offer:
    words = " " in what
    candidate = Candidate(
        task=what if words else f"Task {n}",
        because="seen",
        operation=Operation(name="search", arguments={"query": "q"}),
        kind="" if words else what,
    )
    offer = Offer(
        id=0, nonce=f"n{n}", tick=f"t{n}", at=at, expires=at + timedelta(hours=2), candidate=candidate, line="Search: q"
    )
    tick = Tick(id=f"t{n}", at=at, ending="offer", reason="", gate=GateInput(at=at, local_minute=0))
    return store.add_offer(tick, offer)
