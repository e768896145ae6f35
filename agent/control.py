"""How other processes reach the running daemon: JSON lines over a 0600 unix socket in the data folder.

Where there are no unix sockets (Windows), or the path is too long for one, a loopback port guarded by a random token takes
its place; port and token stand in a 0600 file. One request a connection: {"do": NAME, ...} -> {"ok": true, ...} or
{"ok": false, "title": ..., "hint": ...}.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import os
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from agent.client import BIGGEST, GREETING, PORT, SOCKET, has_socket
from agent.core.ports import Control
from agent.errors import ControlError, ProactiveError

log = logging.getLogger(__name__)

COMMANDS = ("status", "answer", "undo", "pause", "resume", "pace", "level", "never", "again", "forget", "erase", "keep", "stop")
"""What may be asked for: the methods of the port Control."""
AT_ONCE = 32
"""Connections that are served at once; one more is sent away, or idle ones would use up the files this process may open."""


class Server:
    """Serves a Control to other processes of the same user until closed."""

    def __init__(self, control: Control, data: Path) -> None:
        self._control = control
        self._data = data
        self._token = ""
        self._server: asyncio.Server | None = None
        self._served = 0
        self._made: os.stat_result | None = None

    async def start(self) -> None:
        """Begin to listen; the files are 0600 from creation (the daemon's umask is 077)."""
        socket = self._data / SOCKET
        self._remove()  # what a killed daemon left
        if has_socket(socket):
            self._server = await asyncio.start_unix_server(self._serve, socket, limit=BIGGEST)
            socket.chmod(0o600)
            self._made = socket.stat()
            return
        self._token = secrets.token_urlsafe(32)
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=BIGGEST)
        port = self._server.sockets[0].getsockname()[1]
        file = os.open(self._data / PORT, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as out:
            json.dump({"port": port, "token": self._token}, out)
        self._made = (self._data / PORT).stat()

    async def close(self) -> None:
        """Stop listening and remove the files."""
        if self._server is not None:
            self._server.close()
        for name in (SOCKET, PORT):
            with suppress(OSError):  # the files may be another daemon's by now
                if self._made and os.path.samestat(self._made, (self._data / name).stat()):
                    (self._data / name).unlink()

    def _remove(self) -> None:
        for name in (SOCKET, PORT):
            (self._data / name).unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._served >= AT_ONCE:
            writer.write(json.dumps({"ok": False, "title": "Proactive is busy.", "hint": "Try again."}).encode() + b"\n")
            writer.close()
            return
        self._served += 1
        try:
            line = await asyncio.wait_for(reader.readline(), GREETING)
            answer = await self._answer(line)
            writer.write(json.dumps(answer, default=str).encode() + b"\n")
            await writer.drain()
        except (OSError, ValueError, asyncio.TimeoutError) as e:
            log.info("a control connection ended early: %s", type(e).__name__)
        finally:
            self._served -= 1
            writer.close()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            return {"ok": True, **await _dispatch(self._control, self._let_in(json.loads(line)))}
        except ProactiveError as e:
            return {"ok": False, "title": e.title, "hint": e.hint}
        except (ValueError, TypeError, RecursionError):
            return {"ok": False, "title": "The daemon did not understand the request.", "hint": "Are both of one version?"}
        except Exception:  # a bug of ours must be told to who asked, and not end as a task that nobody looks at
            log.exception("a request failed")
            return {"ok": False, "title": "The daemon failed for a reason we did not foresee.", "hint": "Its log has more."}

    def _let_in(self, request: object) -> dict[str, Any]:
        token = str(request.pop("token", "")) if isinstance(request, dict) else ""
        if not isinstance(request, dict) or not hmac.compare_digest(token.encode(), self._token.encode()):
            raise ControlError("The daemon refused the request.", "Use the proactive command of the same user.")
        return request


async def _dispatch(control: Control, request: dict[str, Any]) -> dict[str, Any]:
    name = str(request.pop("do", ""))
    if name not in COMMANDS:
        raise ControlError(f"The daemon knows no command '{name}'.", "Are both of one version?")
    call: Callable[..., Awaitable[dict[str, Any]]] = getattr(control, name)
    return await call(**request)
