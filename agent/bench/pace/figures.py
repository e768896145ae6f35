"""Figures of played months: each policy's with intervals, the frontier, and interruptions at equal help. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from agent.bench.pace.play import Tally
from agent.bench.pace.policies import OURS, Choice
from agent.bench.pace.profiles import UNWANTED
from agent.bench.pace.run import Played
from reward_model.metrics import Interval, bootstrap

ROUNDS = 400
NAMES = ("every_15s", "every_10min", "levels", OURS, "oracle")
TARGET = "every_10min"


class Sum(NamedTuple):
    """One user's month, a day: offers, accepted, missed, calls, and the worth lost against the oracle; its trace and who."""

    offers: float
    accepted: float
    missed: float
    calls: float
    regret: float
    trace: str
    who: tuple[int, int]


def worth(days: Iterable[Tally]) -> float:
    """Accepted offers less the cost of the others."""
    return sum(d.accepted - UNWANTED * (d.offers - d.accepted) for d in days)


def sums(played: Sequence[Played]) -> dict[tuple[Choice, float], list[Sum]]:
    """By policy and share of idle moments: a sum a user. The regret compares the same user on the same days."""
    oracle = {(p.job.profile, p.job.seed, p.job.idle): p for p in played if p.job.choice.name == "oracle"}
    found: dict[tuple[Choice, float], list[Sum]] = {}
    for p in played:
        best = oracle[p.job.profile, p.job.seed, p.job.idle]
        same = [d for n, d in zip(best.job.days, best.days, strict=True) if n in p.job.days]
        n = len(p.days)
        offers, accepted, missed, calls = (sum(d[i] for d in p.days) / n for i in range(4))
        lost = (worth(same) - worth(p.days)) / n
        one = Sum(offers, accepted, missed, calls, lost, p.trace, (p.job.profile, p.job.seed))
        found.setdefault((p.job.choice, p.job.idle), []).append(one)
    return found


def figures(users: Sequence[Sum]) -> dict[str, float | None]:
    """The figures of the issue, users counting the same: a day's offers, accepted ones, needs missed, regret, LLM calls."""
    n = len(users) or 1
    offers, accepted = sum(u.offers for u in users), sum(u.accepted for u in users)
    return {
        "offers_per_day": offers / n,
        "acceptance": accepted / offers if offers else None,
        "accepted_per_day": accepted / n,
        "missed_per_day": sum(u.missed for u in users) / n,
        "regret": sum(u.regret for u in users) / n,
        "llm_calls_per_day": sum(u.calls for u in users) / n,
    }


def intervals(users: Sequence[Sum], seed: int = 0) -> dict[str, Interval]:
    """95 % intervals, users of one trace resampled together."""
    return bootstrap(users, figures, lambda u: u.trace, seed=seed, rounds=ROUNDS)


def point(choice: Choice, users: Sequence[Sum]) -> dict[str, Any]:
    """One point of the frontier."""
    found = figures(users)
    del found["missed_per_day"]
    return {"policy": choice.name, **{k: v for k, v in choice._asdict().items() if k != "name"}, **found}


def offers_at(points: Iterable[tuple[float, float]], help_: float) -> float | None:
    """Offers a day at which that much help is reached, linear between the points (offers, help) that gain; None beyond them.

    A point that gives no more help than a cheaper one is left out; nothing offered helps nothing.
    """
    rising = [(0.0, 0.0)]
    for offers, gained in sorted(points):
        if gained > rising[-1][1]:
            rising.append((offers, gained))
    for (a, low), (b, high) in pairwise(rising):
        if low <= help_ <= high:
            return a + (b - a) * (help_ - low) / (high - low)
    return None


def equal_help(by: Mapping[Choice, Sequence[Sum]], seed: int = 0) -> tuple[float | None, Interval | None]:
    """Offers of ours against those of every_10min at the accepted help of the latter, on the users that met all settings."""
    ours = [c for c in by if c.name == OURS]
    met = set.intersection(*({u.who for u in by[c]} for c in (*ours, Choice(TARGET))))
    tables = {c: {u.who: u for u in by[c] if u.who in met} for c in (*ours, Choice(TARGET))}
    whom = sorted(met)

    def ratio(drawn: Sequence[tuple[int, int]]) -> dict[str, float | None]:
        target = [tables[Choice(TARGET)][w] for w in drawn]
        points = [(_mean(tables[c][w].offers for w in drawn), _mean(tables[c][w].accepted for w in drawn)) for c in ours]
        offers = offers_at(points, _mean(u.accepted for u in target))
        there = _mean(u.offers for u in target)
        return {"ratio": offers / there if offers is not None and there else None}

    def trace(who: tuple[int, int]) -> str:
        return tables[Choice(TARGET)][who].trace

    return ratio(whom)["ratio"], bootstrap(whom, ratio, trace, seed=seed, rounds=ROUNDS).get("ratio")


def by_day(played: Iterable[Played], name: str, idle: float) -> list[tuple[int, float, float | None]]:
    """Day by day (from 1): mean offers of a user, and the share accepted."""
    months = [p for p in played if p.job.choice == Choice(name) and p.job.idle == idle]
    rows: dict[int, list[Tally]] = {}
    for p in months:
        for n, day in zip(p.job.days, p.days, strict=True):
            rows.setdefault(n + 1, []).append(day)
    out: list[tuple[int, float, float | None]] = []
    for n, tallies in sorted(rows.items()):
        offers, accepted = sum(t.offers for t in tallies), sum(t.accepted for t in tallies)
        out.append((n, offers / len(tallies), accepted / offers if offers else None))
    return out


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0
