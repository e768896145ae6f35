"""Asks the running daemon: the client side of agent/control.py, light enough for a command that must answer at once."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from agent.errors import ControlError

SOCKET = "control.sock"
PORT = "control.json"
# sun_path holds 108 bytes on Linux and 104 on macOS.
LONGEST = 100
BIGGEST = 64 * 1024
# An accepted operation may take a minute, and the command line waits for its result; a pause takes a toast off a screen
# that may be frozen; the rest is answered at once.
PATIENCE = {"answer": 90.0, "undo": 90.0, "pause": 15.0, "erase": 300.0}
GREETING = 5.0
PROMPT = 5.0


def has_socket(path: Path) -> bool:
    """Whether a unix socket can stand at this path on this system."""
    return sys.platform != "win32" and len(os.fsencode(path)) <= LONGEST


async def ask(data: Path, do: str, **arguments: Any) -> dict[str, Any]:
    """Ask the daemon of a data folder; ControlError if none runs there, if it does not answer, or with what it says."""
    try:
        reader, writer = await asyncio.wait_for(_connect(data, arguments), GREETING)
    except (OSError, ValueError, LookupError, asyncio.TimeoutError) as e:
        raise ControlError("Proactive is not running.", "Start it with: proactive run (or proactive start)") from e
    try:
        writer.write(json.dumps({"do": do, **arguments}).encode() + b"\n")
        answer = json.loads(await asyncio.wait_for(reader.readline(), PATIENCE.get(do, PROMPT)))
    except asyncio.TimeoutError as e:
        raise ControlError("Proactive runs but does not answer.", "Stop it with: proactive stop") from e
    except (OSError, ValueError) as e:
        raise ControlError("Proactive stopped before it answered.", "Start it again; then see: proactive inbox --all") from e
    finally:
        writer.close()
    if not answer.pop("ok", False):
        raise ControlError(str(answer.get("title", "")), str(answer.get("hint", "")))
    return dict(answer)


async def _connect(data: Path, arguments: dict[str, Any]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    socket = data / SOCKET
    if has_socket(socket):
        return await asyncio.open_unix_connection(socket, limit=BIGGEST * 16)
    known = json.loads((data / PORT).read_text(encoding="utf-8"))
    arguments["token"] = known["token"]
    return await asyncio.open_connection("127.0.0.1", known["port"], limit=BIGGEST * 16)
