"""Reads the events of this computer from a running ActivityWatch server, old or new, Python or Rust.

Covered: one range request a bucket and read, over one connection, every read within a total deadline; look-back for what the
watchers hold back; buckets that vanish; a server that is absent, slow, restarting or answers garbage.
Not covered: merging what several reads saw of one event (same bucket and id, clipped to the range), redaction, gaps. After the
server was down the time between is unknown, not away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, Field, SecretStr

from agent.core.records import Event, Reading, Track
from agent.plug import Supplies
from agent.sense._access import access
from agent.sense._buckets import Bucket, choose
from agent.sense._events import AHEAD, LONGEST, MAX_EVENTS, Parsed, Span, parse
from agent.sense._http import Access, Budget, Connection, RequestError
from agent.sense._survey import Survey, look
from agent.sense._words import gone, in_words, no_window_bucket, short, skipped

# The window watcher holds an event back for up to 10 s, the afk watcher back-dates by its 180 s timeout and is seen up to
# 190 s late, a browser reports at least once a minute.
LOOK_BACK: dict[Track, timedelta] = {
    "window": timedelta(seconds=15),
    "afk": timedelta(seconds=210),
    "web": timedelta(seconds=90),
    "editor": timedelta(seconds=15),
    "input": timedelta(seconds=15),
}
RELIST = timedelta(minutes=7)  # listing costs an old server with a year of data 0.8 s; with /info, at most 12 requests an hour
EARLY_RELISTS = 2  # while no window bucket is known: at log-in the watchers start after the server
LATE = timedelta(seconds=180)  # so long after the server was down, watchers still deliver what they kept meanwhile


class Settings(BaseModel, extra="forbid", hide_input_in_errors=True):
    """Where ActivityWatch is and how much of its past is read at the start."""

    host: str = "127.0.0.1"
    """The server's address; if host and port are left out, what aw-client.toml says."""
    port: int = Field(default=5600, ge=1, le=65535)
    """The server's port."""
    hostname: str = ""
    """The computer whose buckets are read; empty: the one the server runs on."""
    api_key: SecretStr = SecretStr("")
    """The key, if the server asks for one; empty: the one in ActivityWatch's own configuration on this computer."""
    timeout: float = Field(default=10.0, gt=0, le=60)
    """Seconds within which one read must be over."""
    first: float = Field(default=2100.0, ge=0, le=86_400)
    """Seconds of the past that are read first: the half hour of an observation and what leads into it."""


@dataclass
class Requests:
    """How many requests were made: `range` for events, `other` for /info and the list of buckets."""

    range: int = 0
    other: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.range + self.other


class ActivityWatchSensor:
    """Port Sensor on ActivityWatch. `requests` and `polls` count what was asked, `buckets` is what is read now."""

    def __init__(self, settings: Settings, where: Access) -> None:
        self.requests = Requests()
        self.polls = 0
        self.buckets: tuple[Bucket, ...] = ()
        self._settings = settings
        self._where = where
        self._http = Connection(where)
        self._turn = asyncio.Lock()
        self._hostname = ""
        self._others: list[str] = []
        self._listed_at: datetime | None = None
        self._early = EARLY_RELISTS
        self._marks: dict[str, datetime] = {}
        self._down = False
        self._late_until: datetime | None = None

    async def read(self, now: datetime) -> Reading:
        """The events that are new or may have grown since the last read, oldest first; SensorError if there are none to be had.

        An event can come again with a longer duration, and cut to the time that was asked for: merge by bucket and id.
        """
        async with self._turn:
            self.polls += 1
            try:
                return await self._read(now, Budget(self._settings.timeout))
            except RequestError as failure:
                self._down = True
                self._listed_at = None
                raise in_words(failure, self._where, self._settings.timeout) from failure

    async def close(self) -> None:
        """Close the connection."""
        await self._http.close()

    async def _read(self, now: datetime, budget: Budget) -> Reading:
        problems = await self._discover(now, budget)
        events: list[Event] = []
        failures: list[RequestError] = []
        for bucket in self.buckets:
            try:
                found = await self._range(bucket, now, budget)
            except RequestError as failure:
                failures.append(failure)
                problems.append(self._lost(bucket, failure))
                continue
            events += found.events
            if found.skipped:
                problems.append(skipped(bucket, found.skipped))
        if failures and len(failures) == len(self.buckets) and any(f.kind != "missing" for f in failures):
            raise failures[0]
        return Reading(events=tuple(sorted(events, key=lambda e: e.timestamp)), problems=tuple(problems))

    async def _range(self, bucket: Bucket, now: datetime, budget: Budget) -> Parsed:
        start = self._start(bucket, now)
        times = f"start={_stamp(start)}&end={_stamp(now + AHEAD)}&limit={MAX_EVENTS}"
        self.requests.range += 1
        parsed: Parsed = await self._http.get(
            f"/api/0/buckets/{quote(bucket.id, safe='')}/events?{times}",
            budget.share(),
            lambda answer: parse(answer, bucket, Span(start=start, now=now)),
        )
        late = self._late_until is not None and now < self._late_until
        if not late or bucket.id not in self._marks:
            self._marks[bucket.id] = now
        return parsed

    def _start(self, bucket: Bucket, now: datetime) -> datetime:
        mark = self._marks.get(bucket.id)
        if mark is None:
            return now - timedelta(seconds=self._settings.first)
        return max(min(mark, now) - LOOK_BACK[bucket.track], now - LONGEST)

    def _lost(self, bucket: Bucket, failure: RequestError) -> str:
        if failure.kind != "missing":
            return f"{short(bucket.id)}: {in_words(failure, self._where, self._settings.timeout)}"
        self.buckets = tuple(b for b in self.buckets if b.id != bucket.id)
        self._listed_at = None
        return gone(bucket)

    async def _discover(self, now: datetime, budget: Budget) -> list[str]:
        if self._due(now):
            try:
                await self._list(now, budget)
            except RequestError as failure:
                if not self.buckets or self._down:
                    raise
                return [str(in_words(failure, self._where, self._settings.timeout))]
        if any(b.track == "window" for b in self.buckets):
            return []
        return [no_window_bucket(self._name, self._others)]

    def _due(self, now: datetime) -> bool:
        if self._listed_at is None or now < self._listed_at or now - self._listed_at >= RELIST:
            return True
        if self._early and not any(b.track == "window" for b in self.buckets):
            self._early -= 1
            return True
        return False

    async def _list(self, now: datetime, budget: Budget) -> None:
        if not self._hostname or self._down:
            self._hostname = _hostname(await self._other("/api/0/info", budget.share()))
        found = await self._other("/api/0/buckets/", budget.share(), lambda listed: choose(listed, self._name))
        self.buckets, self._others = tuple(found[0]), found[1]
        self._listed_at = now
        if self._down:
            self._down = False
            self._late_until = now + LATE

    async def _other(self, path: str, seconds: float, parse: Callable[[Any], Any] | None = None) -> Any:
        self.requests.other += 1
        return await self._http.get(path, seconds, parse)

    @property
    def _name(self) -> str:
        return self._settings.hostname or self._hostname


def access_of(settings: Settings) -> Access:
    """Where the settings lead: host, port and key, each as set or as ActivityWatch's own configuration says."""
    chosen = settings.model_fields_set
    host = settings.host if "host" in chosen else None
    port = settings.port if "port" in chosen else None
    return access(host, port, settings.api_key.get_secret_value())


def build(settings: Settings, supplies: Supplies) -> ActivityWatchSensor:
    """A sensor on the server of the settings; nothing is asked before the first read."""
    return ActivityWatchSensor(settings, access_of(settings))


async def survey(settings: Settings) -> Survey:
    """What the server of the settings has for us, track by track; never raises for what the server does."""
    return await look(access_of(settings), settings.hostname, settings.timeout)


def _hostname(info: object) -> str:
    name = info.get("hostname") if isinstance(info, dict) else None
    if not isinstance(name, str) or not name:
        raise RequestError("garbage", 200)
    return name


def _stamp(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
