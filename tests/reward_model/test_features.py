"""Features: bounded, free of names and positions, in both languages."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from reward_model.features import situation_features, task_features
from reward_model.steps import steps

SEEN = "The user searches for 'sourdough starter' on Google.\nThe user reads an article titled 'Sourdough starter in 7 days'."


@settings(max_examples=60)
@given(st.text(max_size=400), st.text(max_size=200))
def test_any_text_gives_finite_bounded_features(situation: str, task: str) -> None:
    seen = steps(situation)
    for value in (*situation_features(seen).values(), *task_features(seen, task).values()):
        assert math.isfinite(value)
        assert -1 <= value <= 50


def test_a_task_on_the_matter_in_hand_fits_better_than_another() -> None:
    on = task_features(steps(SEEN), "Summarize the article about the sourdough starter")
    off = task_features(steps(SEEN), "Summarize the article about the tax return")
    assert on["in last"] > off["in last"]
    assert on["letters last"] > off["letters last"]
    assert off["unknown"] > on["unknown"]


def test_the_same_task_in_chinese_has_the_same_kind() -> None:
    english, chinese = (task_features((), t) for t in ("Summarize the pages", "总结这些网页"))
    assert "verb sum" in english
    assert "verb sum" in chinese
    assert "about sum" in chinese


def test_a_file_name_is_no_feature() -> None:
    one, other = (task_features((), f"Review '{name}' for errors") for name in ("alpha_bird.py", "gamma_fish.py"))
    assert one == other


def test_earlier_steps_than_the_newest_twelve_change_nothing() -> None:
    tail = "\n".join(f"The user edits line {n}." for n in range(12))
    task = "Explain the error"
    for seen in (steps(tail), steps("The terminal shows an error.\n" + tail)):
        assert task_features(seen, task) == task_features(steps(tail), task)
