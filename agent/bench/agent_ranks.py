"""How far two orderings of a few models agree: Spearman and Kendall with exact p-values and what they can show. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations, permutations
from typing import NamedTuple

EXACT = 8
"""Most models for which every permutation is tried (8! = 40,320)."""
_Z = 1.959964


class Agreement(NamedTuple):
    """Two rank correlations, -1..1, of n models, two-sided p-values over all permutations, 95 % intervals over models."""

    n: int
    spearman: float
    spearman_p: float | None
    spearman_ci: tuple[float, float] | None
    kendall: float
    kendall_p: float | None
    kendall_ci: tuple[float, float] | None


def agreement(one: Sequence[float], other: Sequence[float]) -> Agreement | None:
    """How far two orderings agree; None for fewer than three models or when all of one side are equal.

    The p-value is the share of all orderings with at least this correlation either way. The intervals take the models for
    a sample: Fisher's z with the standard error of Bonett and Wright (2000) for Spearman, of Fieller et al. (1957) for Kendall.
    """
    n = len(one)
    if n < 3 or n != len(other) or len(set(one)) < 2 or len(set(other)) < 2:
        return None
    a, b = tuple(ranks(one)), tuple(ranks(other))
    rho, tau = spearman(a, b), kendall(a, b)
    p_rho, p_tau = chances(a, b) if n <= EXACT else (None, None)
    return Agreement(
        n,
        rho,
        p_rho,
        _fisher(rho, math.sqrt((1 + rho * rho / 2) / (n - 3))) if n > 3 else None,
        tau,
        p_tau,
        _fisher(tau, math.sqrt(0.437 / (n - 4))) if n > 4 else None,
    )


def ranks(values: Sequence[float]) -> list[float]:
    """Rank of each value from 1 for the highest; equal values share the mean of their ranks."""
    return [1 + sum(o > v for o in values) + (sum(o == v for o in values) - 1) / 2 for v in values]


def spearman(a: Sequence[float], b: Sequence[float]) -> float:
    """The correlation of ranks."""
    middle = (len(a) + 1) / 2
    x, y = [v - middle for v in a], [v - middle for v in b]
    return sum(p * q for p, q in zip(x, y, strict=True)) / math.sqrt(sum(p * p for p in x) * sum(q * q for q in y))


def kendall(a: Sequence[float], b: Sequence[float]) -> float:
    """Tau-b: pairs in the same order less pairs in the other one, as a share of the pairs that are not tied."""
    signs = [(_sign(a[i] - a[j]), _sign(b[i] - b[j])) for i, j in combinations(range(len(a)), 2)]
    return sum(p * q for p, q in signs) / math.sqrt(sum(p * p for p, _ in signs) * sum(q * q for _, q in signs))


@lru_cache(maxsize=64)
def chances(a: tuple[float, ...], b: tuple[float, ...]) -> tuple[float, float]:
    """Two-sided p-values of Spearman and Kendall over all n! orderings of the one against the other."""
    rho, tau = abs(spearman(a, b)) - 1e-9, abs(kendall(a, b)) - 1e-9
    count = at_rho = at_tau = 0
    for order in permutations(b):
        count += 1
        at_rho += abs(spearman(a, order)) >= rho
        at_tau += abs(kendall(a, order)) >= tau
    return at_rho / count, at_tau / count


@lru_cache(maxsize=8)
def least(n: int, level: float = 0.05) -> tuple[float, float] | None:
    """The smallest Spearman and Kendall of n models without ties that reach a two-sided p of `level`; None if none does."""
    if not 3 <= n <= EXACT:
        return None
    base = tuple(range(1, n + 1))
    orders = list(permutations(base))
    found = [_least([abs(f(base, o)) for o in orders], level) for f in (spearman, kendall)]
    return None if found[0] is None or found[1] is None else (found[0], found[1])


def _least(values: list[float], level: float) -> float | None:
    """Going down from the largest: the last value that at most `level` of all values reach."""
    reached = None
    for value in sorted({round(v, 9) for v in values}, reverse=True):
        if sum(v >= value - 1e-8 for v in values) / len(values) > level:
            break
        reached = value
    return reached


def _fisher(r: float, error: float) -> tuple[float, float] | None:
    """None at a correlation of 1, where the method has no answer."""
    if abs(r) >= 1 - 1e-12:
        return None
    z = math.atanh(r)
    return math.tanh(z - _Z * error), math.tanh(z + _Z * error)


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
