"""The daemon as a process: one a data folder, ends when told to, leaves nothing behind, keeps its files to itself."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.bench.server import PrivateServer
from tests.e2e.daemon import Daemon, eventually
from tests.e2e.feeder import Feeder
from tests.e2e.stub_aw import Reply, StubAw
from tests.stub_llm import Reply as Answer
from tests.stub_llm import stub

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(os.name != "posix", reason="signals and file modes are a POSIX matter")]

ENDS = 3.0  # seconds from the signal to the end of the process
NOBODY = {"port": 9}  # nothing answers there


@pytest.fixture
def fed() -> Iterator[PrivateServer]:
    """A real ActivityWatch server while somebody works."""
    made = PrivateServer()
    asyncio.run(made.__aenter__())
    with Feeder(made.url, made.host):
        yield made
    asyncio.run(made.__aexit__(None, None, None))


def loose(folder: Path) -> list[str]:
    """Files others may read or write, and folders others may enter, below a folder."""
    found = [(p, stat.S_IMODE(p.lstat().st_mode)) for p in (folder, *folder.rglob("*"))]
    return [f"{p.name} {mode:o}" for p, mode in found if mode & 0o077]


async def test_a_second_start_names_the_first_and_ends_with_1(tmp_path: Path) -> None:
    made = Daemon(tmp_path, activitywatch=NOBODY)
    with made.running():
        status = await made.until()
        began = time.monotonic()
        second = made.spawn()
        assert await asyncio.to_thread(second.wait, 10) == 1
        assert time.monotonic() - began < 2
        assert f"Proactive is already running (pid {status['pid']})." in made.log
        assert (await made.ask("status"))["pid"] == status["pid"]
        started = await made.proactive("start", "--config", str(made.config))
        assert started.stdout == f"Proactive is already running (pid {status['pid']}).\n"


async def test_of_twenty_starts_at_once_exactly_one_lives(tmp_path: Path) -> None:
    made = Daemon(tmp_path, activitywatch=NOBODY)
    crowd = [made.spawn() for _ in range(20)]
    try:
        await eventually(lambda: sum(p.poll() is None for p in crowd) <= 1, 45)
        (alive,) = [p for p in crowd if p.poll() is None]
        assert {p.returncode for p in crowd if p is not alive} == {1}
        assert (await made.until())["pid"] == alive.pid == made.holder()
        named = [line for line in made.log.splitlines() if line.startswith("Proactive is already running")]
        assert named == [f"Proactive is already running (pid {alive.pid})."] * 19
        assert "Traceback" not in made.log
    finally:
        for process in crowd:
            process.kill()
            process.wait()
    assert made.holder() is None


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
async def test_a_signal_ends_it_cleanly_and_its_files_were_private(fed: PrivateServer, tmp_path: Path, name: str) -> None:
    made = Daemon(tmp_path, activitywatch={"port": fed.port})
    with made.running(umask=0):
        await made.offer()
        await made.until(lambda s: s["last_tick"]["ending"] == "held")
        assert loose(made.data) == []
        assert len(list(made.data.iterdir())) >= 5, "database, its two companions, lock, socket and log"
        code, seconds = await made.signal(getattr(signal, name))
    assert code == 0
    assert seconds < ENDS
    assert loose(made.data) == []
    assert not (made.data / "control.sock").exists()
    assert "Traceback" not in made.log
    assert made.log.rstrip().splitlines()[-1].startswith("Proactive runs with")
    assert " agent.daemon stopped" in made.log


async def test_it_ends_in_time_with_activitywatch_and_the_model_hanging(fed: PrivateServer, tmp_path: Path) -> None:
    async with stub(Answer(mode="hang")) as model:
        keys = {"A": [{"base_url": model.base_url, "model": "m"}]}
        made = Daemon(tmp_path, activitywatch={"port": fed.port}, api_keys=keys, request={"default_completions_model": "A"})
        with made.running():
            await eventually(lambda: model.requests)
            code, seconds = await made.signal()
    assert (code, seconds < ENDS) == (0, True), f"{seconds:.1f} s"
    async with StubAw() as aw:
        aw.play["/api"] = Reply(hang=True)
        folder = tmp_path / "second"
        folder.mkdir()
        made = Daemon(folder, activitywatch={"port": aw.port, "timeout": 30.0})
        with made.running():
            await eventually(lambda: aw.seen)
            code, seconds = await made.signal()
    assert (code, seconds < ENDS) == (0, True), f"{seconds:.1f} s"
    assert "Traceback" not in made.log


async def test_it_ends_in_time_while_an_operation_runs_which_is_then_unknown(fed: PrivateServer, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho x >> "{tmp_path}/opened"\nexec sleep 30\n')
    browser.chmod(0o700)
    made = Daemon(tmp_path, {"BROWSER": f"{browser} %s"}, activitywatch={"port": fed.port})
    with made.running():
        await made.offer()
        accepting = asyncio.create_task(made.proactive("accept", "1"))
        await eventually((tmp_path / "opened").exists)
        code, seconds = await made.signal()
        assert (await accepting).returncode == 1
    assert (code, seconds < ENDS) == (0, True), f"{seconds:.1f} s"
    with made.running():
        await made.ticked()
        await made.executed(1, "unknown")
    assert (tmp_path / "opened").read_text() == "x\n"


async def test_start_and_stop_from_the_command_line(tmp_path: Path) -> None:
    made = Daemon(tmp_path, activitywatch=NOBODY)
    started = await made.proactive("start", "--config", str(made.config))
    try:
        assert started.returncode == 0, started.stderr
        pid = made.holder()
        assert started.stdout == f"Proactive runs (pid {pid}).\n"
        stopped = await made.proactive("stop")
        assert stopped.stdout == f"Proactive (pid {pid}) has stopped.\n"
        assert made.holder() is None
    finally:
        if left := made.holder():
            os.kill(left, signal.SIGKILL)
    assert loose(made.data) == []


async def test_a_frozen_daemon_is_named_and_can_be_stopped(tmp_path: Path) -> None:
    made = Daemon(tmp_path, activitywatch=NOBODY)
    with made.running():
        await made.until()
        assert made.process is not None
        made.process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        said = await made.proactive("status")
        assert "Proactive runs but does not answer." in said.stderr
        assert time.monotonic() - began < 20
        stopped = await made.proactive("stop")
        assert "was killed" in stopped.stdout
        assert made.holder() is None
