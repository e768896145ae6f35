"""A stop ends, whatever swallows its cancellation."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest

from agent import daemon as module
from agent.configfile import Watch, read
from agent.daemon import Daemon
from agent.errors import StoreError


@pytest.mark.skipif(os.name != "posix", reason="the signals of a test runner on Windows are its own")
@pytest.mark.parametrize("deaf", ["once", "for ever"])
async def test_a_task_that_swallows_its_cancellation_does_not_keep_the_daemon(tmp_path: Path, deaf: str) -> None:
    path = tmp_path / "private.toml"
    path.write_text('[activitywatch]\nport = 9\n[notify]\nkind = "scripted"\n', encoding="utf-8")
    daemon = Daemon(Watch(path, read(path)), tmp_path / "data")
    free = asyncio.Event()

    async def probe() -> None:  # as asyncio.wait_for does in 3.10 and 3.11 when its work ends in the turn of the cancellation
        while not free.is_set():
            try:
                await free.wait()
            except asyncio.CancelledError:
                if deaf == "once":
                    return

    daemon._probe = probe  # type: ignore[method-assign]
    asyncio.get_running_loop().call_later(0.1, daemon._stop.set)
    began = time.monotonic()
    await asyncio.wait_for(daemon.run(), 5)
    assert time.monotonic() - began < 3
    free.set()
    await asyncio.sleep(0)


@pytest.mark.skipif(os.name != "posix", reason="Windows removes no open file")
async def test_a_daemon_whose_lock_was_removed_ends_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WATCH_EVERY", 0.1)
    path = tmp_path / "private.toml"
    path.write_text('[activitywatch]\nport = 9\n[notify]\nkind = "scripted"\n', encoding="utf-8")
    daemon = Daemon(Watch(path, read(path)), tmp_path / "data")
    asyncio.get_running_loop().call_later(0.2, (tmp_path / "data" / "proactive.lock").unlink)
    with pytest.raises(StoreError, match="was removed"):
        await asyncio.wait_for(daemon.run(), 5)
