"""The replay sensor: a recorded day as the real sensor would have told it, and never a moment ahead."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from agent.clocks import SimulatedClock
from agent.core.records import Event
from agent.errors import SensorError
from agent.plug import Supplies, build
from agent.sense.day import Day, day_of
from agent.sense.replay import ReplaySensor, Settings
from tests.bench.days import at, bucket, event, raw_day


def small_day() -> Day:
    raw = raw_day(
        window=[event(0, 130, app="Code", title="a"), event(131, 60, app="Code", title="b", geometry="10x10")],
        afk=[event(0, 191, status="not-afk"), event(191.001, 400, status="afk"), event(592, 60, status="not-afk")],
        web=[event(5, 200, url="https://a.example/", title="A", incognito=False)],
    )
    raw["buckets"]["aw-watcher-window_desk"] = bucket("window", "desk")
    raw["events"]["aw-watcher-window_desk"] = [event(0, 100, app="mpv", title="film")]
    return day_of(raw, "day")


async def played(sensor: ReplaySensor, until: float, step: float = 30) -> list[tuple[datetime, Event]]:
    found, second = [], 0.0
    while second <= until:
        found += [(at(second), e) for e in (await sensor.read(at(second))).events]
        second += step
    return found


async def test_every_event_of_the_days_own_computer_is_told_whole_in_the_end() -> None:
    merged: dict[tuple[str, int | None], Event] = {}
    for _, e in await played(ReplaySensor(Settings(), small_day()), 800):
        assert (e.bucket, e.id) not in merged or merged[e.bucket, e.id].duration < e.duration
        merged[e.bucket, e.id] = e
    told = sorted((e.track, e.timestamp, e.duration, str(e.data.get("title", ""))) for e in merged.values())
    assert told == [
        ("afk", at(0), 191, ""),
        ("afk", at(191.001), 400, ""),
        ("afk", at(592), 60, ""),
        ("web", at(5), 200, "A"),
        ("window", at(0), 130, "a"),
        ("window", at(131), 60, "b"),
    ]


async def test_nothing_is_told_before_its_time() -> None:
    told = await played(ReplaySensor(Settings(), small_day()), 800, step=7)
    assert all(e.end <= now for now, e in told)
    away = next(now for now, e in told if e.data.get("status") == "afk")
    assert away >= at(592)  # nothing but "afk" for 400 s: the machine slept, and told it afterwards


async def test_fields_that_the_agent_does_not_use_are_left_behind() -> None:
    told = await played(ReplaySensor(Settings(), small_day()), 800)
    assert all("geometry" not in e.data for _, e in told)


async def test_a_look_that_brings_nothing_new_is_empty() -> None:
    sensor = ReplaySensor(Settings(), small_day())
    await sensor.read(at(300))
    assert (await sensor.read(at(301))).events == ()
    assert (await sensor.read(at(5000))).events != ()
    assert (await sensor.read(at(6000))).events == ()


async def test_the_first_read_looks_back_as_far_as_set() -> None:
    assert len((await ReplaySensor(Settings(look_back=0), small_day()).read(at(3000))).events) == 0
    assert len((await ReplaySensor(Settings(look_back=9999), small_day()).read(at(3000))).events) == 6


async def test_a_day_can_be_played_as_if_it_began_now() -> None:
    sensor, now = ReplaySensor(Settings(from_now=True), small_day()), at(1_000_000)
    await sensor.read(now)
    events = (await sensor.read(now + timedelta(seconds=60))).events
    assert {e.timestamp for e in events if e.track == "window"} == {now}
    assert all(e.end <= now + timedelta(seconds=60) for e in events)


async def test_a_day_without_a_bucket_of_its_computer_is_said() -> None:
    raw = raw_day({"host": "elsewhere"}, window=[event(0, 1)])
    with pytest.raises(SensorError, match="no bucket that is understood, of computer 'elsewhere'"):
        await ReplaySensor(Settings(), day_of(raw, "day")).read(at(0))


async def test_the_plug_plays_the_file_of_its_settings(tmp_path: Path) -> None:
    file = tmp_path / "day.json"
    file.write_text(json.dumps(raw_day(window=[event(0, 30, app="x", title="t")])))
    sensor = build("sense", "replay", {"file": str(file)}, Supplies(clock=SimulatedClock(at(0))))
    assert [e.duration for e in (await sensor.read(at(60))).events] == [30]
    gone = build("sense", "replay", {"file": str(tmp_path / "gone.json")}, Supplies(clock=SimulatedClock(at(0))))
    with pytest.raises(SensorError, match="cannot be read"):
        await gone.read(at(0))
