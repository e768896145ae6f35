"""Copies of the database: one a day and one before each migration, the newest KEEP of them kept, in `backups` beside it.

Covered: a copy is whole or not there (written aside, checked, synced, renamed), 0600 in a 0700 folder, of one instant of a
database that is being written; a copy of a damaged database never takes a good one's place.
Not covered: a second disk. Copies hold what the database holds: the ledger removes them when it deletes.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

from agent import paths
from agent.core.defence import on
from agent.core.records import Execution
from agent.errors import StoreError
from agent.store import _sums
from agent.store._rows import unpack

FOLDER = "backups"
KEEP = 7
EVERY = timedelta(hours=20)
"""A day, and some hours less, so that a computer that is used from nine to five has one each day."""
STAMP = "%Y%m%dT%H%M%S%fZ"
_SPARE = 2
"""A copy is made only while it would leave as much room again."""


class Unsound(Exception):  # noqa: N818 - a finding, not an error
    """What is wrong with a database, in a few words."""


def stamp() -> str:
    """This instant as part of a file name, in UTC."""
    return datetime.now(timezone.utc).strftime(STAMP)


def folder(path: Path) -> Path:
    """Where the copies of that database are."""
    return path.parent / FOLDER


def all_of(path: Path) -> list[Path]:
    """The copies of that database, the newest first."""
    return sorted(folder(path).glob(f"{path.stem}.*Z{path.suffix}"), reverse=True)


def due(path: Path) -> bool:
    """Whether the newest copy is older than EVERY, and the disk has room for another."""
    newest = next(iter(all_of(path)), None)
    if newest is not None:
        made = datetime.strptime(newest.name.split(".")[-2], STAMP).replace(tzinfo=timezone.utc)
        if timedelta(0) <= datetime.now(timezone.utc) - made < EVERY:
            return False
    return room(path) > _SPARE * path.stat().st_size


def room(path: Path) -> float:
    """Free bytes where that file is; without end where it cannot be told."""
    try:
        found = os.statvfs(path.parent)
    except (AttributeError, OSError):  # Windows has no statvfs
        return float("inf")
    return float(found.f_bavail * found.f_frsize)


def make(path: Path) -> Path:
    """Copy the database as it is at this instant, check the copy and thin out the older ones; returns the copy.

    Raises Unsound if the database is damaged, and sqlite3.Error or OSError if there is no room or no access.
    """
    into = paths.private_folder(folder(path))
    part = into / "part"
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        _copy(path, part)
        made = into / f"{path.stem}.{stamp()}{path.suffix}"
        part.replace(made)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync(into)
    if on("backups_kept"):
        for old in all_of(path)[KEEP:]:
            old.unlink(missing_ok=True)
    return made


def _copy(path: Path, part: Path) -> None:
    """All in one step from a connection that only reads: the daemon goes on writing beside it."""
    with (
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(part, isolation_level=None)) as copy,
    ):
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, that can be read without writing beside it
        unsound(copy)
    with part.open("rb+") as file:
        os.fsync(file.fileno())


def unsound(db: sqlite3.Connection) -> None:
    """Raise Unsound if the file breaks SQLite's rules, a row its sum, or if a run cannot be read."""
    with _findings():
        if str(db.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise Unsound("its pages do not fit together")
        _wrong_row(db, ("offers", "responses"))
        _wrong_run(db)


def unsound_answers(db: sqlite3.Connection) -> None:
    """The same for the answers alone, which takes milliseconds."""
    with _findings():
        _wrong_row(db, ("responses",))


@contextmanager
def _findings() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and "decode" not in str(error):
            raise  # locked, no room: nothing is wrong with the file
        raise Unsound("it cannot be read") from error


def _wrong_row(db: sqlite3.Connection, tables: tuple[str, ...]) -> None:
    if int(db.execute("PRAGMA user_version").fetchone()[0]) < _sums.SUMMED:
        return
    for table in tables:
        if next(_sums.damaged(db, table), None) is not None:
            raise Unsound(f"a row of {table} is not as it was written")


def _wrong_run(db: sqlite3.Connection) -> None:
    try:
        for (record,) in db.execute("SELECT record FROM executions"):
            unpack(Execution, record)
    except StoreError as error:
        raise Unsound("a row of executions is not as it was written") from error


def sound(path: Path) -> bool:
    """Whether a copy is sound."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            unsound(db)
    except (Unsound, sqlite3.Error, OSError):
        return False
    return True


def _sync(into: Path) -> None:
    if os.name == "posix":
        handle = os.open(into, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
