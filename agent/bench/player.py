"""Plays a recorded day into a real ActivityWatch server as the watchers would have: no event before its time, growing in place.

Covered: each bucket with its type, client and computer; one row an event; what grows between two calls is sent once. The newest
row of a bucket grows by heartbeats. A row that is older than the newest one is changed by its id instead: a late heartbeat
would make the server write it over the newest row.
Not covered: heartbeats in between that a real watcher would have sent too; the server never shows a difference.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx

from agent.errors import SensorError
from agent.sense._buckets import TRACKS
from agent.sense.day import Day, Recorded
from agent.sense.release import Lane, News

DEADLINE = 30.0  # seconds for one request; a private server answers in milliseconds


class Row:
    """What the server has of one bucket, as far as the player must know it."""

    def __init__(self, name: str, lane: Lane) -> None:
        self.path = f"/api/0/buckets/{quote(name, safe='')}"
        self.lane = lane
        self.newest: datetime | None = None
        self.beat: News | None = None
        self.ids: dict[int, int] = {}

    def beats(self, news: News) -> bool:
        """Whether the server would take a heartbeat of this known event for the row that it belongs to."""
        return self.beat is not None and self.beat.number == news.number and self.newest == news.event.timestamp

    def may_begin(self, fresh: Sequence[News]) -> bool:
        """Whether the last of these can begin as a heartbeat: it goes on, is the newest, and is no part of the last beat."""
        event = fresh[-1].event
        others = [n.event.timestamp for n in fresh[:-1]] + ([self.newest] if self.newest else [])
        if fresh[-1].complete or any(event.timestamp <= other for other in others):
            return False
        last = self.beat.event if self.beat is not None else None
        return last is None or last.data != event.data or bool(event.timestamp > last.end)


class Player:
    """`async with Player(day, server.url) as player: await player.advance(until)`; `sent` counts events and their growths."""

    def __init__(self, day: Day, url: str) -> None:
        self.day = day
        self.sent = 0
        self.requests = 0
        self._awake = day.awake()
        self._rows = [Row(name, Lane(day.events[name], TRACKS.get(bucket.type))) for name, bucket in day.buckets.items()]
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=1)
        self._http = httpx.AsyncClient(base_url=url, timeout=DEADLINE, trust_env=False, limits=limits)

    async def __aenter__(self) -> Player:
        """Create the buckets; SensorError if the server cannot be reached."""
        try:
            for row, bucket in zip(self._rows, self.day.buckets.values(), strict=True):
                await self._ask("POST", row.path, bucket.model_dump())
        except BaseException:
            await self._http.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def advance(self, until: datetime) -> int:
        """Send everything that became known up to `until`; how many events were new or had grown. SensorError if it failed."""
        before, then = self.sent, self._awake(until)
        for row in self._rows:
            if news := row.lane.news(then):
                await self._send(row, news)
                self.sent += len(news)
        return self.sent - before

    async def _send(self, row: Row, news: Sequence[News]) -> None:
        """What grew first, while it is still the newest row; then what is new, the last of it as a heartbeat if it goes on."""
        for n in news:
            if n.grown:
                await (self._beat if row.beats(n) else self._rewrite)(row, n)
        fresh = [n for n in news if not n.grown]
        last = fresh[-1] if fresh and row.may_begin(fresh) else None
        done = fresh[:-1] if last else fresh
        if done:
            await self._ask("POST", f"{row.path}/events", [_plain(n.event) for n in done])
            stamps = [n.event.timestamp for n in done]
            row.newest = max([*stamps, row.newest] if row.newest else stamps)
        if last:
            await self._beat(row, last)

    async def _beat(self, row: Row, news: News) -> None:
        """A heartbeat with no pulse time: the same start and data make the same row, anything else a new one."""
        await self._ask("POST", f"{row.path}/heartbeat?pulsetime=0", _plain(news.event))
        row.newest, row.beat = news.event.timestamp, news

    async def _rewrite(self, row: Row, news: News) -> None:
        """Change a row that is not the newest, by its id."""
        if news.number not in row.ids and (found := await self._find(row, news.event)) is not None:
            row.ids[news.number] = found
        known = {"id": row.ids[news.number]} if news.number in row.ids else {}
        await self._ask("POST", f"{row.path}/events", [_plain(news.event) | known])

    async def _find(self, row: Row, event: Recorded) -> int | None:
        at = quote(event.timestamp.isoformat(timespec="milliseconds"))
        rows = await self._ask("GET", f"{row.path}/events?start={at}&end={at}")
        same = [r["id"] for r in rows if r["data"] == event.data]
        return int(same[-1]) if same else None

    async def _ask(self, method: str, path: str, body: Any = None) -> Any:
        self.requests += 1
        # ASCII on purpose: half a surrogate pair, which a title may hold, cannot be sent in any other way.
        content = None if body is None else json.dumps(body).encode()
        try:
            answer = await self._http.request(method, path, content=content, headers={"Content-Type": "application/json"})
        except httpx.HTTPError as e:
            raise SensorError(f"The private ActivityWatch server did not take the day: {e!r}.", "Try it again.") from e
        if answer.status_code not in (200, 304):
            said = f"{answer.status_code}: {answer.text[:200]}"
            raise SensorError(f"The private ActivityWatch server refused a part of the day ({said}).", "Try it again.")
        return answer.json() if answer.content.strip() else None


def _plain(event: Recorded) -> dict[str, Any]:
    """The event as ActivityWatch takes it."""
    start = event.timestamp.isoformat(timespec="milliseconds")
    return {"timestamp": start, "duration": event.duration, "data": event.data}
