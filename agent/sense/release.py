"""When would a real reader have seen a recorded event, and how long was it then? Pure; no event is shown before its time.

The rules are the habits of the watchers, as read in their source and measured with the real aw-client:

window  aw-watcher-window looks every second and holds an event back until the data changes or it has 10 s
        (aw-client `commit_interval`, client.py `_is_old_enough`); afterwards it grows in steps of as much.
afk     aw-watcher-afk looks every 5 s. "afk" is known 180 s after the last input, dated back to it, and held back 5 s more;
        then it grows, as "not-afk" does from its start, in steps of the 10 s hold-back.
web     aw-watcher-web sends when a tab is activated (no length yet), at a 60 s alarm, and the old data when the tab changes.
editor  editor watchers send while the cursor moves, at most once a second: seen at once, growing.
other   at its end.

While the machine slept nobody sent anything: `Awake` stops the time soon after the beginning of a hole in the recording.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol, TypeVar

HOLE = timedelta(seconds=180)
"""Without any event but "afk" for longer than this, the machine is taken to have slept (the web watcher's alarm is 60 s)."""
LINGER = timedelta(seconds=12)
"""It is taken to fall asleep this long after the last event, when the watchers have sent what they held back."""


class Habit(NamedTuple):
    """Seconds: first seen after `first` with the length then, growing by `step`, complete `closing` after the end."""

    first: float
    step: float
    closing: float


# `closing` is the watcher's next look, at which it finds that something else is there.
HABITS = {
    "window": Habit(first=10.0, step=10.0, closing=1.0),
    "not-afk": Habit(first=10.0, step=10.0, closing=5.0),
    "afk": Habit(first=185.0, step=10.0, closing=5.0),
    "web": Habit(first=0.0, step=60.0, closing=0.0),
    "editor": Habit(first=0.0, step=5.0, closing=0.0),
}


class Timed(Protocol):
    """An event, recorded or read."""

    @property
    def timestamp(self) -> datetime: ...
    @property
    def duration(self) -> float: ...
    @property
    def data(self) -> dict[str, Any]: ...
    def model_copy(self, *, update: dict[str, Any]) -> Any: ...


E = TypeVar("E", bound=Timed)


def habit(event: Timed, track: str | None) -> Habit | None:
    """How the event comes to be known; None: at its end."""
    if track == "afk":
        track = "afk" if event.data.get("status") == "afk" else "not-afk"
    return HABITS.get(track or "")


def visible(event: E, track: str | None, now: datetime) -> E | None:
    """The event as a reader knows it at `now`, or None if it is not there yet. `track` None: of a kind we do not know."""
    seconds = known(event, track, now)
    if seconds is None or seconds == event.duration:
        return None if seconds is None else event
    shown: E = event.model_copy(update={"duration": seconds})
    return shown


def known(event: Timed, track: str | None, now: datetime) -> float | None:
    """The length in seconds that a reader knows of at `now`; None if the event is not there yet."""
    elapsed = (now - event.timestamp).total_seconds()
    rule = habit(event, track)
    if elapsed >= event.duration + (rule.closing if rule else 0.0):
        return event.duration
    if rule is None or elapsed < rule.first:
        return None
    steps = (elapsed - rule.first) // rule.step
    return min(event.duration, rule.first + steps * rule.step)


def appears(event: Timed, track: str | None) -> datetime:
    """When the event is first seen."""
    rule = habit(event, track)
    if rule is None:
        return event.timestamp + timedelta(seconds=event.duration)
    return event.timestamp + timedelta(seconds=min(rule.first, event.duration + rule.closing))


class Awake:
    """When the machine of a recording was awake: `awake(now)` is the last moment up to `now` at which it was."""

    def __init__(self, events: Iterable[tuple[datetime, datetime]]) -> None:
        """From the (start, end) of every event but those that say "afk", which cover a sleep too."""
        self.holes = tuple(holes(events))
        self._starts = [start for start, _ in self.holes]

    def __call__(self, now: datetime) -> datetime:
        """`now`, or when the machine fell asleep if `now` lies in a hole."""
        at = bisect_right(self._starts, now) - 1
        return min(now, self._starts[at] + LINGER) if at >= 0 and now < self.holes[at][1] else now


def holes(events: Iterable[tuple[datetime, datetime]]) -> Sequence[tuple[datetime, datetime]]:
    """The stretches longer than HOLE between events, oldest first."""
    found: list[tuple[datetime, datetime]] = []
    reach: datetime | None = None
    for start, end in sorted(events):
        if reach is not None and start - reach > HOLE:
            found.append((reach, start))
        reach = end if reach is None else max(reach, end)
    return found


class News(NamedTuple):
    """An event of a lane that is new, or `grown` since it was told: its number in the lane and the event as known now."""

    number: int
    event: Any
    grown: bool
    complete: bool


class Lane:
    """The events of one bucket, let out as time goes on; each is told when it appears and whenever it has grown."""

    def __init__(self, events: Sequence[Timed], track: str | None) -> None:
        self.events = events
        self.track = track
        self._order = sorted((appears(e, track), n) for n, e in enumerate(events))
        self._next = 0
        self._growing: dict[int, float] = {}

    def news(self, now: datetime) -> list[News]:
        """What became known up to `now` since the last call, oldest event first; a smaller `now` than before tells nothing."""
        while self._next < len(self._order) and self._order[self._next][0] <= now:
            self._growing[self._order[self._next][1]] = -1.0
            self._next += 1
        return [n for n in (self._look(number, now) for number in sorted(self._growing)) if n is not None]

    def _look(self, number: int, now: datetime) -> News | None:
        event, told = self.events[number], self._growing[number]
        shown = visible(event, self.track, now)
        if shown is None or shown.duration <= told:
            return None
        complete = shown.duration >= event.duration
        if complete:
            del self._growing[number]
        else:
            self._growing[number] = shown.duration
        return News(number, shown, grown=told >= 0, complete=complete)
