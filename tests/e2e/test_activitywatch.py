"""The ActivityWatch sensor and the private server against the real aw_server."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.bench.server import PrivateServer
from agent.errors import SensorError
from agent.plug import build
from agent.sense._http import Access
from agent.sense.activitywatch import ActivityWatchSensor, Settings, survey
from tests.contract.test_sensors import supplies

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(importlib.util.find_spec("aw_server") is None, reason="aw_server is not installed (extra: demo)"),
]
BASE = datetime(2026, 3, 2, 14, tzinfo=timezone.utc)


class Watchers:
    """Writes buckets and heartbeats as watchers do."""

    def __init__(self, server: PrivateServer) -> None:
        self.host = server.host
        self.http = httpx.AsyncClient(base_url=f"{server.url}/api/0", trust_env=False)

    async def bucket(self, name: str, kind: str, hostname: str = "") -> None:
        body = {"client": name, "type": kind, "hostname": hostname or self.host}
        assert (await self.http.post(f"/buckets/{name}", json=body)).status_code == 200

    async def beat(self, name: str, second: float, pulsetime: float = 3.0, **data: Any) -> None:
        stamp = (BASE + timedelta(seconds=second)).isoformat()
        body = {"timestamp": stamp, "duration": 0, "data": data}
        answer = await self.http.post(f"/buckets/{name}/heartbeat", params={"pulsetime": pulsetime}, json=body)
        assert answer.status_code == 200


@pytest.fixture(params=["memory", "peewee"])
async def server(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[PrivateServer]:
    async with PrivateServer(storage=request.param, folder=tmp_path) as running:
        yield running


@pytest.fixture
async def watchers(server: PrivateServer) -> AsyncIterator[Watchers]:
    made = Watchers(server)
    yield made
    await made.http.aclose()


@pytest.fixture
async def sensor(server: PrivateServer) -> AsyncIterator[ActivityWatchSensor]:
    made = ActivityWatchSensor(Settings(), Access("127.0.0.1", server.port))
    yield made
    await made.close()


def at(second: float) -> datetime:
    return BASE + timedelta(seconds=second)


async def test_an_empty_server_gives_nothing_and_says_what_is_missing(
    server: PrivateServer, sensor: ActivityWatchSensor
) -> None:
    reading = await sensor.read(BASE)
    assert reading.events == ()
    assert reading.problems == (
        f"ActivityWatch has no window bucket of this computer ({server.host}); is aw-watcher-window running?",
    )


async def test_a_heartbeat_that_grows_keeps_its_id_and_ends_later(watchers: Watchers, sensor: ActivityWatchSensor) -> None:
    await watchers.bucket("aw-watcher-window_lab", "currentwindow")
    for second in range(10):
        await watchers.beat("aw-watcher-window_lab", second, app="Code", title="main.py")
    first = await sensor.read(at(10))
    for second in range(10, 20):
        await watchers.beat("aw-watcher-window_lab", second, app="Code", title="main.py")
    await watchers.beat("aw-watcher-window_lab", 25, app="Slack", title="#random")
    second_read = await sensor.read(at(26))
    (grown, slack) = second_read.events
    assert len(first.events) == 1
    assert grown.id == first.events[0].id is not None
    assert slack.id != grown.id
    assert grown.end == at(19)
    assert (slack.timestamp, slack.duration) == (at(25), 0.0)


async def test_of_five_buckets_each_is_asked_once_a_read(watchers: Watchers, sensor: ActivityWatchSensor) -> None:
    names = {
        "aw-watcher-window_x": "currentwindow",
        "aw-watcher-afk_x": "afkstatus",
        "aw-watcher-web-chrome": "web.tab.current",
        "aw-watcher-web-firefox": "web.tab.current",
        "aw-watcher-vim_x": "app.editor.activity",
    }
    for name, kind in names.items():
        await watchers.bucket(name, kind, "unknown" if "web" in name else "")
        await watchers.beat(name, 0, app="x", status="not-afk", url="https://a.example/", file="/x.py")
    await watchers.bucket("aw-watcher-spotify_x", "currently-playing")
    for minute in range(5):
        await sensor.read(at(60 * minute + 5))
    assert (sensor.requests.range, sensor.requests.other) == (25, 2)
    assert {b.id for b in sensor.buckets} == set(names)


async def test_a_bucket_made_later_is_found_and_read_from_its_beginning(
    watchers: Watchers, sensor: ActivityWatchSensor
) -> None:
    await watchers.bucket("aw-watcher-window_x", "currentwindow")
    await sensor.read(at(0))
    await watchers.bucket("aw-watcher-vim_x", "app.editor.activity")
    await watchers.beat("aw-watcher-vim_x", 61, file="/x.py")
    found = [await sensor.read(at(60 * minute)) for minute in range(1, 9)]
    assert [len(r.events) for r in found] == [0, 0, 0, 0, 0, 0, 1, 0]


async def test_a_first_read_looks_back_for_half_an_hour_and_further_on_request(
    server: PrivateServer, watchers: Watchers, sensor: ActivityWatchSensor
) -> None:
    await watchers.bucket("aw-watcher-window_x", "currentwindow")
    for ago in (7200, 1800, 10):
        await watchers.beat("aw-watcher-window_x", -ago, app=f"seen {ago} s ago")
    assert [e.data["app"] for e in (await sensor.read(BASE)).events] == ["seen 1800 s ago", "seen 10 s ago"]
    further = ActivityWatchSensor(Settings(first=10_800), Access("127.0.0.1", server.port))
    assert len((await further.read(BASE)).events) == 3
    await further.close()


async def test_the_daemon_sees_a_server_stop_and_start_again(
    server: PrivateServer, watchers: Watchers, sensor: ActivityWatchSensor
) -> None:
    await watchers.bucket("aw-watcher-window_x", "currentwindow")
    await watchers.beat("aw-watcher-window_x", 0, app="Code")
    assert len((await sensor.read(at(1))).events) == 1
    await server.stop(kill=True)
    with pytest.raises(SensorError, match="ActivityWatch is not running at 127"):
        await sensor.read(at(60))
    await server.start()
    reading = await sensor.read(at(120))
    if "--storage peewee" in " ".join(_command(server.pid)):
        assert [e.data for e in reading.events] == [{"app": "Code"}]
    else:
        assert (reading.events, len(reading.problems)) == ((), 1)


async def test_the_configuration_builds_a_sensor_on_a_port(server: PrivateServer) -> None:
    built = build("sense", "activitywatch", {"port": server.port}, supplies())
    assert (await built.read(BASE)).events == ()
    await built.close()


async def test_the_survey_tells_version_host_and_the_newest_event(server: PrivateServer, watchers: Watchers) -> None:
    await watchers.bucket("aw-watcher-afk_x", "afkstatus")
    await watchers.beat("aw-watcher-afk_x", 0, status="not-afk")
    found = await survey(Settings(host="127.0.0.1", port=server.port))
    assert (found.reachable, found.testing, found.hostname) == (True, False, server.host)
    assert found.version == server.version
    (afk,) = found.tracks["afk"]
    assert (afk.bucket, afk.last_updated) == ("aw-watcher-afk_x", BASE)


async def test_a_private_server_leaves_nothing_behind_and_writes_only_below_its_folder(tmp_path: Path) -> None:
    async with PrivateServer() as server:
        pid, folder = server.pid, server._folder
        assert folder is not None
        assert list(folder.rglob("aw-server.toml"))
        assert not list(folder.rglob("*.db"))
    assert not folder.exists()
    assert not _alive(pid)


async def test_two_private_servers_are_apart() -> None:
    async with PrivateServer() as one, PrivateServer() as other:
        watchers = Watchers(one)
        await watchers.bucket("aw-watcher-window_x", "currentwindow")
        await watchers.http.aclose()
        assert len((await survey(Settings(host="127.0.0.1", port=one.port))).tracks["window"]) == 1
        assert len((await survey(Settings(host="127.0.0.1", port=other.port))).tracks["window"]) == 0


@pytest.mark.skipif(os.name != "posix", reason="kills its parent as only POSIX can")
async def test_a_private_server_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import asyncio, pathlib, sys\n"
        "from agent.bench.server import PrivateServer\n"
        "async def main():\n"
        "    async with PrivateServer(folder=pathlib.Path(sys.argv[1])) as server:\n"
        "        print(server.pid, flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    root = Path(__file__).resolve().parents[2]
    parent = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, cwd=root, text=True)
    assert parent.stdout is not None
    pid = int(await asyncio.to_thread(parent.stdout.readline))
    assert _alive(pid)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    end = time.monotonic() + 5
    while _alive(pid) and time.monotonic() < end:
        await asyncio.sleep(0.05)
    assert not _alive(pid)


async def test_a_python_without_the_server_is_told_which_extra_to_install(tmp_path: Path) -> None:
    import venv

    venv.create(tmp_path / "empty", with_pip=False, symlinks=os.name != "nt")
    python = tmp_path / "empty" / ("Scripts" if os.name == "nt" else "bin") / "python"
    with pytest.raises(SensorError, match="not installed") as error:
        async with PrivateServer(python=str(python)):
            pass
    assert error.value.hint == "pip install 'proactive-agent[demo]'"


def _alive(pid: int) -> bool:
    import psutil

    return bool(psutil.pid_exists(pid)) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def _command(pid: int) -> list[str]:
    import psutil

    return list(psutil.Process(pid).cmdline())
