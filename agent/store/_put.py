"""Rows as they are written, in the open transaction."""

from __future__ import annotations

import sqlite3

from agent.core.records import Execution, Response, Tick
from agent.store import _sums
from agent.store._rows import pack
from agent.store._rows import text as when
from agent.store._ticks import COLUMNS, row


def insert_tick(db: sqlite3.Connection, tick: Tick) -> None:
    """A look."""
    db.execute(f"INSERT INTO ticks ({COLUMNS}) VALUES (?, ?, ?, ?)", row(tick))  # noqa: S608 - our own columns


def insert_response(db: sqlite3.Connection, said: Response, how: str = "") -> None:
    """A response with its sum; `how` is OR IGNORE where it may be there."""
    values = (said.offer, said.seq, said.kind, when(said.at), said.source)
    query = f"INSERT {how} INTO responses (offer, seq, kind, at, source, sum) VALUES (?, ?, ?, ?, ?, ?)"  # noqa: S608 - our own
    db.execute(query, (*values, _sums.of(*values)))


def insert_execution(db: sqlite3.Connection, run: Execution) -> None:
    """A run that begins, or never did."""
    db.execute("INSERT INTO executions (offer, state, record) VALUES (?, ?, ?)", (run.offer, run.state, pack(run)))


def update_execution(db: sqlite3.Connection, run: Execution) -> None:
    """What a run has come to."""
    db.execute("UPDATE executions SET state = ?, record = ? WHERE offer = ?", (run.state, pack(run), run.offer))
