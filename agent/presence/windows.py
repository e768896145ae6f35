"""What Windows says about interruptions, from SHQueryUserNotificationState (shell32, Windows Vista and later).

Never run on Windows by us. Covered by that call: a full-screen program, presentation mode, a locked or absent session, the
first hour after setting up. Not covered ('unknown'): Focus (Windows holds back banners then by itself), screen share.
"""

from __future__ import annotations

import ctypes
from typing import Final

from pydantic import BaseModel

from agent.core.records import Known, PresenceState
from agent.plug import Supplies
from agent.presence._said import Said, state

# QUERY_USER_NOTIFICATION_STATE (shellapi.h): what each number says of the two questions that it answers.
# 1 no session in front, 2 busy (full screen), 3 Direct3D full screen, 4 presentation, 5 accepts, 6 quiet time, 7 store app.
FULL_SCREEN: Final[dict[int, Known]] = {2: "yes", 3: "yes", 5: "no", 6: "no", 7: "yes"}
QUIET: Final = frozenset({1, 4, 6})


class Settings(BaseModel, extra="forbid"):
    """Nothing to set."""


def build(settings: Settings, supplies: Supplies) -> WindowsPresence:
    """A presence that asks Windows at each look."""
    return WindowsPresence()


class WindowsPresence:
    """The port Presence for Windows."""

    async def look(self) -> PresenceState:
        """Ask Windows (microseconds, no network); never raises."""
        return told(_query())


def told(number: int | None) -> PresenceState:
    """What a state number says; None: it could not be asked."""
    if number is None:
        return state([Said("do_not_disturb", "windows", "unknown", "could not be asked")])
    said = []
    if number in FULL_SCREEN:
        said.append(Said("full_screen", "screen", FULL_SCREEN[number]))
    if number in QUIET:
        said.append(Said("do_not_disturb", "session", "yes"))
    else:
        said.append(Said("do_not_disturb", "focus", "unknown", "Windows does not tell"))
    return state(said)


def _query() -> int | None:
    """The state's number, or None where Windows cannot be asked."""
    library = getattr(ctypes, "windll", None)
    if library is None:
        return None
    number = ctypes.c_int(0)
    try:
        failed = library.shell32.SHQueryUserNotificationState(ctypes.byref(number))
    except OSError:
        return None
    return None if failed else number.value
