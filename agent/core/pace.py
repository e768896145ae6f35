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
from collections.abc import Iterable, Sequence
from datetime import datetime

from agent.core.ideas import REFUSALS, barred, idea_of, rests_until, same, signed
from agent.core.pace_settings import PaceSettings
from agent.core.records import Answered, GateInput, Moment, Pace, Record, ResponseKind

__all__ = [
    "IdeaReport",
    "PaceReport",
    "barred",
    "explain",
    "facing",
    "forget",
    "heard",
    "idea_of",
    "interval",
    "learn",
    "mute",
    "price",
    "priced",
    "reluctance",
    "rest",
    "rests_until",
    "same",
    "signed",
    "unmute",
]  # fmt: skip

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
"""How much of the reluctance asks follow: they go on while offers rest."""

COST = {1: 1.4, 2: 0.9, 3: 0.55, 4: 0.35, 5: 0.2}
"""Cost of an interruption at a breakpoint against a benefit of 1, by level: prices .58, .47, .35, .26, .17 if heard."""
MID_TASK = 1.7
"""By how much an interruption costs more mid-task: 52 % engaged with offers at boundaries and 62 % dismissed them mid-task."""
SOON, SOON_FADES = 0.2, 3600.0
"""Just after another offer it costs this much more, fading with this many seconds."""
ATTENTION = (4.5, 0.5)
"""Beta prior of that share: five answers, nine in ten heard."""
NEAR, FAR = 120, 0.25
"""Answers within so many minutes of the time of day count whole, others this much."""
FADES, LATEST = 20.0, 60
"""Newer answers after which one counts half in that share, and how many count at all."""
NEVER = 1.01

HALF = 60.0
"""Newer answers after which one counts half in an estimate."""
PRIOR = (1.6, 2.4)
"""Beta prior of an idea's acceptance: worth four answers, at the mean of ProactiveBench's votes (.39)."""


class IdeaReport(Record):
    """What became of the offers of one idea; `estimate` is its chance of acceptance with a 90 % interval, 0..1."""

    idea: str
    offered: int
    accepted: int = 0
    rejected: int = 0
    dismissed: int = 0
    ignored: int = 0
    estimate: float
    low: float
    high: float
    muted: bool = False
    rests_until: Moment | None = None
    why: str


class PaceReport(Record):
    """How the pace stands: seconds between asks and between offers, the price at a breakpoint, and every idea's record."""

    level: int
    interval: float
    rest: float
    price: float
    why: str
    ideas: tuple[IdeaReport, ...] = ()
    muted: tuple[str, ...] = ()


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
        weight = 0.5 ** (age / FADES) * (1.0 if _apart(minute, a.at) <= NEAR else FAR)
        yes += weight * (a.response != "ignored")
        no += weight * (a.response == "ignored")
    return yes / (yes + no)


def _apart(minute: int, at: datetime) -> int:
    local = at.astimezone()
    off = abs(local.hour * 60 + local.minute - minute)
    return min(off, 1440 - off)


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
    again = min(1.0, since / _longest(settings))
    return cost / (1 + cost) / (seen.heard + (1 - seen.heard) * again)


def facing(pace: Pace, settings: PaceSettings) -> dict[str, float | int | Moment | None]:
    """What of the pace the gate looks at whatever the time of day is, by the names of GateInput."""
    return {
        "level": pace.level,
        "interval": interval(pace, settings),
        "rest": rest(pace, settings),
        "offered_at": pace.offered_at,
    }


def explain(pace: Pace, settings: PaceSettings, minute: int = 720) -> PaceReport:
    """The pace in figures and words at a minute of the local day: every idea among the kept answers, or muted."""
    groups: dict[str, list[tuple[float, Answered]]] = {}
    for age, a in enumerate(reversed(pace.answers)):
        name = next((g for g in groups if same(g, a.idea)), a.idea)
        groups.setdefault(name, []).append((0.5 ** (age / HALF), a))
    for idea in pace.muted:
        if not any(same(idea, g) for g in groups):
            groups[idea] = []
    seen = GateInput(at=datetime.fromisoformat("2000-01-01T00:00+00:00"), local_minute=minute, breakpoint="switch")
    free = pace.model_copy(update={"offered_at": None})
    return PaceReport(
        level=pace.level,
        interval=interval(pace, settings),
        rest=rest(pace, settings),
        price=price(seen, free, settings),
        why=_why(pace, settings),
        ideas=tuple(_idea(pace, g, found) for g, found in sorted(groups.items(), key=lambda g: (-len(g[1]), g[0]))),
        muted=pace.muted,
    )


def _idea(pace: Pace, idea: str, found: Sequence[tuple[float, Answered]]) -> IdeaReport:
    counts = {k: sum(a.response == k for _, a in found) for k in DECIDED}
    yes = PRIOR[0] + math.fsum(w for w, a in found if a.response == "accepted")
    no = PRIOR[1] + math.fsum(w * REFUSALS[a.response] for w, a in found if a.response in REFUSALS)
    low, high = _between(yes, no)
    muted, until = any(same(idea, m) for m in pace.muted), rests_until(pace, idea)
    return IdeaReport(
        idea=idea,
        offered=len(found),
        **counts,
        estimate=yes / (yes + no),
        low=low,
        high=high,
        muted=muted,
        rests_until=until,
        why=_because(counts, muted=muted, until=until),
    )


def _because(counts: dict[ResponseKind, int], *, muted: bool, until: datetime | None) -> str:
    if muted:
        return "You said never again."
    if until is not None:
        last = "turned it down" if counts["rejected"] else "closed it"
        return f"You {last}, so it rests until {until.astimezone():%Y-%m-%d %H:%M}."
    if counts["accepted"]:
        return f"You took it {_times(counts['accepted'])}."
    return "You let it pass, which says little about it." if counts["ignored"] else "Nothing is known of it yet."


def _why(pace: Pace, settings: PaceSettings) -> str:
    if pace.level == 0:
        return "Level 0: no offers."
    x = reluctance(pace, settings)
    if not pace.answers:
        return "You have not answered any offer yet."
    if x >= math.log(max(1.0, _longest(settings) / REST[pace.level])) - 1e-9:
        return "You let nearly every offer pass, so they come as rarely as they can."
    return "You take offers, so they come sooner." if x < 0 else "Refused and ignored offers make the next ones rarer."


def _newest(answers: Iterable[Answered]) -> tuple[Answered, ...]:
    """By the number of the offer, not by the clock: numbers only grow."""
    return tuple(sorted(answers, key=lambda a: a.offer))[-KEPT:]


def _longest(settings: PaceSettings) -> float:
    return DAY / settings.floor_per_day


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _between(yes: float, no: float, share: float = 0.9) -> tuple[float, float]:
    """The middle `share` of a Beta distribution, by summing its density at 200 points."""
    points = [(n + 0.5) / 200 for n in range(200)]
    logs = [(yes - 1) * math.log(p) + (no - 1) * math.log(1 - p) for p in points]
    weights = [math.exp(v - max(logs)) for v in logs]
    total, run, tail = math.fsum(weights), 0.0, (1 - share) / 2
    inside = []
    for p, w in zip(points, weights, strict=True):
        run += w / total
        if tail <= run <= 1 - tail:
            inside.append(p)
    return (inside[0], inside[-1]) if inside else (yes / (yes + no), yes / (yes + no))
