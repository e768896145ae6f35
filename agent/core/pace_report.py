"""The pace in figures and words, for the user: what every idea's offers came to, and what follows from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from agent.core.ideas import REFUSALS, rests_until, same
from agent.core.pace import DAY, DECIDED, REST, interval, local_minute, price, reluctance, rest
from agent.core.pace_settings import PaceSettings
from agent.core.records import Answered, GateInput, Moment, Pace, Record, ResponseKind

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


def explain(pace: Pace, settings: PaceSettings, now: datetime) -> PaceReport:
    """The pace in figures and words as it stands: every idea among the kept answers, or muted."""
    groups: dict[str, list[tuple[float, Answered]]] = {}
    for age, a in enumerate(reversed(pace.answers)):
        name = next((g for g in groups if same(g, a.idea)), a.idea)
        groups.setdefault(name, []).append((0.5 ** (age / HALF), a))
    for idea in pace.muted:
        if not any(same(idea, g) for g in groups):
            groups[idea] = []
    seen = GateInput(at=now, local_minute=local_minute(now), breakpoint="switch")
    return PaceReport(
        level=pace.level,
        interval=interval(pace, settings),
        rest=rest(pace, settings),
        price=price(seen, pace, settings),
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
        return f"You refused it, so it rests until {until.astimezone():%Y-%m-%d %H:%M}."
    if counts["accepted"]:
        return f"You took it {_times(counts['accepted'])}."
    return "You let it pass, which says little about it." if counts["ignored"] else "Nothing is known of it yet."


def _why(pace: Pace, settings: PaceSettings) -> str:
    if pace.level == 0:
        return "Level 0: no offers."
    x = reluctance(pace, settings)
    if not pace.answers:
        return "No answer of yours counts yet."
    if x >= math.log(max(1.0, (DAY / settings.floor_per_day) / REST[pace.level])) - 1e-9:
        return "You took none of the last offers, so they come as rarely as they can."
    return "You take offers, so they come sooner." if x < 0 else "Refused and ignored offers make the next ones rarer."


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
