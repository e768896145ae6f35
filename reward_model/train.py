"""Fits, calibrates and exports the scorer on judgement rows (needs the extra `train`: numpy, scikit-learn).

What is learned, and why so: votes differ more by person than by text (rate of acceptance .04 to .80), so each vote counts
against its annotator's own rate; the need of a situation is learned from `help_needed` and the turn's mean vote, half of the
trace's own level taken out; both raw scores are turned into chances on traces that their parts never saw.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from reward_model.dataset import Row
from reward_model.scorer import CLIP, NEED, Forest, Linear, Scale, Scorer, Tree
from reward_model.tables import Prepared, Recipe, Table

RIDGES = (300.0, 1000.0, 3000.0)
"""Strengths of the linear part. Models of all are averaged: with 16 traces, choosing one is noise, even when nested."""
NEEDS = (0.03, 0.1, 0.3)
"""The same for the need of a situation (inverse strengths)."""
INNER = 4
RARE = 8
"""A feature that fewer rows have is left out."""
TREES: dict[str, Any] = {
    "n_estimators": 150,
    "max_depth": 3,
    "learning_rate": 0.04,
    "subsample": 0.6,
    "max_features": 0.3,
    "min_samples_leaf": 10,
}


SHIPPED = Recipe()


class Scored(NamedTuple):
    """A row with the chances given by a scorer that never saw its trace; `p_accept` of silence is 1 - p_help."""

    row: Row
    p_accept: float
    p_help: float


def fit(rows: Sequence[Row], seed: int = 0, recipe: Recipe = SHIPPED) -> Scorer:
    """The scorer of these rows. Raises ValueError if they hold fewer than two trace groups, or one outcome only."""
    return _fit(Prepared(tuple(rows), recipe), None, seed)


def crossfit(
    rows: Sequence[Row], seed: int = 0, done: Callable[[float], None] = lambda share: None, recipe: Recipe = SHIPPED
) -> tuple[Scored, ...]:
    """Every row scored by a scorer fitted, tuned and calibrated on the other trace groups only."""
    data = Prepared(tuple(rows), recipe)
    held = list(dict.fromkeys(data.row_group))
    found: dict[int, Scored] = {}
    for n, group in enumerate(held, 1):
        scorer = _fit(data, group, seed)
        found |= {i: scored(scorer, row) for i, row in enumerate(rows) if data.row_group[i] == group}
        done(n / len(held))
    return tuple(found[i] for i in range(len(rows)))


def scored(scorer: Scorer, row: Row) -> Scored:
    """One row under a scorer."""
    accepts, need = scorer.score(row.situation, (row.task,) if row.task else ())
    return Scored(row, accepts[0] if accepts else 1 - need, need)


def _fit(data: Prepared, held: str | None, seed: int) -> Scorer:
    """The scorer of the groups other than `held`: strengths, parts and calibration all from them."""
    recipe = data.recipe
    needs = data.need_table.without(held)
    table = data.task_table.without(held)
    situations = data.situations if held is None else data.situations[data.task_table.group != held]
    full = table.with_column(NEED, _column(needs, situations, table.group)) if recipe.need else table
    parts: list[tuple[Table, Callable[[Table], Linear | Forest]]] = []
    parts += [(full, _fit_linear)] if recipe.linear else []
    parts += [(table, lambda part: _fit_trees(part, seed, recipe.rounds))] if recipe.trees else []
    raw = sum(_cross(of, make) for of, make in parts) / len(parts)
    return Scorer(
        need=_fit_need(needs),
        need_scale=_scale(_cross(needs, _fit_need), needs.outcome),
        parts=tuple(make(of) for of, make in parts),
        accept_scale=_scale(raw, table.outcome),
    )


def _column(needs: Table, situations: Any, group: Any) -> Any:
    """The need of each proposal's situation by parts that never saw its group."""
    import numpy as np

    out = np.zeros(len(group))
    for part, test in _parts(needs.group):
        model = _fit_need(needs.at(part))
        mine = np.isin(group, np.unique(needs.group[test]))
        out[mine] = values(model, needs.names, situations[mine])
    return out


def _cross(table: Table, make: Callable[[Table], Linear | Forest]) -> Any:
    """Scores of every item by parts fitted on other groups."""
    import numpy as np

    out = np.zeros(len(table.group))
    for part, test in _parts(table.group):
        out[test] = values(make(table.at(part)), table.names, table.x[test])
    return out


def _parts(group: Any) -> list[tuple[Any, Any]]:
    """INNER splits of the items by group, as boolean masks (train, test); groups are dealt out by size."""
    import numpy as np

    names, sizes = np.unique(group, return_counts=True)
    if len(names) < 2:
        raise ValueError("rows of at least two traces are needed to fit and calibrate")
    order = names[np.argsort(-sizes, kind="stable")]
    count = min(INNER, len(order))
    tests = [np.isin(group, order[n::count]) for n in range(count)]
    return [(~test, test) for test in tests]


def _fit_need(table: Table) -> Linear:
    """Logistic regression on shares: each item counts as its share of yes and the rest of no."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    keep, mean, scale, z = _standard(table)
    weight = np.concatenate([table.target, 1 - table.target])
    label = np.concatenate([np.ones(len(z)), np.zeros(len(z))])
    used = weight > 0
    x, y, share = np.vstack([z, z])[used], label[used], weight[used]
    models = [LogisticRegression(C=c, max_iter=1000).fit(x, y, sample_weight=share) for c in NEEDS]
    return _linear(
        table.names, keep, mean, scale, (_average([m.coef_[0] for m in models]), _average([m.intercept_[0] for m in models]))
    )


def _fit_linear(table: Table) -> Linear:
    from sklearn.linear_model import Ridge

    keep, mean, scale, z = _standard(table)
    models = [Ridge(alpha=a).fit(z, table.target) for a in RIDGES]
    return _linear(
        table.names, keep, mean, scale, (_average([m.coef_ for m in models]), _average([m.intercept_ for m in models]))
    )


def _fit_trees(table: Table, seed: int, rounds: int) -> Forest:
    """Boosted trees (Friedman 2001), averaged over as many seeds as `rounds`."""
    from sklearn.ensemble import GradientBoostingRegressor

    trees: list[Tree] = []
    base = 0.0
    for n in range(rounds):
        model = GradientBoostingRegressor(random_state=seed * rounds + n, **TREES).fit(table.x, table.target)
        base += float(model.init_.constant_[0][0]) / rounds
        trees += [_tree(t.tree_, model.learning_rate / rounds) for t in model.estimators_[:, 0]]
    return Forest(names=table.names, base=base, trees=tuple(trees))


def _tree(tree: Any, factor: float) -> Tree:
    leaf = tree.children_left < 0
    return Tree(
        feature=tuple(-1 if end else int(f) for end, f in zip(leaf, tree.feature, strict=True)),
        threshold=tuple(0.0 if end else float(t) for end, t in zip(leaf, tree.threshold, strict=True)),
        left=tuple(int(n) for n in tree.children_left),
        right=tuple(int(n) for n in tree.children_right),
        value=tuple(float(v) * factor if end else 0.0 for end, v in zip(leaf, tree.value[:, 0, 0], strict=True)),
    )


def _scale(raw: Any, outcome: Any) -> Scale:
    from sklearn.linear_model import LogisticRegression

    spread = float(raw.std()) or 1.0
    model = LogisticRegression(C=1e3).fit((raw / spread)[:, None], outcome)
    return Scale(slope=float(model.coef_[0, 0]) / spread, offset=float(model.intercept_[0]))


def values(part: Linear | Forest, names: Sequence[str], x: Any) -> Any:
    """A part's raw values of the rows of `x`, whose columns are `names`: the same as part.value, many at once."""
    import numpy as np

    at = {n: i for i, n in enumerate(names)}
    if isinstance(part, Linear):
        z = (x[:, [at[n] for n in part.names]] - np.array(part.mean)) / np.array(part.scale)
        return np.clip(z, -CLIP, CLIP) @ np.array(part.weight) + part.bias
    rows = x[:, [at[n] for n in part.names]].tolist()
    return np.array([part.base + sum(t.leaf(row) for t in part.trees) for row in rows])


def _standard(table: Table) -> tuple[Any, Any, Any, Any]:
    """Which columns are kept, their means and deviations, and the clipped standard scores."""
    import numpy as np

    keep = (np.abs(table.x) > 0).sum(0) >= RARE
    keep &= table.x.std(0) > 1e-6
    mean, scale = table.x[:, keep].mean(0), table.x[:, keep].std(0)
    return keep, mean, scale, np.clip((table.x[:, keep] - mean) / scale, -CLIP, CLIP)


def _linear(names: Sequence[str], keep: Any, mean: Any, scale: Any, fitted: tuple[Any, Any]) -> Linear:
    weight, bias = fitted
    kept = tuple(n for n, k in zip(names, keep, strict=True) if k)
    return Linear(
        names=kept, mean=tuple(map(float, mean)), scale=tuple(map(float, scale)), weight=tuple(map(float, weight)), bias=bias
    )


def _average(values: Sequence[Any]) -> Any:
    return sum(values) / len(values)
