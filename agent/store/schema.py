"""The schema of the SQLite store as numbered migrations: each runs once, in one transaction, and is never edited.

Times are text in UTC with microseconds (fixed width, so they sort as they read); `record` is the record as JSON, compressed
where it is long (see `_rows` and `_ticks`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from agent.store import _sums

# "PrAg": marks the file as ours (PRAGMA application_id), so that another program's database is never migrated.
APPLICATION_ID = 0x50724167


def m001_initial(db: sqlite3.Connection) -> None:
    """Ticks, offers, responses, executions, LLM calls, documents and state."""
    for statement in _INITIAL:
        db.execute(statement)


_INITIAL = (
    f"PRAGMA application_id = {APPLICATION_ID}",
    "CREATE TABLE ticks (id TEXT NOT NULL UNIQUE, at TEXT NOT NULL, ending TEXT NOT NULL, record TEXT NOT NULL)",
    "CREATE INDEX ticks_at ON ticks (at)",
    # AUTOINCREMENT: an id is never used again, so an old click cannot meet a new offer.
    """CREATE TABLE offers (
        id INTEGER PRIMARY KEY AUTOINCREMENT, nonce TEXT NOT NULL UNIQUE, tick TEXT NOT NULL UNIQUE REFERENCES ticks (id),
        at TEXT NOT NULL, expires TEXT NOT NULL, record TEXT NOT NULL)""",
    "CREATE INDEX offers_at ON offers (at)",
    """CREATE TABLE responses (
        offer INTEGER NOT NULL REFERENCES offers (id), seq INTEGER NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL,
        source TEXT NOT NULL, PRIMARY KEY (offer, seq)) WITHOUT ROWID""",
    "CREATE UNIQUE INDEX responses_accepted ON responses (offer) WHERE kind = 'accepted'",
    "CREATE TABLE executions (offer INTEGER PRIMARY KEY REFERENCES offers (id), state TEXT NOT NULL, record TEXT NOT NULL)",
    "CREATE INDEX executions_executing ON executions (state) WHERE state = 'executing'",
    "CREATE TABLE calls (id INTEGER PRIMARY KEY, tick TEXT NOT NULL, at TEXT NOT NULL, record TEXT NOT NULL)",
    "CREATE INDEX calls_at ON calls (at)",
    "CREATE INDEX calls_tick ON calls (tick)",
    "CREATE TABLE documents (key TEXT PRIMARY KEY, last TEXT NOT NULL, record TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX documents_last ON documents (last)",
    "CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
)


def m002_bases(db: sqlite3.Connection) -> None:
    """What decisions were made on. From here on long records are compressed; those before stay as they are, and readable."""
    db.execute("CREATE TABLE bases (id TEXT PRIMARY KEY, at TEXT NOT NULL, record TEXT NOT NULL) WITHOUT ROWID")
    db.execute("CREATE INDEX bases_at ON bases (at)")
    db.execute(
        """CREATE TABLE answers (offer INTEGER NOT NULL, response TEXT NOT NULL, record TEXT NOT NULL,
        PRIMARY KEY (offer, response)) WITHOUT ROWID"""
    )


def m003_tokens(db: sqlite3.Connection) -> None:
    """What each call cost, beside its record: the day's sum is asked for before every ask. NULL = from before."""
    db.execute("ALTER TABLE calls ADD COLUMN tokens INTEGER")
    db.execute("CREATE INDEX calls_tokens ON calls (at, tokens)")


def m004_sums(db: sqlite3.Connection) -> None:
    """A checksum beside each offer and response (see `_sums`), those of before included."""
    for table in ("offers", "responses"):
        db.execute(f"ALTER TABLE {table} ADD COLUMN sum INTEGER")
        _sums.fill(db, table)


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (m001_initial, m002_bases, m003_tokens, m004_sums)
VERSION = len(MIGRATIONS)
READABLE = 1
"""The oldest version that is read as it is, for the command line, which cannot migrate."""


def version(db: sqlite3.Connection) -> int:
    """How many migrations the file has had."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def migrate(db: sqlite3.Connection) -> int:
    """Bring the schema up to VERSION and return how many migrations ran; `db` must be in autocommit mode.

    Each migration and its number are committed together, and the number is read again inside the transaction: a kill or
    a second program at any instant leaves a whole version. A new file gets all of them at once: nobody sees a part of it.
    """
    ran = 0
    while version(db) < VERSION:
        db.execute("BEGIN IMMEDIATE")
        try:
            last = min(version(db) + 1, VERSION) if version(db) else VERSION
            while version(db) < last:
                ran += _next(db)
            db.execute("COMMIT")
        except BaseException:
            db.execute("ROLLBACK")
            raise
    return ran


def _next(db: sqlite3.Connection) -> int:
    done = version(db)
    MIGRATIONS[done](db)
    db.execute(f"PRAGMA user_version = {done + 1}")
    return 1
