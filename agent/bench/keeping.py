"""Finished work of a long run as JSON lines in a file of the owner's alone; half a line left by a killed run is cut off."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from agent.errors import ProactiveError
from reward_model.dataset import not_utf8

Form = tuple[str, ...]
"""The keys an entry has at least, the one that is written first in front."""
HINT = "Give --resume another file."


def entries(path: Path, *forms: Form) -> list[dict[str, Any]]:
    """Every entry of a file in order, none if it is not there. Raises ProactiveError; a foreign file is left as it is.

    A last line without its end, begun as one of ours, is what a killed run leaves. It is cut off on disk too: the next
    entry would run into it.
    """
    try:
        raw = _bytes(path)
        end = raw.rfind(b"\n") + 1
        lines = raw[:end].decode("utf-8-sig").split("\n")
        found = [_entry(line, f"{path}, line {n}", forms) for n, line in enumerate(lines, 1) if line.strip()]
        if end < len(raw):
            _cut(path, raw, end, forms)
    except OSError as e:
        raise ProactiveError(f"{path} cannot be used: {e.strerror}.", HINT) from e
    except UnicodeDecodeError as e:
        raise ProactiveError(f"{path}, {not_utf8(e)}.", HINT) from e
    return found


def append(path: Path, entry: object) -> None:
    """Add an entry, on disk when this returns; a new file is the owner's alone (0600). Raises ProactiveError."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(file, "a", encoding="utf-8", newline="\n") as out:
            out.write(json.dumps(entry) + "\n")  # ASCII: a task may hold separators and halves of characters
    except OSError as e:
        raise ProactiveError(f"{path} cannot be written: {e.strerror}.", HINT) from e


def _bytes(path: Path) -> bytes:
    if path.exists():
        return path.read_bytes()
    if not path.absolute().parent.is_dir():
        raise ProactiveError(f"{path} cannot be written: there is no such folder.", HINT)
    return b""


def _entry(line: str, where: str, forms: tuple[Form, ...]) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as e:
        raise _foreign(where) from e
    if not isinstance(entry, dict) or not any(set(form) <= set(entry) for form in forms):
        raise _foreign(where)
    return entry


def _cut(path: Path, raw: bytes, end: int, forms: tuple[Form, ...]) -> None:
    if not any(_begins(raw[end:], f'{{"{form[0]}": '.encode()) for form in forms):
        last = raw.count(b"\n") + 1
        raise _foreign(f"{path}, line {last}")
    with path.open("r+b") as file:
        file.truncate(end)


def _begins(rest: bytes, ours: bytes) -> bool:
    return rest.startswith(ours) or ours.startswith(rest)


def _foreign(where: str) -> ProactiveError:
    return ProactiveError(f"{where}: not a kept result.", HINT)
