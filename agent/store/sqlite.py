"""The store on disk: SQLite in WAL mode with one writing connection.

Covered: what a call of add_offer, add_response, begin, finish or recover wrote is on disk when it returns (FULL sync);
ticks, calls, documents and state survive the death of the process at once and a power cut from the next FULL commit on.
At most one accept and one execution an offer, by index; file modes (see `_open`); a damaged file is mended when it is opened
(see `_whole`); an answer is not lost to a full disk (see `_spill`); a copy a day (see `_backup`).
Not covered: network file systems; two daemons (the daemon holds a lock on the data folder).
Callers hand in redacted text only.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, Field

from agent.core.basis import Basis
from agent.core.defence import on
from agent.core.keep import SLICE, Cutoffs
from agent.core.records import Answer, Document, Execution, LLMCall, Offer, Response, ResponseKind, Tick
from agent.core.responses import COMES_FROM, DELETED, NOT_RUN, legal, undoable
from agent.errors import StoreError
from agent.plug import Supplies
from agent.store import _backup, _bases, _calls, _erase, _put, _sums
from agent.store._nonce import same
from agent.store._open import BUSY, in_words, open_reader, passing
from agent.store._prune import prune
from agent.store._reads import Reads
from agent.store._rows import pack
from agent.store._rows import text as when
from agent.store._salvage import stand_in_for
from agent.store._spill import Entry, Spill
from agent.store._whole import check_next, opened

log = logging.getLogger(__name__)
FILE = "proactive.db"
IMPATIENT = 100
"""Milliseconds to wait for a lock that was waited for in vain before."""
_NEVER_BEGUN = """SELECT offer FROM responses WHERE kind = 'accepted'
    AND NOT EXISTS (SELECT 1 FROM executions WHERE executions.offer = responses.offer) ORDER BY offer"""


class Settings(BaseModel, extra="forbid"):
    """Where the database is."""

    path: Path | None = Field(default=None)
    """The file; without one, `proactive.db` in the data folder."""


def build(settings: Settings, supplies: Supplies) -> SqliteStore:
    """Open the store for writing; StoreError if the file cannot be used."""
    return SqliteStore(settings.path or supplies.data / FILE, daily=True)


def open_readonly(path: Path) -> SqliteStore:
    """The store for reading beside a running daemon; StoreError if there is none, and from every writing method."""
    return SqliteStore(path, readonly=True)


class SqliteStore(Reads):
    """The port Store on one SQLite file. `daily`: once a day, when old rows have been removed, a backup is made beside."""

    def __init__(self, path: Path, *, readonly: bool = False, daily: bool = False) -> None:
        db = open_reader(path) if readonly else opened(path)
        super().__init__(path, db, Spill(path.with_name(f"{path.name}.spill"), reserve=not readonly))
        self._sync = ""
        self._daily = daily
        self._backing: threading.Thread | None = None
        if not readonly:
            with suppress(StoreError):
                self.ready()

    @contextmanager
    def _write(self, sync: str = "FULL") -> Iterator[sqlite3.Connection]:
        """One transaction: committed at the end of the block, rolled back when it raises; what waited goes first."""
        with self._lock, self._watched(), in_words(self.path):
            sync = "FULL" if self._spill.waiting else sync
            if self._sync != sync:
                self._db.execute(f"PRAGMA synchronous = {sync if on('full_sync') else 'OFF'}")
                self._sync = sync
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._unspill(self._db)
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # a full disk may have rolled it back already
                    self._db.execute("ROLLBACK")
                raise
            self._spill.clear()
            self._spill.calls.clear()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Note whether writing works: said once when it stops, and once when it goes on."""
        try:
            yield
        except StoreError as error:
            if passing(error):
                if not self.trouble:
                    log.warning("nothing can be stored: %s", error)
                    self._db.execute(f"PRAGMA busy_timeout = {IMPATIENT}")
                self.trouble = str(error)
            raise
        if self.trouble:
            log.warning("the database can be written again; nothing was lost")
            self._db.execute(f"PRAGMA busy_timeout = {BUSY * 1000:.0f}")
        self.trouble = ""

    def ready(self) -> None:
        """Store what waits; StoreError if nothing can be stored at present, so that no look need be made in vain."""
        if self.trouble or self._spill.waiting:
            with self._write() as db:
                db.execute("INSERT OR REPLACE INTO state (key, value) VALUES ('room', ?)", ("x" * 4096,))

    def news(self) -> str:
        """That the history was mended, once."""
        said = self.notice()
        if not said or self.get_state("told") == said:
            return ""
        self.put_state("told", said)
        return said

    def _unspill(self, db: sqlite3.Connection) -> None:
        for entry in self._spill.waiting:
            stand_in_for(db, entry.offer, entry.at)
            if isinstance(entry, Response):
                _put.insert_response(db, entry, "OR IGNORE")
            else:
                _put.insert_execution(db, entry, "OR REPLACE")
        for calls, tick in self._spill.calls:
            _calls.put(db, calls, tick)

    def _spilled(self, error: StoreError, entry: Entry | None) -> None:
        """Keep what the disk has no room for where there is room; raises the error if it is another, or there is none."""
        if not passing(error) or not on("spill") or (entry is not None and not self._spill.add(entry)):
            raise error

    def add_tick(self, tick: Tick) -> None:
        """Store a tick; StoreError if its id is taken. What models were asked is not forgotten if the disk is full."""
        try:
            with self._write("NORMAL") as db:
                _put.insert_tick(db, tick)
        except StoreError as error:
            if passing(error):
                self._spill.keep_calls(_calls.of(tick), tick.id)
            raise

    def add_offer(self, tick: Tick, offer: Offer) -> Offer:
        """Commit tick and offer together; returns the offer with its id (never one used before)."""
        try:
            with self._write() as db:
                _put.insert_tick(db, tick)
                values = (offer.nonce, offer.tick, when(offer.at), when(offer.expires), pack(offer))
                done = db.execute("INSERT INTO offers (nonce, tick, at, expires, record) VALUES (?, ?, ?, ?, ?)", values)
                db.execute("UPDATE offers SET sum = ? WHERE id = ?", (_sums.of(done.lastrowid, *values), done.lastrowid))
        except StoreError as error:
            if passing(error):
                self._spill.keep_calls(_calls.of(tick), tick.id)
            raise
        return offer.model_copy(update={"id": done.lastrowid})

    def add_response(self, answer: Answer) -> Response | None:
        """Commit a response; None if offer, nonce or transition is not right, or the offer expired before `answer.at`.

        What a full or locked disk cannot take counts all the same and is stored later.
        """
        try:
            with self._write() as db:
                response = self._response(answer)
                if response is not None:
                    _put.insert_response(db, response)
        except StoreError as error:
            response = self._response(answer)
            self._spilled(error, response)
        return response

    def _response(self, answer: Answer) -> Response | None:
        """The response that an answer makes, if it is a legal one."""
        offer = self.offer(answer.offer)
        if offer is None or not same(offer.nonce, answer.nonce):
            return None
        before = self.responses(answer.offer)
        last: ResponseKind | None = before[-1].kind if before else None
        if not legal(last, answer.kind, expired=answer.at >= offer.expires) or self._not_done(answer):
            return None
        seq = before[-1].seq + 1 if before else 1
        return Response(offer=answer.offer, seq=seq, kind=answer.kind, at=answer.at, source=answer.source)

    def _not_done(self, answer: Answer) -> bool:
        run = self.execution(answer.offer)
        return answer.kind == "undone" and not undoable(run.state if run else None)

    def begin(self, offer: int, at: datetime) -> bool:
        """Commit `executing`; False if the offer is not accepted or was begun before."""
        with self._write() as db:
            before = self.responses(offer)
            if not before or before[-1].kind != "accepted" or self.execution(offer):
                return False
            _put.insert_execution(db, Execution(offer=offer, state="executing", at=at))
        return True

    def finish(self, execution: Execution) -> None:
        """Commit how a run ended, or that it was undone; StoreError if it was not at the state before."""
        try:
            with self._write() as db:
                _put.update_execution(db, self._next(execution))
        except StoreError as error:
            if not passing(error):
                raise
            self._spilled(error, self._next(execution))

    def _next(self, execution: Execution) -> Execution:
        """The execution as it is to be kept: without what it gave if the user deleted that while it ran."""
        before = self.execution(execution.offer)
        if before is None or before.state not in COMES_FROM[execution.state]:
            state = before.state if before else "not begun"
            raise StoreError(f"Offer {execution.offer} is {state} and cannot become {execution.state}.")
        deleted = {"text": DELETED, "undo": None} if before.text == DELETED else {}
        return execution.model_copy(update=deleted)

    def recover(self, at: datetime) -> Sequence[Execution]:
        """After a crash: executions left `executing` become `unknown`, offers accepted but never begun `failed`."""
        with self._write() as db:
            runs = _put.doubt(db, at)
            waiting = [Execution(offer=n, state="failed", at=at, text=NOT_RUN) for (n,) in db.execute(_NEVER_BEGUN)]
            for run in waiting:
                _put.insert_execution(db, run)
        return [*runs, *waiting]

    def sending(self, call: LLMCall) -> None:
        """Store what is about to be sent, until `add_calls` brings the calls of that moment."""
        with self._write("NORMAL") as db:
            _calls.sending(db, call)

    def add_calls(self, calls: Sequence[LLMCall], tick: str = "") -> None:
        """Store LLM calls, of a tick if one is named; while the disk is full they are kept in memory."""
        try:
            with self._write("NORMAL") as db:
                _calls.put(db, calls, tick)
        except StoreError as error:
            if not passing(error):
                raise
            self._spill.keep_calls(calls, tick)

    def put_basis(self, basis: Basis, at: datetime) -> None:
        """Keep what looks are decided on from `at` on."""
        with self._write("NORMAL") as db:
            _bases.put(db, basis, at)

    def put_documents(self, documents: Sequence[Document]) -> None:
        """Add documents, or replace those of the same key."""
        with self._write("NORMAL") as db:
            rows = [(document.key, when(document.last), pack(document)) for document in documents]
            db.executemany("INSERT OR REPLACE INTO documents (key, last, record) VALUES (?, ?, ?)", rows)

    def put_state(self, key: str, value: str) -> None:
        """Keep a value under that key, in place of an earlier one."""
        with self._write("NORMAL") as db:
            db.execute("INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)", (key, value))

    def prune(self, before: Cutoffs, limit: int = SLICE) -> int:
        """Remove at most `limit` rows that are older than `before`; how many; 0 = nothing is left: time for a copy."""
        with self._write("NORMAL") as db:
            done = prune(db, before, limit)
        if not done and self._daily and self._backing is None and _backup.due(self.path):
            self._backing = threading.Thread(target=self._back_up, name="backup", daemon=True)
            self._backing.start()
        return done

    def _back_up(self) -> None:
        """The day's copy, beside the loop; what is found damaged is mended at the next start."""
        try:
            _backup.make(self.path)
        except _backup.Unsound as found:
            check_next(self.path)
            log.error("the history is damaged (%s) and is mended at the next start", found)  # noqa: TRY400 - a finding, no bug
        except (sqlite3.Error, OSError, StoreError) as error:
            log.warning("no backup today: %s", error)
        finally:
            self._backing = None

    def erase(self, chosen: _erase.Chosen) -> _erase.Erased:
        """Delete LLM calls and what was kept of what they told, from the file, its log and its copies. Raises StoreError."""
        if (backing := self._backing) is not None:
            backing.join()
        done = _erase.rows(self._write, chosen)
        with self._lock, in_words(self.path):
            files = _erase.wipe(self._db, self.path, everything=chosen.everything)
        return done.model_copy(update={"files": files})
