"""A whole desktop of our own for tests: X server, session bus, window manager and a real notification server.

    with desktop("mate") as desk:
        ... start the program under test with {**os.environ, **desk.env} ...
        desk.click("Accept")

Every process is ours, is stopped by its own pid, and every wait is bounded. All calls block: from a coroutine use
`asyncio.to_thread`. Buttons are found on a screenshot by OCR, not by fixed places.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.fake_notifications import PrivateBus, need, private_bus, stop, wait_until

SCREEN = (1280, 800)
ZOOM = 3  # tesseract reads the small type of a toast only when enlarged
PARKED = (100, 700)


@dataclass(frozen=True)
class Server:
    """A real notification server: the class of its windows, its program, helpers to start first, where its x is."""

    window: str
    program: str
    helper: str = ""
    helper_name: str = ""
    close_at: tuple[int, int] = (0, 0)
    """From the right top corner of the toast; (0, 0) where there is no x."""


SERVERS = {
    "mate": Server(
        "mate-notification-daemon", "/usr/lib/mate-notification-daemon/mate-notification-daemon", close_at=(-32, 26)
    ),
    "notification-daemon": Server("otification", "/usr/lib/notification-daemon/notification-daemon", close_at=(-24, 29)),
    "xfce4": Server(
        "fce4-notifyd", "xfce4/notifyd/xfce4-notifyd", helper="xfce4/xfconf/xfconfd", helper_name="org.xfce.Xfconf"
    ),
}


@dataclass(frozen=True)
class Window:
    """A visible window of the notification server, in screen coordinates."""

    x: int
    y: int
    width: int
    height: int


def program(path: str) -> str:
    """The path of a program that Debian keeps outside PATH; skips the test if it is not installed."""
    found = [path] if path.startswith("/") else [str(p) for p in sorted(Path("/usr/lib").glob(f"*/{path}"))]
    need(*(found or [path]))
    return found[0]


@dataclass
class Desktop:
    """A running desktop. `env` is what a program needs to live on it."""

    kind: Server
    env: dict[str, str]
    folder: Path
    bus: PrivateBus
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    server: subprocess.Popen[bytes] | None = None

    def start_server(self) -> None:
        """Start the notification server and wait until it owns its name on the bus."""
        if self.kind.helper and not any(p.args == [program(self.kind.helper)] for p in self.processes):
            self.processes.append(self._spawn([program(self.kind.helper)]))
            self._owned(self.kind.helper_name)
        self.server = self._spawn([program(self.kind.program)])
        self._owned("org.freedesktop.Notifications")

    def kill_server(self) -> None:
        """Kill the notification server as a crash would."""
        if self.server is not None:
            self.server.kill()
            self.server.wait(5)
            self.server = None

    def freeze_server(self) -> None:
        """Stop the notification server with SIGSTOP: it keeps its name and answers nothing."""
        if self.server is not None:
            self.server.send_signal(signal.SIGSTOP)

    def thaw_server(self) -> None:
        """Let a frozen notification server go on."""
        if self.server is not None:
            self.server.send_signal(signal.SIGCONT)

    def windows(self) -> list[Window]:
        """The toasts that are on the screen now."""
        found = []
        for window in self._run("xdotool", "search", "--onlyvisible", "--class", self.kind.window).split():
            lines = self._run("xdotool", "getwindowgeometry", "--shell", window).splitlines()
            at = {name: int(value) for name, _, value in (line.partition("=") for line in lines) if value.lstrip("-").isdigit()}
            if at.get("WIDTH", 0) > 50:
                found.append(Window(at["X"], at["Y"], at["WIDTH"], at["HEIGHT"]))
        return found

    def wait_for_toast(self, seconds: float = 6.0) -> Window:
        """The newest toast, once one is drawn."""
        assert wait_until(self.windows, seconds), "no toast appeared"
        return self.windows()[-1]

    def wait_for_none(self, seconds: float = 6.0) -> bool:
        """True once no toast is on the screen."""
        return bool(wait_until(lambda: not self.windows(), seconds))

    def screenshot(self, path: Path) -> Path:
        """Save the whole screen as PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._run("import", "-window", "root", str(path))
        return path

    def read(self) -> list[tuple[str, int, int]]:
        """The words on the newest toast with their middles, by OCR, top to bottom."""
        window = self.wait_for_toast()
        shot, crop = self.screenshot(self.folder / "screen.png"), self.folder / "crop.png"
        cut = f"{window.width}x{window.height}+{window.x}+{window.y}"
        for extra in ((), ("-negate",)):
            zoom = ["-crop", cut, "+repage", "-resize", f"{ZOOM}00%", "-colorspace", "Gray", *extra]
            self._run("convert", str(shot), *zoom, str(crop))
            words = _words(self._run("tesseract", str(crop), "-", "--psm", "11", "tsv"))
            if words:
                return [(word, window.x + x // ZOOM, window.y + y // ZOOM) for word, x, y in words]
        return []

    def click(self, label: str, seconds: float = 8.0) -> None:
        """Press the button with this label (the lowest place on the toast where it is read) with the real pointer."""
        place = wait_until(lambda: _place(self.read(), label), seconds)
        assert place, f"no {label!r} on the toast, only {self.read()}"
        self.press(*place)

    def click_x(self) -> None:
        """Press the x of the newest toast."""
        window = self.wait_for_toast()
        dx, dy = self.kind.close_at
        assert (dx, dy) != (0, 0), "this server has no x"
        wait_until(lambda: len(self.read()) > 2)  # drawn, so that the click is not lost
        self.press(window.x + window.width + dx, window.y + dy)

    def click_body(self) -> None:
        """Press the toast itself, left of its text."""
        window = self.wait_for_toast()
        wait_until(lambda: len(self.read()) > 2)
        self.press(window.x + 60, window.y + 40)

    def press(self, x: int, y: int) -> None:
        """Move the pointer there, click, and park it again (a toast under the pointer does not expire)."""
        self._run("xdotool", "mousemove", str(x), str(y), "sleep", "0.15", "click", "1", "sleep", "0.1")
        self._run("xdotool", "mousemove", *map(str, PARKED))

    def _spawn(self, argv: Sequence[str]) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{Path(argv[0]).name}.log").open("ab")
        with log:
            return subprocess.Popen(list(argv), env={**os.environ, **self.env}, stdout=log, stderr=log, start_new_session=True)

    def _owned(self, name: str) -> None:
        self._run("gdbus", "wait", "--session", "--timeout", "10", name)

    def _run(self, *argv: str) -> str:
        done = subprocess.run(argv, env={**os.environ, **self.env}, capture_output=True, timeout=20, check=False)
        return done.stdout.decode("utf-8", "replace")


def _words(tsv: str) -> list[tuple[str, int, int]]:
    found = []
    for line in tsv.splitlines()[1:]:
        cells = line.split("\t")
        word = cells[-1].strip(" .,:;|[](){}_©®<>") if len(cells) == 12 else ""
        if word:
            x, y, width, height = (int(c) for c in cells[6:10])
            found.append((word, x + width // 2, y + height // 2))
    return sorted(found, key=lambda w: w[2])


def _place(words: list[tuple[str, int, int]], label: str) -> tuple[int, int] | None:
    """Where the first word of `label` is, lowest on the toast, with its other words on the same line to the right."""
    first, *rest = label.lower().split()
    for word, x, y in reversed(words):
        line = {w.lower() for w, wx, wy in words if abs(wy - y) < 10 and wx > x}
        if word.lower() == first and set(rest) <= line:
            return x, y
    return None


@contextlib.contextmanager
def desktop(server: str = "mate", *, start: bool = True) -> Iterator[Desktop]:
    """A desktop with that notification server ('mate', 'xfce4', 'notification-daemon'); not yet running if not `start`."""
    need("Xvfb", "xdotool", "openbox", "import", "convert", "tesseract", "gdbus")
    kind = SERVERS[server]
    program(kind.program)
    with private_bus() as bus, contextlib.ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="pa-desk-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        desk = Desktop(kind, _environment(folder, bus), folder, bus)
        stack.callback(_stop_all, desk)
        _start_screen(desk)
        if start:
            desk.start_server()
        yield desk


def _environment(folder: Path, bus: PrivateBus) -> dict[str, str]:
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    return {
        "DBUS_SESSION_BUS_ADDRESS": bus.address,
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(runtime),
        "XDG_CONFIG_HOME": str(folder / ".config"),
        "XDG_DATA_HOME": str(folder / ".local" / "share"),
        "XDG_CACHE_HOME": str(folder / ".cache"),
        "GSETTINGS_BACKEND": "memory",
        "NO_AT_BRIDGE": "1",
        "LC_ALL": "C.UTF-8",
    }


def _start_screen(desk: Desktop) -> None:
    """Xvfb on a free display, whose number it hands back on a pipe, and a window manager."""
    reading, writing = os.pipe()
    argv = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{SCREEN[0]}x{SCREEN[1]}x24", "-nolisten", "tcp", "-noreset"]
    with (desk.folder / "xvfb.log").open("wb") as log:
        desk.processes.append(subprocess.Popen(argv, pass_fds=[writing], stdout=log, stderr=log, start_new_session=True))
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        display = answer.readline().strip().decode()
    assert display, "Xvfb did not start"
    desk.env["DISPLAY"] = f":{display}"
    desk.processes.append(desk._spawn(["openbox"]))
    desk._run("xdotool", "mousemove", *map(str, PARKED))


def _stop_all(desk: Desktop) -> None:
    if desk.server is not None:
        stop(desk.server)
    for process in reversed(desk.processes):
        stop(process)
