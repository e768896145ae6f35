"""Renames a file within one folder and never over another: each system's own call, or link and unlink."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

from agent.core import defence
from agent.core.lines import one_line
from agent.errors import ToolError

_NOREPLACE = 1  # RENAME_NOREPLACE, linux/fs.h
_EXCL = 4  # RENAME_EXCL, sys/stdio.h of macOS
_CANNOT = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM}


def move(fd: int | None, folder: Path, old: str, new: str) -> None:
    """Rename `old` to `new` in the open folder (or the folder at a path). Raises ToolError; then nothing changed."""
    try:
        if not defence.on("no_replace"):
            (folder / old).replace(folder / new)
        elif fd is None:
            (folder / old).rename(folder / new)  # Windows: refuses an existing target by itself
        elif not _by_kernel(fd, old, new):
            by_link(fd, old, new)
    except FileExistsError as e:
        raise ToolError(f"There is already a file '{one_line(new)}'.", "Nothing is overwritten; choose another name.") from e
    except FileNotFoundError as e:
        raise ToolError(f"'{one_line(old)}' is not there any more.", "It may have been moved or renamed.") from e
    except OSError as e:
        raise ToolError(f"'{one_line(old)}' could not be renamed: {e.strerror}.", "Check the folder's permissions.") from e


def by_link(fd: int, old: str, new: str) -> None:
    """For file systems without a rename that refuses: a link fails if the name is taken. Raises OSError."""
    os.link(old, new, src_dir_fd=fd, dst_dir_fd=fd, follow_symlinks=False)
    try:
        os.unlink(old, dir_fd=fd)
    except OSError:
        os.unlink(new, dir_fd=fd)  # one name is kept in any case
        raise


def _by_kernel(fd: int, old: str, new: str) -> bool:
    """False if the system or the file system has no rename that refuses an existing target."""
    call = _call()
    if call is None:
        return False
    function, flag = call
    if function(fd, os.fsencode(old), fd, os.fsencode(new), flag) == 0:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number))


def _call() -> tuple[Callable[..., int], int] | None:
    name, flag = ("renameatx_np", _EXCL) if sys.platform == "darwin" else ("renameat2", _NOREPLACE)
    function = getattr(ctypes.CDLL(None, use_errno=True), name, None)
    if function is None:
        return None
    function.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]
    return function, flag
