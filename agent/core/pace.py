"""What the user's answers teach: how often to ask, how long offers rest, what an offer must be worth, what is never offered.

The decision rule is that of expected value (Horvitz, Principles of mixed-initiative user interfaces, CHI 1999): an offer
accepted with chance p is worth it if p * benefit > (1 - p) * cost of the interruption, so from cost / (benefit + cost).
The cost follows the user's state, as in a just-in-time adaptive intervention (Nahum-Shani et al., Annals of Behavioral
Medicine 2018): less at a breakpoint than mid-task, more soon after another offer and while the last answers were refusals.

Everything is read off the answers in the order of their offers, so the order in which they arrive does not matter, and what was
long ago fades with the number of newer answers: a clock that jumps moves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime

from agent.core.ideas import barred, idea_of, rests_until, same, signed
from agent.core.pace_settings import PaceSettings
from agent.core.records import Answered, GateInput, Moment, Offer, Pace, Response, ResponseKind, Tick

__all__ = [
    "barred",
    "facing",
    "forget",
    "heard",
    "idea_of",
    "interval",
    "learn",
    "local_minute",
    "mute",
    "price",
    "priced",
    "reluctance",
    "rest",
    "rests_until",
    "same",
    "set_back",
    "signed",
    "unmute",
]

KEPT = 200
"""Answers kept: the newest by offer."""
DAY = 86400.0
DECIDED: dict[ResponseKind, int] = {"ignored": 1, "dismissed": 2, "rejected": 3, "accepted": 4}
"""The responses that say something about the user; of several to one offer the highest counts, which can only come last."""

# The reluctance is the log of the factor by which offers rest longer than at first. An answer moves it by its surprise: a
# refusal by the chance of acceptance the offer had, an acceptance by the chance it had not, so that who answers as foreseen
# keeps the first rest, and each refusal in a row by more than the one before. Ignored is censored (it may not have been seen)
# and blames no idea, but it is the answer of who does not want to be asked; a dismissal blames the moment; a rejection blames
# the idea, whose own chance falls in any case. An acceptance first takes half of a reluctance away. Settled in
# `bench pace` on users that its figures do not count.
STEPS: dict[ResponseKind, float] = {"ignored": 0.3, "dismissed": 0.25, "rejected": 0.2, "accepted": -2.0}
RELIEF = 0.5
EAGER = -1.0
REST = {0: DAY, 1: 5400.0, 2: 1800.0, 3: 600.0, 4: 300.0, 5: 180.0}
"""Seconds between two offers at first, by level."""
ASK = 0.25
"""How much of the reluctance asks follow: they go on while offers rest, in the last hour of it (`policy.SLEEP`)."""

COST = {1: 1.4, 2: 0.9, 3: 0.55, 4: 0.35, 5: 0.2}
"""Cost of an interruption at a breakpoint against a benefit of 1, by level: prices .58, .47, .35, .26, .17 if heard."""
MID_TASK = 1.7
"""By how much an interruption costs more mid-task: 52 % engaged with offers at boundaries and 62 % dismissed them mid-task."""
SOON, SOON_FADES = 0.2, 3600.0
"""Just after another offer it costs this much more, fading with this many seconds."""
ATTENTION = (4.5, 0.5)
"""Beta prior of the share of offers that are answered at all, as if of five nine in ten had been."""
NEAR, FAR = 120, 0.25
"""Answers within so many minutes of the time of day count whole, others this much."""
AGAIN = 8.0
"""After so many rests without an offer, a day at most, it counts as heard again: who is never asked cannot answer."""
FADES, LATEST = 20.0, 60
"""Newer answers after which one counts half in that share, and how many count at all."""
NEVER = 1.01


def answered(offer: Offer, response: Response, shown: Tick | None) -> Answered:
    """An answer as the pace keeps it; `shown` is the look that the offer was made at, if it is still kept."""
    return Answered(
        offer=offer.id,
        at=offer.at,
        response=response.kind,
        idea=idea_of(offer.candidate),
        p=offer.p_accept,
        minute=local_minute(offer.at) if shown is None else shown.gate.local_minute,
    )


def learn(pace: Pace, answered: Answered) -> Pace:
    """The pace with this answer too; lost, undelivered, withdrawn and opened say nothing and change nothing."""
    if answered.response not in DECIDED:
        return pace
    known = {a.offer: a for a in pace.answers}
    old = known.get(answered.offer)
    if old is not None and DECIDED[old.response] >= DECIDED[answered.response]:
        return pace
    known[answered.offer] = answered
    return pace.model_copy(update={"answers": _newest(known.values())})


def mute(pace: Pace, idea: str) -> Pace:
    """Never offer this idea again."""
    return pace if idea in pace.muted else pace.model_copy(update={"muted": (*pace.muted, idea)})


def unmute(pace: Pace, idea: str) -> Pace:
    """Offer it again."""
    return pace.model_copy(update={"muted": tuple(m for m in pace.muted if m != idea)})


def set_back(pace: Pace, now: datetime) -> Pace:
    """The pace after the clock was set back to now: nothing in it is later."""
    answers = tuple(a.model_copy(update={"at": min(a.at, now)}) for a in pace.answers)
    offered = None if pace.offered_at is None else min(pace.offered_at, now)
    return pace.model_copy(update={"answers": answers, "offered_at": offered})


def forget(pace: Pace) -> Pace:
    """Nothing learnt; level, muted ideas and the times of the last ask and offer stay."""
    return pace.model_copy(update={"answers": ()})


def reluctance(pace: Pace, settings: PaceSettings) -> float:
    """How little the answers, oldest first, speak for more offers: the log of a factor on the first rest."""
    most = math.log(max(1.0, _longest(settings) / REST[pace.level]))
    x, row = 0.0, 0
    for a in pace.answers:
        taken = a.response == "accepted"
        row = 0 if taken else row + 1
        kept = RELIEF if taken and x > 0 else 1.0
        x = min(most, max(EAGER, kept * x + STEPS[a.response] * (1 - a.p if taken else a.p * row)))
    return x


def interval(pace: Pace, settings: PaceSettings) -> float:
    """Seconds between two asks of the predictor."""
    wanted = settings.start * 60 * math.exp(ASK * max(0.0, reluctance(pace, settings)))
    return min(settings.ceiling * 60, max(settings.floor * 60, wanted))


def rest(pace: Pace, settings: PaceSettings) -> float:
    """Least seconds between two offers, up to a day / floor_per_day."""
    return round(min(_longest(settings), REST[pace.level] * math.exp(reluctance(pace, settings))), 3)


def heard(pace: Pace, minute: int) -> float:
    """The share of offers around this minute of the local day that the user answers at all, 0..1."""
    yes, no = ATTENTION
    for age, a in enumerate(reversed(pace.answers[-LATEST:])):
        weight = 0.5 ** (age / FADES) * (1.0 if _apart(minute, a.minute) <= NEAR else FAR)
        yes += weight * (a.response != "ignored")
        no += weight * (a.response == "ignored")
    return yes / (yes + no)


def local_minute(at: datetime) -> int:
    """The minute of the local day, 0..1439."""
    local = at.astimezone()
    return local.hour * 60 + local.minute


def _apart(one: int, other: int) -> int:
    return min(abs(one - other), 1440 - abs(one - other))


def price(seen: GateInput, pace: Pace, settings: PaceSettings) -> float:
    """Chance of acceptance (0..1) from which a proposal is worth the interruption now; above 1 = none is."""
    found = facing(pace, settings) | {"heard": heard(pace, seen.local_minute)}
    return priced(seen.model_copy(update=found), settings)


def priced(seen: GateInput, settings: PaceSettings) -> float:
    """The price by the gate's inputs alone, as they were stored."""
    if seen.level not in COST:
        return NEVER
    since = _longest(settings)
    if seen.offered_at is not None:
        since = max(0.0, (seen.at - seen.offered_at).total_seconds())
    cost = COST[seen.level] * (1.0 if seen.breakpoint else MID_TASK)
    cost *= 1 + SOON * math.exp(-since / SOON_FADES)
    again = min(1.0, since / min(_longest(settings), AGAIN * max(seen.rest, REST[3])))
    return cost / (1 + cost) / (seen.heard + (1 - seen.heard) * again)


def facing(pace: Pace, settings: PaceSettings) -> dict[str, float | int | Moment | None]:
    """What of the pace the gate looks at whatever the time of day is, by the names of GateInput."""
    return {
        "level": pace.level,
        "interval": interval(pace, settings),
        "rest": rest(pace, settings),
        "offered_at": pace.offered_at,
    }


def _newest(answers: Iterable[Answered]) -> tuple[Answered, ...]:
    """By the number of the offer, not by the clock: numbers only grow."""
    return tuple(sorted(answers, key=lambda a: a.offer))[-KEPT:]


def _longest(settings: PaceSettings) -> float:
    return DAY / settings.floor_per_day
