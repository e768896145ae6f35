"""Saves the rows of a damaged database into a new one: what can be read and is as it was written; the rest from a backup.

An answer is never lost for want of its offer: a stand-in that cannot be accepted takes the place of an offer that is gone.
"""

from __future__ import annotations

import json
import logging
import secrets
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from agent.core.records import Candidate, Execution, GateInput, Offer, Operation, Tick
from agent.errors import StoreError
from agent.store import _backup, _sums, _ticks
from agent.store._open import open_writer
from agent.store._rows import pack, plain, text, unpack

log = logging.getLogger(__name__)
Row = tuple[Any, ...]

KEYS = {
    "ticks": ("rowid",),
    "offers": ("id",),
    "responses": ("offer", "seq"),
    "executions": ("offer",),
    "calls": ("id",),
    "documents": ("key",),
    "state": ("key",),
    "bases": ("id",),
    "answers": ("offer", "response"),
}
"""The tables in the order in which they are filled, and what their rows are found by."""
_PAGE = 4096
_JUMPS = 400  # how often a reader jumps over what it cannot read, each time twice as far
_IDS_SPARED = 1000  # numbers of offers that a lossy mend leaves out: an old click must not meet a new offer
IN_DOUBT = "The history was damaged; whether this was done is not known. It is not run again."


@dataclass
class Saved:
    """What came of a mend: rows by table, those that were not as they were written, those that came from a backup."""

    rows: dict[str, int] = field(default_factory=dict)
    bad: set[Row] = field(default_factory=set)
    restored: int = 0
    gaps: bool = False

    def __str__(self) -> str:
        """In words for the user."""
        parts = [f"{self.rows.get('responses', 0)} answers and {self.rows.get('offers', 0)} offers are there"]
        if self.restored:
            parts.append(f"{self.restored} rows came from a backup")
        if self.bad:
            parts.append(f"{len(self.bad)} damaged rows were left out")
        return ", ".join(parts)


def save(damaged: Path, new: Path, backups: Sequence[Path]) -> Saved:
    """Fill the new database from the damaged one (a copy: it is written to) and the newest sound backup."""
    saved = Saved()
    target = open_writer(new)
    with closing(target):
        target.execute("PRAGMA foreign_keys = OFF")
        target.execute("BEGIN")
        good = next((b for b in backups if _backup.sound(b)), None)
        for origin in (damaged, good):
            if origin is None:
                continue
            with closing(_source(origin, good if origin is damaged else None)) as source:
                found = {table: _fill(target, source, table, saved) for table in KEYS}
            if origin is not damaged:
                saved.restored = sum(found.values())
        _doubt(target, saved)
        _stand_ins(target)
        if saved.gaps or saved.bad:
            _in_doubt(target)
        saved.rows = {t: int(target.execute(f"SELECT count(*) FROM {t}").fetchone()[0]) for t in KEYS}  # noqa: S608 - our names
        target.execute("COMMIT")
        target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        target.execute("PRAGMA journal_mode = DELETE")
    return saved


def _source(path: Path, good: Path | None) -> sqlite3.Connection:
    """A connection to a damaged copy; if not even its first page can be read, with that of a backup in its place."""
    db = _lenient(path)
    if good is not None and not {b"ticks", b"offers", b"responses"} <= _tables(db):
        db.close()
        _graft(path, good)
        db = _lenient(path)
    return db


def _graft(path: Path, good: Path) -> None:
    """Give a file the first page of another: header and schema; log and number of pages are its own (fileformat2 1.3)."""
    page = bytearray(good.read_bytes()[:_PAGE])
    size = int.from_bytes(page[16:18], "big")
    page[18:20] = b"\2\2" if Path(f"{path}-wal").exists() else b"\1\1"  # whether there is a write-ahead log to be read
    page[28:32] = (path.stat().st_size // max(size, 1)).to_bytes(4, "big")
    with path.open("rb+") as file:
        file.write(page)


def _lenient(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    db.text_factory = bytes  # damaged text need not be UTF-8; _clean decodes it
    with suppress(sqlite3.DatabaseError):
        db.execute("PRAGMA writable_schema = ON")  # a schema with one bad line still gives its other tables
    return db


def _tables(db: sqlite3.Connection) -> set[bytes]:
    try:
        return {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.DatabaseError:
        return set()


def _fill(target: sqlite3.Connection, source: sqlite3.Connection, table: str, saved: Saved) -> int:
    """Add the good rows of a table that are not there yet; how many."""
    wanted = [c[1] for c in target.execute(f"PRAGMA table_info({table})")]
    try:
        there = {c[1].decode() for c in source.execute(f"PRAGMA table_info({table})")}
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        there = set()
    names = [n for n in wanted if n in there]
    if not names:
        saved.gaps = True
        return 0
    before = target.total_changes
    query = f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608 - our names
    keys = len(KEYS[table])
    for row in _read(source, table, names, saved):
        clean = _clean(table, dict(zip(names, row[keys:], strict=True)))
        if clean is None:
            saved.bad.add((table, *row[:keys]))
        else:
            with suppress(sqlite3.IntegrityError, sqlite3.InterfaceError, OverflowError):
                target.execute(query, [clean[n] for n in names])
    if table in _sums.COLUMNS:
        _sums.fill(target, table)
    return target.total_changes - before


def _read(db: sqlite3.Connection, table: str, names: Sequence[str], saved: Saved) -> Iterator[Row]:
    """Rows from the front until one cannot be read, then from the back, then what can be found between by jumping."""
    key, keys = KEYS[table][0], ", ".join(KEYS[table])
    query = f"SELECT {', '.join((*KEYS[table], *names))} FROM {table}"  # noqa: S608 - our own names
    last: Any = 0
    try:
        for row in db.execute(f"{query} ORDER BY {keys}"):
            yield row
            last = row[0]
    except (sqlite3.DatabaseError, OverflowError) as error:
        saved.gaps = True
        log.info("table %s cannot be read to its end: %s", table, error)
    else:
        return
    with suppress(sqlite3.DatabaseError, OverflowError):
        yield from db.execute(f"{query} ORDER BY {' DESC, '.join(KEYS[table])} DESC")
    if isinstance(last, int):
        yield from _jumping(db, f"{query} WHERE {key} > ? ORDER BY {keys}", last)


def _jumping(db: sqlite3.Connection, query: str, at: int) -> Iterator[Row]:
    step = 1
    for _ in range(_JUMPS):
        try:
            for row in db.execute(query, (at,)):
                yield row
                at, step = (row[0], 1) if isinstance(row[0], int) else (at, step)
        except (sqlite3.DatabaseError, OverflowError):
            at, step = at + step, min(2 * step, 4096)
        else:
            return


def _clean(table: str, row: dict[str, Any]) -> dict[str, Any] | None:
    """The row as it was written, None if it is not or cannot be told."""
    try:
        row = {n: v.decode() if isinstance(v, bytes) and not _packed(n, v) else v for n, v in row.items()}
        if table in _sums.COLUMNS and "sum" in row:
            return row if _sums.right(tuple(row[n] for n in _sums.COLUMNS[table]), row["sum"]) else None
        if table == "executions":
            unpack(Execution, row["record"])
        elif "record" in row:
            json.loads(plain(row["record"]))
        if "at" in row:
            datetime.fromisoformat(row["at"])
    except (ValueError, TypeError, RecursionError, zlib.error, KeyError, StoreError):
        return None
    return row


def _packed(name: str, value: bytes) -> bool:
    """Whether this is a compressed record: zlib's header, which no JSON begins with."""
    return name == "record" and value[:1] == b"\x78"


def _stand_ins(db: sqlite3.Connection) -> None:
    """A look for each offer that lost it, an offer for each answer and run that lost it."""
    lost: Iterable[Row] = db.execute(
        """SELECT offer, min(at) FROM (SELECT offer, at FROM responses UNION ALL SELECT offer, NULL FROM executions)
           WHERE offer NOT IN (SELECT id FROM offers) GROUP BY offer"""
    ).fetchall()
    for number, at in lost:
        _stand_in(db, number, datetime.fromisoformat(at) if at else datetime(2000, 1, 1, tzinfo=timezone.utc))
    _looks_for(db)


def _looks_for(db: sqlite3.Connection) -> None:
    _sums.fill(db, "offers")
    for id_, at in db.execute("SELECT tick, at FROM offers WHERE tick NOT IN (SELECT id FROM ticks)").fetchall():
        when = datetime.fromisoformat(at)
        tick = Tick(id=id_, at=when, ending="offer", reason="", gate=GateInput(at=when, local_minute=0))
        db.execute(f"INSERT INTO ticks ({_ticks.COLUMNS}) VALUES (?, ?, ?, ?)", _ticks.row(tick))  # noqa: S608 - our own columns


def stand_in_for(db: sqlite3.Connection, number: int, at: datetime) -> None:
    """In the open transaction, a stand-in if there is no offer of that number."""
    if db.execute("SELECT 1 FROM offers WHERE id = ?", (number,)).fetchone():
        return
    log.warning("an answer waited for offer %s, which is not in the history; another stands in for it", number)
    db.execute("PRAGMA defer_foreign_keys = ON")  # the offer names a look that follows it
    _stand_in(db, number, at)
    _looks_for(db)


def _stand_in(db: sqlite3.Connection, number: int, at: datetime) -> None:
    candidate = Candidate(task="An offer that was lost", because="", operation=Operation(name="lost"))
    name = secrets.token_hex(16)
    offer = Offer(id=number, nonce=name, tick=name, at=at, expires=at, candidate=candidate, line="Lost")
    db.execute(
        "INSERT OR IGNORE INTO offers (id, nonce, tick, at, expires, record) VALUES (?, ?, ?, ?, ?, ?)",
        (number, name, name, text(at), text(at), pack(offer)),
    )


def _doubt(db: sqlite3.Connection, saved: Saved) -> None:
    """A run whose row was left out was begun all the same."""
    now = datetime.now(timezone.utc)
    for number in (row[1] for row in saved.bad if row[0] == "executions" and isinstance(row[1], int)):
        run = Execution(offer=number, state="unknown", at=now, text=IN_DOUBT)
        db.execute("INSERT OR IGNORE INTO executions (offer, state, record) VALUES (?, ?, ?)", (number, run.state, pack(run)))


def _in_doubt(db: sqlite3.Connection) -> None:
    """What could still be accepted might have been accepted and run: it is not run again. No number is used again."""
    now = datetime.now(timezone.utc)
    query = "SELECT id FROM offers WHERE expires > ? AND id NOT IN (SELECT offer FROM executions)"
    for (number,) in db.execute(query, (text(now),)).fetchall():
        run = Execution(offer=number, state="unknown", at=now, text=IN_DOUBT)
        db.execute("INSERT INTO executions (offer, state, record) VALUES (?, ?, ?)", (number, run.state, pack(run)))
    db.execute("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'offers'", (_IDS_SPARED,))
