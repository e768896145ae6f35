"""The ledger: every LLM call with the text that left the machine, what it cost and what came of it; and how to delete it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from agent.client import ask
from agent.core.records import LLMCall, Moment, Record, Tick
from agent.core.responses import settled
from agent.errors import StoreError
from agent.lock import Lock, holder
from agent.store._erase import Chosen
from agent.store._ledger import Entry
from agent.store.sqlite import FILE, SqliteStore, open_readonly

T = TypeVar("T")
JUDGING = ("judge",)
TEST = "test"
"""Purpose of the calls that doctor and init make."""


class Line(Record):
    """One call as the ledger shows it. `text` is what was sent, word for word; `came` what came of it, `offer` its offer."""

    number: int
    at: Moment
    purpose: str
    host: str
    model: str
    text: str
    answer: str
    prompt_tokens: int
    completion_tokens: int
    cost: float
    seconds: float
    error: str
    look: str
    offer: int | None
    came: str


def lines(store: SqliteStore, since: datetime | None = None, until: datetime | None = None, limit: int = 1000) -> list[Line]:
    """The calls from `since` until before `until`, newest first."""
    return [_line(store, entry) for entry in store.entries(since, until, limit)]


def line(store: SqliteStore, number: int) -> Line:
    """The call of that number; StoreError if there is none."""
    entry = store.entry(number)
    if entry is None:
        raise StoreError(f"There is no LLM call {number}.", "They are listed by: proactive ledger --since 1d")
    return _line(store, entry)


def _line(store: SqliteStore, entry: Entry) -> Line:
    call: LLMCall = entry.call
    offer, came = _came(store, entry)
    fields = call.model_dump(exclude={"prompt"})
    return Line(number=entry.number, text=call.prompt, look=entry.tick, offer=offer, came=came, **fields)


def _came(store: SqliteStore, entry: Entry) -> tuple[int | None, str]:
    """The offer a call led to, and in words what came of it."""
    role = "judge: " if entry.call.purpose in JUDGING else ""
    if entry.call.error:
        return None, f"{role}failed: {entry.call.error}"
    if not entry.tick:
        return None, "a test of the connection" if entry.call.purpose == TEST else "part of an accepted operation"
    look = store.tick(entry.tick)
    if look is None:
        return None, f"{role}its look is no longer stored"
    offer = store.offer_of(entry.tick)
    if offer is None:
        return None, role + _quiet(look)
    run = store.execution(offer.id)
    said = settled(store.responses(offer.id)) + (f", {run.state}" if run else "")
    return offer.id, f"{role}offer {offer.id}: {said}"


def _quiet(look: Tick) -> str:
    return look.ending if look.ending in ("silent", "held") else f"{look.ending}: {look.reason}"


async def erase(data: Path, chosen: Chosen) -> dict[str, Any]:
    """Delete from the ledger, by the daemon if one runs, else in its place; what was deleted, as numbers.

    Raises StoreError or ControlError.
    """
    if holder(data) is not None:
        return await ask(data, "erase", chosen=chosen.model_dump(mode="json"))
    return _alone(data, lambda store: store.erase(chosen).model_dump())


async def keep(data: Path, call: LLMCall) -> None:
    """Put an LLM call that a command made into the ledger, if there is a history.

    A damaged one is left alone: it is mended by the next start. Raises StoreError or ControlError.
    """
    if holder(data) is not None:
        await ask(data, "keep", call=call.model_dump(mode="json"))
    elif (data / FILE).exists():
        with closing(open_readonly(data / FILE)) as found:
            if said := found.notice() or found.unsound():
                raise StoreError(said)
        _alone(data, lambda store: store.add_calls([call]))


def _alone(data: Path, do: Callable[[SqliteStore], T]) -> T:
    """Do something with the store while no daemon runs and none can start."""
    if not (data / FILE).exists():
        raise StoreError("There is no history yet.", "Start Proactive first: proactive run")
    lock = Lock(data)
    lock.take()
    try:
        store = SqliteStore(data / FILE)
        try:
            return do(store)
        finally:
            store.close()
    finally:
        lock.release()
