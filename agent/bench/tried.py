"""What was tried by hand: measured once in scratch runs, traces held out, and not repeated by the report."""

from __future__ import annotations

from typing import NamedTuple

SHA256 = "e3a7303c469f5a6de4ca28cbeea31adc7232353767fd29de87c914bb4e5b0c53"
"""The data that every figure here is of."""


class Tried(NamedTuple):
    """An idea, and the figure with it against the one without."""

    idea: str
    gave: str


SCORER = (
    Tried("Words and word pairs of the task as features", "task AUC +.000 over the hand-made features; alone .60"),
    Tried(
        "Signs of the situation as features of the task's score", "trees .713 without, .692 with: they learn the trace by heart"
    ),
    Tried("Likeness to the other candidates of the turn", "task AUC .715 without, .715 with"),
    Tried("Kept: shares of runs of four signs (character n-grams)", "task AUC .714 without, .734 with; top-1 .476, .520"),
    Tried(
        "Kept: the bridge from Chinese words to English", "task AUC .727 without, .734 with; on Chinese situations .746, .759"
    ),
    Tried(
        "Runs of three, five or six signs besides, longest common run, shares the other way",
        "task AUC .734 without, .730 to .738",
    ),
    Tried("Learning pairs of a turn (which is better) instead of each task", "task AUC .722 without, .706 to .713 with"),
    Tried("Extremely randomised trees instead of boosted ones", "task AUC .730 boosted, .714 randomised"),
    Tried("Choosing the strength of regularisation by nested cross-validation", "gate AUC .736 averaged, .730 chosen"),
)
PERSON = (
    Tried("Weighing everybody's chance more as a person becomes known", "AUC .791 without, .785 with"),
    Tried("An own slope on everybody's chance", "AUC .794 without, .792 with"),
    Tried(
        "Lowering an idea by its likeness to ideas already judged (.5 / 1 / 1.5)", "AUC .791 without, .792 / .789 / .761 with"
    ),
    Tried("An own taste for long or short tasks (.03 / .1)", "AUC .791 without, .791 / .790 with"),
    Tried("Own rates by the task's first verb (.2 / .5)", "AUC .791 without, .791 / .789 with"),
    Tried("Likeness of situations (.2 / .5)", "AUC .791 without, .793 / .794 with; it doubles what is stored of a person"),
)
NOT_TRIED = (
    "Training data from simulated users.",
    "Embeddings of a configured endpoint as features (optional, as they need a network or a second model).",
)
