"""The policies that meet the same users: when each looks, and which option it takes.

All run on the real loop. Those that are not ours have their gate held open (see `play.py`) and decide here alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from agent.bench.pace.profiles import User
from agent.bench.pace.votes import Option
from agent.bench.pace.world import Span, begin

OURS = "ours"
DWELL = timedelta(seconds=60)
"""How long a matter is in front before `levels` asks."""
FIRST, AGAIN = timedelta(seconds=100), timedelta(seconds=300)
"""When ours looks: after the context is no longer new, then again; the daemon looks every minute, which takes too long here."""
MINUTE = timedelta(minutes=1)


class Level(NamedTuple):
    """One level of `levels`: minutes between two offers, offers a day, evaluations a day."""

    cooldown: float
    cap: int
    asks: int = 40


LEVELS = (Level(60, 0), Level(60, 10), Level(30, 20), Level(10, 40), Level(3, 60), Level(0, 100, 100))
"""Level 0 to 5 as Omi's desktop app has them (BasedHardware/omi, SuggestionAssistantSettings.swift, deliveryPolicy.ts); its
40 evaluations a day are raised at level 5, whose cap they would never let it reach."""


class Choice(NamedTuple):
    """A policy and its setting: `level` 0-5 for levels and ours; `shift` in log-odds makes ours dearer or, below 0, cheaper.

    `free` takes from ours what bounds offers besides the price, as far as it can: daily cap and its spread, the interval
    between asks, and what answers taught the pace, which is forgotten at each look; the personal judge goes on learning.
    `guarded` gives levels a presence guard: not in calls, videos and typing, nor under do-not-disturb.
    """

    name: str
    level: int = 3
    shift: float = 0.0
    free: bool = False
    guarded: bool = False

    @property
    def learns(self) -> bool:
        """Whether the loop's own gate, price and memory decide."""
        return self.name == OURS


class Sight(NamedTuple):
    """What a policy that is not ours decides from."""

    user: User
    day: int
    span: Span
    options: Sequence[Option]
    at: datetime
    offered: Sequence[datetime]
    asked: int
    used: bool


EVERY = {"every_15s": timedelta(seconds=15), "every_10min": timedelta(minutes=10)}


def looks(choice: Choice, spans: Sequence[Span]) -> Iterator[datetime]:
    """The times of a day at which a policy looks: by the clock, but not in the break, or once or more in each moment."""
    if choice.name in EVERY:
        yield from _by_clock(spans, EVERY[choice.name])
        return
    for span in spans:
        yield span.start + (DWELL if choice.name == "levels" else FIRST)
        at = span.start + FIRST + AGAIN
        again = choice.learns or choice.name == "oracle"
        while again and not span.told and at < span.end:  # what holds a call, a video or typing back holds to its end
            yield at
            at += AGAIN


def _by_clock(spans: Sequence[Span], every: timedelta) -> Iterator[datetime]:
    at = spans[0].start + every
    for span in spans:
        at = max(at, span.start)
        while at < span.end:
            yield at
            at += every


def asks(choice: Choice, sight: Sight) -> bool:
    """Whether a policy that is not ours asks the predictor now."""
    if choice.name == "levels":
        if choice.guarded and (sight.span.told or sight.user.undisturbed(minute(sight.day, sight.at))):
            return False
        level = LEVELS[choice.level]
        rested = not sight.offered or sight.at - sight.offered[-1] >= level.cooldown * MINUTE
        return rested and len(sight.offered) < level.cap and sight.asked < level.asks
    if choice.name == "oracle":
        return _wanted(sight) is not None and not sight.user.undisturbed(minute(sight.day, sight.at))
    return True


def take(choice: Choice, sight: Sight) -> int | None:
    """Which option a policy that is not ours shows."""
    pick: dict[str, Callable[[], int | None]] = {
        "oracle": lambda: _wanted(sight),
        "levels": lambda: max(range(len(sight.options)), key=lambda i: (sight.options[i].p, -i)),
    }
    return pick[choice.name]() if choice.name in pick else _any(sight)


def minute(day: int, at: datetime) -> float:
    """Minutes from the beginning of the day."""
    return (at - begin(day)).total_seconds() / 60


def _any(sight: Sight) -> int:
    key = f"{sight.user.seed} {sight.day} {sight.span.number} {sight.at.timestamp()}"
    return random.Random(key).randrange(len(sight.options))  # noqa: S311 - a draw that must repeat


def _wanted(sight: Sight) -> int | None:
    """The option with the best chance among those the user would take now, or None."""
    now = minute(sight.day, sight.at)
    if sight.span.idle or sight.used or not sight.user.pays(now, (sight.at - sight.span.start).total_seconds()):
        return None
    wanted = [i for i, o in enumerate(sight.options) if sight.user.wants(o, sight.day, now)]
    return max(wanted, key=lambda i: (sight.options[i].p, -i), default=None)
