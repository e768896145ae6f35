"""The published table of reward models, and the published way of dividing rows into training and test.

Figures: thunlp/ProactiveAgent, README.md, "Reward Model Experiments Results"; also arXiv 2410.12361, table 2. Division:
dataset/annotation/convert_annotations.py there. Each of its 120 test situations also stands in the training file.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple

from reward_model.dataset import Fold, Row, category
from reward_model.metrics import CELLS

TEST_ROWS = 30
"""Rows of each category in the test."""
SEED = 42
"""The seed of the published division."""


class Published(NamedTuple):
    """One column of the published table (n = 120); the cells are accuracies within the category.

    `leaks` says that the judge was trained on rows of the test's situations; the others were only asked.
    """

    name: str
    accuracy: float
    precision: float
    recall: float
    f1: float
    mn: float
    nr: float
    cd: float
    fa: float
    leaks: bool = False


TABLE = (
    Published("GPT-4o", 0.5083, 0.5042, 1.0000, 0.6704, 0.0333, 1.0000, 1.0000, 0.0000),
    Published("GPT-4o-mini", 0.5833, 0.5658, 0.7167, 0.6324, 0.5667, 0.5667, 0.8667, 0.3333),
    Published("LLaMA 3.1 8B", 0.5500, 0.5429, 0.6333, 0.5846, 0.8000, 0.3000, 0.9667, 0.1333),
    Published("LLaMA 3.1 70B", 0.5583, 0.5340, 0.9167, 0.6748, 0.3333, 0.8333, 1.0000, 0.0667),
    Published("LLaMA 3.1 8B, theirs", 0.9167, 0.9032, 0.9333, 0.9180, 0.8000, 0.8667, 1.0000, 1.0000, leaks=True),
)


def published_split(rows: Sequence[Row], seed: int = SEED, each: int = TEST_ROWS) -> Fold:
    """Training and test rows by the published recipe, which LEAKS: rows of one situation fall on both sides.

    Of each category, in random order, `each` rows go to the test: first those on which three annotators agree with the
    label, then those on which two do. Never to be used for a figure of quality.
    """
    chance = random.Random(seed)  # noqa: S311 - a draw that must repeat
    test: list[int] = []
    for cell in CELLS:
        members = [i for i, row in enumerate(rows) if category(row) == cell]
        chance.shuffle(members)
        agree = {i: sum(v == rows[i].valid for v in rows[i].votes) for i in members}
        three = [i for i in members if agree[i] == 3 and len(rows[i].votes) == 3]
        two = [i for i in members if agree[i] == 2]
        test += [*three, *two][:each]
    held = set(test)
    return Fold(tuple(i for i in range(len(rows)) if i not in held), tuple(sorted(held)))
