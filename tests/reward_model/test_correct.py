"""The correction on the shipped scorer: nothing without rows, the taste in them with rows, refused when it does not fit."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from reward_model.correct import Corrected, Correction, CorrectionFailure, Example, corrected, fit, load, name_of, standardised
from reward_model.scorer import Linear, Scale, Scorer


def small_scorer(weight: float = 1.0) -> Scorer:
    """A scorer that reads one feature of a task: whether its first verb searches."""
    part = Linear(names=("verb search",), mean=(0.5,), scale=(0.5,), weight=(weight,), bias=0.0)
    need = Linear(names=(), mean=(), scale=(), weight=(), bias=0.0)
    same = Scale(slope=1.0, offset=0.0)
    return Scorer(need=need, need_scale=same, parts=(part,), accept_scale=same)


SEARCH, OPEN = "Search for the pool limit", "Open the thesis"


def test_without_examples_nothing_is_corrected() -> None:
    empty = fit([], "x")
    assert (empty.offset, empty.weights) == (0.0, {})
    assert [empty.apply(p, {"a": 1.0}) for p in (0.0, 0.3, 1.0)] == pytest.approx([0.0, 0.3, 1.0])


def test_a_taste_is_learnt_and_drawn_towards_the_shipped_weights() -> None:
    examples = [Example(0.0, {"a": 1.0 if n % 2 else -1.0, "b": 1.0}, bool(n % 2)) for n in range(60)]
    found = fit(examples, "x")
    assert found.rows == 60
    assert found.weights["a"] > 0.5 > abs(found.weights["b"])
    assert found.apply(0.4, {"a": 1.0}) > 0.4 > found.apply(0.4, {"a": -1.0})
    assert 0 < fit(examples[:4], "x").weights["a"] < found.weights["a"]


def test_answers_as_the_scorer_expects_them_correct_little() -> None:
    examples = [Example(0.0, {"a": (-1.0) ** (n // 2)}, bool(n % 2)) for n in range(40)]
    found = fit(examples, "x")
    assert abs(found.offset) < 1e-3
    assert abs(found.weights["a"]) < 1e-3


def test_a_corrected_scorer_scores_like_the_scorer_but_for_the_correction() -> None:
    scorer = small_scorer()
    assert set(standardised(scorer, "reads", SEARCH)) == {"verb search"}
    plain, nothing = scorer.score("reads", (SEARCH, OPEN)), Corrected(scorer, Correction(scorer=name_of(scorer)))
    assert nothing.score("reads", (SEARCH, OPEN)).p_accept == pytest.approx(plain.p_accept)
    less = Corrected(scorer, Correction(scorer=name_of(scorer), weights={"verb search": -1.0, "unknown": 3.0}))
    moved = less.score("reads", (SEARCH, OPEN))
    assert moved.p_accept[0] < plain.p_accept[0]
    assert moved.p_accept[1] > plain.p_accept[1]
    assert moved.p_help == plain.p_help


def test_a_kept_correction_comes_back_for_the_same_weights_only(tmp_path: Path) -> None:
    path, scorer = tmp_path / "learned.json", small_scorer()
    assert load(path, scorer) is None
    assert corrected(scorer, path) is scorer
    kept = Correction(scorer=name_of(scorer), rows=3, offset=0.2, weights={"verb search": 0.1})
    path.write_text(kept.model_dump_json(), encoding="utf-8")
    assert load(path, scorer) == kept
    assert isinstance(corrected(scorer, path), Corrected)
    assert load(path, small_scorer(weight=2.0)) is None, "it was learnt on top of other weights"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"scorer": "x", "offset": 1e9}', '{"scorer": "x", "surprise": 1}'])
def test_a_damaged_correction_leaves_the_shipped_scorer_and_says_so(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    path, scorer = tmp_path / "learned.json", small_scorer()
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CorrectionFailure, match="cannot be read"):
        load(path, scorer)
    with caplog.at_level(logging.WARNING):
        assert corrected(scorer, path) is scorer
    assert "proactive learn" in caplog.text
