"""Training on small rows of our own: parity of the export, honest folds, no signal where there is none."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from reward_model.dataset import Row
from reward_model.metrics import auc
from reward_model.scorer import Forest, Linear, Scorer
from tests.reward_model.sittings import invented

pytest.importorskip("sklearn", reason="the extra 'train' is not installed")

from reward_model import train
from reward_model.tables import Prepared, Recipe

QUICK = Recipe(rounds=1)


@pytest.fixture(scope="module")
def rows() -> tuple[Row, ...]:
    return invented()


def test_the_exported_scorer_equals_the_training_pipeline(rows: tuple[Row, ...], tmp_path: Path) -> None:
    """Our plain Python against scikit-learn itself, on every row, to 1e-6; and after a round trip through the file."""
    import numpy as np
    from sklearn.ensemble import GradientBoostingRegressor
    from sklearn.linear_model import Ridge

    table = Prepared(rows, QUICK).task_table
    forest = train._fit_trees(table, 0, 1)
    theirs = GradientBoostingRegressor(random_state=0, **train.TREES).fit(table.x, table.target).predict(table.x)
    items = [dict(zip(table.names, row, strict=True)) for row in table.x.tolist()]
    assert max(abs(forest.value(f) - t) for f, t in zip(items, theirs, strict=True)) < 1e-6
    linear = train._fit_linear(table)
    _, _, _, z = train._standard(table)
    means = np.mean([Ridge(alpha=a).fit(z, table.target).predict(z) for a in train.RIDGES], axis=0)
    assert max(abs(linear.value(f) - t) for f, t in zip(items, means, strict=True)) < 1e-6
    scorer = train.fit(rows, recipe=QUICK)
    path = tmp_path / "scorer.json"
    path.write_text(scorer.dump(), encoding="utf-8")
    assert Scorer.load(path).score(rows[0].situation, ["Explain it"]) == scorer.score(rows[0].situation, ["Explain it"])


def test_many_rows_at_once_give_the_values_of_one_by_one(rows: tuple[Row, ...]) -> None:
    table = Prepared(rows, QUICK).task_table
    parts: tuple[Linear | Forest, ...] = (train._fit_linear(table), train._fit_trees(table, 0, 1))
    for part in parts:
        many = train.values(part, table.names, table.x)
        single = [part.value(dict(zip(table.names, row, strict=True))) for row in table.x.tolist()]
        assert max(abs(a - b) for a, b in zip(many, single, strict=True)) < 1e-9


def test_held_out_scores_find_the_taste_that_is_there(rows: tuple[Row, ...]) -> None:
    scores = train.crossfit(rows, recipe=QUICK)
    assert [s.row for s in scores] == list(rows)
    tasks = [s for s in scores if s.row.task]
    assert (auc([s.p_accept for s in tasks], [s.row.valid for s in tasks]) or 0) > 0.7
    assert (auc([s.p_help for s in scores], [bool(s.row.help_needed) for s in scores]) or 0) > 0.8


@pytest.mark.slow
def test_permuted_labels_give_no_signal() -> None:
    """The honest split on labels dealt out anew must come out even: AUC .47 to .53 in the mean of several deals."""
    rows = invented(10, 8)
    found = []
    for deal in range(6):
        scores = train.crossfit(permuted(rows, deal), recipe=Recipe(rounds=1, trees=deal == 0))
        tasks = [s for s in scores if s.row.task]
        found.append(auc([s.p_accept for s in tasks], [s.row.valid for s in tasks]) or 0)
    assert 0.47 <= sum(found) / len(found) <= 0.53, found


def test_a_scorer_never_sees_the_labels_of_the_trace_it_scores(rows: tuple[Row, ...]) -> None:
    """Turning one trace's labels round changes what the others get, and nothing of its own."""
    trace = rows[0].trace
    turned = [r.model_copy(update=_turned(r)) if r.trace == trace else r for r in rows]
    before, after = (train.crossfit(r, recipe=QUICK) for r in (rows, turned))
    own = [(a.p_accept, b.p_accept) for a, b in zip(before, after, strict=True) if a.row.trace == trace]
    others = [(a.p_accept, b.p_accept) for a, b in zip(before, after, strict=True) if a.row.trace != trace]
    assert all(a == b for a, b in own)
    assert any(a != b for a, b in others)


def test_the_same_rows_and_seed_give_the_same_weights(rows: tuple[Row, ...]) -> None:
    assert train.fit(rows, 3, QUICK).dump() == train.fit(rows, 3, QUICK).dump()


def test_rows_of_one_trace_cannot_be_trained_on(rows: tuple[Row, ...]) -> None:
    with pytest.raises(ValueError, match="two traces"):
        train.fit([r for r in rows if r.trace == rows[0].trace])


def permuted(rows: tuple[Row, ...], seed: int) -> tuple[Row, ...]:
    """The rows with their labels dealt out anew: those of tasks among tasks, the need of turns among turns."""
    return tuple(_dealt(rows, seed))


def _dealt(rows: tuple[Row, ...], seed: int) -> Iterator[Row]:
    draw = random.Random(seed)
    labels = [(r.valid, r.votes) for r in rows if r.task]
    turns = list(dict.fromkeys(r.turn for r in rows))
    needs = [next(r.help_needed for r in rows if r.turn == t) for t in turns]
    draw.shuffle(labels)
    draw.shuffle(needs)
    need = dict(zip(turns, needs, strict=True))
    left = iter(labels)
    for row in rows:
        valid, votes = next(left) if row.task else (not need[row.turn], ())
        yield row.model_copy(update={"valid": valid, "votes": votes, "help_needed": need[row.turn]})


def _turned(row: Row) -> dict[str, object]:
    return {"valid": not row.valid, "votes": tuple(not v for v in row.votes), "help_needed": not row.help_needed}
