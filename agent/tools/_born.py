"""When a file was made: with the inode it says which file it is, whatever it is called and however often it is saved."""

from __future__ import annotations

import ctypes
import os
import struct
from functools import cache
from typing import Any

# linux/stat.h and linux/fcntl.h.
_EMPTY_PATH, _NO_FOLLOW, _BIRTH = 0x1000, 0x100, 0x800
_MASK, _MOMENT, _SIZE = "=I", "=qI", 256


def born(state: os.stat_result, fd: int | None, name: str = "", *, follow: bool = False) -> int | None:
    """Nanoseconds at which the file `name` of an open folder, or the open file itself, was made; None if nothing keeps it."""
    # Python before 3.12 has it as st_ctime on Windows; file systems without it give nothing or less on macOS.
    moment = getattr(state, "st_birthtime", state.st_ctime if os.name == "nt" else None)
    if moment is None:
        return None if fd is None else _asked(fd, name, follow=follow)
    return int(moment * 1e9) if moment > 0 else None


def _asked(fd: int, name: str, *, follow: bool) -> int | None:
    statx, found = _statx(), ctypes.create_string_buffer(_SIZE)
    flags = (0 if name else _EMPTY_PATH) | (0 if follow else _NO_FOLLOW)
    if statx is None or statx(fd, os.fsencode(name), flags, _BIRTH, found) != 0:
        return None
    seconds, rest = struct.unpack_from(_MOMENT, found, 80)
    kept = struct.unpack_from(_MASK, found)[0] & _BIRTH
    return int(seconds * 10**9 + rest) if kept else None


@cache
def _statx() -> Any:
    function = getattr(ctypes.CDLL(None), "statx", None)
    if function is not None:
        function.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_uint, ctypes.c_char_p]
    return function
