"""What is read from the SQLite store, by the daemon and by the command line beside it.

Covered: an offer or response that is not as it was written is never handed out (StoreError instead); a look or call that no
version can read is left out of lists.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from agent.core.basis import Basis
from agent.core.records import Document, Execution, LLMCall, Offer, Response, Tick
from agent.errors import StoreError
from agent.store import _backup, _bases, _calls, _sums, _ticks
from agent.store._ledger import Entry, entries
from agent.store._open import MENDED, DamageError, in_words
from agent.store._rows import text as when
from agent.store._rows import unpack
from agent.store._spill import Spill
from agent.store._ticks import COLUMNS, read_decision
from agent.store._whole import KEY as MENDING
from agent.store._whole import check_next, mended, suspect
from agent.store.schema import version

log = logging.getLogger(__name__)
PAGE = 500  # looks that are read at once where all are gone through
LARGEST = 2**63 - 1  # what an INTEGER of SQLite holds
T = TypeVar("T")


class Reads:
    """The reading half of the port Store on one SQLite file; calls may come from any thread, one at a time gets through."""

    def __init__(self, path: Path, db: sqlite3.Connection, spill: Spill) -> None:
        self.path = path
        self._db = db
        self._spill = spill
        self._lock = threading.RLock()
        self.trouble = ""
        """Why nothing can be written at present."""
        self._summed = version(db) >= _sums.SUMMED

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with self._lock, in_words(self.path):
            return self._db.execute(query, values).fetchall()

    def calls(self, since: datetime | None = None, limit: int = 1000) -> Sequence[LLMCall]:
        """LLM calls from `since` on, newest first."""
        query = "SELECT record FROM calls WHERE at >= ? ORDER BY at DESC, id DESC LIMIT ?"
        rows = self._rows(query, when(since) if since else "", limit)
        return _readable(rows, lambda row: unpack(LLMCall, row[0]))

    def tokens(self, since: datetime) -> int:
        """Tokens of all LLM calls from `since` on."""
        with self._lock, in_words(self.path):
            return _calls.tokens(self._db, when(since))

    def entries(self, since: datetime | None = None, until: datetime | None = None, limit: int = 1000) -> list[Entry]:
        """LLM calls with their numbers and looks, from `since` until before `until`, newest first."""
        with self._lock, in_words(self.path):
            return entries(self._db, since, until, limit)

    def entry(self, number: int) -> Entry | None:
        """The LLM call of that number."""
        with self._lock, in_words(self.path):
            return next(iter(entries(self._db, number=number)), None) if 0 < number <= LARGEST else None

    def offer_of(self, tick: str) -> Offer | None:
        """The offer that a look ended in."""
        rows = self._rows("SELECT id FROM offers WHERE tick = ?", tick)
        return self.offer(rows[0][0]) if rows else None

    def tick(self, id: str) -> Tick | None:  # noqa: A002 - the port's name
        """The tick of that id."""
        rows = self._rows(f"SELECT {COLUMNS} FROM ticks WHERE id = ?", id)  # noqa: S608 - our own columns
        return self._whole(rows[0]) if rows else None

    def ticks(self, since: datetime | None = None, limit: int = 100) -> Sequence[Tick]:
        """Ticks from `since` on, newest first."""
        query = f"SELECT {COLUMNS} FROM ticks WHERE at >= ? ORDER BY at DESC, rowid DESC LIMIT ?"  # noqa: S608 - our own columns
        return _readable(self._rows(query, when(since) if since else "", limit), self._whole)

    def _whole(self, row: _ticks.Row) -> Tick:
        with self._lock, in_words(self.path):
            return _calls.whole(self._db, row)

    def looked(self, until: datetime) -> datetime | None:
        """When the newest look up to then was, if any is kept."""
        found = self._rows("SELECT at FROM ticks WHERE at <= ? ORDER BY at DESC LIMIT 1", when(until))
        return datetime.fromisoformat(found[0][0]) if found else None

    def decisions(self, since: datetime | None = None) -> Iterator[Tick]:
        """Ticks from `since` on, oldest first, without what was seen; read a page at a time."""
        query = f"SELECT rowid, {COLUMNS} FROM ticks WHERE (at, rowid) > (?, ?) ORDER BY at, rowid LIMIT ?"  # noqa: S608 - our own columns
        last: tuple[str, int] = (when(since) if since else "", -1)
        while rows := self._rows(query, *last, PAGE):
            for _, *found in rows:
                yield read_decision((found[0], found[1], found[2], found[3]))
            last = (rows[-1][2], rows[-1][0])

    def basis(self, id: str) -> Basis | None:  # noqa: A002 - the port's name
        """The basis of that id; None if it is not known, or not to be understood by this version."""
        with self._lock, in_words(self.path):
            return _bases.get(self._db, id)

    def offer(self, id: int) -> Offer | None:  # noqa: A002 - the port's name
        """The offer of that id. Raises StoreError if it is not as it was written."""
        if not self._summed:
            rows = self._rows("SELECT record FROM offers WHERE id = ?", id) if 0 < id <= LARGEST else []
            return unpack(Offer, rows[0][0], id=id) if rows else None
        query = f"SELECT {', '.join(_sums.COLUMNS['offers'])}, sum FROM offers WHERE id = ?"  # noqa: S608 - our own columns
        rows = self._rows(query, id) if 0 < id <= LARGEST else []
        return unpack(Offer, self._as_written(rows[0], "offer")[-1], id=id) if rows else None

    def offers(self, since: datetime | None = None, limit: int = 100) -> Sequence[Offer]:
        """Offers from `since` on, newest first."""
        query = "SELECT id, record FROM offers WHERE at >= ? ORDER BY at DESC, id DESC LIMIT ?"
        rows = self._rows(query, when(since) if since else "", limit)
        return _readable(rows, lambda row: unpack(Offer, row[1], id=row[0]))

    def responses(self, offer: int) -> Sequence[Response]:
        """The responses to an offer, oldest first. Raises StoreError if one is not as it was written."""
        what = "offer, seq, kind, at, source, sum" if self._summed else "offer, seq, kind, at, source, 0"
        rows = self._rows(f"SELECT {what} FROM responses WHERE offer = ? ORDER BY seq", offer)  # noqa: S608 - our own columns
        checked = [self._as_written(row, "response") if self._summed else row for row in rows]
        stored = [
            Response(offer=offer, seq=row[1], kind=row[2], at=datetime.fromisoformat(row[3]), source=row[4]) for row in checked
        ]
        last = stored[-1].seq if stored else 0
        return [*stored, *(r for r in self._spill.responses(offer) if r.seq > last)]

    def _as_written(self, row: tuple[Any, ...], kind: str) -> tuple[Any, ...]:
        """The values of a row of which the last is its sum."""
        if not _sums.right(row[:-1], row[-1]):
            check_next(self.path)
            raise DamageError(f"A stored {kind} is damaged.", MENDED)
        return row[:-1]

    def execution(self, offer: int) -> Execution | None:
        """The run of an offer's operation, if it was begun."""
        rows = self._rows("SELECT record FROM executions WHERE offer = ?", offer)
        return self._spill.execution(offer) or (unpack(Execution, rows[0][0]) if rows else None)

    def documents(self, limit: int = 200) -> Sequence[Document]:
        """Documents, the one worked on last first."""
        rows = self._rows("SELECT record FROM documents ORDER BY last DESC, key DESC LIMIT ?", limit)
        return _readable(rows, lambda row: unpack(Document, row[0]))

    def get_state(self, key: str) -> str | None:
        """The value kept under that key."""
        rows = self._rows("SELECT CAST(value AS BLOB) FROM state WHERE key = ?", key)  # damaged text need not be UTF-8
        return bytes(rows[0][0]).decode(errors="replace") if rows and rows[0][0] is not None else None

    def notice(self) -> str:
        """What the user should know of the history: that it cannot be written, is damaged or was mended; '' if all is well."""
        if self.trouble:
            return self.trouble
        if suspect(self.path):
            return "The history is damaged. To mend it: proactive stop, then proactive run."
        return mended(self.get_state(MENDING))

    def unsound(self) -> str:
        """What is wrong with the file as it stands, '' if nothing; reads all of it."""
        with self._lock, in_words(self.path):
            try:
                _backup.unsound(self._db)
            except _backup.Unsound as found:
                return f"The history is damaged: {found}. To mend it: proactive stop, then proactive run."
        return ""

    def close(self) -> None:
        """Close the file; calling it again does nothing."""
        with self._lock, in_words(self.path):
            self._db.close()


def _readable(rows: Sequence[Any], read: Callable[[Any], T]) -> list[T]:
    """The records of these rows that can be read; one damaged row must not hide all others."""
    found = []
    for row in rows:
        with suppress(StoreError):
            found.append(read(row))
    if len(found) < len(rows):
        log.warning("%d stored rows cannot be read and are left out", len(rows) - len(found))
    return found
