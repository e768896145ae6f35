"""What macOS says about interruptions: a Focus that was turned on by hand, from the file in which macOS keeps it.

Never run on a Mac by us: the file's form is taken from published descriptions (macOS 12 to 15). Reading it needs Full Disk
Access for the program that runs Proactive; without it, and for a scheduled Focus, the answer is 'unknown'.
Not covered ('unknown'): full screen, screen share. macOS itself holds back banners during a Focus and while sharing.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from agent.core.records import Known, PresenceState
from agent.plug import Supplies
from agent.presence._said import Said, Untold, state

ASSERTIONS = Path("Library/DoNotDisturb/DB/Assertions.json")


class Settings(BaseModel, extra="forbid"):
    """Where the Focus is kept."""

    assertions: Path | None = Field(default=None)
    """The file; without one, `Library/DoNotDisturb/DB/Assertions.json` in the home folder."""


def build(settings: Settings, supplies: Supplies) -> MacosPresence:
    """A presence that reads the file at each look."""
    return MacosPresence(settings.assertions)


class MacosPresence:
    """The port Presence for macOS."""

    def __init__(self, assertions: Path | None = None) -> None:
        self._path = assertions

    async def look(self) -> PresenceState:
        """Read the file; never raises."""
        try:
            known = await asyncio.to_thread(_focus, self._path or Path.home() / ASSERTIONS)
            said = Said("do_not_disturb", "focus", known)
        except Untold as reason:
            said = Said("do_not_disturb", "focus", "unknown", str(reason))
        return state([said])


def _focus(path: Path) -> Known:
    try:
        kept = json.loads(path.read_bytes())
    except PermissionError:
        raise Untold("needs Full Disk Access") from None
    except (OSError, ValueError, RecursionError):
        raise Untold("no readable Assertions.json") from None
    if _records(kept):
        return "yes"
    raise Untold("none by hand; a scheduled Focus cannot be seen")


def _records(kept: Any) -> bool:
    """Whether any entry of `data` holds a record under `storeAssertionRecords`."""
    entries = kept.get("data") if isinstance(kept, dict) else None
    return isinstance(entries, list) and any(isinstance(e, dict) and e.get("storeAssertionRecords") for e in entries)
