"""The ActivityWatch sensor against a server that misbehaves in every way the fault matrix names."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from agent.core.records import Reading
from agent.errors import SensorError
from agent.sense._http import MAX_BODY, Access
from agent.sense.activitywatch import ActivityWatchSensor, Settings, survey
from tests.conftest import NOW
from tests.e2e.stub_aw import Reply, StubAw

pytestmark = pytest.mark.e2e
MINUTE = timedelta(minutes=1)
HINT = "Start aw-qt, or set port under [activitywatch]."


def raw(ago: float, duration: float = 5.0, number: int = 1, **data: Any) -> dict[str, Any]:
    return {"id": number, "timestamp": (NOW - timedelta(seconds=ago)).isoformat(), "duration": duration, "data": data}


@pytest.fixture
async def aw() -> AsyncIterator[StubAw]:
    async with StubAw() as stub:
        stub.add("aw-watcher-window_lab", "window", raw(30, app="Code", title="main.py", number=1))
        stub.add("aw-watcher-afk_lab", "afk", raw(600, 600, status="not-afk", number=2))
        yield stub


@pytest.fixture
async def sensor(aw: StubAw) -> AsyncIterator[ActivityWatchSensor]:
    opened = ActivityWatchSensor(Settings(timeout=2), aw.access)
    yield opened
    await opened.close()


async def seen(sensor: ActivityWatchSensor, now: datetime = NOW) -> Reading:
    return await sensor.read(now)


def asked_range(path: str) -> tuple[datetime, datetime]:
    query = parse_qs(urlsplit(path).query)
    return datetime.fromisoformat(f"{query['start'][0][:-1]}+00:00"), datetime.fromisoformat(f"{query['end'][0][:-1]}+00:00")


async def test_a_read_gives_the_events_of_all_tracks_oldest_first(sensor: ActivityWatchSensor) -> None:
    reading = await seen(sensor)
    assert [(e.track, e.id) for e in reading.events] == [("afk", 2), ("window", 1)]
    assert reading.problems == ()


async def test_a_server_that_is_not_there_is_one_error_with_a_remedy() -> None:
    async with StubAw() as gone:
        pass
    with pytest.raises(SensorError) as error:
        await ActivityWatchSensor(Settings(), gone.access).read(NOW)
    assert str(error.value) == f"ActivityWatch is not running at 127.0.0.1:{gone.port}. {HINT}"


@pytest.mark.parametrize("reply", [Reply(hang=True), Reply(b"x" * 1000, drip=0.05)], ids=["hangs", "drips"])
@pytest.mark.parametrize("part", ["/info", "/buckets/", "/events"])
async def test_a_slow_server_costs_no_more_than_the_deadline(aw: StubAw, reply: Reply, part: str) -> None:
    aw.play[part] = reply
    sensor = ActivityWatchSensor(Settings(timeout=0.6), aw.access)
    begun = time.monotonic()
    with pytest.raises(SensorError, match="did not answer within"):
        await sensor.read(NOW)
    assert time.monotonic() - begun < 1.0
    await sensor.close()


async def test_one_bucket_that_hangs_does_not_cost_the_others(aw: StubAw) -> None:
    aw.play["aw-watcher-window_lab"] = Reply(hang=True)
    aw.play["aw-watcher-afk_lab"] = Reply(json.dumps(aw.events["aw-watcher-afk_lab"]).encode(), drip=0.001)
    sensor = ActivityWatchSensor(Settings(timeout=2.0), aw.access)
    reading = await sensor.read(NOW)
    assert [e.track for e in reading.events] == ["afk"]
    assert len(reading.problems) == 1
    assert "aw-watcher-window_lab" in reading.problems[0]
    await sensor.close()


async def test_other_tasks_go_on_while_the_server_hangs(aw: StubAw) -> None:
    aw.play["/info"] = Reply(hang=True)
    sensor = ActivityWatchSensor(Settings(timeout=0.5), aw.access)
    reading = asyncio.create_task(sensor.read(NOW))
    beats = 0
    while not reading.done():
        await asyncio.sleep(0.02)
        beats += 1
    assert (isinstance(reading.exception(), SensorError), beats >= 8) == (True, True)
    await sensor.close()


GARBAGE = {
    "html": Reply(b"<html><body>router login</body></html>"),
    "empty": Reply(b""),
    "nested": Reply(b"[" * 100_000),
    "cut": Reply(b'[{"id": 1, "timest'),
    "number": Reply(b"3"),
    "digits": Reply(b"1" * 5000),
    "gzip": Reply(b"\x1f\x8b" + b"0" * 50, headers={"Content-Encoding": "gzip"}),
    "redirect": Reply(b"", 302, headers={"Location": "http://127.0.0.1:1/"}),
    "500": Reply(b"<html>Traceback", 500),
}


@pytest.mark.parametrize("name", GARBAGE)
async def test_garbage_everywhere_is_an_error_a_person_can_read(aw: StubAw, sensor: ActivityWatchSensor, name: str) -> None:
    aw.play["/api"] = GARBAGE[name]
    with pytest.raises(SensorError) as error:
        await seen(sensor)
    assert error.value.hint
    assert f"127.0.0.1:{aw.port}" in error.value.title


@pytest.mark.parametrize("name", GARBAGE)
async def test_garbage_from_one_bucket_is_a_problem_and_not_an_error(
    aw: StubAw, sensor: ActivityWatchSensor, name: str
) -> None:
    aw.play["aw-watcher-afk_lab"] = GARBAGE[name]
    reading = await seen(sensor)
    assert [e.track for e in reading.events] == ["window"]
    assert len(reading.problems) == 1


async def test_not_a_number_spoils_only_its_own_event(aw: StubAw, sensor: ActivityWatchSensor) -> None:
    aw.events["aw-watcher-window_lab"] += [raw(20, float("nan"), number=8), raw(10, app="Slack", title=float("inf"), number=9)]
    reading = await seen(sensor)
    assert [(e.id, e.data) for e in reading.events if e.track == "window"] == [
        (1, {"app": "Code", "title": "main.py"}),
        (9, {"app": "Slack"}),
    ]
    assert "1 event of the bucket aw-watcher-window_lab" in reading.problems[0]


async def test_an_endless_answer_is_cut_off(aw: StubAw) -> None:
    aw.play["aw-watcher-window_lab"] = Reply(b"[]".ljust(MAX_BODY + 10))
    sensor = ActivityWatchSensor(Settings(timeout=10), aw.access)
    reading = await sensor.read(NOW)
    assert len(reading.problems) == 1
    await sensor.close()


async def test_the_server_comes_back_and_the_time_between_is_asked_for_again(aw: StubAw, sensor: ActivityWatchSensor) -> None:
    await seen(sensor)
    await aw.stop()
    for minute in (1, 2):
        with pytest.raises(SensorError, match="is not running"):
            await seen(sensor, NOW + minute * MINUTE)
    aw.seen.clear()
    async with aw:
        for minute in (3, 4, 7, 8):
            await seen(sensor, NOW + minute * MINUTE)
    starts = [asked_range(p)[0] for p in aw.asked("window_lab/events")]
    before = NOW - timedelta(seconds=15)
    assert starts[:3] == [before, before, before]
    assert starts[3] == NOW + 7 * MINUTE - timedelta(seconds=15)


async def test_a_bucket_that_vanishes_is_dropped_and_listed_again(aw: StubAw, sensor: ActivityWatchSensor) -> None:
    await seen(sensor)
    name = "aw-watcher-window_lab"
    entry, events = aw.buckets.pop(name), aw.events.pop(name)
    reading = await seen(sensor, NOW + MINUTE)
    assert [e.track for e in reading.events] == ["afk"]
    assert "aw-watcher-window_lab is gone" in reading.problems[0]
    assert [b.track for b in sensor.buckets] == ["afk"]
    aw.buckets[name], aw.events[name] = entry, events
    await seen(sensor, NOW + 2 * MINUTE)
    assert {b.track for b in sensor.buckets} == {"window", "afk"}


async def test_all_buckets_gone_is_no_crash(aw: StubAw, sensor: ActivityWatchSensor) -> None:
    await seen(sensor)
    aw.buckets.clear()
    aw.events.clear()
    for minute in (1, 2):
        reading = await seen(sensor, NOW + minute * MINUTE)
        assert reading.events == ()
        assert reading.problems


async def test_on_a_computer_named_windows_pc_type_beats_the_id() -> None:
    async with StubAw("windows-pc") as aw:
        aw.add("aw-watcher-web-chrome_windows-pc", "web", raw(20, url="https://a.example/", title="A"))
        aw.add("aw-watcher-input_windows-pc", "input", raw(20, presses=4))
        aw.add("aw-watcher-afk_windows-pc", "afk", raw(20, status="not-afk"))
        aw.add("aw-watcher-window_windows-pc", "window", raw(20, app="chrome.exe", title="A"))
        sensor = ActivityWatchSensor(Settings(), aw.access)
        reading = await sensor.read(NOW)
        await sensor.close()
    tracks = {e.bucket.split("_")[0].removeprefix("aw-watcher-"): e.track for e in reading.events}
    assert tracks == {"web-chrome": "web", "input": "input", "afk": "afk", "window": "window"}


async def test_two_browsers_and_two_editors_are_all_read(aw: StubAw, sensor: ActivityWatchSensor) -> None:
    aw.add("aw-watcher-web-chrome", "web", raw(20, url="https://a.example/", title="A"), hostname="unknown")
    aw.add("aw-watcher-web-firefox_lab", "web", raw(20, url="https://b.example/", title="B"))
    aw.add("aw-watcher-vscode_lab", "editor", raw(20, file="/a.py", language="python"))
    aw.add("aw-watcher-vim_lab", "editor", raw(20, file="/b.py"))
    reading = await seen(sensor)
    assert sorted(e.track for e in reading.events) == ["afk", "editor", "editor", "web", "web", "window"]


async def test_the_windows_of_another_computer_are_not_read(aw: StubAw, sensor: ActivityWatchSensor) -> None:
    aw.add("aw-watcher-window_desk", "window", raw(5, app="Mail", title="other"), hostname="desk")
    aw.add("aw-watcher-window_lab-synced-from-lab", "window", raw(5, app="Mail", title="other"))
    await seen(sensor)
    assert aw.asked("desk") == []
    assert aw.asked("synced") == []


async def test_when_only_other_computers_have_buckets_the_user_is_told_their_names() -> None:
    async with StubAw("lab") as aw:
        aw.add("aw-watcher-window_desk", "window", raw(5, app="Mail"), hostname="desk")
        sensor = ActivityWatchSensor(Settings(), aw.access)
        reading = await sensor.read(NOW)
        await sensor.close()
        chosen = ActivityWatchSensor(Settings(hostname="desk"), aw.access)
        assert len((await chosen.read(NOW)).events) == 1
        await chosen.close()
    assert "It has buckets of: desk." in reading.problems[0]


async def test_a_server_that_asks_for_a_key_gets_it_and_says_so_without_one() -> None:
    async with StubAw(key="secret-key") as aw:
        aw.add("aw-watcher-window_lab", "window", raw(5, app="Mail"))
        with pytest.raises(SensorError, match=r"asks for an API key \(401\)"):
            await ActivityWatchSensor(Settings(), aw.access).read(NOW)
        sensor = ActivityWatchSensor(Settings(), Access("127.0.0.1", aw.port, "secret-key"))
        assert len((await sensor.read(NOW)).events) == 1
        await sensor.close()


async def test_an_hour_of_polls_costs_one_request_a_bucket_and_twelve_more(aw: StubAw, sensor: ActivityWatchSensor) -> None:
    for minute in range(60):
        await seen(sensor, NOW + minute * MINUTE)
    assert sensor.polls == 60
    assert sensor.requests.range == len(aw.asked("/events")) == 120
    assert sensor.requests.other == len(aw.seen) - 120 <= 12
    assert aw.connections == 1


async def test_an_hour_without_a_window_bucket_costs_no_more_listing() -> None:
    async with StubAw() as aw:
        sensor = ActivityWatchSensor(Settings(), aw.access)
        for minute in range(60):
            await sensor.read(NOW + minute * MINUTE)
        await sensor.close()
    assert sensor.requests.total <= 12


async def test_each_track_looks_back_as_far_as_its_watcher_is_late(aw: StubAw, sensor: ActivityWatchSensor) -> None:
    aw.add("aw-watcher-web-chrome_lab", "web")
    await seen(sensor)
    first = asked_range(aw.asked("window_lab/events")[0])
    assert first == (NOW - timedelta(seconds=2100), NOW + timedelta(seconds=120))
    aw.seen.clear()
    await seen(sensor, NOW + MINUTE)
    back = {p.split("/")[4]: (NOW - asked_range(p)[0]).total_seconds() for p in aw.asked("/events")}
    assert back == {"aw-watcher-window_lab": 15, "aw-watcher-afk_lab": 210, "aw-watcher-web-chrome_lab": 90}


async def test_a_clock_that_jumps_moves_no_mark_into_the_future(aw: StubAw, sensor: ActivityWatchSensor) -> None:
    for jump in (timedelta(hours=1), timedelta(days=-1), timedelta(days=40), timedelta(0)):
        aw.seen.clear()
        await seen(sensor, NOW + jump)
        start, end = asked_range(aw.asked("window_lab/events")[0])
        assert timedelta(0) < NOW + jump - start <= timedelta(hours=24)
        assert end == NOW + jump + timedelta(seconds=120)


async def test_two_reads_at_once_take_turns(aw: StubAw, sensor: ActivityWatchSensor) -> None:
    readings = await asyncio.gather(*(seen(sensor) for _ in range(4)))
    assert [len(r.events) for r in readings] == [2, 1, 1, 1]
    assert aw.connections == 1


async def test_the_survey_names_the_tracks_that_are_there_and_those_that_are_not(aw: StubAw) -> None:
    found = await survey(Settings(port=aw.port, host="127.0.0.1"))
    assert (found.reachable, found.hostname, found.version, found.problem) == (True, "lab", "v0.13.2", "")
    assert {t: len(b) for t, b in found.tracks.items()} == {"window": 1, "web": 0, "editor": 0, "afk": 1, "input": 0}


async def test_the_survey_of_nothing_says_what_to_do() -> None:
    async with StubAw() as gone:
        pass
    found = await survey(Settings(port=gone.port, host="127.0.0.1"))
    assert (found.reachable, found.hint) == (False, HINT)
    assert all(found.tracks[track] == () for track in ("window", "web", "editor", "afk"))
