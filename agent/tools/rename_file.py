"""Tool: gives a file inside the allowed folders a better name, never over another file, with undo.

Covered: what _roots.py covers; a target that exists, also under another spelling of its letters; reserved and hidden
names; a changed suffix. Not covered: file systems that can neither rename nor link without replacing (refused).
"""

from __future__ import annotations

import asyncio
import os
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator

from agent.core import defence
from agent.core.lines import LINE, clean, hidden, one_line, squeeze
from agent.core.records import Result, Risk
from agent.errors import ToolError
from agent.plug import Supplies
from agent.tools._move import move
from agent.tools._roots import REPLACING, Roots, Seen, alike, identify, swapped

MAX_NAME = 150  # bytes: leaves room under the 255 (ext4) and 143 (eCryptfs) of file systems for a sync suffix
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file: names that open a device, with any suffix.
_DEVICES = {"con", "prn", "aux", "nul", "conin$", "conout$"} | {f"{d}{n}" for d in ("com", "lpt") for n in "0123456789¹²³"}
_FORBIDDEN = set('<>:"/\\|?*')


class Settings(BaseModel, extra="forbid"):
    """Where files may be renamed."""

    roots: tuple[Path, ...] | None = None
    """Allowed folders; without it those under [tools]."""


class Args(BaseModel):
    """The file and its new name; a name that may not be given to a file is refused here."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    path: str = Field(min_length=1, max_length=4096, description="absolute path of an existing file")
    new_name: str = Field(min_length=1, description="file name only, same suffix, at most 150 bytes")

    @field_validator("new_name")
    @classmethod
    def _name(cls, name: str) -> str:
        fault = name_fault(name)
        if fault and defence.on("plain_name"):
            raise ValueError(fault)
        return unicodedata.normalize("NFC", " ".join(name.split()))  # rows of spaces would not be seen as such


def name_fault(name: str) -> str:
    """Why a name may not be given to a file on some system, or ''."""
    plain = unicodedata.normalize("NFC", name)
    faults = {
        "holds a sign that cannot be seen": hidden(name) or clean(name) != name or not name.isprintable(),
        "holds a sign that file names may not hold": bool(_FORBIDDEN & set(unicodedata.normalize("NFKC", name))),
        "begins with a dot or space": plain[:1] in ". ",
        "ends with a dot or space": plain[-1:] in ". ",
        "is a device name on Windows": plain.split(".")[0].strip().casefold() in _DEVICES,
        f"is longer than {MAX_NAME} bytes": len(plain.encode(errors="replace")) > MAX_NAME,
    }
    return next((fault for fault, true in faults.items() if true), "")


class RenameFile:
    """Rename a file, for example a scan or download with a meaningless name. Can be undone."""

    name = "rename_file"
    risk: Risk = "write"
    args = Args

    def __init__(self, folders: Sequence[Path]) -> None:
        self._roots = Roots(folders)
        self._seen = Seen()

    def describe(self, args: Args) -> str:
        """`Rename old -> new`. Raises ToolError if the file or the name cannot be used."""
        with self._roots.folder(args.path) as (fd, folder, name):
            found = identify(fd, folder, name)
            _check_target(fd, folder, name, args.new_name)
        self._seen.note(args.path, found)
        old, new = one_line(Path(args.path).name), one_line(args.new_name)
        room = LINE - len("Rename  -> ")
        share = max(room - len(new), room // 3)  # the new name is what is decided on
        old = squeeze(old, share)
        return f"Rename {old} -> {squeeze(new, room - len(old))}"

    def seal(self, args: Args) -> str:
        """Which file the last `describe` saw."""
        return str(self._seen.get(args.path) or "")

    async def run(self, args: Args) -> Result:
        """Rename it. Raises ToolError; then the file has its old name."""
        old = Path(args.path).name
        file = await asyncio.to_thread(self._rename, args)
        undo: dict[str, JsonValue] = {"from": str(Path(args.path).with_name(args.new_name)), "to": old, "file": file}
        return Result(text=f"Renamed {one_line(old)} to {args.new_name}.", undo=undo)

    async def undo(self, record: Mapping[str, Any]) -> str:
        """Give the file its old name back. Raises ToolError if it is gone, replaced, or the old name is taken."""
        await asyncio.to_thread(self._undo, str(record["from"]), str(record["to"]), str(record["file"]))
        return f"Renamed {one_line(Path(str(record['from'])).name)} back to {one_line(str(record['to']))}."

    def _rename(self, args: Args) -> str:
        with self._roots.folder(args.path) as (fd, folder, name):
            found = identify(fd, folder, name)
            if self._seen.get(args.path) not in (None, found) and defence.on("same_file"):
                raise swapped(name)
            _check_target(fd, folder, name, args.new_name)
            move(fd, folder, name, args.new_name)
            if identify(fd, folder, args.new_name) != found and defence.on("same_file"):
                # Someone put another file under the old name between the look and the rename.
                move(fd, folder, args.new_name, name)
                raise swapped(name)
        return found.lasting()

    def _undo(self, path: str, old: str, file: str) -> None:
        with self._roots.folder(path) as (fd, folder, name):
            if not alike(file, identify(fd, folder, name).lasting()) and defence.on("same_file"):
                other = f"'{one_line(name)}' is another file than the one that was renamed; {REPLACING}."
                raise ToolError(other, "Nothing was changed.")
            if Path(old).name != old:
                raise ToolError("The old name is not a plain file name.", "Nothing was changed.")
            move(fd, folder, name, old)


def _check_target(fd: int | None, folder: Path, name: str, new: str) -> None:
    if Path(new).suffix.casefold() != Path(name).suffix.casefold():
        raise ToolError(f"'{new}' has another suffix than '{name}'.", "A rename keeps the suffix.")
    if new == name:
        raise ToolError(f"'{name}' has that name already.", "Nothing to do.")
    for taken in os.listdir(fd if fd is not None else folder):  # noqa: PTH208 - pathlib cannot list an open folder
        if taken != name and _letters(taken) == _letters(new) and defence.on("no_replace"):
            raise ToolError(f"There is already a file '{one_line(taken)}'.", "Nothing is overwritten; choose another name.")


def _letters(name: str) -> str:
    # Two names that are one on a file system without case or with another Unicode form (macOS, Windows, synced folders).
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def build(settings: Settings, supplies: Supplies) -> RenameFile:
    """The tool over its own roots or those of all tools."""
    return RenameFile(supplies.roots if settings.roots is None else settings.roots)
