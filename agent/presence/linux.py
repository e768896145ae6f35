"""What a Linux desktop says about interruptions, asked over the session bus and the X display.

Covered and tested against the real program: xfce4-notifyd's do-not-disturb, dunst's pause, mate-notification-daemon's
do-not-disturb, full screen under X11. Covered, but tested against a stand-in only: Plasma, GNOME.
Not covered ('unknown'): full screen of native Wayland windows; screen share except a GNOME screen cast session (Plasma
can set do-not-disturb by itself while sharing; X11 capture leaves no trace).
No service is started by asking and nothing is changed. A look takes about 20 ms and ends after one second at the latest.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from pydantic import BaseModel, Field

from agent.core.records import Known, PresenceState
from agent.plug import Supplies
from agent.presence._dbus import SERVER, WAIT, Session, connect
from agent.presence._said import Question, Said, Untold, state
from agent.presence._x11 import full_screen

BOUND: Final = 1.0  # seconds for a whole look
XFCONF: Final = ("org.xfce.Xfconf", "/org/xfce/Xfconf", "org.xfce.Xfconf")
MUTTER: Final = "org.gnome.Mutter.ScreenCast"


class Settings(BaseModel, extra="forbid"):
    """How long a look may take."""

    bound: float = Field(default=BOUND, gt=0, le=5)
    """Seconds for a whole look; what has not answered by then is unknown."""


def build(settings: Settings, supplies: Supplies) -> LinuxPresence:
    """A presence that reads the environment at each look."""
    return LinuxPresence(settings.bound)


class LinuxPresence:
    """The port Presence for Linux desktops."""

    def __init__(self, bound: float = BOUND) -> None:
        self._bound = bound

    async def look(self) -> PresenceState:
        """Ask all sources at once; never raises."""
        bus = asyncio.create_task(_over_the_bus())
        screen = asyncio.create_task(_one("full_screen", "x11", _screen()))
        await asyncio.wait({bus, screen}, timeout=self._bound)
        said = bus.result() if await _ended(bus) else [Said("do_not_disturb", "session bus", "unknown", "no answer in time")]
        late = Said("full_screen", "x11", "unknown", "no answer in time")
        return state([*said, screen.result() if await _ended(screen) else late])


async def _ended(task: asyncio.Task[list[Said]] | asyncio.Task[Said]) -> bool:
    if task.done():
        return True
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return False


async def _one(question: Question, source: str, asked: Awaitable[Known]) -> Said:
    try:
        return Said(question, source, await asked)
    except Untold as reason:
        return Said(question, source, "unknown", str(reason))
    except Exception as error:  # noqa: BLE001 - what a foreign program answers must not stop the loop
        return Said(question, source, "unknown", f"answered nonsense: {type(error).__name__}")


async def _screen() -> Known:
    if await full_screen(os.environ.get("DISPLAY", "")):
        return "yes"
    if os.environ.get("WAYLAND_DISPLAY"):
        raise Untold("Wayland does not tell")
    return "no"


async def _over_the_bus() -> list[Said]:
    try:
        session = await connect()
    except Untold as reason:
        return [Said("do_not_disturb", "session bus", "unknown", str(reason))]
    try:
        asked = [_one(question, name, ask(session)) for question, name, here, ask in SOURCES if here(session)]
        said = list(await asyncio.gather(*asked))
    finally:
        session.close()
    if not any(answer.question == "do_not_disturb" for answer in said):
        server = f"'{session.server}' does not tell" if session.server else "no notification server answers"
        said.append(Said("do_not_disturb", "notification server", "unknown", server))
    return said


def _known(*, yes: bool) -> Known:
    return "yes" if yes else "no"


async def _plasma(session: Session) -> Known:
    return _known(yes=bool(await session.get(*SERVER, "Inhibited")))


async def _dunst(session: Session) -> Known:
    return _known(yes=bool(await session.get(SERVER[0], SERVER[1], "org.dunstproject.cmd0", "paused")))


async def _xfce(session: Session) -> Known:
    try:
        return _known(yes=bool((await session.call(XFCONF, "GetProperty", "xfce4-notifyd", "/do-not-disturb"))[0]))
    except Untold as reason:
        if "NotFound" in str(reason):  # PropertyNotFound, ChannelNotFound: never set, and off is the default
            return "no"
        raise


async def _gnome(session: Session) -> Known:
    return _known(yes=await _gsettings("org.gnome.desktop.notifications", "show-banners") == "false")


async def _mate(session: Session) -> Known:
    return _known(yes=await _gsettings("org.mate.NotificationDaemon", "do-not-disturb") == "true")


async def _gsettings(schema: str, key: str) -> str:
    """'true' or 'false' from the `gsettings` program; the settings themselves are not readable over the bus."""
    try:
        process = await asyncio.create_subprocess_exec(
            "gsettings", "get", schema, key, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
    except OSError:
        raise Untold("gsettings not found") from None
    try:
        out, _ = await asyncio.wait_for(process.communicate(), 2 * WAIT)
    except asyncio.TimeoutError:
        raise Untold("gsettings does not answer") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    said = out.decode(errors="replace").strip()
    if said not in ("true", "false"):
        raise Untold(f"gsettings does not know {schema} {key}")
    return said


async def _mutter(session: Session) -> Known:
    """Yes while a screen cast session exists; without one a capture over X11 is still possible, so never no."""
    path = ("org.gnome.Mutter.ScreenCast", "/org/gnome/Mutter/ScreenCast/Session", "org.freedesktop.DBus.Introspectable")
    if "<node name=" in str((await session.call(path, "Introspect"))[0]):
        return "yes"
    raise Untold("no screen cast session; X11 capture cannot be seen")


Source = tuple[Question, str, Callable[[Session], bool], Callable[[Session], Awaitable[Known]]]
# The running notification server decides whether a toast shows, so each is asked for its own switch.
SOURCES: Final[tuple[Source, ...]] = (
    ("do_not_disturb", "plasma", lambda s: s.server == "Plasma", _plasma),
    ("do_not_disturb", "dunst", lambda s: s.server == "dunst", _dunst),
    ("do_not_disturb", "xfce", lambda s: XFCONF[0] in s.names and s.vendor in ("", "Xfce"), _xfce),
    ("do_not_disturb", "gnome", lambda s: s.server == "gnome-shell", _gnome),
    ("do_not_disturb", "mate", lambda s: s.vendor == "MATE", _mate),
    ("screen_share", "mutter", lambda s: MUTTER in s.names, _mutter),
)
