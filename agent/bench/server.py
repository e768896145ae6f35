"""A private ActivityWatch server: the real aw_server on a free port, with folders of its own, gone when we are gone."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Literal

from agent.errors import SensorError

HOST = "127.0.0.1"
DEADLINE = 15.0  # seconds until the first answer; measured 0.4-0.9 on an idle machine
LOOK_EVERY = 0.05

# aw_server has no word for "stop with my parent". This keeps one end of a pipe: when the parent is gone, killed or not,
# reading gives end of file, and the server with all its threads goes too.
RUN = """
import os, runpy, sys, threading
def follow():
    while os.read(0, 1): pass
    os._exit(0)
threading.Thread(target=follow, daemon=True).start()
sys.argv = ["aw_server", *sys.argv[1:]]
runpy.run_module("aw_server", run_name="__main__", alter_sys=False)
"""


class PrivateServer:
    """`async with PrivateServer() as server:` runs a real server at `server.url` until the block ends.

    `storage` is `memory` (nothing on disk), or `peewee` for the database a user's server has; `folder` keeps its files
    (default: a temporary folder, removed at the end). `python` is the interpreter that has aw_server. Nothing of the user's
    ActivityWatch is read or written. `log` holds what the server printed.
    """

    def __init__(
        self,
        *,
        storage: Literal["memory", "peewee"] = "memory",
        folder: Path | None = None,
        port: int = 0,
        python: str = sys.executable,
    ) -> None:
        self.port = port
        self.host = ""
        self.version = ""
        self.pid = 0
        self._storage = storage
        self._folder = folder
        self._python = python
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the server answers, without a slash at the end."""
        return f"http://{HOST}:{self.port}"

    @property
    def log(self) -> str:
        """What the server printed so far."""
        file = self._home() / "server.log"
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""

    async def __aenter__(self) -> PrivateServer:
        try:
            await self.start()
        except BaseException:
            self._clean()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
        self._clean()

    async def start(self) -> None:
        """Start it (again, on the same port and folder) and wait until it answers; SensorError if it cannot run."""
        if self._folder is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="proactive-aw-", ignore_cleanup_errors=True)
            self._folder = Path(self._temporary.name)
        self.port = self.port or _free_port()
        self._process = await asyncio.to_thread(self._spawn)
        self.pid = self._process.pid
        try:
            await self._wait()
        except BaseException:
            await self.stop()
            raise

    async def stop(self, *, kill: bool = False) -> None:
        """Stop it by its own pid and wait for its end; with `kill` as a crash would."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGKILL if kill and os.name == "posix" else signal.SIGTERM)
        try:
            await asyncio.to_thread(process.wait, 5)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)
        if process.stdin is not None:
            process.stdin.close()

    def _clean(self) -> None:
        if self._temporary is not None:
            self._temporary.cleanup()

    def _home(self) -> Path:
        return self._folder or Path(os.devnull)

    def _spawn(self) -> subprocess.Popen[bytes]:
        home = self._home()
        argv = [self._python, "-I", "-c", RUN, "--host", HOST, "--port", str(self.port), "--storage", self._storage]
        with (home / "server.log").open("ab") as log:
            return subprocess.Popen(
                argv, stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=home, env=_environment(home), start_new_session=True
            )

    async def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + DEADLINE
        while loop.time() < end:
            if self._process is None or self._process.poll() is not None:
                raise self._ended()
            if await self._answers():
                return
            await asyncio.sleep(LOOK_EVERY)
        raise SensorError(f"The private ActivityWatch server did not answer within {DEADLINE:g} s.", self._last_line())

    async def _answers(self) -> bool:
        try:
            info = json.loads(await asyncio.wait_for(_get(self.port, "/api/0/info"), 2))
        except (OSError, ValueError, EOFError, asyncio.TimeoutError):
            return False
        self.host, self.version = str(info["hostname"]), str(info["version"])
        return True

    def _ended(self) -> SensorError:
        last = self._last_line()
        if last.startswith(("ImportError: No module named", "ModuleNotFoundError")):
            return SensorError("The ActivityWatch server for the demo is not installed.", "pip install 'proactive-agent[demo]'")
        return SensorError(f"The private ActivityWatch server ended at once. {last}", "Try it again.")

    def _last_line(self) -> str:
        lines = self.log.strip().splitlines()
        return lines[-1][:200] if lines else ""


def _environment(home: Path) -> dict[str, str]:
    """An environment that leads every file of aw_server below `home`, with nothing of the user's but what Windows needs."""
    own = {"HOME": home, "USERPROFILE": home, "APPDATA": home, "LOCALAPPDATA": home}
    own |= {f"XDG_{name}_HOME": home / name.lower() for name in ("DATA", "CONFIG", "CACHE", "STATE")}
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR") if name in os.environ}
    if os.name == "nt":  # platformdirs asks Windows itself, not the environment; aw-core 0.5.18 keeps profiles apart
        kept["AW_PROFILE"] = "proactive-private"
    return {**kept, **{name: str(path) for name, path in own.items()}, "LANG": "C.UTF-8", "PYTHONUTF8": "1"}


def _free_port() -> int:
    with socket.socket() as s:
        s.bind((HOST, 0))
        port: int = s.getsockname()[1]
        return port


async def _get(port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(f"GET {path} HTTP/1.0\r\nHost: {HOST}:{port}\r\n\r\n".encode())
        answer = await reader.read(65536)
        while not reader.at_eof():
            answer += await reader.read(65536)
    finally:
        writer.close()
    return answer.partition(b"\r\n\r\n")[2]
