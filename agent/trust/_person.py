"""A person at work in front of a real ActivityWatch server, in real time: the focus of the bundled day, at work or away."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx

from agent.bench.sample import sample
from agent.sense.day import Day, read_day

BEAT = 2.0  # seconds between heartbeats: the window watcher looks each second, the afk watcher every five
PAST = timedelta(minutes=30)
LONGEST = 90.0  # seconds on one thing: the day's own long stretches would make an hour of five focuses
AFK, WINDOW, WEB = "aw-watcher-afk_soak", "aw-watcher-window_soak", "aw-watcher-web-firefox_soak"
TYPES = {AFK: "afkstatus", WINDOW: "currentwindow", WEB: "web.tab.current"}


class Person:
    """`await person.work()` runs until cancelled; `away` and `shift` (of the data's clock) may be set at any time."""

    def __init__(self, url: str, host: str) -> None:
        self.away = False
        self.shift = timedelta(0)
        self.beats = 0
        self._host = host
        self._http = httpx.AsyncClient(base_url=url, timeout=3, trust_env=False, headers={"Content-Type": "application/json"})
        self._focus = _focus(read_day(sample() / "day.json"))

    async def work(self) -> None:
        """Fill the past half hour, then send heartbeats; a server that is gone or lost its buckets is waited for."""
        async with self._http:
            await self._fill()
            for seconds, data in self._focus:
                for _ in range(max(1, round(seconds / BEAT))):
                    with contextlib.suppress(httpx.HTTPError):
                        await self._beat(data)
                    await asyncio.sleep(BEAT)

    async def _beat(self, data: dict[str, dict[str, Any]]) -> None:
        now = datetime.now(timezone.utc) + self.shift
        said = "afk" if self.away else "not-afk"
        try:
            await self._post(f"{AFK}/heartbeat?pulsetime=65", _event(now, 0, {"status": said}))
            if not self.away:
                for bucket, what in data.items():
                    await self._post(f"{bucket}/heartbeat?pulsetime=5", _event(now, 0, what))
            self.beats += 1
        except httpx.HTTPStatusError:  # it restarted without its data
            await self._fill()

    async def _fill(self) -> None:
        now = datetime.now(timezone.utc)
        for bucket, kind in TYPES.items():
            await self._post(bucket, {"type": kind, "client": "soak", "hostname": self._host})
        at = now - PAST
        await self._post(f"{AFK}/events", [_event(at, PAST.total_seconds(), {"status": "not-afk"})])
        for seconds, data in self._focus:
            for bucket, what in data.items():
                await self._post(f"{bucket}/events", [_event(at, seconds, what)])
            at += timedelta(seconds=seconds)
            if at > now:
                break

    async def _post(self, path: str, body: Any) -> None:
        answer = await self._http.post(f"/api/0/buckets/{path}", content=json.dumps(body).encode())
        if answer.status_code != 304:
            answer.raise_for_status()


def _focus(day: Day) -> Iterator[tuple[float, dict[str, dict[str, Any]]]]:
    """The day's windows over and over, each with the page that was open in it; the round is counted in the titles."""
    window = next(events for name, events in day.events.items() if day.buckets[name].type == "currentwindow")
    pages = next(events for name, events in day.events.items() if day.buckets[name].type == "web.tab.current")
    for turn in itertools.count():
        for event in window:
            data: dict[str, Any] = dict(event.data) | ({"title": f"{event.data['title']} {turn}"} if turn else {})
            found = [p for p in pages if p.timestamp <= event.timestamp < p.end and "irefox" in event.data["app"]]
            yield min(event.duration, LONGEST), {WINDOW: data, **({WEB: found[0].data} if found else {})}


def _event(at: datetime, seconds: float, data: dict[str, Any]) -> dict[str, Any]:
    return {"timestamp": at.isoformat(timespec="milliseconds"), "duration": seconds, "data": data}
