"""Judgement rows as tables to learn from: features, targets with each person's own level taken out, trace groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from reward_model.dataset import Row, groups, trace_of
from reward_model.features import Features, situation_features, task_features
from reward_model.steps import steps

EVEN = 0.5
"""The level that targets are moved to; calibration finds the true one. A mean of the data would tell of the traces held out."""
WANTED = 1.3
"""A turn's mean vote is lower than its chance of help; this factor brings both to one level."""


class Recipe(NamedTuple):
    """What training does; the defaults are what ships, the rest is there to measure what each idea gives."""

    soft: bool = True
    """Learn from the share of votes; else from the majority."""
    offsets: bool = True
    """Count each vote against its annotator's own rate, and a turn's need against its trace's."""
    linear: bool = True
    trees: bool = True
    need: bool = True
    """Give the task's score the need of its situation."""
    rounds: int = 3
    """Forests of different seeds that are averaged."""


@dataclass(frozen=True)
class Table:
    """Features of n items as a matrix n x d, the targets to learn, the outcomes (0 or 1) to calibrate on, the trace groups."""

    names: tuple[str, ...]
    x: Any
    target: Any
    outcome: Any
    group: Any

    def without(self, held: str | None) -> Table:
        """The items of the other groups."""
        return self if held is None else self.at(self.group != held)

    def at(self, keep: Any) -> Table:
        """The items where `keep` is true."""
        return Table(self.names, self.x[keep], self.target[keep], self.outcome[keep], self.group[keep])

    def with_column(self, name: str, column: Any) -> Table:
        """One more feature."""
        import numpy as np

        x = np.hstack([self.x, column[:, None]])
        return Table((*self.names, name), x, self.target, self.outcome, self.group)


@dataclass(frozen=True)
class Prepared:
    """Rows with their features and targets. A target uses nothing but its own trace, so no fold sees another's labels."""

    rows: tuple[Row, ...]
    recipe: Recipe

    @cached_property
    def row_group(self) -> tuple[str, ...]:
        """The trace group of each row."""
        of = groups(self.rows)
        return tuple(of[trace_of(r)] for r in self.rows)

    @cached_property
    def turns(self) -> tuple[int, ...]:
        """The first row of each turn whose need is known."""
        first: dict[str, int] = {}
        for i, row in enumerate(self.rows):
            if row.help_needed is not None:
                first.setdefault(row.turn, i)
        return tuple(first.values())

    @cached_property
    def proposals(self) -> tuple[int, ...]:
        """The rows that have a task."""
        return tuple(i for i, r in enumerate(self.rows) if r.task)

    @cached_property
    def need_table(self) -> Table:
        """One item a turn: did the person need help?"""
        import numpy as np

        wanted: dict[str, list[float]] = defaultdict(list)
        for i in self.proposals:
            wanted[self.rows[i].turn].append(self.rows[i].share)
        rows = [self.rows[i] for i in self.turns]
        needed = [float(bool(r.help_needed)) for r in rows]
        soft = [_mean([n, min(1.0, WANTED * _mean(wanted[r.turn] or [n]))]) for n, r in zip(needed, rows, strict=True)]
        soft = soft if self.recipe.soft else needed
        level = _by([trace_of(r) for r in rows], soft)
        part = 0.5 * self.recipe.offsets
        target = [min(1.0, max(0.0, v - part * (level[trace_of(r)] - EVEN))) for v, r in zip(soft, rows, strict=True)]
        features = [situation_features(steps(r.situation)) for r in rows]
        return _table(features, target, needed, np.array([self.row_group[i] for i in self.turns]))

    @cached_property
    def task_table(self) -> Table:
        """One item a proposal: which share of the people would take it, each person's own rate taken out?"""
        import numpy as np

        rows = [self.rows[i] for i in self.proposals]
        votes = [[(f"{trace_of(r)} {n}", float(v)) for n, v in enumerate(_said(r, self.recipe))] for r in rows]
        rate = _by([who for said in votes for who, _ in said], [v for said in votes for _, v in said])
        level = rate if self.recipe.offsets else dict.fromkeys(rate, EVEN)
        own = [_mean([v - level[who] for who, v in said]) for said in votes]
        features = [task_features(steps(r.situation), r.task or "") for r in rows]
        outcome = [float(r.valid) for r in rows]
        return _table(features, [EVEN + v for v in own], outcome, np.array([self.row_group[i] for i in self.proposals]))

    @cached_property
    def situations(self) -> Any:
        """The situation features of each proposal's turn, in the columns of `need_table`."""
        cached = {r.turn: situation_features(steps(r.situation)) for r in self.rows}
        return _matrix([cached[self.rows[i].turn] for i in self.proposals], self.need_table.names)


def _said(row: Row, recipe: Recipe) -> tuple[bool, ...]:
    return row.votes if row.votes and recipe.soft else (row.valid,)


def _table(features: Sequence[Features], target: Sequence[float], outcome: Sequence[float], group: Any) -> Table:
    import numpy as np

    names = tuple(sorted({n for f in features for n in f}))
    return Table(names, _matrix(features, names), np.array(target), np.array(outcome), group)


def _matrix(features: Sequence[Mapping[str, float]], names: Sequence[str]) -> Any:
    import numpy as np

    return np.array([[f.get(n, 0.0) for n in names] for f in features]).reshape(len(features), len(names))


def _by(keys: Sequence[str], values: Sequence[float]) -> dict[str, float]:
    """The mean value of each key."""
    found: dict[str, list[float]] = defaultdict(list)
    for key, value in zip(keys, values, strict=True):
        found[key].append(value)
    return {key: _mean(v) for key, v in found.items()}


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
