"""Tells of documents that appear in folders the user named: downloaded, saved, unpacked or moved there."""

from __future__ import annotations

import asyncio
import os
import stat
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from agent.core.records import NewFile, Reading
from agent.errors import ConfigError, SensorError
from agent.plug import Supplies

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

DOCUMENTS = [
    "pdf", "docx", "doc", "odt", "rtf", "txt", "md", "tex", "epub", "xlsx", "xls", "ods", "csv", "tsv", "pptx", "ppt",
    "odp", "html", "htm", "png", "jpg", "jpeg", "webp", "heic", "svg", "json", "xml", "eml", "ipynb",
]  # fmt: skip
HALF_DONE = {".part", ".partial", ".crdownload", ".download", ".opdownload", ".tmp", ".temp", ".swp"}
SETTLE = timedelta(seconds=5)
FORGET = timedelta(hours=1)  # a file still empty or growing after this is left alone
MOST = 1000  # files waiting at once; whoever unpacks an archive of more is not reading them now


class Settings(BaseModel, extra="forbid"):
    """Which folders are watched; none is unless it is named here."""

    folders: list[str] = Field(default_factory=list)
    """Folders to watch, for example "~/Downloads"; without one nothing is watched."""
    suffixes: list[str] = DOCUMENTS
    """Endings of the files that count as documents, without the dot."""
    subfolders: bool = False
    """Whether the folders inside them are watched too."""


@dataclass
class _Waiting:
    """A file that has appeared and is not yet known to be complete."""

    since: datetime
    size: int = -1


class FilesSensor:
    """Port Sensor on folders. The observer's thread only appends to a bounded queue; all looking is done in `read`."""

    def __init__(self, folders: Sequence[Path], settings: Settings) -> None:
        self._folders = tuple(folders)
        self._suffixes = {f".{s.lower().lstrip('.')}" for s in settings.suffixes}
        self._subfolders = settings.subfolders
        self._queue: deque[tuple[str, str]] = deque(maxlen=10 * MOST)
        self._known: set[str] = set()
        self._waiting: dict[str, _Waiting] = {}
        self._gone: set[Path] = set()
        self._observer: BaseObserver | None = None
        self._begun = False

    async def read(self, now: datetime) -> Reading:
        """The documents that appeared since the first read and are complete; SensorError if a folder cannot be watched.

        A file is complete when its size did not change between two reads, or was last written at least 5 s before `now`.
        """
        return await asyncio.to_thread(self._read, now) if self._folders else Reading()

    async def close(self) -> None:
        """Stop watching."""
        if self._observer is not None:
            await asyncio.to_thread(self._stop)

    def _read(self, now: datetime) -> Reading:
        gone = {f for f in self._folders if not f.is_dir()}
        if self._observer is None or gone != self._gone:
            self._stop()
            self._start([f for f in self._folders if f not in gone])
            self._gone = gone
        self._take(now)
        files = tuple(f for path in list(self._waiting) if (f := self._look(path, now)))
        return Reading(files=files, problems=tuple(f"The watched folder {f} is gone." for f in sorted(gone)))

    def _start(self, folders: Sequence[Path]) -> None:
        from watchdog.observers import Observer

        if not self._begun:
            self._begun = True
            self._known.update(self._listed())
        self._observer = Observer()
        try:
            for folder in folders:
                self._observer.schedule(_handler(self._queue), str(folder), recursive=self._subfolders)
            self._observer.start()
        except OSError as e:
            self._observer = None
            raise SensorError(f"A folder cannot be watched ({e.strerror}).", 'Name fewer folders under kind = "files".') from e
        # What appeared while the observer was being started, or while a folder was away, made no event.
        self._queue.extend(("", path) for path in self._listed() if path not in self._known)

    def _stop(self) -> None:
        observer, self._observer = self._observer, None
        if observer is not None and observer.is_alive():
            observer.stop()
            observer.join(timeout=5)

    def _listed(self) -> Iterator[str]:
        pattern = "**/*" if self._subfolders else "*"
        return (str(path) for folder in self._folders for path in folder.glob(pattern) if self._is_document(str(path)))

    def _take(self, now: datetime) -> None:
        while self._queue:
            source, path = self._queue.popleft()
            if path in self._known or not self._is_document(path):
                continue
            if source in self._known:  # the user, or one of our own operations, gave a known file another name
                self._known.add(path)
            elif len(self._waiting) < MOST:
                self._waiting.setdefault(path, _Waiting(since=now))

    def _is_document(self, path: str) -> bool:
        """By name only. Editors and browsers write under hidden and temporary names and rename at the end."""
        file = Path(path)
        inside = next((file.relative_to(f) for f in self._folders if file.is_relative_to(f)), None)
        if inside is None or any(part.startswith((".", "~$")) for part in inside.parts):
            return False
        return not HALF_DONE & {s.lower() for s in file.suffixes} and file.suffix.lower() in self._suffixes

    def _look(self, path: str, now: datetime) -> NewFile | None:
        waiting, found = self._waiting[path], _stat(path)
        if found is None or now - waiting.since > FORGET:
            del self._waiting[path]
            return None
        before, waiting.size = waiting.size, found.st_size
        written = datetime.fromtimestamp(found.st_mtime, timezone.utc)
        if found.st_size == 0 or (before != found.st_size and now - written < SETTLE):
            return None
        del self._waiting[path]
        self._known.add(path)
        return NewFile(path=path, at=waiting.since, size=found.st_size)


def build(settings: Settings, supplies: Supplies) -> FilesSensor:
    """A sensor on the named folders; ConfigError names the one that is not there."""
    return FilesSensor(list(_folders(settings.folders)), settings)


def _folders(names: Iterable[str]) -> Iterator[Path]:
    for name in names:
        folder = Path(name).expanduser()
        if not folder.is_dir():
            raise ConfigError(
                f"The folder {name} to be watched does not exist.", 'Create it, or correct folders under kind = "files".'
            )
        yield folder.resolve()


def _stat(path: str) -> os.stat_result | None:
    """The regular file behind a path that can be written as UTF-8; links are not followed."""
    try:
        path.encode()
        found = Path(path).lstat()
    except (OSError, UnicodeEncodeError):
        return None
    return found if stat.S_ISREG(found.st_mode) else None


def _handler(queue: deque[tuple[str, str]]) -> Any:
    from watchdog.events import FileSystemEvent, FileSystemEventHandler

    class Enqueue(FileSystemEventHandler):
        def on_created(self, event: FileSystemEvent) -> None:
            if not event.is_directory:
                queue.append(("", os.fsdecode(event.src_path)))

        def on_moved(self, event: FileSystemEvent) -> None:
            if not event.is_directory:
                queue.append((os.fsdecode(event.src_path), os.fsdecode(event.dest_path)))

    return Enqueue()
