"""Changes what the daemon holds from outside: through the daemon if one runs, else by taking its place for a moment."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from typing import Any

from agent.client import ask
from agent.core.ports import Store
from agent.lock import Lock, holder
from agent.paths import data_folder


async def answer(offer: int, kind: str) -> dict[str, Any]:
    """Accept or reject an offer; ControlError says why it does not count. The result holds line and execution."""
    return await through("answer", offer=offer, kind=kind, source="cli")


async def undo(offer: int) -> dict[str, Any]:
    """Undo what an accepted offer did; ToolError or ControlError says why it cannot be."""
    return await through("undo", offer=offer)


async def pace() -> dict[str, Any]:
    """How the pace stands: what the daemon says or, while none runs, what is stored under the configuration; writes nothing."""
    data = data_folder()
    if holder(data) is not None:
        return await ask(data, "pace")
    from agent.configfile import find, read
    from agent.core.redact import Rules
    from agent.pacing import report
    from agent.state import load
    from agent.store.memory import MemoryStore
    from agent.store.sqlite import FILE, open_readonly

    store: Store = open_readonly(data / FILE) if (data / FILE).exists() else MemoryStore()
    settings, now = read(find()), datetime.now(timezone.utc)
    try:
        return report(store, load(store, settings.pace, Rules(), now), now, settings.reward_model)
    finally:
        store.close()


async def through(do: str, **arguments: Any) -> dict[str, Any]:
    """A request of the port Control, by the daemon or in its place; ControlError, StoreError or ConfigError says why not."""
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
