"""The store on disk: SQLite in WAL mode with one writing connection.

Covered: what a call of add_offer, add_response, begin, finish or recover wrote is on disk when it returns (FULL sync);
ticks, calls, documents and state survive the death of the process at once and a power cut from the next FULL commit on.
At most one accept and one execution an offer, by index; file modes (see `_open`).
Not covered: network file systems; two daemons (the daemon holds a lock on the data folder); repair of a damaged file.
Callers hand in redacted text only.
"""

from __future__ import annotations

import hmac
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from agent.core.basis import Basis
from agent.core.keep import SLICE, Cutoffs
from agent.core.records import Answer, Document, Execution, LLMCall, Offer, Response, ResponseKind, Tick
from agent.core.responses import COMES_FROM, IN_DOUBT, NOT_RUN, legal, undoable
from agent.errors import StoreError
from agent.plug import Supplies
from agent.store import _bases, _calls, _ticks
from agent.store._open import in_words, open_reader, open_writer
from agent.store._prune import prune
from agent.store._rows import pack, unpack
from agent.store._rows import text as when
from agent.store._ticks import COLUMNS, read_decision, row

FILE = "proactive.db"
PAGE = 500  # looks that are read at once where all are gone through
_LARGEST = 2**63 - 1  # what an INTEGER of SQLite holds
_NEVER_BEGUN = """SELECT offer FROM responses WHERE kind = 'accepted'
    AND NOT EXISTS (SELECT 1 FROM executions WHERE executions.offer = responses.offer) ORDER BY offer"""


class Settings(BaseModel, extra="forbid"):
    """Where the database is."""

    path: Path | None = Field(default=None)
    """The file; without one, `proactive.db` in the data folder."""


def build(settings: Settings, supplies: Supplies) -> SqliteStore:
    """Open the store for writing; StoreError if the file cannot be used."""
    return SqliteStore(settings.path or supplies.data / FILE)


def open_readonly(path: Path) -> SqliteStore:
    """The store for reading beside a running daemon; StoreError if there is none, and from every writing method."""
    return SqliteStore(path, readonly=True)


class SqliteStore:
    """The port Store on one SQLite file; calls may come from any thread, one at a time gets through."""

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        self.path = path
        self._db = open_reader(path) if readonly else open_writer(path)
        self._sync = ""
        self._lock = threading.RLock()

    @contextmanager
    def _write(self, sync: str = "FULL") -> Iterator[sqlite3.Connection]:
        """One transaction: committed at the end of the block, rolled back when it raises."""
        with self._lock, in_words(self.path):
            if self._sync != sync:
                self._db.execute(f"PRAGMA synchronous = {sync}")
                self._sync = sync
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # a full disk may have rolled it back already
                    self._db.execute("ROLLBACK")
                raise

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with self._lock, in_words(self.path):
            return self._db.execute(query, values).fetchall()

    def add_tick(self, tick: Tick) -> None:
        """Store a tick; StoreError if its id is taken."""
        with self._write("NORMAL") as db:
            _insert_tick(db, tick)

    def add_offer(self, tick: Tick, offer: Offer) -> Offer:
        """Commit tick and offer together; returns the offer with its id (never one used before)."""
        with self._write() as db:
            _insert_tick(db, tick)
            row = db.execute(
                "INSERT INTO offers (nonce, tick, at, expires, record) VALUES (?, ?, ?, ?, ?)",
                (offer.nonce, offer.tick, when(offer.at), when(offer.expires), pack(offer)),
            )
        return offer.model_copy(update={"id": row.lastrowid})

    def add_response(self, answer: Answer) -> Response | None:
        """Commit a response; None if offer, nonce or transition is not right, or the offer expired before `answer.at`."""
        with self._write() as db:
            offer = self.offer(answer.offer)
            if offer is None or not hmac.compare_digest(offer.nonce.encode(), answer.nonce.encode()):
                return None
            before = self.responses(answer.offer)
            last: ResponseKind | None = before[-1].kind if before else None
            if not legal(last, answer.kind, expired=answer.at >= offer.expires) or self._not_done(answer):
                return None
            seq = len(before) + 1
            response = Response(offer=answer.offer, seq=seq, kind=answer.kind, at=answer.at, source=answer.source)
            db.execute(
                "INSERT INTO responses (offer, seq, kind, at, source) VALUES (?, ?, ?, ?, ?)",
                (response.offer, seq, response.kind, when(response.at), response.source),
            )
        return response

    def _not_done(self, answer: Answer) -> bool:
        run = self.execution(answer.offer)
        return answer.kind == "undone" and not undoable(run.state if run else None)

    def begin(self, offer: int, at: datetime) -> bool:
        """Commit `executing`; False if the offer is not accepted or was begun before."""
        with self._write() as db:
            before = self.responses(offer)
            if not before or before[-1].kind != "accepted" or self.execution(offer):
                return False
            _insert_execution(db, Execution(offer=offer, state="executing", at=at))
        return True

    def finish(self, execution: Execution) -> None:
        """Commit how a run ended, or that it was undone; StoreError if it was not at the state before."""
        with self._write() as db:
            before = self.execution(execution.offer)
            if before is None or before.state not in COMES_FROM[execution.state]:
                state = before.state if before else "not begun"
                raise StoreError(f"Offer {execution.offer} is {state} and cannot become {execution.state}.")
            _update_execution(db, execution)

    def recover(self, at: datetime) -> Sequence[Execution]:
        """After a crash: executions left `executing` become `unknown`, offers accepted but never begun `failed`."""
        with self._write() as db:
            left = db.execute("SELECT record FROM executions WHERE state = 'executing' ORDER BY offer").fetchall()
            runs = [unpack(Execution, text, state="unknown", at=at, text=IN_DOUBT) for (text,) in left]
            for run in runs:
                _update_execution(db, run)
            waiting = [Execution(offer=n, state="failed", at=at, text=NOT_RUN) for (n,) in db.execute(_NEVER_BEGUN)]
            for run in waiting:
                _insert_execution(db, run)
        return [*runs, *waiting]

    def add_calls(self, calls: Sequence[LLMCall], tick: str = "") -> None:
        """Store LLM calls, of a tick if one is named."""
        with self._write("NORMAL") as db:
            _calls.put(db, calls, tick)

    def calls(self, since: datetime | None = None, limit: int = 1000) -> Sequence[LLMCall]:
        """LLM calls from `since` on, newest first."""
        query = "SELECT record FROM calls WHERE at >= ? ORDER BY at DESC, id DESC LIMIT ?"
        return [unpack(LLMCall, text) for (text,) in self._rows(query, when(since) if since else "", limit)]

    def tokens(self, since: datetime) -> int:
        """Tokens of all LLM calls from `since` on."""
        with self._lock, in_words(self.path):
            return _calls.tokens(self._db, when(since))

    def tick(self, id: str) -> Tick | None:  # noqa: A002 - the port's name
        """The tick of that id."""
        rows = self._rows(f"SELECT {COLUMNS} FROM ticks WHERE id = ?", id)  # noqa: S608 - our own columns
        return self._whole(rows[0]) if rows else None

    def ticks(self, since: datetime | None = None, limit: int = 100) -> Sequence[Tick]:
        """Ticks from `since` on, newest first."""
        query = f"SELECT {COLUMNS} FROM ticks WHERE at >= ? ORDER BY at DESC, rowid DESC LIMIT ?"  # noqa: S608 - our own columns
        return [self._whole(row) for row in self._rows(query, when(since) if since else "", limit)]

    def _whole(self, row: _ticks.Row) -> Tick:
        with self._lock, in_words(self.path):
            return _calls.whole(self._db, row)

    def decisions(self, since: datetime | None = None) -> Iterator[Tick]:
        """Ticks from `since` on, oldest first, without what was seen; read a page at a time."""
        query = f"SELECT rowid, {COLUMNS} FROM ticks WHERE (at, rowid) > (?, ?) ORDER BY at, rowid LIMIT ?"  # noqa: S608 - our own columns
        last: tuple[str, int] = (when(since) if since else "", -1)
        while rows := self._rows(query, *last, PAGE):
            for _, *found in rows:
                yield read_decision((found[0], found[1], found[2], found[3]))
            last = (rows[-1][2], rows[-1][0])

    def put_basis(self, basis: Basis, at: datetime) -> None:
        """Keep what looks are decided on from `at` on."""
        with self._write("NORMAL") as db:
            _bases.put(db, basis, at)

    def basis(self, id: str) -> Basis | None:  # noqa: A002 - the port's name
        """The basis of that id; None if it is not known, or not to be understood by this version."""
        with self._lock, in_words(self.path):
            return _bases.get(self._db, id)

    def offer(self, id: int) -> Offer | None:  # noqa: A002 - the port's name
        """The offer of that id."""
        rows = self._rows("SELECT record FROM offers WHERE id = ?", id) if 0 < id <= _LARGEST else []
        return unpack(Offer, rows[0][0], id=id) if rows else None

    def offers(self, since: datetime | None = None, limit: int = 100) -> Sequence[Offer]:
        """Offers from `since` on, newest first."""
        query = "SELECT id, record FROM offers WHERE at >= ? ORDER BY at DESC, id DESC LIMIT ?"
        return [unpack(Offer, text, id=id_) for id_, text in self._rows(query, when(since) if since else "", limit)]

    def responses(self, offer: int) -> Sequence[Response]:
        """The responses to an offer, oldest first."""
        rows = self._rows("SELECT seq, kind, at, source FROM responses WHERE offer = ? ORDER BY seq", offer)
        return [
            Response(offer=offer, seq=seq, kind=kind, at=datetime.fromisoformat(at), source=source)
            for seq, kind, at, source in rows
        ]

    def execution(self, offer: int) -> Execution | None:
        """The run of an offer's operation, if it was begun."""
        rows = self._rows("SELECT record FROM executions WHERE offer = ?", offer)
        return unpack(Execution, rows[0][0]) if rows else None

    def documents(self, limit: int = 200) -> Sequence[Document]:
        """Documents, the one worked on last first."""
        rows = self._rows("SELECT record FROM documents ORDER BY last DESC, key DESC LIMIT ?", limit)
        return [unpack(Document, text) for (text,) in rows]

    def put_documents(self, documents: Sequence[Document]) -> None:
        """Add documents, or replace those of the same key."""
        with self._write("NORMAL") as db:
            rows = [(document.key, when(document.last), pack(document)) for document in documents]
            db.executemany("INSERT OR REPLACE INTO documents (key, last, record) VALUES (?, ?, ?)", rows)

    def get_state(self, key: str) -> str | None:
        """The value kept under that key."""
        rows = self._rows("SELECT value FROM state WHERE key = ?", key)
        return str(rows[0][0]) if rows else None

    def put_state(self, key: str, value: str) -> None:
        """Keep a value under that key, in place of an earlier one."""
        with self._write("NORMAL") as db:
            db.execute("INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)", (key, value))

    def prune(self, before: Cutoffs, limit: int = SLICE) -> int:
        """Remove at most `limit` rows that are older than `before`; how many, 0 = nothing is left to remove."""
        with self._write("NORMAL") as db:
            return prune(db, before, limit)

    def close(self) -> None:
        """Close the file; calling it again does nothing."""
        with self._lock, in_words(self.path):
            self._db.close()


def _insert_tick(db: sqlite3.Connection, tick: Tick) -> None:
    db.execute(f"INSERT INTO ticks ({COLUMNS}) VALUES (?, ?, ?, ?)", row(tick))  # noqa: S608 - our own columns


def _insert_execution(db: sqlite3.Connection, run: Execution) -> None:
    db.execute("INSERT INTO executions (offer, state, record) VALUES (?, ?, ?)", (run.offer, run.state, pack(run)))


def _update_execution(db: sqlite3.Connection, run: Execution) -> None:
    db.execute("UPDATE executions SET state = ?, record = ? WHERE offer = ?", (run.state, pack(run), run.offer))
