"""Forgets old rows of the SQLite file, a slice a transaction; freed pages are used again, so the file stays bounded.

Covered: looks and what they were decided on, LLM calls, documents, seals of offers that ended (see agent/core/keep.py).
Not covered: giving pages back to the file system, which would need a VACUUM that blocks for seconds; the answers that paces
name, 200 bytes an answer.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress

from agent.core.keep import SEAL, Cutoffs
from agent.errors import StoreError
from agent.store._rows import text
from agent.store._slim import slim
from agent.store._ticks import COLUMNS, read, rewrite

# Up to which look those of offers were slimmed: they stay, and must not be read again every day.
_SLIMMED = "slimmed"


def prune(db: sqlite3.Connection, before: Cutoffs, limit: int) -> int:
    """Remove at most `limit` old rows of one kind in the open transaction; how many, 0 if there are none of any kind."""
    return next((done for rule in _RULES if (done := rule(db, before, limit))), 0)


def _looks(db: sqlite3.Connection, before: Cutoffs, limit: int, since: str | None = None) -> int:
    """Looks from where this ended last time: to go through those of all offers of years takes longer than the rest."""
    since = _slimmed(db, before) if since is None else since
    return db.execute(
        """DELETE FROM ticks WHERE rowid IN (SELECT t.rowid FROM ticks t WHERE t.at > ? AND t.at < ?
           AND NOT EXISTS (SELECT 1 FROM offers WHERE offers.tick = t.id) ORDER BY t.at LIMIT ?)""",
        (since, text(before.looks), limit),
    ).rowcount


def _strays(db: sqlite3.Connection, before: Cutoffs, limit: int) -> int:
    """Looks of a time before that, for the clock may have gone wrong; asked for when nothing else is left, once a day."""
    return _looks(db, before, limit, since="")


def _slimmed(db: sqlite3.Connection, before: Cutoffs) -> str:
    """Up to when looks of offers were slimmed; '' if that is not known or was said by a clock that was wrong."""
    mark = db.execute("SELECT value FROM state WHERE key = ?", (_SLIMMED,)).fetchone()
    return str(mark[0]) if mark and mark[0] <= text(before.looks) else ""


def _held(db: sqlite3.Connection, before: Cutoffs, limit: int) -> int:
    return db.execute(
        """DELETE FROM ticks WHERE rowid IN (SELECT rowid FROM ticks WHERE at >= ? AND at < ? AND ending = 'held'
           ORDER BY at LIMIT ?)""",
        (text(before.looks), text(before.held), limit),
    ).rowcount


def _slim(db: sqlite3.Connection, before: Cutoffs, limit: int) -> int:
    """Old looks of offers; `_looks` has removed all others by then."""
    query = f"SELECT rowid, {COLUMNS} FROM ticks WHERE at > ? AND at < ? ORDER BY at LIMIT ?"  # noqa: S608 - our own columns
    rows = db.execute(query, (_slimmed(db, before), text(before.looks), limit)).fetchall()
    for rowid, *row in rows:
        with suppress(StoreError):  # one that no version can read any more must not keep all others
            rewrite(db, rowid, slim(read((row[0], row[1], row[2], row[3]))))
    if rows:
        db.execute("INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)", (_SLIMMED, rows[-1][2]))
    return len(rows)


def _bases(db: sqlite3.Connection, before: Cutoffs, limit: int) -> int:
    """What no look that is kept was decided on; the newest before the oldest look is the one it was decided on."""
    return db.execute(
        """DELETE FROM bases WHERE id IN (SELECT id FROM bases
           WHERE at < (SELECT max(at) FROM bases WHERE at < ?) ORDER BY at LIMIT ?)""",
        (text(before.looks), limit),
    ).rowcount


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


_RULES: tuple[Callable[[sqlite3.Connection, Cutoffs, int], int], ...] = (
    _looks,
    _slim,
    _held,
    _calls,
    _documents,
    _seals,
    _bases,
    _strays,
)
