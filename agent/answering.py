"""Answers an offer from outside: through the daemon if one runs, else by taking its place for a moment."""

from __future__ import annotations

import os
from typing import Any

from agent.client import ask
from agent.lock import Lock, holder
from agent.paths import data_folder


async def answer(offer: int, kind: str) -> dict[str, Any]:
    """Accept or reject an offer; ControlError says why it does not count. The result holds line and execution."""
    return await _through("answer", offer=offer, kind=kind, source="cli")


async def undo(offer: int) -> dict[str, Any]:
    """Undo what an accepted offer did; ToolError or ControlError says why it cannot be."""
    return await _through("undo", offer=offer)


async def _through(do: str, **arguments: Any) -> dict[str, Any]:
    data = data_folder()
    if holder(data) is not None:
        return await ask(data, do, **arguments)
    os.umask(0o077)
    from agent.configfile import Watch, find, read
    from agent.daemon import Daemon
    from agent.desk import Desk

    path = find()
    lock = Lock(data)
    lock.take()
    daemon = Daemon(Watch(path, read(path)), data)
    daemon.open()
    try:
        result: dict[str, Any] = await getattr(Desk(daemon), do)(**arguments)
        return result
    finally:
        await daemon.app.close()
        lock.release()
