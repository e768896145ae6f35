"""One daemon a data folder: a lock that the kernel releases with the process, so that none can be stale."""

from __future__ import annotations

import errno
import os
import sys
import time
from pathlib import Path

from agent.core.defence import on
from agent.errors import StoreError
from agent.paths import private_folder, unusable

FILE = "proactive.lock"
UNKNOWN = 0
# A command that only looks who holds the lock has it for a moment, and a holder writes its pid a moment after it took it.
TRIES = 5
PAUSE = 0.04


class Lock:
    """Holds the lock of a data folder until `release` or the end of the process; the file names the holder's pid."""

    def __init__(self, data: Path) -> None:
        self.path = private_folder(data) / FILE
        self._file = -1

    def take(self) -> None:
        """Take the lock; StoreError names the pid that holds it. Waits a fifth of a second for it at most."""
        for _ in range(TRIES):
            self._open()
            locked = _lock_soon(self._file)
            if not locked or self.held():
                break
            self.release()  # removed meanwhile: another may hold the one in its place
        else:
            raise StoreError(f"{self.path} is replaced again and again.", "Set PROACTIVE_DATA to a folder of this machine.")
        if not locked and on("single_daemon"):
            pid = os.read(self._file, 20).decode("ascii", "replace").strip() or "unknown"
            self.release()
            raise StoreError(
                f"Proactive is already running (pid {pid}).", "See it with: proactive status. Stop it with: proactive stop"
            )
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0) if hasattr(os, "pwrite") else os.write(
            self._file, b"%d\n" % os.getpid()
        )

    def held(self) -> bool:
        """Whether the file is still the one that was locked: who removes it lets a second daemon in."""
        try:
            return os.path.samestat(os.fstat(self._file), self.path.stat())
        except FileNotFoundError:
            return False
        except OSError:  # a disk that does not answer says nothing about it
            return True

    def _open(self) -> None:
        try:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as e:
            raise StoreError(f"{self.path} cannot be used: {e.strerror}.", "Move it away, or set PROACTIVE_DATA.") from e

    def release(self) -> None:
        """Give the lock back."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def holder(data: Path) -> int | None:
    """The pid that holds the lock, UNKNOWN if it does not say, None if nobody does.

    StoreError if the data folder is none or not the user's.
    """
    try:
        file = os.open(data / FILE, os.O_RDWR)
    except FileNotFoundError:
        return None
    except OSError as e:
        raise unusable(data, e) from e
    try:
        if _lock(file):
            return None
        text = os.read(file, 20).decode("ascii", "replace").strip()
        return int(text) if text.isascii() and text.isdigit() else UNKNOWN
    finally:
        os.close(file)


def _lock_soon(file: int) -> bool:
    for _ in range(TRIES):
        if _lock(file):
            return True
        time.sleep(PAUSE)
    return False


def _lock(file: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        try:
            os.lseek(file, 1 << 20, os.SEEK_SET)  # beyond the pid, which others must be able to read
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(file, 0, os.SEEK_SET)
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as e:
        if e.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        hint = "Set PROACTIVE_DATA to a folder on a disk of this machine."
        raise StoreError(f"The data folder cannot be locked: {e.strerror}.", hint) from e
    return True
