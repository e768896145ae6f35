"""What is opened is whole: a damaged database is moved aside, never deleted, and its rows are saved into a new one.

Covered: damage that shows when the file is opened, in SQLite's structures (always after an unclean stop, and in small files),
and in responses (always); a mend that is cut short at any instant goes on at the next start.
Not covered: a changed byte in a look, a call or a document, which is found when it is read or compressed wrongly.

Files beside the database: `.mending` is a folder of a mend in the making, `.mended.STAMP` a finished one that is not in its
place yet, `.corrupt.STAMP` what was moved aside, with its -wal and -shm; `.check` asks for a check at the next opening.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import sqlite3
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Final

from agent import paths
from agent.core.defence import on
from agent.store import _backup
from agent.store._open import DamageError, in_words, open_writer, sync_folder
from agent.store._rows import text
from agent.store._salvage import Saved, save

log = logging.getLogger(__name__)
SMALL: Final = 32 * 2**20
"""Bytes up to which a file is checked as a whole at each opening: 50 ms of reading."""
KEY: Final = "mended"
"""State key of what is told about the last mend."""
TOLD_FOR: Final = timedelta(days=7)
CHECK: Final = ".check"
ENDS: Final = ("-wal", "-shm", "")


def opened(path: Path) -> sqlite3.Connection:
    """The writing connection to a whole database, mended if need be; StoreError if it cannot be used."""
    with in_words(path):
        _finish(path)
        unclean = _size(path, "-wal") > 0 or suspect(path)
    why = ""
    try:
        db = open_writer(path)
    except DamageError as error:
        if not on("salvage"):
            raise
        why = error.title
    else:
        with in_words(path):
            why = _found(db, unclean=unclean or _size(path) <= SMALL)
        if not why:
            Path(f"{path}{CHECK}").unlink(missing_ok=True)
            return db
        db.close()
    with in_words(path):
        saved = mend(path, why)
    Path(f"{path}{CHECK}").unlink(missing_ok=True)
    db = open_writer(path)
    _note(db, path, saved)
    return db


def check_next(path: Path) -> None:
    """Have the whole file checked at the next opening: something in it was found damaged."""
    with suppress(OSError):
        os.close(os.open(f"{path}{CHECK}", os.O_CREAT | os.O_WRONLY, 0o600))


def suspect(path: Path) -> bool:
    """Whether something in the file was found damaged since it was opened."""
    return Path(f"{path}{CHECK}").exists()


def mended(value: str | None) -> str:
    """What is told about a mend of the last days, from the state under KEY; '' if there was none."""
    try:
        fields = json.loads(value) if value else {}
        recent = bool(fields) and datetime.now(timezone.utc) - datetime.fromisoformat(fields["at"]) < TOLD_FOR
        return str(fields["said"]) if recent else ""
    except (ValueError, TypeError, KeyError, RecursionError):
        return "The history was damaged and has been mended."


def mend(path: Path, why: str) -> Saved:
    """Save the rows into a new database and put it in the place of the damaged one, which is moved aside."""
    log.error("the database is damaged (%s); its rows are saved into a new one", why)
    work = path.with_name(f"{path.name}.mending")
    shutil.rmtree(work, ignore_errors=True)
    paths.private_folder(work)
    for end in ENDS:
        _copy(Path(f"{path}{end}"), work / f"damaged.db{end}")
    saved = save(work / "damaged.db", work / "new.db", _backup.all_of(path))
    stamp = _backup.stamp()
    (work / "new.db").replace(path.with_name(f"{path.name}.mended.{stamp}"))
    _sync(path)
    _finish(path)
    return saved


def _finish(path: Path) -> None:
    """Move the damaged files aside and the new one to their place, or what is left of that to do."""
    for made in sorted(path.parent.glob(f"{path.name}.mended.*")):
        aside = path.with_name(f"{path.name}.corrupt.{made.name.rpartition('.')[2]}")
        for end in ENDS:
            old = Path(f"{path}{end}")
            if old.exists():
                old.replace(f"{aside}{end}")
        made.replace(path)
        _sync(path)
    shutil.rmtree(path.with_name(f"{path.name}.mending"), ignore_errors=True)


def _found(db: sqlite3.Connection, *, unclean: bool) -> str:
    """What is wrong with an open database, '' if nothing."""
    if not on("integrity_check"):
        return ""
    try:
        if unclean:
            _backup.unsound(db)
        else:
            _backup.unsound_answers(db)
    except _backup.Unsound as found:
        return str(found)
    return ""


def _note(db: sqlite3.Connection, path: Path, saved: Saved) -> None:
    aside = max((f.name for f in path.parent.glob(f"{path.name}.corrupt.*Z")), default="")
    said = f"The history was damaged and has been mended: {saved}. The damaged file is kept as {aside}."
    log.warning("%s", said)
    with in_words(path):
        db.execute(
            "INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)",
            (KEY, json.dumps({"said": said, "at": text(datetime.now(timezone.utc))})),
        )


def _copy(source: Path, target: Path) -> None:
    if source.exists():
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        shutil.copyfile(source, target)


def _size(path: Path, end: str = "") -> int:
    try:
        return Path(f"{path}{end}").stat().st_size
    except FileNotFoundError:
        return 0


def _sync(path: Path) -> None:
    if os.name == "posix":
        sync_folder(path.parent)
