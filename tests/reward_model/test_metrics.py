"""Every figure of a judge against cells counted by hand."""

from __future__ import annotations

import math
import random

import pytest

from reward_model import metrics
from reward_model.metrics import Call, Turn

# By hand: tp 3 (nr 1, cd 2), fp 2 (mn 1, fa 1), fn 1 (cd), tn 2 (mn 1, fa 1).
CALLS = [
    Call("mn", valid=False, accepted=True),
    Call("mn", valid=False, accepted=False),
    Call("nr", valid=True, accepted=True),
    Call("cd", valid=True, accepted=True),
    Call("cd", valid=True, accepted=True),
    Call("cd", valid=True, accepted=False),
    Call("fa", valid=False, accepted=True),
    Call("fa", valid=False, accepted=False),
]


def test_accuracy_precision_recall_and_f1_by_hand() -> None:
    assert metrics.confusion(CALLS) == {"accuracy": 5 / 8, "precision": 3 / 5, "recall": 3 / 4, "f1": 6 / 9}


def test_the_cells_by_hand() -> None:
    assert metrics.within(CALLS) == {"mn": 1 / 2, "nr": 1.0, "cd": 2 / 3, "fa": 1 / 2}


def test_a_figure_without_rows_is_none_and_not_zero() -> None:
    assert set(metrics.confusion([]).values()) == {None}
    assert metrics.within([CALLS[0]]) == {"mn": 0.0, "nr": None, "cd": None, "fa": None}
    never = metrics.confusion([Call("fa", valid=False, accepted=False)])
    assert (never["accuracy"], never["precision"], never["recall"], never["f1"]) == (1.0, None, None, None)


def test_the_shares_of_all_turns_by_hand_add_up_to_one() -> None:
    turns = [
        Turn(needed=True, shown=False, valid=False),
        Turn(needed=False, shown=False, valid=False),
        Turn(needed=False, shown=False, valid=False),
        Turn(needed=True, shown=True, valid=True),
        Turn(needed=True, shown=True, valid=False),
        Turn(needed=False, shown=True, valid=True),
        Turn(needed=False, shown=True, valid=False),
        Turn(needed=True, shown=True, valid=True),
    ]
    found = metrics.turn_shares(turns)
    assert found == {"mn_share": 1 / 8, "nr_share": 2 / 8, "cd_share": 2 / 8, "fa_share": 3 / 8}


AREAS = [
    ([0.1, 0.2, 0.8, 0.9], [False, False, True, True], 1.0),
    ([0.9, 0.8, 0.2, 0.1], [False, False, True, True], 0.0),
    ([0.5, 0.5, 0.5], [True, False, False], 0.5),
    ([0.1, 0.4, 0.35, 0.8], [False, False, True, True], 0.75),
    ([0.3, 0.3, 0.6, 0.6], [False, True, False, True], (0.5 + 0 + 1 + 0.5) / 4),
    ([0.3], [True], None),
    ([], [], None),
]


@pytest.mark.parametrize(("scores", "labels", "area"), AREAS)
def test_the_area_under_the_curve_by_hand_ties_counted_half(
    scores: list[float], labels: list[bool], area: float | None
) -> None:
    assert metrics.auc(scores, labels) == area


def test_the_area_is_the_share_of_pairs_in_the_right_order() -> None:
    chance = random.Random(3)
    scores = [chance.randrange(6) / 5 for _ in range(60)]
    labels = [chance.random() < s for s in scores]
    pairs = [
        (a > b) + (a == b) / 2
        for a, x in zip(scores, labels, strict=True)
        if x
        for b, y in zip(scores, labels, strict=True)
        if not y
    ]
    assert metrics.auc(scores, labels) == pytest.approx(sum(pairs) / len(pairs))


def test_the_calibration_curve_and_its_error_by_hand() -> None:
    chances, labels = [0.1, 0.2, 0.6, 0.8], [False, True, True, True]
    assert metrics.curve(chances, labels, 2) == (
        metrics.Bin(pytest.approx(0.15), 0.5, 2),
        metrics.Bin(pytest.approx(0.7), 1.0, 2),
    )
    assert metrics.ece(chances, labels, 2) == pytest.approx((0.35 * 2 + 0.3 * 2) / 4)


def test_bins_have_equal_mass() -> None:
    bins = metrics.curve([i / 103 for i in range(103)], [False] * 103)
    assert len(bins) == 10
    assert {b.n for b in bins} <= {10, 11}
    assert sum(b.n for b in bins) == 103


def test_equal_chances_are_not_sorted_into_bins_by_their_labels() -> None:
    assert metrics.ece([0.4] * 50, [i < 20 for i in range(50)]) == pytest.approx(0.0)
    assert metrics.ece([0.7] * 50, [i < 20 for i in range(50)]) == pytest.approx(0.3)


def test_a_calibrated_judge_has_a_small_error_and_a_boastful_one_a_great_one() -> None:
    chance = random.Random(1)
    chances = [chance.random() for _ in range(4000)]
    labels = [chance.random() < c for c in chances]
    assert (metrics.ece(chances, labels) or 1) < 0.03
    assert (metrics.ece([float(c > 0.5) for c in chances], labels) or 0) > 0.2


def test_what_a_gate_saves_by_hand() -> None:
    chances = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2]
    needed = [True, False, True, True, False, True, False, False]
    assert metrics.threshold_keeping(chances, needed, 0.75) == 0.6
    assert metrics.saved(chances, needed, 0.75) == 4 / 8
    assert metrics.saved(chances, needed, 0.95) == 2 / 8
    assert metrics.saved(chances, [False] * 8, 0.95) is None
    assert metrics.saved([0.5] * 8, needed, 0.5) == 0.0, "a gate that cannot tell turns apart saves none"


def test_keeping_a_share_that_is_met_exactly_needs_no_further_turn() -> None:
    assert metrics.threshold_keeping([0.9 - i / 100 for i in range(20)], [True] * 20, 0.95) == pytest.approx(0.9 - 0.18)


THRESHOLDS = [
    ([0.1, 0.4, 0.6, 0.9], [False, False, True, True], (1.0, 1.0), 0.5),
    ([0.2, 0.8], [True, True], (1.0, 1.0), 0.2),
    ([0.2, 0.8], [False, False], (1.0, 1.0), math.inf),
    ([0.1, 0.3, 0.5, 0.7], [False, True, False, False], (1.0, 1.0), math.inf),
    ([0.1, 0.3, 0.5, 0.7], [False, True, False, False], (1.0, 3.0), 0.2),
    ([], [], (1.0, 1.0), 0.0),
]


@pytest.mark.parametrize(("chances", "labels", "weights", "cut"), THRESHOLDS)
def test_the_best_threshold_by_hand(chances: list[float], labels: list[bool], weights: tuple[float, float], cut: float) -> None:
    assert metrics.best_threshold(chances, labels, weights) == pytest.approx(cut)


def mean(items: object) -> dict[str, float | None]:
    values = list(items)  # type: ignore[call-overload]
    return {"mean": sum(values) / len(values), "never": None}


def test_an_interval_by_row_agrees_with_the_normal_one() -> None:
    values = [float(i % 2) for i in range(400)]
    low, high = metrics.bootstrap(values, mean, seed=2)["mean"]
    assert low == pytest.approx(0.5 - 1.96 * 0.025, abs=0.008)
    assert high == pytest.approx(0.5 + 1.96 * 0.025, abs=0.008)


def test_an_interval_repeats_with_its_seed_and_lacks_what_cannot_be_given() -> None:
    values = [1.0, 2.0, 4.0]
    assert metrics.bootstrap(values, mean, seed=5) == metrics.bootstrap(values, mean, seed=5)
    assert set(metrics.bootstrap(values, mean)) == {"mean"}


def test_an_interval_by_trace_is_wider_where_rows_of_a_trace_agree() -> None:
    values = [(float(t % 2), t) for t in range(10) for _ in range(20)]

    def of_pairs(items: object) -> dict[str, float | None]:
        return mean([v for v, _ in items])  # type: ignore[attr-defined]

    rows = metrics.bootstrap(values, of_pairs)["mean"]
    traces = metrics.bootstrap(values, of_pairs, lambda v: v[1])["mean"]
    assert traces[1] - traces[0] > 3 * (rows[1] - rows[0])


def test_one_trace_gives_no_interval() -> None:
    assert metrics.bootstrap([1.0, 2.0], mean, lambda _: "only") == {}


def test_a_paired_difference_by_hand() -> None:
    gain, interval = metrics.paired([(1.0, 0.5), (1.0, 0.5), (0.0, 0.5), (1.0, 0.5)])
    assert gain == pytest.approx(0.25)
    assert interval is not None
    assert interval[0] < 0.25 < interval[1]
    same, around = metrics.paired([(1.0, 0.9)] * 30, [n // 3 for n in range(30)])
    assert same == pytest.approx(0.1)
    assert around == (pytest.approx(0.1), pytest.approx(0.1))
