"""Rows as they are written, in the open transaction."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from agent.core.records import Execution, Response, Tick
from agent.core.responses import IN_DOUBT
from agent.errors import StoreError
from agent.store import _sums
from agent.store._rows import pack, unpack
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


def insert_execution(db: sqlite3.Connection, run: Execution, how: str = "") -> None:
    """A run that begins, or never did; `how` is OR REPLACE where it may be there."""
    query = f"INSERT {how} INTO executions (offer, state, record) VALUES (?, ?, ?)"  # noqa: S608 - our own
    db.execute(query, (run.offer, run.state, pack(run)))


def update_execution(db: sqlite3.Connection, run: Execution) -> None:
    """What a run has come to."""
    db.execute("UPDATE executions SET state = ?, record = ? WHERE offer = ?", (run.state, pack(run), run.offer))


def doubt(db: sqlite3.Connection, at: datetime) -> list[Execution]:
    """Make every run that was cut short unknown, also one whose record cannot be read."""
    left = db.execute("SELECT offer, record FROM executions WHERE state = 'executing' ORDER BY offer").fetchall()
    runs = [_doubted(offer, record, at) for offer, record in left]
    for run in runs:
        update_execution(db, run)
    return runs


def _doubted(offer: int, record: str | bytes, at: datetime) -> Execution:
    try:
        return unpack(Execution, record, offer=offer, state="unknown", at=at, text=IN_DOUBT)
    except StoreError:
        return Execution(offer=offer, state="unknown", at=at, text=IN_DOUBT)
