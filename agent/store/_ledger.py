"""LLM calls as the ledger shows them: with their number and the look that they were made for."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from agent.core.records import LLMCall
from agent.errors import StoreError
from agent.store._calls import look_of
from agent.store._rows import text, unpack


class Entry(NamedTuple):
    """One LLM call, its number, and the id of its look ('' for a call of an operation)."""

    number: int
    tick: str
    call: LLMCall


def entries(
    db: sqlite3.Connection,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 1,
    *,
    number: int | None = None,
) -> list[Entry]:
    """Calls from `since` until before `until`, newest first, or the one of a number; what cannot be read is left out."""
    if number is not None:
        rows = db.execute("SELECT id, tick, record FROM calls WHERE id = ?", (number,)).fetchall()
    else:
        query = "SELECT id, tick, record FROM calls WHERE at >= ? AND at < ? ORDER BY at DESC, id DESC LIMIT ?"
        rows = db.execute(query, (text(since) if since else "", text(until) if until else "~", limit)).fetchall()
    found = []
    for id_, tick, record in rows:
        with suppress(StoreError):
            found.append(Entry(id_, look_of(tick), unpack(LLMCall, record)))
    return found
