"""What decisions were made on, in rows: each answer once, however many paces hold it, and a pace as the numbers of its answers.

A pace changes with each answer and holds up to 200 of them: written whole each time it would be the largest thing of a year.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from agent.core.basis import Basis
from agent.core.records import Answered
from agent.errors import StoreError
from agent.store._rows import as_json, checked, fields_of, squeeze, text


def put(db: sqlite3.Connection, basis: Basis, at: datetime) -> None:
    """Write a basis and those of its answers that are not there yet, in the open transaction."""
    answers = basis.pace.answers
    db.executemany(
        "INSERT OR IGNORE INTO answers (offer, response, record) VALUES (?, ?, ?)",
        [(a.offer, a.response, as_json(a.model_dump())) for a in answers],
    )
    fields = basis.model_dump()
    fields["pace"]["answers"] = [[a.offer, a.response] for a in answers]
    row = (basis.id, text(at), squeeze(as_json(fields)))
    db.execute("INSERT OR REPLACE INTO bases (id, at, record) VALUES (?, ?, ?)", row)


def get(db: sqlite3.Connection, id_: str) -> Basis | None:
    """The basis of that id; None if it is not there or not to be understood."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'bases'").fetchone():
        return None  # a database from before there were any
    row = db.execute("SELECT record FROM bases WHERE id = ?", (id_,)).fetchone()
    try:
        fields = fields_of(row[0], "basis") if row else {}
        if not fields:
            return None
        fields["pace"]["answers"] = _answers(db, fields["pace"]["answers"])
        return checked(Basis, fields)
    except (StoreError, KeyError, TypeError):
        return None


def _answers(db: sqlite3.Connection, named: Iterable[list[Any]]) -> list[Answered]:
    query = "SELECT record FROM answers WHERE offer = ? AND response = ?"
    rows = [db.execute(query, (offer, response)).fetchone() for offer, response in named]
    return [checked(Answered, json.loads(row[0])) for row in rows]
