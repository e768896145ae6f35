"""The embedded judge: a linear part and small trees on text features, calibrated; plain Python, the same on every machine."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from reward_model.features import situation_features, task_features
from reward_model.steps import Step, steps

VERSION = 1
CLIP = 2.5
"""A feature counts at most this many standard deviations from its mean."""
NEED = "need"
"""The feature of a task that holds how much the situation alone speaks for help."""
SPEAK = 0.3
"""Chance of acceptance from which an offer is shown."""


class ScorerFailure(Exception):  # noqa: N818 - the word of the port's contract
    """The weights cannot be used; the text says why."""


class Scores(NamedTuple):
    """Chance of acceptance of each task, in order, and the chance that help is needed at all; each 0..1."""

    p_accept: tuple[float, ...]
    p_help: float


class Part(BaseModel):
    """A piece of the weights file."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Linear(Part):
    """A weighted sum of standardised features; a feature that is missing counts as 0. All lists have one length."""

    kind: Literal["linear"] = "linear"
    names: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weight: tuple[float, ...]
    bias: float

    @model_validator(mode="after")
    def _sound(self) -> Linear:
        if len({len(self.names), len(self.mean), len(self.scale), len(self.weight)}) != 1 or min(self.scale, default=1) <= 0:
            raise ValueError("a linear part needs one mean, one positive scale and one weight for each name")
        return self

    def value(self, features: Mapping[str, float]) -> float:
        """The sum."""
        rows = zip(self.names, self.mean, self.scale, self.weight, strict=True)
        return self.bias + math.fsum(w * min(CLIP, max(-CLIP, (features.get(n, 0.0) - m) / s)) for n, m, s, w in rows)


class Tree(Part):
    """One tree in arrays, a node an index: go `left` where the feature is at most `threshold`; feature -1 marks a leaf."""

    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[float, ...]

    @model_validator(mode="after")
    def _sound(self) -> Tree:
        nodes = range(len(self.feature))
        if not nodes or any(len(column) != len(nodes) for column in (self.threshold, self.left, self.right, self.value)):
            raise ValueError("a tree needs as many thresholds, branches and values as features, and at least one")
        if any(f >= 0 and not (n < a < len(nodes) and n < b < len(nodes)) for n, f, a, b in self._branches()):
            raise ValueError("a branch of a tree leads back or out of it")
        return self

    def _branches(self) -> Iterator[tuple[int, int, int, int]]:
        return zip(count(), self.feature, self.left, self.right)

    def leaf(self, row: Sequence[float]) -> float:
        """The value of the leaf a row falls into."""
        node = 0
        while self.feature[node] >= 0:
            node = self.left[node] if row[self.feature[node]] <= self.threshold[node] else self.right[node]
        return self.value[node]


class Forest(Part):
    """A sum of small trees."""

    kind: Literal["forest"] = "forest"
    names: tuple[str, ...]
    base: float
    trees: tuple[Tree, ...]

    @model_validator(mode="after")
    def _sound(self) -> Forest:
        if any(f >= len(self.names) for tree in self.trees for f in tree.feature):
            raise ValueError("a tree asks for a feature that has no name")
        return self

    def value(self, features: Mapping[str, float]) -> float:
        """The sum for one set of features."""
        row = [features.get(n, 0.0) for n in self.names]
        return self.base + math.fsum(t.leaf(row) for t in self.trees)


class Scale(Part):
    """Turns a raw score into a probability (Platt 1999): logistic(slope * score + offset)."""

    slope: float
    offset: float

    def chance(self, score: float) -> float:
        """The probability, 0..1."""
        return sigmoid(self.slope * score + self.offset)


class Scorer(Part):
    """P(accepted | situation, task) and P(help is needed | situation). `about` says what it was fitted on."""

    version: int = VERSION
    about: dict[str, str] = {}
    need: Linear
    need_scale: Scale
    parts: tuple[Annotated[Linear | Forest, Field(discriminator="kind")], ...] = Field(min_length=1)
    """Their mean is a task's score."""
    accept_scale: Scale

    @classmethod
    def load(cls, path: Path) -> Scorer:
        """The scorer of a weights file. Raises ScorerFailure."""
        try:
            found = cls.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as e:
            what = f"{len(e.errors())} faults, first: {e.errors()[0]['msg']}" if isinstance(e, ValidationError) else str(e)
            raise ScorerFailure(f"the scorer's weights at {path} cannot be read: {what}") from e
        if found.version != VERSION:
            raise ScorerFailure(f"the scorer's weights at {path} are of version {found.version}, this program reads {VERSION}")
        return found

    def dump(self) -> str:
        """The text of the weights file; the same scorer gives the same text."""
        return self.model_dump_json()

    def score(self, situation: str, tasks: Sequence[str]) -> Scores:
        """Each task's chance of acceptance in this situation, and the chance that help is needed."""
        seen = steps(situation)
        need = self.need.value(situation_features(seen))
        accepts = tuple(self.accept_scale.chance(self.raw(seen, need, t)) for t in tasks)
        return Scores(accepts, self.need_scale.chance(need))

    def raw(self, seen: Sequence[Step], need: float, task: str) -> float:
        """A task's score before calibration: about the share of people who would take it."""
        features = task_features(seen, task) | {NEED: need}
        return math.fsum(p.value(features) for p in self.parts) / len(self.parts)


def sigmoid(z: float) -> float:
    """The logistic function, without overflow."""
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))
