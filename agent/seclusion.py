"""Keeps this process and its files to its user: files private from creation, no core dump, loose files tightened."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from agent.core.defence import on


def close_umask() -> None:
    """From now on whatever this process creates is its user's alone: files 0600, folders 0700."""
    if on("umask"):
        os.umask(0o077)


def no_core_dump() -> None:
    """A crash leaves no image of the memory, which holds keys and titles. Not covered: Windows."""
    if sys.platform == "win32" or not on("core_limit"):
        return
    import resource

    # The hard limit stays as it is: programs that an accepted operation starts are not ours to bind.
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def tighten_below(folder: Path) -> list[str]:
    """Take the rights of others from all files and folders below a folder of ours; the names of those that were loose."""
    if os.name != "posix":
        return []
    loose = [p for p in sorted(folder.rglob("*")) if _loose(p)]
    for path in loose:
        path.chmod(0o700 if path.is_dir() else 0o600)
    return [p.name for p in loose]


def _loose(path: Path) -> bool:
    mode = path.lstat().st_mode
    return (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) and bool(mode & 0o077)
