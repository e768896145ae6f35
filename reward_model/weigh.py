"""Fits one user's leaning: a logistic model on top of given log-odds, with a Gaussian prior given as a covariance.

Maximum a posteriori by Newton steps (Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, algorithm 3.1),
each solved by conjugate gradients: the covariance of a user's answers has a few large eigenvalues, so some twenty products do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul
from typing import NamedTuple

from reward_model.scorer import sigmoid

STEPS = 20
HALVINGS = 12
EXACT = 1e-7
Vector = list[float]


class Answer(NamedTuple):
    """One answer: the log-odds it was expected with, 1 for yes and 0 for no, and how much it counts (0..1)."""

    logit: float
    yes: float
    weight: float


def surprises(covariance: Sequence[Vector], answers: Sequence[Answer]) -> Vector:
    """For each answer how much it pulls (-1..1): the leaning at any point is the sum of its covariances times these.

    `covariance` is square, symmetric, positive semi-definite, in the order of the answers. Deterministic.
    """
    leaning = [0.0] * len(answers)
    pulls = list(leaning)
    worth = _worth(answers, leaning, pulls)
    for _ in range(STEPS):
        aimed = _newton(covariance, answers, leaning)
        there = _times(covariance, aimed)
        for half in range(HALVINGS):
            part = 0.5**half
            found = [f + part * (m - f) for f, m in zip(leaning, there, strict=True)]
            tried = [old + part * (new - old) for old, new in zip(pulls, aimed, strict=True)]
            better = _worth(answers, found, tried)
            if better >= worth - EXACT:
                break
        moved = max(map(abs, (m - f for m, f in zip(found, leaning, strict=True))), default=0.0)
        leaning, pulls, worth = found, tried, better
        if moved < EXACT:
            break
    return pulls


def _newton(covariance: Sequence[Vector], answers: Sequence[Answer], leaning: Vector) -> Vector:
    """The pulls that a full step leads to."""
    chances = [sigmoid(a.logit + f) for a, f in zip(answers, leaning, strict=True)]
    curves = [max(a.weight * p * (1 - p), 1e-9) for a, p in zip(answers, chances, strict=True)]
    aims = [c * f + a.weight * (a.yes - p) for c, f, a, p in zip(curves, leaning, answers, chances, strict=True)]
    roots = [math.sqrt(c) for c in curves]
    wanted = [r * v for r, v in zip(roots, _times(covariance, aims), strict=True)]
    return [b - r * s for b, r, s in zip(aims, roots, _solve(covariance, roots, wanted), strict=True)]


def _worth(answers: Sequence[Answer], leaning: Vector, pulls: Vector) -> float:
    """The log-posterior of a leaning, up to a constant: a full step can overshoot where answers were very unexpected."""
    signs = [a.logit + f if a.yes else -(a.logit + f) for a, f in zip(answers, leaning, strict=True)]
    said = math.fsum(a.weight * _log_sigmoid(z) for a, z in zip(answers, signs, strict=True))
    return said - _dot(pulls, leaning) / 2


def _log_sigmoid(z: float) -> float:
    return -math.log1p(math.exp(-z)) if z >= 0 else z - math.log1p(math.exp(z))


def _solve(covariance: Sequence[Vector], roots: Vector, wanted: Vector) -> Vector:
    """x with (1 + root * covariance * root) x = wanted, by conjugate gradients."""
    x = [0.0] * len(wanted)
    rest = list(wanted)
    way = list(wanted)
    size = _dot(rest, rest)
    for _ in range(2 * len(wanted)):
        if size < EXACT * EXACT:
            break
        image = [w + r * t for w, r, t in zip(way, roots, _times(covariance, list(map(mul, roots, way))), strict=True)]
        step = size / _dot(way, image)
        x = [a + step * b for a, b in zip(x, way, strict=True)]
        rest = [a - step * b for a, b in zip(rest, image, strict=True)]
        size, before = _dot(rest, rest), size
        way = [a + size / before * b for a, b in zip(rest, way, strict=True)]
    return x


def _times(matrix: Sequence[Vector], vector: Vector) -> Vector:
    return [sum(map(mul, row, vector)) for row in matrix]


def _dot(one: Vector, other: Vector) -> float:
    return math.fsum(map(mul, one, other))
