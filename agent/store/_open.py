"""Opens the SQLite file: private from its first byte, ours, not newer than we are; turns sqlite3 errors into StoreError.

Covered: what is wrong is said as damaged, passing, or for the user to decide. File mode 0600 for database, -wal and -shm
under any umask, a missing folder made 0700 (an existing one is left as it is), foreign and newer files refused with words;
a database that is to be migrated is copied to the backups first.
Not covered: network file systems (WAL needs shared memory on one machine), damage that does not show while opening (see
`_whole`), and other programs of the same user.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from agent import paths
from agent.core.defence import on
from agent.errors import StoreError
from agent.store import _backup, schema

log = logging.getLogger(__name__)
BUSY: Final = 2.0  # seconds to wait for another program's lock: so long may all else stand still, a stop too

MENDED: Final = "It is mended at the next start: proactive stop, then proactive run."
# What only a damaged file says; a missing or doubled table can be nothing else, for the schema is ours.
_DAMAGE: Final = (
    "not a database",
    "malformed",
    "already exists",
    "duplicate column",
    "no such",
    "unsupported file format",
    "could not decode",
)
# What passes by itself, or when the user makes room: nothing is wrong with the file.
_PASSING: Final = ("locked", "busy", "full", "disk i/o", "readonly", "unable to open")
FUTURE: Final = 1000
"""No version of the schema is as high; a higher number is damage."""

# What SQLite says -> what we say. `{path}` is the database. Python 3.10 has no error codes on the exception, so by text.
_SAID = (
    ("locked", "The database {path} is in use by another program.", "Close it; nothing was lost or half written."),
    ("full", "The disk is full: {path} cannot grow.", "Free some space; Proactive goes on by itself."),
    ("not a database", "{path} is damaged or not a database.", MENDED),
    ("malformed", "{path} is damaged.", MENDED),
    ("could not decode", "{path} is damaged.", MENDED),  # its own words quote the value
    ("readonly", "{path} cannot be written.", "Check who owns the file and its folder."),
    ("permission denied", "{path} may not be opened.", "Check who owns the file and its folder."),
    ("unable to open", "{path} cannot be opened.", "Check who owns the file and its folder."),
    ("disk i/o", "The disk failed while reading or writing {path}.", "Check the disk and the free space."),
)


class DamageError(StoreError):
    """The file is not what was written to it."""


def passing(error: StoreError) -> bool:
    """Whether a write failed for want of room, or for another program's lock, so that it may succeed later."""
    said = str(error.__cause__).lower()
    return isinstance(error.__cause__, (sqlite3.OperationalError, OSError)) and any(word in said for word in _PASSING)


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Turn what sqlite3 and the file system raise into StoreError; texts of rows never appear in it."""
    try:
        yield
    except (sqlite3.Error, OSError, UnicodeError) as error:
        raise _worded(error, path) from error


def _worded(error: Exception, path: Path) -> StoreError:
    if isinstance(error, UnicodeEncodeError):  # its text would quote the value
        return StoreError("A text that is not valid Unicode was not stored.", "This is a bug; please report it.")
    if isinstance(error, UnicodeDecodeError):  # sqlite3 raises it where the schema's own names are damaged
        return DamageError(f"{path} is damaged: names in it are no text.", MENDED)
    said = str(error).lower()
    kind = DamageError if isinstance(error, sqlite3.Error) and any(word in said for word in _DAMAGE) else StoreError
    for needle, title, hint in _SAID:
        if needle in said:
            return kind(title.format(path=path), hint)
    if kind is DamageError:
        return DamageError(f"{path} is damaged: {error}.", MENDED)
    return StoreError(f"The database {path} refused: {error}.", "Run: proactive doctor")


def open_writer(path: Path) -> sqlite3.Connection:
    """The one writing connection, migrated, in autocommit mode; StoreError if the file cannot be used."""
    with in_words(path):
        make_private(path)
        db = sqlite3.connect(path, timeout=BUSY, isolation_level=None, check_same_thread=False)
        with _closed_on_error(db):
            _ours(db, path)
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA foreign_keys = ON")
            # Said either way: distributions build SQLite with it on, and the switch must show that the tests notice.
            db.execute(f"PRAGMA secure_delete = {'ON' if on('secure_delete') else 'OFF'}")
            if 0 < schema.version(db) < schema.VERSION:
                _copied(path)
            schema.migrate(db)
    return db


def _copied(path: Path) -> None:
    """Whatever a migration of ours might get wrong, what was there stays. What is damaged is mended, not migrated."""
    try:
        _backup.make(path)
    except _backup.Unsound as found:
        raise DamageError(f"{path} is damaged: {found}.", MENDED) from found


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, for the command line beside a running daemon; StoreError if there is nothing yet."""
    with in_words(path):
        if not path.exists():
            raise StoreError("There is no history yet.", "Start Proactive first: proactive run")
        uri = f"{path.absolute().as_uri()}?mode=ro"
        db = sqlite3.connect(uri, uri=True, timeout=BUSY, isolation_level=None, check_same_thread=False)
        with _closed_on_error(db):
            _ours(db, path)
            _current(db)
            db.execute("PRAGMA query_only = ON")
    return db


@contextmanager
def _closed_on_error(db: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        db.close()
        raise


def _current(db: sqlite3.Connection) -> None:
    if schema.version(db) < schema.READABLE:
        raise StoreError("The database is from an older version of Proactive.", "Start it once: proactive run")


def _ours(db: sqlite3.Connection, path: Path) -> None:
    tables = {str(name) for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    mark = int(db.execute("PRAGMA application_id").fetchone()[0])  # after the tables: both may appear between the two
    if tables and mark != schema.APPLICATION_ID:
        if {"ticks", "offers", "responses"} <= tables:
            raise DamageError(f"{path} has lost the mark of Proactive.", MENDED)
        raise StoreError(f"{path} belongs to another program.", "Name another file, or move this one away.")
    if not 0 <= schema.version(db) < FUTURE:
        raise DamageError(f"{path} is damaged: it has no version.", MENDED)
    if schema.version(db) > schema.VERSION:
        raise StoreError(f"{path} was written by a newer version of Proactive.", "Update Proactive, or move the file away.")


def make_private(path: Path) -> None:
    """Create folder and file for this user only, before SQLite does; it gives -wal and -shm the mode of the database."""
    if not path.parent.exists():
        paths.private_folder(path.parent)
    with suppress(FileExistsError):
        made = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        if os.name == "posix":
            os.fchmod(made, 0o600)  # a umask like 0277 takes even the owner's bits
            sync_folder(path.parent)
        os.close(made)
        return
    for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        _tighten(file)


def sync_folder(folder: Path) -> None:
    """Put the new file's name on disk too; SQLite does that only for files that it made itself."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _tighten(file: Path) -> None:
    if os.name != "posix" or not file.exists() or not file.stat().st_mode & 0o077:
        return
    file.chmod(0o600)
    log.warning("%s could be read by others; it is now yours alone", file.name)
