"""Plays a person at work into a real ActivityWatch server: half an hour of the past, then heartbeats as time passes.

A call was over five minutes before the start, so that the next five minutes are a good moment for an offer.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from types import TracebackType
from typing import Any

import httpx

BEAT = 0.4
AFK, WINDOW, EDITOR = "aw-watcher-afk_lab", "aw-watcher-window_lab", "aw-watcher-vscode_lab"
TYPES = {AFK: "afkstatus", WINDOW: "currentwindow", EDITOR: "app.editor.activity"}
SEARCH = ("Google-chrome", "pool limit error - Google Search - Google Chrome")
PAGE = ("Google-chrome", "python - Connection pool limit reached - Stack Overflow - Google Chrome")
CODE = ("Code", "pool.py - service - Visual Studio Code")
CALL = ("zoom", "Zoom Meeting")
# Minutes before now and what was in front: the same search four times, with the work it is for and a call between.
PAST = (
    (30, CODE),
    (22, SEARCH),
    (21, CODE),
    (18, SEARCH),
    (17, PAGE),
    (15, CODE),
    (9, SEARCH),
    (8, CODE),
    (7, CALL),
    (5, CODE),
    (4, SEARCH),
    (3, PAGE),
)
TOPICS = ("timeouts", "retries", "leaks", "sockets", "threads", "locks", "queues", "limits", "drivers", "cursors", "schemas")

Focus = tuple[str, str]


class Feeder:
    """`with Feeder(url) as feeder:` keeps the buckets of the computer `lab` fresh from a thread of its own.

    `every` seconds the page in front changes to one never seen before, so that each look sees something new; 0 = never.
    A server that goes away is waited for; one that lost its data gets the past again.
    """

    def __init__(self, url: str, hostname: str, *, every: float = 0.0, past: Sequence[tuple[float, Focus]] = PAST) -> None:
        self.every = every
        self.focus: Focus = past[-1][1]
        self._hostname = hostname
        self._past = past
        self._http = httpx.Client(base_url=url, timeout=5, trust_env=False)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Feeder:
        self.fill()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join(10)
        self._http.close()

    def fill(self) -> None:
        """Create the buckets and write the past half hour."""
        now = datetime.now(timezone.utc)
        for bucket, kind in TYPES.items():
            self._post(f"/{bucket}", {"type": kind, "client": "feeder", "hostname": self._hostname})
        starts = [now - timedelta(minutes=m) for m, _ in self._past]
        events = [
            _event(start, (end - start).total_seconds() - 0.1, app=focus[0], title=focus[1])
            for (_, focus), start, end in zip(self._past, starts, [*starts[1:], now], strict=True)
        ]
        self._post(f"/{WINDOW}/events", events)
        self._post(f"/{AFK}/events", [_event(starts[0], (now - starts[0]).total_seconds(), status="not-afk")])

    def edited(self, path: str, minutes: float, seconds: float = 60.0) -> None:
        """A file was on the screen in an editor, so long ago, for that long."""
        start = datetime.now(timezone.utc) - timedelta(minutes=minutes)
        name = path.rpartition("/")[2]
        self._post(f"/{WINDOW}/events", [_event(start, seconds, app="Code", title=f"{name} - docs - Visual Studio Code")])
        self._post(f"/{EDITOR}/events", [_event(start, seconds, file=path, project="docs", language="text")])

    def _beat(self) -> None:
        topics = itertools.cycle(f"{b} and {a} in pools" for a in TOPICS for b in TOPICS)
        since = datetime.now(timezone.utc)
        while not self._over.wait(BEAT):
            now = datetime.now(timezone.utc)
            if self.every and (now - since).total_seconds() >= self.every:
                self.focus, since = ("Google-chrome", f"{next(topics)} - Stack Overflow - Google Chrome"), now
            with contextlib.suppress(httpx.TransportError):
                self._now(now)

    def _now(self, now: datetime) -> None:
        """Heartbeats of what is in front and that somebody is there."""
        try:
            self._post(f"/{WINDOW}/heartbeat?pulsetime=5", _event(now, 0, app=self.focus[0], title=self.focus[1]))
            self._post(f"/{AFK}/heartbeat?pulsetime=60", _event(now, 0, status="not-afk"))
        except httpx.HTTPStatusError:  # restarted without its data
            self.fill()

    def _post(self, path: str, body: Any) -> None:
        answer = self._http.post(f"/api/0/buckets{path}", json=body)
        if answer.status_code != 304:
            answer.raise_for_status()


def _event(start: datetime, seconds: float, **data: str) -> dict[str, Any]:
    return {"timestamp": start.isoformat(timespec="milliseconds"), "duration": seconds, "data": data}
