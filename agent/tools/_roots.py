"""Opens files inside the allowed folders only, one path component at a time and never through a link.

Covered: `..`, links at every component, hidden folders and files, hard links, FIFOs, devices, sockets, a file swapped
between offer and run (its device, inode and birth are compared), files above 20 MiB.
Not covered: what is written into the same file after the offer; on Windows the walk is a check before the open, not one with
it; a program of the same user that writes into the allowed folders; bind mounts, which look like plain folders.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from agent.core import defence
from agent.core.lines import cut, hidden, one_line
from agent.errors import ToolError
from agent.tools._born import born

MAX_FILE = 20 * 2**20
REPLACING = "some programs replace a file when they save it"
_FOLDER = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
# O_NONBLOCK: opening a FIFO must not wait for its writer.
_FILE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
WALKS = os.open in os.supports_dir_fd and os.stat in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")


@dataclass(frozen=True)
class Identity:
    """Which file it is, whatever it is called. File systems give the inode of a removed file to the next one, so with it
    goes the moment of birth; where none is kept, size and time of change, which a rename leaves alone."""

    device: int
    inode: int
    mark: tuple[int, ...]

    def __str__(self) -> str:
        return ":".join(str(n) for n in (self.device, self.inode, *self.mark))

    def lasting(self) -> str:
        """What of it a save leaves alone."""
        return str(self if len(self.mark) == 1 else replace(self, mark=()))


class Seen:
    """Which file each path meant when it was last described; the oldest are forgotten after 500."""

    def __init__(self) -> None:
        self._files: dict[str, Identity] = {}

    def note(self, path: str, found: Identity) -> None:
        """Remember what the path means now."""
        self._files.pop(path, None)
        self._files[path] = found
        if len(self._files) > 500:
            self._files.pop(next(iter(self._files)))

    def get(self, path: str) -> Identity | None:
        """What the path meant, None if it was not described."""
        return self._files.get(path)


class Roots:
    """The allowed folders. A root that is itself a link is followed (the user chose it); nothing below it is."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(f.expanduser() for f in folders)

    def place(self, path: str) -> tuple[Path, tuple[str, ...]]:
        """The real root of a path and its components below it; ToolError if it is outside or not a plain path."""
        path = str(Path(path).expanduser()) if path.startswith("~/") else path
        shown = cut(one_line(path), 60)
        if hidden(path) or len(path) > 4096 or not Path(path).is_absolute() or ".." in Path(path).parts:
            raise ToolError(f"'{shown}' is not a plain absolute path.", "Name a file in one of the allowed folders.")
        for folder in self._folders:
            for root in (folder, Path(os.path.realpath(folder))):
                if Path(path).is_relative_to(root) and Path(path) != root:
                    return Path(os.path.realpath(folder)), _visible(Path(path).relative_to(root).parts)
        if not defence.on("roots"):
            return Path("/"), Path(path).parts[1:]
        allowed = ", ".join(str(f) for f in self._folders) or "none"
        raise ToolError(f"'{shown}' is outside the allowed folders ({allowed}).", "Add its folder to roots under [tools].")

    @contextmanager
    def folder(self, path: str) -> Iterator[tuple[int | None, Path, str]]:
        """The open folder of a file (a directory fd, None on Windows), its path, and the file's name in it."""
        root, parts = self.place(path)
        if not WALKS:
            yield None, _linkless(root, parts[:-1]), parts[-1]
            return
        fd = _enter(root, parts[:-1])
        try:
            yield fd, root.joinpath(*parts[:-1]), parts[-1]
        finally:
            os.close(fd)

    def look(self, path: str) -> Identity:
        """Which file a path means now; ToolError if it may not be used."""
        with self.folder(path) as (fd, folder, name):
            return identify(fd, folder, name)

    def read(self, path: str, expected: Identity | None = None, size: int = MAX_FILE) -> bytes:
        """The first `size` bytes of a file, which must be the expected one. Raises ToolError."""
        with self.folder(path) as (fd, folder, name):
            try:
                handle = os.open(name if fd is not None else folder / name, os.O_RDONLY | _FILE | _no_follow(), dir_fd=fd)
            except OSError as e:
                raise _refusal(name, e) from e
            try:
                state = os.fstat(handle)
                found = _usable(state, name, born(state, handle))
                if expected not in (None, found) and defence.on("same_file"):
                    raise swapped(name)
                with os.fdopen(handle, "rb", closefd=False) as file:
                    return file.read(size)
            finally:
                os.close(handle)


def _no_follow() -> int:
    return getattr(os, "O_NOFOLLOW", 0) if defence.on("no_follow") else 0


def identify(fd: int | None, folder: Path, name: str) -> Identity:
    """Which file a name in an open folder means now; ToolError if it is missing, a link or not a plain file."""
    try:
        follow = not defence.on("no_follow")
        state = os.stat(name if fd is not None else folder / name, dir_fd=fd, follow_symlinks=follow)
    except OSError as e:
        raise _refusal(name, e) from e
    return _usable(state, name, born(state, fd, name, follow=follow))


def alike(before: str, now: str) -> bool:
    """Whether two rows of written identities name the same files; one of another kind or age is compared by what both hold."""
    pairs = [(a.split(":"), b.split(":")) for a, b in zip(before.split(), now.split(), strict=False)]
    same = all(a == b if len(a) == len(b) else a[:2] == b[:2] for a, b in pairs)
    return same and len(before.split()) == len(now.split())


def swapped(name: str) -> ToolError:
    """The error for a file that is not the one that was offered."""
    shown = cut(one_line(name), 60)
    return ToolError(f"'{shown}' is another file than the one that was offered; {REPLACING}.", "Nothing was done.")


def _visible(parts: tuple[str, ...]) -> tuple[str, ...]:
    # Keys, tokens and the insides of repositories are kept under names with a leading dot.
    if any(part.startswith(".") for part in parts) and defence.on("hidden_files"):
        raise ToolError("Hidden files and folders are left alone.", "Use a file that is not below a name with a leading dot.")
    return parts


def _enter(root: Path, parts: Sequence[str]) -> int:
    try:
        fd = os.open(root, os.O_RDONLY | _FOLDER | _no_follow())
    except OSError as e:
        raise _refusal(str(root), e) from e
    for part in parts:
        try:
            below = os.open(part, os.O_RDONLY | _FOLDER | _no_follow(), dir_fd=fd)
        except OSError as e:
            raise _refusal(part, e) from e
        finally:
            os.close(fd)
        fd = below
    return fd


def _linkless(root: Path, parts: Sequence[str]) -> Path:
    folder = root
    for part in parts:
        folder = folder / part
        # A junction is a link on Windows, but not to is_symlink().
        if folder.is_symlink() or os.path.realpath(folder) != os.path.abspath(folder):  # noqa: PTH100 - must not resolve
            raise ToolError(f"'{part}' is a link.", "Links are not followed; name the real path.")
    return folder


def _usable(state: os.stat_result, name: str, birth: int | None) -> Identity:
    shown = cut(one_line(name), 60)
    if stat.S_ISLNK(state.st_mode):
        raise ToolError(f"'{shown}' is a link.", "Links are not followed; name the real path.")
    if not stat.S_ISREG(state.st_mode) and defence.on("plain_file"):
        raise ToolError(f"'{shown}' is not a plain file.", "Only plain files can be used.")
    if state.st_nlink > 1 and defence.on("one_name"):
        # A hard link is a second name of a file that may live outside the allowed folders.
        raise ToolError(f"'{shown}' has a second name elsewhere (a hard link).", "Copy it, then use the copy.")
    if state.st_size > MAX_FILE:
        raise ToolError(f"'{shown}' is larger than {MAX_FILE // 2**20} MiB.", "Use a smaller file.")
    return Identity(state.st_dev, state.st_ino, (state.st_size, state.st_mtime_ns) if birth is None else (birth,))


def _refusal(name: str, error: OSError) -> ToolError:
    shown = cut(one_line(name), 60)
    if isinstance(error, FileNotFoundError):
        return ToolError(f"'{shown}' is not there any more.", "It may have been moved or renamed.")
    if isinstance(error, PermissionError):
        return ToolError(f"'{shown}' may not be opened.", "Check its permissions.")
    return ToolError(f"'{shown}' is a link or cannot be opened.", "Links are not followed; name the real path.")
