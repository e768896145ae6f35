"""Watches what really happens: the interpreter's own audit events, and every file of the folders before and after.

Covered: processes, connections, name look-ups, browsers, files written, renamed or removed by Python code; and by the
folders' contents also what goes past it (a rename by the kernel's own call). Not covered: what a child process does.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_WATCHED = {
    *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "webbrowser.open"),
    *("socket.connect", "socket.sendto", "socket.getaddrinfo", "os.rename", "os.remove", "os.link", "os.symlink"),
    *("os.mkdir", "os.rmdir", "os.chmod", "os.truncate", "shutil.move", "shutil.rmtree", "shutil.copyfile", "open"),
}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
Tree = dict[str, tuple[int, bytes]]


class _Hook:
    """The one audit hook of this process: it cannot be removed, so it is put in once and listens only when told to."""

    def __init__(self) -> None:
        self.put_in = False
        self.into: list[tuple[str, str]] | None = None
        self.quiet: Collection[int] = ()

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if self.into is None or event not in _WATCHED:
            return
        if event == "open" and not _written(args):
            return
        if event == "socket.connect" and _port(args) in self.quiet:
            return
        if event == "socket.getaddrinfo" and args and str(args[0]) in ("127.0.0.1", "::1"):
            return
        self.into.append((event, repr(args)[:300]))


_HOOK = _Hook()


@contextmanager
def watched(ports: Collection[int] = ()) -> Iterator[list[tuple[str, str]]]:
    """The effects that happen inside, as they happen; connections to these loopback ports are not counted."""
    if not _HOOK.put_in:
        sys.addaudithook(_HOOK)
        _HOOK.put_in = True
    before, kept = (_HOOK.into, _HOOK.quiet), sys.dont_write_bytecode
    _HOOK.into, _HOOK.quiet, sys.dont_write_bytecode = [], ports, True
    try:
        yield _HOOK.into
    finally:
        (_HOOK.into, _HOOK.quiet), sys.dont_write_bytecode = before, kept


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """No program to be found and no display: no trial may reach the desktop of whoever runs it."""
    names = ("PATH", "DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "DBUS_SESSION_BUS_ADDRESS")
    before = {name: os.environ.pop(name, None) for name in names}
    os.environ["PATH"] = str(folder)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def tree(folder: Path) -> Tree:
    """Every entry below a folder: its kind, and for a file its bytes, for a link its target; links are not followed."""
    out: Tree = {}
    for base, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = os.path.join(base, name)  # noqa: PTH118 - names of any bytes, and thousands of times
            state = os.lstat(path)
            out[os.path.relpath(path, folder)] = (state.st_mode, _content(path, state))
    return out


def _content(path: str, state: os.stat_result) -> bytes:
    import stat

    if stat.S_ISLNK(state.st_mode):
        return os.fsencode(os.readlink(path))  # noqa: PTH115
    return Path(path).read_bytes() if stat.S_ISREG(state.st_mode) else b""


def _written(args: tuple[Any, ...]) -> bool:
    path, mode, flags = (*args, None, None, None)[:3]
    if isinstance(path, int) or str(path) == os.devnull:
        return False
    if isinstance(mode, str):
        return any(sign in mode for sign in "wax+")
    return bool(isinstance(flags, int) and flags & _WRITES)


def _port(args: tuple[Any, ...]) -> int:
    where = args[1] if len(args) > 1 else None
    inet = isinstance(where, tuple) and len(where) > 1 and args[0].family in (socket.AF_INET, socket.AF_INET6)
    return int(where[1]) if inet and where is not None and where[0] in ("127.0.0.1", "::1") else -1
