"""Deletes LLM calls and all that was kept of what they told, so that the bytes are gone: the ledger's second half.

Covered: the calls; the looks they were made for, or all looks of the time; what was offered from those looks (the offer stays
as a number with its answers, its text does not); what operations gave then; documents last worked on in that time; pages
that SQLite freed, the write-ahead log, every backup and every damaged file that was moved aside; with `everything` the
program's log as well.
Not covered: what ActivityWatch keeps, and what a disk or its snapshots keep of overwritten blocks.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

from agent.core.keep import OPERATION, SEAL
from agent.core.records import Candidate, Execution, Offer, Operation, Record, Tick
from agent.core.render import HORIZON
from agent.core.responses import DELETED
from agent.errors import StoreError
from agent.store import _backup, _calls, _sums, _ticks
from agent.store._rows import pack, text, unpack
from agent.store._slim import slim

SLICE = 50
"""Rows a transaction: a look has up to 50 kB, and others wait for each."""
LOGS = "*.log*"
Write = Callable[[str], AbstractContextManager[sqlite3.Connection]]


class Chosen(Record):
    """What is to be deleted: one call, those from `since` until before `until`, or everything."""

    number: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    everything: bool = False


class Found(NamedTuple):
    """What is meant by that: numbers of calls, ids of looks, offers whose operation ran then, and the documents' times."""

    calls: list[int]
    looks: list[str]
    runs: list[int]
    spans: list[tuple[str, str]]


class Erased(Record):
    """What was deleted: calls, looks, offers whose text is gone, documents, files."""

    calls: int = 0
    looks: int = 0
    offers: int = 0
    documents: int = 0
    files: int = 0


def rows(write: Write, chosen: Chosen) -> Erased:
    """Delete what was chosen, a slice a transaction."""
    with write("FULL") as db:
        _calls.retire(db)
        found = _by_number(db, chosen.number) if chosen.number is not None else _by_time(db, chosen)
        delete = "DELETE FROM documents WHERE last >= ? AND last < ?"
        documents = sum(db.execute(delete, span).rowcount for span in found.spans)
        if chosen.number is None and chosen.until is None:
            moment = text(datetime.now(timezone.utc))
            db.execute("INSERT OR REPLACE INTO state (key, value) VALUES ('forgotten', ?)", (moment,))
            db.execute("DELETE FROM state WHERE key IN ('asked', 'shadow')")
        if chosen.everything:
            db.execute("DELETE FROM state WHERE substr(key, 1, ?) = ?", (len(SEAL), SEAL))
    for some in _sliced(found.calls):
        with write("NORMAL") as db:
            db.executemany("DELETE FROM calls WHERE id = ?", [(n,) for n in some])
    offers = sum(_looks(write, some) for some in _sliced(found.looks))
    for some in _sliced(found.runs):
        with write("FULL") as db:
            for number in some:
                _run(db, number)
    return Erased(calls=len(found.calls), looks=len(found.looks), offers=offers, documents=documents)


def _by_number(db: sqlite3.Connection, number: int) -> Found:
    """The call of that number, and all else of its look or its operation."""
    row = db.execute("SELECT tick, at FROM calls WHERE id = ?", (number,)).fetchone()
    if row is None or not row[0]:
        return Found([number] if row else [], [], [], [])
    tick, at = row
    runs = _calls.operations_of(db, tick, at)
    known = [n for (n,) in db.execute("SELECT id FROM calls WHERE tick = ?", (tick,))]
    moment = datetime.fromisoformat(at)
    span = (text(moment - HORIZON), text(moment + timedelta.resolution))
    look = _calls.look_of(tick)
    return Found(known, [look] if look else [], runs, [] if tick.startswith(OPERATION) else [span])


def _by_time(db: sqlite3.Connection, chosen: Chosen) -> Found:
    """The calls, looks and runs of a time."""
    span = (text(chosen.since) if chosen.since else "", text(chosen.until) if chosen.until else "~")
    calls = db.execute("SELECT id, tick, at FROM calls WHERE at >= ? AND at < ?", span).fetchall()
    seen = {t for (t,) in db.execute("SELECT id FROM ticks WHERE at >= ? AND at < ?", span)}
    looks = sorted(seen | {look for _, t, _ in calls if (look := _calls.look_of(t))})
    runs = {n for _, t, at in calls if t.startswith(OPERATION) for n in _calls.operations_of(db, t, at)}
    for number, record in db.execute("SELECT offer, record FROM executions").fetchall():
        with suppress(StoreError):
            if span[0] <= text(unpack(Execution, record).at) < span[1]:
                runs.add(number)
    return Found([n for n, _, _ in calls], looks, sorted(runs), [span])


def _looks(write: Write, ids: list[str]) -> int:
    """Delete these looks; one that ended in an offer stays with its numbers. Returns how many did."""
    offers = 0
    with write("FULL") as db:
        for id_ in ids:
            db.execute("DELETE FROM calls WHERE tick = ?", (id_,))
            offer = db.execute("SELECT id, record FROM offers WHERE tick = ?", (id_,)).fetchone()
            if offer is None:
                db.execute("DELETE FROM ticks WHERE id = ?", (id_,))
            else:
                offers += 1
                _look(db, id_)
                _offer(db, *offer)
                _run(db, offer[0])
    return offers


def _look(db: sqlite3.Connection, id_: str) -> None:
    row = db.execute(f"SELECT rowid, {_ticks.COLUMNS} FROM ticks WHERE id = ?", (id_,)).fetchone()  # noqa: S608 - our own columns
    try:
        look = slim(_ticks.read((row[1], row[2], row[3], row[4])))
    except StoreError:  # nothing of a look that cannot be read is worth keeping
        db.execute("UPDATE ticks SET record = ? WHERE id = ?", ('{"reason":"","gate":{"local_minute":0}}', id_))
        return
    _ticks.rewrite(db, row[0], _blank(look))


def _blank(look: Tick) -> Tick:
    """The look with its numbers, without a word that models wrote."""
    asked = look.prediction
    if asked is not None:
        ideas = tuple(_nameless(c) for c in asked.candidates)
        asked = asked.model_copy(update={"purpose": "", "candidates": ideas, "dropped": ()})
    verdicts = tuple(v.model_copy(update={"reason": ""}) for v in look.verdicts)
    silence = look.silence and look.silence.model_copy(update={"reason": ""})
    return look.model_copy(
        update={"reason": DELETED, "prediction": asked, "verdicts": verdicts, "silence": silence, "problems": ()}
    )


def _nameless(candidate: Candidate) -> Candidate:
    return Candidate(task=DELETED, because="", operation=Operation(name=candidate.operation.name), kind=candidate.kind)


def _offer(db: sqlite3.Connection, number: int, record: Any) -> None:
    """The offer without its text; it can no longer be accepted, for nothing says what would run."""
    with suppress(StoreError):
        offer = unpack(Offer, record, id=number)
        left = offer.model_copy(update={"candidate": _nameless(offer.candidate), "line": DELETED, "expires": offer.at})
        values = (left.nonce, left.tick, text(left.at), text(left.expires), pack(left))
        db.execute(
            "UPDATE offers SET nonce = ?, tick = ?, at = ?, expires = ?, record = ?, sum = ? WHERE id = ?",
            (*values, _sums.of(number, *values), number),
        )
    db.execute("DELETE FROM state WHERE key = ?", (f"{SEAL}{number}",))


def _run(db: sqlite3.Connection, number: int) -> None:
    """What a run gave; one that still runs will not write it again (see `SqliteStore.finish`)."""
    db.execute("DELETE FROM calls WHERE tick = ?", (f"{OPERATION}{number}",))
    row = db.execute("SELECT record FROM executions WHERE offer = ?", (number,)).fetchone()
    if row is not None:
        with suppress(StoreError):
            run = unpack(Execution, row[0]).model_copy(update={"text": DELETED, "undo": None})
            db.execute("UPDATE executions SET record = ? WHERE offer = ?", (pack(run), number))


def wipe(db: sqlite3.Connection, path: Path, *, everything: bool) -> int:
    """No byte of what was deleted stays in a file of ours; how many files went."""
    for statement in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
        db.execute(statement).fetchall()
    if _left(path):
        raise StoreError(
            "The rows are deleted, but their bytes are still in the write-ahead log.", "Close what reads it; try again."
        )
    gone = 0
    for file in (*_backup.all_of(path), *path.parent.glob(f"{path.name}.corrupt.*")):
        file.unlink(missing_ok=True)
        gone += 1
    for log in path.parent.glob(LOGS) if everything else ():
        os.truncate(log, 0)
        gone += 1
    with suppress(_backup.Unsound, sqlite3.Error, OSError):
        _backup.make(path)
    return gone


def _left(path: Path) -> bool:
    wal = Path(f"{path}-wal")
    return wal.exists() and wal.stat().st_size > 0


def _sliced(rows: Iterable[Any]) -> Iterator[list[Any]]:
    found = list(rows)
    for n in range(0, len(found), SLICE):
        yield found[n : n + SLICE]
