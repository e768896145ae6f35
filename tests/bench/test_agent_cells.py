"""The cells of the agent benchmark and their figures, against numbers worked out by hand."""

from __future__ import annotations

import pytest

from agent.bench.agent_cells import FIGURES, Cells, Worth, cells, figures, interval, intervals, resamples, total

# Seven turns: two accepted, one rejected, a rejected pair with one accepted, silence right, silence wrong, no answer.
TURNS = [
    Worth((1.0,), 1.0),
    Worth((1.0,), 0.0),
    Worth((0.0,), 0.0),
    Worth((1.0, 0.0), 1.0),
    Worth((), 0.0),
    Worth((), 1.0),
    None,
]


def test_each_proposal_counts_and_a_silent_turn_counts_once() -> None:
    assert cells(TURNS) == Cells(detected=3, alarms=2, quiet=1, missed=1, turns=6, unanswered=1)


def test_the_figures_are_those_of_the_published_definitions() -> None:
    found = figures(cells(TURNS))
    assert tuple(found) == FIGURES
    assert found["recall"] == pytest.approx(3 / 4)
    assert found["precision"] == found["accept_rate"] == pytest.approx(3 / 5)
    assert found["accuracy"] == pytest.approx(4 / 7)
    assert found["false_alarm"] == pytest.approx(2 / 5)
    assert found["f1"] == pytest.approx(2 * 0.75 * 0.6 / 1.35)
    assert found["proposals_per_event"] == pytest.approx(5 / 6)


def test_chances_give_expected_counts() -> None:
    found = cells([Worth((0.25,), 0.9), Worth((), 0.75)])
    assert found[:4] == (0.25, 0.75, 0.25, 0.75)


def test_an_agent_that_never_offers_has_no_precision_and_no_f1() -> None:
    found = figures(cells([Worth((), 1.0), Worth((), 0.0)]))
    assert (found["precision"], found["false_alarm"]) == (None, None)
    assert (found["recall"], found["f1"], found["accuracy"], found["proposals_per_event"]) == (0, 0, 0.5, 0)


def test_nothing_answered_gives_no_figure() -> None:
    assert set(figures(cells([None])).values()) == {None}
    assert total([]) == Cells()


def test_an_interval_over_like_traces_is_a_point_and_over_unlike_ones_is_wide() -> None:
    samples = resamples(4, seed=1, times=400)
    like = [Cells(detected=1, alarms=1, turns=2)] * 4
    unlike = [Cells(detected=4, turns=4), Cells(alarms=4, turns=4)] * 2
    assert intervals(like, samples)["precision"] == (0.5, 0.5)
    low, high = intervals(unlike, samples)["precision"] or (1, 0)
    assert (low, high) == (0.0, 1.0)
    assert intervals(like, samples)["recall"] == (1.0, 1.0)


def test_the_same_seed_draws_the_same_traces_and_an_interval_leaves_out_the_tails() -> None:
    assert resamples(5, seed=3, times=9) == resamples(5, seed=3, times=9) != resamples(5, seed=4, times=9)
    assert interval([float(v) for v in range(1001)]) == (25, 975)
    assert interval([]) is None
