"""The player on a real ActivityWatch server: what a reader finds is what the watchers would have sent by then."""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from agent.bench.player import Player
from agent.bench.server import PrivateServer
from agent.errors import SensorError
from agent.sense.day import Day, day_of
from tests.bench.days import at, event, raw_day

needs_server = pytest.mark.skipif(
    importlib.util.find_spec("aw_server") is None, reason="the ActivityWatch server is not installed (extra 'demo')"
)


@pytest.fixture
async def server() -> AsyncIterator[PrivateServer]:
    async with PrivateServer(storage="peewee") as running:
        yield running


async def rows(server: PrivateServer, bucket: str) -> list[tuple[float, float, dict[str, Any]]]:
    """(seconds since the day began, duration, data) of every row, oldest first, with ids left out."""
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        answer = (await http.get(f"/api/0/buckets/{bucket}/events?limit=-1")).json()
    return sorted(((seconds(r["timestamp"]), r["duration"], r["data"]) for r in answer), key=str)


def seconds(stamp: str) -> float:
    return round((datetime.fromisoformat(stamp.replace("Z", "+00:00")) - at(0)).total_seconds(), 3)


def told(day: Day, bucket: str) -> list[tuple[float, float, dict[str, Any]]]:
    return sorted((((e.timestamp - at(0)).total_seconds(), e.duration, e.data) for e in day.events[bucket]), key=str)


AWKWARD = raw_day(
    window=[
        event(0, 65, app="Code", title="a"),
        event(66, 0, app="Code", title="half a pair \ud800"),
        event(67, 200, app="Code", title="b"),
        event(90, 45, app="x", title="overlaps b"),
        event(100, 45, app="x", title="overlaps both"),
        event(130, 12, app="Code", title="b"),
        event(267, 10, app="Code", title="b"),
        event(400, 2, app="x", title="clock ahead"),
        event(300, 90, app="y", title=""),
        event(300, 90, app="z", title="at the same moment"),
    ],
    afk=[event(0, 60, status="not-afk"), event(60.001, 300, status="afk")],
    web=[event(0, 130, url="https://a.example/?q=1#x", incognito=False), event(130, 0, url="", title="")],
    **{"currently-playing": [event(10, 30, title="song")]},
)


@pytest.mark.e2e
@needs_server
async def test_in_the_end_the_server_has_exactly_the_day(server: PrivateServer) -> None:
    day = day_of(AWKWARD, "day")
    async with Player(day, server.url) as player:
        for second in range(0, 460, 7):
            await player.advance(at(second))
    for bucket in day.buckets:
        assert await rows(server, bucket) == told(day, bucket)


@pytest.mark.e2e
@needs_server
async def test_at_no_time_the_server_knows_more_than_a_reader_would(server: PrivateServer) -> None:
    day = day_of(AWKWARD, "day")
    async with Player(day, server.url) as player:
        await player.advance(at(75))
        assert await rows(server, "aw-watcher-window_lab") == [
            (0, 65, {"app": "Code", "title": "a"}),
            (66, 0, {"app": "Code", "title": "half a pair \ud800"}),
        ]
        assert await rows(server, "aw-watcher-afk_lab") == [(0, 60, {"status": "not-afk"})]
        assert await rows(server, "aw-watcher-web_lab") == [(0, 60, {"url": "https://a.example/?q=1#x", "incognito": False})]
        await player.advance(at(80))
        assert (await rows(server, "aw-watcher-window_lab"))[-1] == (67, 10, {"app": "Code", "title": "b"})


@pytest.mark.e2e
@needs_server
async def test_a_growing_event_keeps_its_row_and_a_quiet_minute_costs_no_request(server: PrivateServer) -> None:
    day = day_of(raw_day(window=[event(0, 600, app="x")]), "day")
    ids = set()
    async with Player(day, server.url) as player, httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        for second in range(15, 700, 60):
            await player.advance(at(second))
            ids |= {r["id"] for r in (await http.get("/api/0/buckets/aw-watcher-window_lab/events?limit=-1")).json()}
        before = player.requests
        assert await player.advance(at(2000)) == 0
        assert player.requests == before
    assert len(ids) == 1


@pytest.mark.e2e
@needs_server
async def test_buckets_carry_type_client_and_computer(server: PrivateServer) -> None:
    day = day_of(raw_day(host="börk-pc.local", web=[event(0, 5, url="u")]), "day")
    async with Player(day, server.url), httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        listed = (await http.get("/api/0/buckets/")).json()
    found = listed["aw-watcher-web_börk-pc.local"]
    assert (found["type"], found["client"], found["hostname"]) == ("web.tab.current", "aw-watcher-web", "börk-pc.local")


async def test_a_server_that_is_not_there_is_said_in_words() -> None:
    with pytest.raises(SensorError, match="did not take the day"):
        async with Player(day_of(AWKWARD, "day"), "http://127.0.0.1:9"):
            pass
