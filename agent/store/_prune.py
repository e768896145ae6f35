"""Forgets old rows of the SQLite file, a slice a transaction; freed pages are used again, so the file stays bounded.

Covered: looks, LLM calls, documents, seals of offers that ended (see agent/core/keep.py). Not covered: giving pages back to
the file system, which would need a VACUUM that blocks for seconds.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from agent.core.keep import SEAL, Cutoffs
from agent.core.records import Tick
from agent.errors import StoreError
from agent.store._rows import pack, text, unpack
from agent.store._slim import slim

# Up to which look those of offers were slimmed: they stay, and must not be read again every day.
_SLIMMED = "slimmed"


def prune(db: sqlite3.Connection, before: Cutoffs, limit: int) -> int:
    """Remove at most `limit` old rows of one kind in the open transaction; how many, 0 if there are none of any kind."""
    return next((done for rule in _RULES if (done := rule(db, before, limit))), 0)


def _looks(db: sqlite3.Connection, before: Cutoffs, limit: int) -> int:
    return db.execute(
        """DELETE FROM ticks WHERE rowid IN (SELECT t.rowid FROM ticks t WHERE t.at < ?
           AND NOT EXISTS (SELECT 1 FROM offers WHERE offers.tick = t.id) ORDER BY t.at LIMIT ?)""",
        (text(before.looks), limit),
    ).rowcount


def _held(db: sqlite3.Connection, before: Cutoffs, limit: int) -> int:
    return db.execute(
        """DELETE FROM ticks WHERE rowid IN (SELECT rowid FROM ticks WHERE at >= ? AND at < ? AND ending = 'held'
           ORDER BY at LIMIT ?)""",
        (text(before.looks), text(before.held), limit),
    ).rowcount


def _slim(db: sqlite3.Connection, before: Cutoffs, limit: int) -> int:
    """Old looks of offers; `_looks` has removed all others by then."""
    mark = db.execute("SELECT value FROM state WHERE key = ?", (_SLIMMED,)).fetchone()
    query = "SELECT rowid, at, record FROM ticks WHERE at > ? AND at < ? ORDER BY at LIMIT ?"
    rows = db.execute(query, (mark[0] if mark else "", text(before.looks), limit)).fetchall()
    for rowid, _, record in rows:
        db.execute("UPDATE ticks SET record = ? WHERE rowid = ?", (_slimmed(record), rowid))
    if rows:
        db.execute("INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)", (_SLIMMED, rows[-1][1]))
    return len(rows)


def _slimmed(record: str) -> str:
    try:
        return pack(slim(unpack(Tick, record)))
    except StoreError:  # one that no version can read any more must not keep all others
        return record


def _calls(db: sqlite3.Connection, before: Cutoffs, limit: int) -> int:
    query = "DELETE FROM calls WHERE id IN (SELECT id FROM calls WHERE at < ? ORDER BY at LIMIT ?)"
    return db.execute(query, (text(before.calls), limit)).rowcount


def _documents(db: sqlite3.Connection, before: Cutoffs, limit: int) -> int:
    query = "DELETE FROM documents WHERE key IN (SELECT key FROM documents WHERE last < ? ORDER BY last LIMIT ?)"
    return db.execute(query, (text(before.documents), limit)).rowcount


def _seals(db: sqlite3.Connection, before: Cutoffs, limit: int) -> int:
    number = len(SEAL) + 1
    return db.execute(
        f"""DELETE FROM state WHERE key IN (SELECT key FROM state WHERE key >= ? AND key < ? AND NOT EXISTS (
            SELECT 1 FROM offers WHERE id = CAST(substr(state.key, {number}) AS INTEGER) AND expires >= ?) LIMIT ?)""",  # noqa: S608 - a length
        (SEAL, SEAL[:-1] + chr(ord(SEAL[-1]) + 1), text(before.expired), limit),
    ).rowcount


_RULES: tuple[Callable[[sqlite3.Connection, Cutoffs, int], int], ...] = (_looks, _slim, _held, _calls, _documents, _seals)
