"""An edit of the configuration that passes the check and cannot be built keeps what is in force, and can be corrected."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest

from agent.configfile import Watch, read
from agent.daemon import Daemon
from agent.notify.scripted import ScriptedNotifier

# Valid as a configuration, refused when the model is built: plain http is for this machine and its network only.
MODEL = '[request]\ndefault_completions_model = "m"\n[[api_keys.m]]\nmodel = "m"\nbase_url = "{}://models.example.com/v1"\n'


def write(path: Path, poll: int, scheme: str = "") -> None:
    """A configuration that looks every `poll` seconds, with a model at such an address."""
    model = MODEL.format(scheme) if scheme else ""
    path.write_text(f'{model}[pace]\npoll = {poll}\n[notify]\nkind = "scripted"\n', encoding="utf-8")


@pytest.fixture
async def daemon(tmp_path: Path) -> AsyncIterator[Daemon]:
    """A daemon that was opened and does not run, looking every 60 seconds."""
    path = tmp_path / "private.toml"
    write(path, 60)
    made = Daemon(Watch(path, read(path), settle=0), tmp_path / "data")
    made.open()
    yield made
    await asyncio.gather(*made._tasks)
    await made.app.close()


def told(daemon: Daemon) -> list[tuple[str, str]]:
    """What its notifier told."""
    assert isinstance(daemon.app.parts.notifier, ScriptedNotifier)
    return daemon.app.parts.notifier.told


async def test_a_failed_rebuild_keeps_settings_and_parts_in_force_and_is_told_once(daemon: Daemon) -> None:
    before = daemon.app.parts
    assert daemon.watch.path is not None
    write(daemon.watch.path, 120, "http")
    await daemon._reconfigure()
    await daemon._reconfigure()
    assert (daemon.loop.state.settings.poll, daemon.app.settings.pace.poll) == (60, 60)
    assert daemon.app.parts is daemon.loop.parts is before
    assert daemon.app.llms == {}
    assert "plain http" in daemon.watch.problem
    assert [(title, "plain http" in text) for title, text in told(daemon)] == [("Configuration not applied", True)]


async def test_no_look_is_made_while_an_edit_may_be_half_written(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may say `titles = false`, and the next look may be a minute away."""
    assert daemon.watch.path is not None
    armed: list[datetime] = []
    monkeypatch.setattr(daemon, "_alarm", SimpleNamespace(arm=armed.append), raising=False)
    daemon.watch.settle = 60.0
    write(daemon.watch.path, 60)
    os.utime(daemon.watch.path)
    daemon.watch.path.write_text(
        daemon.watch.path.read_text(encoding="utf-8") + "[privacy]\ntitles = false\n", encoding="utf-8"
    )
    await daemon._tick()
    assert not daemon.app.parts.store.ticks()
    assert armed[0] - datetime.now(timezone.utc) < timedelta(seconds=5)
    daemon.watch.settle = 0.0
    await daemon._tick()
    assert daemon.loop.state.rules.titles is False
    assert daemon.app.parts.store.ticks()


async def test_a_corrected_save_after_a_failed_rebuild_is_a_change(daemon: Daemon) -> None:
    assert daemon.watch.path is not None
    write(daemon.watch.path, 120, "http")
    await daemon._reconfigure()
    write(daemon.watch.path, 120, "https")
    await daemon._reconfigure()
    assert (daemon.loop.state.settings.poll, daemon.app.settings.pace.poll) == (120, 120)
    assert list(daemon.app.llms) == ["m"]
    assert daemon.watch.problem == ""


async def test_the_same_edit_saved_again_is_refused_again(daemon: Daemon) -> None:
    assert daemon.watch.path is not None
    write(daemon.watch.path, 120, "http")
    await daemon._reconfigure()
    with daemon.watch.path.open("a", encoding="utf-8") as file:
        file.write("# saved again\n")
    await daemon._reconfigure()
    assert daemon.loop.state.settings.poll == 60
    assert "plain http" in daemon.watch.problem
