"""Presence on a real desktop: xfce4-notifyd, dunst, mate-notification-daemon, an X server; stand-ins for Plasma and GNOME."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from agent.presence._x11 import _hello
from agent.presence.linux import LinuxPresence
from tests.e2e.desktop import Desktop, desktop
from tests.fake_notifications import NAME, PATH, need, private_bus, stop, wait_until

pytestmark = pytest.mark.e2e
SHARED = {"GSETTINGS_BACKEND": "keyfile"}  # a backend that two processes share without dconf

WINDOW = """
import sys, tkinter
root = tkinter.Tk()
root.title("presence test")
root.geometry("300x200")
root.attributes("-fullscreen", sys.argv[1] == "full")
root.after(100, root.focus_force)
root.mainloop()
"""


@contextmanager
def lived_in(kind: str, monkeypatch: pytest.MonkeyPatch, *, start: bool = True) -> Iterator[Desktop]:
    """A desktop whose environment is ours too."""
    with desktop(kind, start=start) as desk:
        desk.env.update(SHARED)
        for name, value in desk.env.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        with held_open(desk):
            managed(desk)
            yield desk


@contextmanager
def held_open(desk: Desktop) -> Iterator[None]:
    """A client that stays: an X server resets itself whenever its last client leaves, and refuses others meanwhile."""
    client = wait_until(lambda: joined(desk.env["DISPLAY"].lstrip(":")))
    assert client, "the X server refuses"
    with client:
        yield


def joined(display: str) -> socket.socket | None:
    """A connection to that display, or None."""
    client = socket.socket(socket.AF_UNIX)
    with suppress(OSError):
        client.connect(f"/tmp/.X11-unix/X{display}")
        client.sendall(_hello(b""))
        if client.recv(1) == b"\1":
            return client
    client.close()
    return None


def managed(desk: Desktop) -> None:
    """Wait for the window manager; start again what met the server in a reset."""
    if not wait_until(lambda: "window id" in desk._run("xprop", "-root", "_NET_SUPPORTING_WM_CHECK"), 1.0):
        desk.processes.append(desk._spawn(["openbox"]))
        assert wait_until(lambda: "window id" in desk._run("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")), "no window manager"
    if desk.server is not None and desk.server.poll() is not None:
        desk.start_server()


async def becomes(seen: Callable[[Any], bool], seconds: float = 5.0) -> Any:
    """The first look that is as wanted, or the last one."""
    end = time.monotonic() + seconds
    while not seen(said := await LinuxPresence().look()) and time.monotonic() < end:
        await asyncio.sleep(0.1)
    return said


async def test_xfce_do_not_disturb_is_seen_on_and_off(monkeypatch: pytest.MonkeyPatch) -> None:
    need("xfconf-query")
    with lived_in("xfce4", monkeypatch) as desk:
        first = await LinuxPresence().look()
        assert (first.do_not_disturb, first.sources["xfce"]) == ("no", "no"), "never set is off"
        for value, known in (("true", "yes"), ("false", "no")):
            desk._run("xfconf-query", "-c", "xfce4-notifyd", "-p", "/do-not-disturb", "-n", "-t", "bool", "-s", value)
            said = await LinuxPresence().look()
            assert (said.do_not_disturb, said.sources["xfce"]) == (known, known)


async def test_xfce_is_asked_before_its_notification_server_has_started(monkeypatch: pytest.MonkeyPatch) -> None:
    need("xfconf-query")
    with lived_in("xfce4", monkeypatch) as desk:
        desk._run("xfconf-query", "-c", "xfce4-notifyd", "-p", "/do-not-disturb", "-n", "-t", "bool", "-s", "true")
        desk.kill_server()
        said = await becomes(lambda s: s.do_not_disturb == "yes")
        assert said.do_not_disturb == "yes", said.sources


async def test_a_paused_dunst_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    need("dunst", "dunstctl")
    with lived_in("mate", monkeypatch, start=False) as desk:
        desk.server = desk._spawn(["dunst"])
        desk._owned(NAME)
        for value, known in (("false", "no"), ("true", "yes"), ("false", "no")):
            desk._run("dunstctl", "set-paused", value)
            said = await LinuxPresence().look()
            assert (said.do_not_disturb, said.sources["dunst"]) == (known, known)


async def test_mate_do_not_disturb_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    need("gsettings")
    with lived_in("mate", monkeypatch) as desk:
        for value, known in (("false", "no"), ("true", "yes"), ("false", "no")):
            desk._run("gsettings", "set", "org.mate.NotificationDaemon", "do-not-disturb", value)
            said = await LinuxPresence().look()
            assert (said.do_not_disturb, said.sources["mate"]) == (known, known)


async def test_a_server_that_has_no_such_switch_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with lived_in("notification-daemon", monkeypatch):
        said = await LinuxPresence().look()
        assert said.do_not_disturb == "unknown"
        assert said.sources["notification server"] == "unknown ('Notification Daemon' does not tell)"


async def test_a_full_screen_window_is_seen_only_while_it_is_in_front(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tkinter", reason="tkinter is not installed")
    with lived_in("mate", monkeypatch, start=False) as desk:
        assert (await becomes(lambda s: s.full_screen == "no")).full_screen == "no", "an empty desktop"
        windows = []
        try:
            for how, known in (("small", "no"), ("full", "yes"), ("small", "no")):
                windows.append(subprocess.Popen([sys.executable, "-c", WINDOW, how], env={**os.environ, **desk.env}))
                wait_until(lambda: len(desk._run("xdotool", "search", "--name", "presence test").split()) >= len(windows))
                wanted: Callable[[Any], bool] = lambda s, known=known: s.full_screen == known  # noqa: E731
                said = await becomes(wanted)
                assert (said.full_screen, said.sources["x11"]) == (known, known), how
            stop(windows.pop())
            monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
            said = await LinuxPresence().look()
            assert said.full_screen in ("yes", "unknown"), "X cannot say no for a Wayland window"
        finally:
            for window in windows:
                stop(window)


async def test_under_wayland_no_x_window_in_front_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    with lived_in("mate", monkeypatch, start=False):
        first = await becomes(lambda s: s.full_screen == "no")
        assert first.full_screen == "no", first.sources
        monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
        said = await LinuxPresence().look()
        assert (said.full_screen, said.sources["x11"]) == ("unknown", "unknown (Wayland does not tell)")


async def test_frozen_servers_cost_at_most_a_second_and_the_rest_is_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with lived_in("xfce4", monkeypatch) as desk:
        desk.freeze_server()
        start = time.perf_counter()
        said = await LinuxPresence().look()
        took = time.perf_counter() - start
        assert took < 1.2
        assert (said.do_not_disturb, said.full_screen) == ("no", "no"), "xfconf and X still answer"
        screen = desk.processes[0]
        screen.send_signal(signal.SIGSTOP)
        start = time.perf_counter()
        said = await LinuxPresence().look()
        assert time.perf_counter() - start < 1.2
        assert said.sources["x11"] == "unknown (no answer in time)"
        screen.send_signal(signal.SIGCONT)
        desk.thaw_server()


async def test_a_look_takes_less_than_50_ms_and_leaves_no_connection_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    with lived_in("xfce4", monkeypatch):
        await LinuxPresence().look()
        before = len(list(Path("/proc/self/fd").iterdir()))
        took = []
        for _ in range(10):
            start = time.perf_counter()
            await LinuxPresence().look()
            took.append((time.perf_counter() - start) * 1000)
        print(f"\nlook: median {sorted(took)[5]:.1f} ms, longest {max(took):.1f} ms")
        assert sorted(took)[5] < 50
        assert len(list(Path("/proc/self/fd").iterdir())) <= before


@asynccontextmanager
async def stand_in(names: dict[str, Callable[[Any], Any]], monkeypatch: pytest.MonkeyPatch) -> Any:
    """A bus with these names; each answers a call with (signature, body), or refuses it with None."""
    from dbus_fast import Message, MessageType
    from dbus_fast.aio import MessageBus

    with private_bus() as private:
        bus = await MessageBus(bus_address=private.address).connect()

        def answer(message: Any) -> Any:
            if message.message_type != MessageType.METHOD_CALL or message.destination not in names:
                return None
            said = names[message.destination](message)
            if said is None:
                return Message.new_error(message, "org.freedesktop.DBus.Error.UnknownMethod", "no")
            return Message.new_method_return(message, *said)

        bus.add_message_handler(answer)
        for name in names:
            await bus.request_name(name)
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", private.address)
        monkeypatch.delenv("DISPLAY", raising=False)
        yield
        bus.disconnect()
        await asyncio.wait_for(bus.wait_for_disconnect(), 1)


def server_named(name: str, **properties: Any) -> Callable[[Any], Any]:
    """A notification server that tells its name and these properties."""
    from dbus_fast import Variant

    def answer(message: Any) -> Any:
        if message.member == "GetServerInformation":
            return "ssss", [name, "stand-in", "1", "1.2"]
        if message.path == PATH and message.member == "Get" and message.body[1] in properties:
            return "v", [Variant("b", properties[message.body[1]])]
        return None

    return answer


@pytest.mark.parametrize("known", ["yes", "no"])
async def test_plasma_says_by_a_property_that_it_is_inhibited(known: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with stand_in({NAME: server_named("Plasma", Inhibited=known == "yes")}, monkeypatch):
        said = await LinuxPresence().look()
        assert (said.do_not_disturb, said.sources["plasma"]) == (known, known)


async def test_a_plasma_without_that_property_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stand_in({NAME: server_named("Plasma")}, monkeypatch):
        said = await LinuxPresence().look()
        assert said.do_not_disturb == "unknown"
        assert said.sources["plasma"].startswith("unknown (org.freedesktop.DBus.Error")


async def test_gnome_is_asked_through_gsettings(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    need("gsettings")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("GSETTINGS_BACKEND", "keyfile")
    async with stand_in({NAME: server_named("gnome-shell")}, monkeypatch):
        assert (await LinuxPresence().look()).sources["gnome"] == "no"
        subprocess.run(["gsettings", "set", "org.gnome.desktop.notifications", "show-banners", "false"], check=True)
        assert (await LinuxPresence().look()).do_not_disturb == "yes"
        monkeypatch.setenv("PATH", str(tmp_path))
        assert (await LinuxPresence().look()).sources["gnome"] == "unknown (gsettings not found)"


@pytest.mark.parametrize(("session", "known"), [('<node name="u3"/>', "yes"), ("", "unknown")])
async def test_a_gnome_screen_cast_session_is_a_screen_share(session: str, known: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def mutter(message: Any) -> Any:
        wanted = message.path == "/org/gnome/Mutter/ScreenCast/Session" and message.member == "Introspect"
        return ("s", [f"<node>{session}</node>"]) if wanted else None

    async with stand_in({"org.gnome.Mutter.ScreenCast": mutter}, monkeypatch):
        assert (await LinuxPresence().look()).screen_share == known


async def test_nothing_is_started_by_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, bool]] = []

    def listen(message: Any) -> Any:
        asked.append((message.member, message.flags.value & 2 == 2))
        return server_named("Plasma", Inhibited=False)(message)

    async with stand_in({NAME: listen}, monkeypatch):
        await LinuxPresence().look()
    assert asked == [("GetServerInformation", True), ("Get", True)], "each call forbids activation"
