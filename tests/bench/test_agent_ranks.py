"""Rank correlations of a few models, against values worked out by hand and by enumeration."""

from __future__ import annotations

import pytest

from agent.bench.agent_ranks import agreement, kendall, least, ranks, spearman

ORDER = [7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0]


def test_ranks_begin_with_the_highest_and_equal_values_share_theirs() -> None:
    assert ranks([0.2, 0.9, 0.5, 0.5]) == [4, 1, 2.5, 2.5]


def test_one_swap_of_neighbours_among_seven() -> None:
    found = agreement(ORDER, [6.0, 7.0, 5.0, 4.0, 3.0, 2.0, 1.0])
    assert found is not None
    assert found.spearman == pytest.approx(1 - 6 * 2 / (7 * 48))
    assert found.kendall == pytest.approx(19 / 21)
    # Orderings with at most one inverted pair, and the same backwards, of 7!: 1 + 6 each way.
    assert found.kendall_p == pytest.approx(14 / 5040)
    assert found.spearman_p == pytest.approx(14 / 5040)
    assert found.spearman_ci is not None
    assert found.spearman_ci[0] < found.spearman < found.spearman_ci[1] < 1


def test_the_same_order_of_three_models_comes_by_chance_one_time_in_three() -> None:
    found = agreement([3, 2, 1], [0.9, 0.5, 0.1])
    assert found is not None
    assert (found.spearman, found.kendall) == (pytest.approx(1), pytest.approx(1))
    assert found.spearman_p == found.kendall_p == pytest.approx(2 / 6)
    assert (found.spearman_ci, found.kendall_ci) == (None, None)


def test_the_opposite_order_is_minus_one() -> None:
    found = agreement(ORDER, ORDER[::-1])
    assert found is not None
    assert (found.spearman, found.kendall) == (pytest.approx(-1), pytest.approx(-1))


def test_ties_are_counted_by_tau_b() -> None:
    assert kendall([1, 2, 2], [1, 2, 3]) == pytest.approx(2 / (2 * 3) ** 0.5)
    assert spearman([1, 2.5, 2.5], [1, 2, 3]) == pytest.approx(0.8660254)


def test_what_seven_models_can_show_at_least() -> None:
    assert least(7) == (pytest.approx(22 / 28), pytest.approx(15 / 21))
    assert least(4) is None


def test_two_models_or_equal_ones_have_no_agreement() -> None:
    assert agreement([1, 2], [1, 2]) is None
    assert agreement([1, 1, 1], [1, 2, 3]) is None
