"""The figures of a judge, as pure functions on sequences: counts, curves, areas, and intervals by row or by trace.

A figure that its data cannot give (no positive, no negative, nothing offered) is None, never 0.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

T = TypeVar("T")
Figures = Mapping[str, float | None]
Interval = tuple[float, float]

CELLS = ("mn", "nr", "cd", "fa")
"""Missed need, non-response, correct detection, false alarm: the four cells of the published table."""


class Call(NamedTuple):
    """One judged row: its category (of CELLS), was it right, did the judge accept it."""

    cell: str
    valid: bool
    accepted: bool


class Bin(NamedTuple):
    """One point of the calibration curve: mean chance given, share that came true, how many rows."""

    chance: float
    share: float
    n: int


class Turn(NamedTuple):
    """One turn as an agent behind the judge would end it: was help needed, was a task shown, was that task right."""

    needed: bool
    shown: bool
    valid: bool


def confusion(calls: Sequence[Call]) -> dict[str, float | None]:
    """Accuracy, precision, recall and F1 of accepting, over all rows (the published table's lower half)."""
    tp = sum(1 for c in calls if c.accepted and c.valid)
    fp = sum(1 for c in calls if c.accepted and not c.valid)
    fn = sum(1 for c in calls if not c.accepted and c.valid)
    right = sum(1 for c in calls if c.accepted == c.valid)
    return {
        "accuracy": _share(right, len(calls)),
        "precision": _share(tp, tp + fp),
        "recall": _share(tp, tp + fn),
        "f1": _share(2 * tp, 2 * tp + fp + fn),
    }


def within(calls: Sequence[Call]) -> dict[str, float | None]:
    """In each cell the share of rows that the judge got right (the published table's upper half)."""
    return {
        cell: _share(sum(1 for c in calls if c.cell == cell and c.accepted == c.valid), sum(1 for c in calls if c.cell == cell))
        for cell in CELLS
    }


def turn_shares(turns: Sequence[Turn]) -> dict[str, float | None]:
    """The share of all turns that end in each cell; the four add up to 1.

    Source: arXiv 2410.12361, 4.1: mn = needed, nothing shown; nr = not needed, nothing shown; cd = needed and the shown
    task is accepted; fa = shown otherwise. The paper leaves out a task that is shown where help is needed and not
    accepted; it interrupts for nothing, so it stands here with the false alarms.
    """
    ended = [("cd" if t.needed and t.valid else "fa") if t.shown else ("mn" if t.needed else "nr") for t in turns]
    return {f"{cell}_share": _share(ended.count(cell), len(ended)) for cell in CELLS}


def auc(scores: Sequence[float], labels: Sequence[bool]) -> float | None:
    """The chance that a true row scores above a false one, ties counted half; None without rows of both."""
    order = sorted(zip(scores, labels, strict=True))
    below = wins = 0.0
    i = 0
    while i < len(order):
        j, true = i, 0
        while j < len(order) and order[j][0] == order[i][0]:
            true += order[j][1]
            j += 1
        false = j - i - true
        wins += true * (below + false / 2)
        below += false
        i = j
    true_all = sum(labels)
    return _share(wins, true_all * (len(labels) - true_all))


def curve(chances: Sequence[float], labels: Sequence[bool], bins: int = 10) -> tuple[Bin, ...]:
    """The calibration curve over bins of equal mass (their sizes differ by one at most), lowest chance first.

    Rows of the same chance count with their common share, so that their order cannot sort labels into bins.
    """
    counts: dict[float, tuple[int, int]] = {}
    for chance, label in zip(chances, labels, strict=True):
        true, n = counts.get(chance, (0, 0))
        counts[chance] = (true + label, n + 1)
    order = [(c, true / n) for c, (true, n) in sorted(counts.items()) for _ in range(n)]
    edges = [round(k * len(order) / bins) for k in range(bins + 1)]
    parts = [order[a:b] for a, b in pairwise(edges) if b > a]
    return tuple(Bin(sum(c for c, _ in p) / len(p), sum(y for _, y in p) / len(p), len(p)) for p in parts)


def ece(chances: Sequence[float], labels: Sequence[bool], bins: int = 10) -> float | None:
    """Expected calibration error: the mean distance of chance and share over bins of equal mass, weighted by their sizes."""
    points = curve(chances, labels, bins)
    return _share(sum(abs(p.chance - p.share) * p.n for p in points), len(labels))


def saved(chances: Sequence[float], needed: Sequence[bool], keep: float = 0.95) -> float | None:
    """The share of turns a gate saves at the highest threshold that keeps `keep` of the turns where help is needed."""
    cut = threshold_keeping(chances, needed, keep)
    return None if cut is None else _share(sum(1 for c in chances if c < cut), len(chances))


def threshold_keeping(chances: Sequence[float], needed: Sequence[bool], keep: float) -> float | None:
    """The highest threshold at which at least `keep` of the needed turns have a chance not below it."""
    found = sorted((c for c, n in zip(chances, needed, strict=True) if n), reverse=True)
    if not found:
        return None
    return found[min(len(found), max(1, _at_least(keep * len(found)))) - 1]


def best_threshold(chances: Sequence[float], labels: Sequence[bool], weights: tuple[float, float] = (1.0, 1.0)) -> float:
    """The threshold (accepted from it on) of the greatest weighted count of right decisions; weights of false and true rows.

    It lies half way between two neighbouring chances; the lowest of equally good ones. 0 without rows.
    """
    order = sorted(zip(chances, labels, strict=True))
    if not order:
        return 0.0
    score = best = weights[1] * sum(labels)
    cut = order[0][0]
    for i, (chance, label) in enumerate(order):
        score += -weights[1] if label else weights[0]
        following = order[i + 1][0] if i + 1 < len(order) else float("inf")
        if following > chance and score > best + 1e-12:
            best, cut = score, (chance + following) / 2
    return cut


def bootstrap(
    items: Sequence[T],
    figures: Callable[[Sequence[T]], Figures],
    cluster: Callable[[T], Hashable] | None = None,
    *,
    seed: int = 0,
    rounds: int = 1000,
) -> dict[str, Interval]:
    """The 95 % percentile interval of each figure over resamples of single items, or of whole clusters such as traces.

    A figure that fewer than half of the resamples can give has no interval. With one cluster there is none at all.
    """
    blocks = _blocks(items, cluster)
    if len(blocks) < 2:
        return {}
    chance = random.Random(seed)  # noqa: S311 - a draw that must repeat
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        drawn = [item for block in chance.choices(blocks, k=len(blocks)) for item in block]
        for name, value in figures(drawn).items():
            if value is not None:
                found.setdefault(name, []).append(value)
    return {name: (_quantile(v, 0.025), _quantile(v, 0.975)) for name, v in found.items() if 2 * len(v) >= rounds}


def paired(
    pairs: Sequence[tuple[float, float]], clusters: Sequence[Hashable] | None = None, *, seed: int = 0, rounds: int = 1000
) -> tuple[float, Interval | None]:
    """The mean of first minus second, and its interval over resampled pairs, or clusters of pairs. Needs a pair."""
    keys = list(range(len(pairs))) if clusters is None else list(clusters)
    gains = [(key, a - b) for key, (a, b) in zip(keys, pairs, strict=True)]

    def mean(drawn: Sequence[tuple[Hashable, float]]) -> Figures:
        return {"gain": sum(g for _, g in drawn) / len(drawn)}

    found = bootstrap(gains, mean, lambda g: g[0], seed=seed, rounds=rounds)
    return sum(g for _, g in gains) / len(gains), found.get("gain")


def _blocks(items: Sequence[T], cluster: Callable[[T], Hashable] | None) -> list[list[T]]:
    if cluster is None:
        return [[item] for item in items]
    found: dict[Hashable, list[T]] = {}
    for item in items:
        found.setdefault(cluster(item), []).append(item)
    return list(found.values())


def _quantile(values: list[float], q: float) -> float:
    """Linear between the two nearest values."""
    ordered = sorted(values)
    place = q * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _at_least(count: float) -> int:
    """The smallest whole number not below it, but for rounding errors."""
    return int(count) if count - int(count) < 1e-9 else int(count) + 1


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
