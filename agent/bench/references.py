"""What every figure is read against: the same figures for chance, for a look-up of the situation, and for agreeing people."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from agent.bench import rank
from agent.bench import reward_judges as judges
from agent.bench.inputs import Data
from agent.bench.reward_figures import row_figures, turn_figures, turns_judged
from agent.bench.reward_judges import Judged, turns_of
from reward_model.dataset import Row

DRAWS = 100
"""Random orders that a reference is the mean of; what a judge holds for equal is ordered at random."""
SHOWN = ("auc_task", "auc_gate", "top1", "top1_best25", "gate_saved_at_95")
ECE = "ece"
STEPS = 400
"""Points at which the share of people who want a task is taken when the ceiling is computed."""


class Ceiling(NamedTuple):
    """What the votes allow: `auc` of a judge who knows each task's true share of takers, how often two votes agree.

    `mean` and `alike` (0: tasks do not differ, 1: all agree) are of the Beta distribution of that share, fitted to the tasks
    with three votes, n of them; `agree` is the share of pairs of votes on a task that agree, `by_chance` that of any pairs.
    """

    auc: float
    mean: float
    alike: float
    n: int
    agree: float
    by_chance: float


def references(data: Data, seed: int = 0) -> dict[str, dict[str, float | None]]:
    """The figures of SHOWN and ECE by reference: chance, and the look-up with traces held out and without."""
    rows, group = data.rows, tuple(map(data.group_of, data.rows))
    chance = random.Random(seed)  # noqa: S311 - a draw that must repeat
    told = {
        "random": judges.constant(rows, group, accepted=True),
        "look-up, traces held out": judges.looked_up_held_out(rows, group),
        "look-up, LEAKING": judges.looked_up_by_siblings(rows, group),
    }
    return {name: _mean(judged, chance, anything=name == "random") for name, judged in told.items()}


def _mean(judged: Sequence[Judged], chance: random.Random, *, anything: bool) -> dict[str, float | None]:
    drawn: dict[str, list[float]] = {}
    for _ in range(DRAWS):
        spread = 1.0 if anything else 1e-9
        needs = {j.row.turn: chance.random() * spread for j in judged}
        mixed = [_moved(j, chance.random() * spread, needs[j.row.turn], anything=anything) for j in judged]
        for key, found in _figures(mixed).items():
            if found is not None:
                drawn.setdefault(key, []).append(found)
    means: dict[str, float | None] = {key: sum(v) / len(v) for key, v in drawn.items()}
    return means if anything else means | {ECE: row_figures(judged)[ECE]}


def _moved(judged: Judged, task: float, need: float, *, anything: bool) -> Judged:
    if anything:
        return judged._replace(p=task, p_help=need)
    return judged._replace(p=judged.p + task, p_help=judged.p_help + need)


def _figures(judged: Sequence[Judged]) -> dict[str, float | None]:
    tasks = [j for j in judged if j.row.task is not None]
    turns = [
        rank.ranked([(tasks[i].p, tasks[i].row.valid) for i in turn], tasks[turn[0]].group)
        for turn in turns_of([j.row for j in tasks])
        if len(turn) >= rank.LEAST
    ]
    found = row_figures(judged) | turn_figures(turns_judged(judged)) | (rank.figures(turns) if turns else {})
    return {key: found[key] for key in (*SHOWN, ECE) if key in found}


def ceiling(rows: Sequence[Row]) -> Ceiling | None:
    """What a judge who does not know the person can reach at most; None without tasks that three people voted on.

    An estimate: the share of takers of a task is taken as drawn from a Beta distribution (greatest likelihood on a grid),
    the label as what most of three people say. It leaves out that some people take more than others.
    """
    votes = [r.votes for r in rows if r.task is not None and len(r.votes) == 3]
    if not votes:
        return None
    counts = Counter(map(sum, votes))
    mean = sum(k * n for k, n in counts.items()) / (3 * len(votes))
    if not 0 < mean < 1:
        return None
    alike = max((a / 100 for a in range(1, 100)), key=lambda a: _likelihood(counts, mean, a))
    pairs = [a == b for v in votes for a, b in combinations(v, 2)]
    return Ceiling(
        _best_auc(mean, alike), mean, alike, len(votes), sum(pairs) / len(pairs), mean * mean + (1 - mean) * (1 - mean)
    )


def _shape(mean: float, alike: float) -> tuple[float, float]:
    """The two parameters of a Beta distribution of this mean and this correlation of two votes on a task."""
    size = 1 / alike - 1
    return mean * size, (1 - mean) * size


def _likelihood(counts: Mapping[int, int], mean: float, alike: float) -> float:
    """The log-likelihood of so many takers of three, but for a constant."""
    a, b = _shape(mean, alike)
    return sum(n * (_log_beta(a + k, b + 3 - k) - _log_beta(a, b)) for k, n in counts.items())


def _best_auc(mean: float, alike: float) -> float:
    """The area under the curve of the true share as a score, for the label that most of three people give."""
    a, b = _shape(mean, alike)
    shares = [(i + 0.5) / STEPS for i in range(STEPS)]
    weights = [math.exp((a - 1) * math.log(s) + (b - 1) * math.log(1 - s)) for s in shares]
    yes = [w * s * s * (3 - 2 * s) for w, s in zip(weights, shares, strict=True)]
    no = [w - y for w, y in zip(weights, yes, strict=True)]
    wins = below = 0.0
    for y, n in zip(yes, no, strict=True):
        wins += y * (below + n / 2)
        below += n
    return wins / (sum(yes) * sum(no))


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def as_json(found: Ceiling | None) -> dict[str, Any] | None:
    """The ceiling by its JSON keys."""
    return None if found is None else found._asdict()
