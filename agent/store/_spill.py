"""What the database cannot take for now: answers and ends of runs in a file whose room was taken beforehand, calls in memory.

A full disk, another program's lock or a file that may not be written must not lose an answer. It is written here, synced, and
counts; with the next write that succeeds it goes into the database.

Covered: 64 KiB, some hundred answers; a line torn by a power cut is left out, those before it stay.
Not covered: file systems that need new room to overwrite old (btrfs, ZFS); then the answer fails as it would have before.
"""

from __future__ import annotations

import json
import logging
import os
import zlib
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from agent.core.records import Execution, LLMCall, Response

log = logging.getLogger(__name__)
SIZE = 64 * 1024
CALLS = 200
Entry = Response | Execution


class Spill:
    """The entries that wait, oldest first. `reserve` takes the room; without it only what is there is read."""

    def __init__(self, path: Path, *, reserve: bool = True) -> None:
        self._path = path
        self._used = 0
        self.waiting: list[Entry] = []
        self.calls: deque[tuple[tuple[LLMCall, ...], str]] = deque(maxlen=CALLS)
        if reserve:
            self._reserve()
        self._read()

    def add(self, entry: Entry) -> bool:
        """Keep an entry on disk; False if there is no room for it or the disk refuses."""
        body = json.dumps([type(entry).__name__, entry.model_dump(mode="json")])
        line = f"{zlib.crc32(body.encode()):08x} {body}\n".encode()
        if self._used + len(line) > SIZE or not self._write(self._used, line):
            return False
        self._used += len(line)
        self.waiting.append(entry)
        return True

    def clear(self) -> None:
        """All is in the database now: no byte of it stays here."""
        self.waiting.clear()
        if self._used and self._write(0, bytes(self._used)):
            self._used = 0

    def responses(self, offer: int) -> list[Response]:
        """The responses to an offer that wait."""
        return [e for e in self.waiting if isinstance(e, Response) and e.offer == offer]

    def execution(self, offer: int) -> Execution | None:
        """The end of an offer's run, if it waits."""
        return next((e for e in reversed(self.waiting) if isinstance(e, Execution) and e.offer == offer), None)

    def keep_calls(self, calls: Sequence[LLMCall], tick: str) -> None:
        """Keep calls in memory: what was sent stays accountable once the disk has room."""
        if calls:
            self.calls.append((tuple(calls), tick))

    def _reserve(self) -> None:
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                if os.name == "posix":
                    os.fchmod(file, 0o600)
                missing = SIZE - os.fstat(file).st_size
                if missing > 0:
                    os.lseek(file, 0, os.SEEK_END)
                    os.write(file, bytes(missing))
                    os.fsync(file)
            finally:
                os.close(file)
        except OSError as error:
            log.warning("no room could be set aside for answers on a full disk: %s", error.strerror)

    def _read(self) -> None:
        with suppress(OSError):
            with self._path.open("rb") as file:
                data = file.read(SIZE)
            for line in data.split(b"\0", 1)[0].splitlines(keepends=True):
                entry = _entry(line)
                if entry is None:
                    break
                self._used += len(line)
                self.waiting.append(entry)

    def _write(self, at: int, data: bytes) -> bool:
        try:
            file = os.open(self._path, os.O_RDWR)
            try:
                os.lseek(file, at, os.SEEK_SET)
                whole = os.write(file, data) == len(data)
                os.fsync(file)
            finally:
                os.close(file)
        except OSError as error:
            log.warning("the room set aside for answers cannot be written: %s", error.strerror)
            return False
        return whole


def _entry(line: bytes) -> Entry | None:
    """The entry of a line; None if it is torn."""
    try:
        found, body = line[:8], line[9:-1]
        if not line.endswith(b"\n") or int(found, 16) != zlib.crc32(body):
            return None
        kind, fields = json.loads(body)
        return Response.model_validate(fields) if kind == "Response" else Execution.model_validate(fields)
    except (ValueError, TypeError, ValidationError):
        return None
