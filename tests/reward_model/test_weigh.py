"""The fit of a leaning, against answers that can be found by hand."""

from __future__ import annotations

import math

import pytest

from reward_model.scorer import sigmoid
from reward_model.weigh import Answer, surprises


def by_bisection(variance: float, answers: list[Answer]) -> float:
    """The most likely common leaning: where the pull of the answers is that of the prior."""
    low, high = -20.0, 20.0
    for _ in range(100):
        f = (low + high) / 2
        slope = sum(a.weight * (a.yes - sigmoid(a.logit + f)) for a in answers) - f / variance
        low, high = (f, high) if slope > 0 else (low, f)
    return low


@pytest.mark.parametrize("variance", [0.1, 1.0, 25.0])
def test_a_common_level_is_the_most_likely_one(variance: float) -> None:
    answers = [Answer(-0.5, 1.0, 1.0), Answer(0.3, 1.0, 0.5), Answer(1.0, 0.0, 1.0), Answer(-2.0, 1.0, 0.2)]
    pulls = surprises([[variance] * 4] * 4, answers)
    assert variance * sum(pulls) == pytest.approx(by_bisection(variance, answers), abs=1e-5)


@pytest.mark.parametrize(("logit", "yes"), [(-3.5, 1.0), (3.5, 0.0), (-6.9, 1.0), (6.9, 0.0)])
def test_many_very_unexpected_answers_move_the_leaning_as_far_as_they_should(logit: float, yes: float) -> None:
    answers = [Answer(logit, yes, 1.0)] * 25
    pulls = surprises([[5.0] * 25] * 25, answers)
    assert 5.0 * sum(pulls) == pytest.approx(by_bisection(5.0, answers), abs=1e-4)


def test_unrelated_answers_do_not_move_each_other() -> None:
    yes, no = Answer(0.0, 1.0, 1.0), Answer(0.0, 0.0, 1.0)
    pulls = surprises([[1.0, 0.0], [0.0, 1.0]], [yes, no])
    assert pulls[0] == pytest.approx(by_bisection(1.0, [yes]), abs=1e-5)
    assert pulls[1] == pytest.approx(-pulls[0])


def test_no_answers_and_answers_without_weight_pull_nothing() -> None:
    assert surprises([], []) == []
    assert surprises([[1.0]], [Answer(0.0, 1.0, 0.0)])[0] == pytest.approx(0.0, abs=1e-6)


def test_the_logistic_function_does_not_overflow() -> None:
    assert (sigmoid(-800.0), sigmoid(0.0), sigmoid(800.0)) == (0.0, 0.5, 1.0)
    assert sigmoid(2.0) == pytest.approx(1 / (1 + math.exp(-2)))
