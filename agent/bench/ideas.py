"""What each idea behind the scorer gives, and how it grows with data: the same held-out figures for one change at a time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.bench.inputs import Data, Kept, Progress, code_version, enough, load, plainly, seeded, trainable
from reward_model.dataset import Row, folds

if TYPE_CHECKING:
    from reward_model.train import Scored

DRAWS = 3
"""Random sets of training traces a point of the learning curve is the mean of."""
SIZES = (3, 6, 10)
CURVE = ("auc_task", "auc_gate")
"""The figures of the learning curve."""
ROUNDS = 500
"""Resamples an interval of a gain is made of."""
CHINESE = ("\u4e00", "\u9fff")


def variants() -> dict[str, Any]:
    """The recipe of each line. One forest instead of three, to save time; the first line is the measure for the others."""
    from reward_model.tables import Recipe

    one = Recipe(rounds=1)
    return {
        "as shipped, one forest": one,
        "without each person's own rate": one._replace(offsets=False),
        "majority instead of vote shares": one._replace(soft=False),
        "linear part only": one._replace(trees=False),
        "trees only": one._replace(linear=False),
        "without the need of the situation": one._replace(need=False),
    }


ABOUT = {
    "as shipped, one forest": "the measure for the others",
    "without each person's own rate": "votes are not counted against how often their annotator votes yes",
    "majority instead of vote shares": "learn yes or no instead of the share of votes",
    "linear part only": "no boosted trees",
    "trees only": "no ridge regression",
    "without the need of the situation": "the task's score is not told how likely help is needed at all",
}
"""What each variant leaves out, in words."""


def ideas(path: Path, seed: int, resume: Path | None = None, progress: Progress = lambda _: None) -> dict[str, Any]:
    """Held-out figures of every variant, its gain over the first one, and the learning curve. Raises ProactiveError."""
    seeded(seed)
    data = load(path)
    kept = Kept(resume, "ideas", data.sha256, seed, code_version())
    recipes = variants()
    count = len(set(data.group.values()))
    sizes = [s for s in SIZES if s < count - 1]
    steps = len(recipes) + len(sizes)
    scores: dict[str, tuple[Scored, ...]] = {}
    for n, (name, recipe) in enumerate(recipes.items()):
        if kept.get(name) is None:
            found = _variant(data, recipe, seed, partial(_told, progress, n, steps))
            kept.put(name, [s[1:] for s in found])
        scores[name] = tuple(_scored(row, *chances) for row, chances in zip(data.rows, kept.get(name), strict=True))
    first = next(iter(scores))
    told = {name: figures(s) | gains(data, scores[first], s, seed) for name, s in scores.items()}
    curve: dict[int, dict[str, Any]] = {}
    for n, size in enumerate(sizes, len(recipes)):
        if kept.get(f"curve {size}") is None:
            kept.put(f"curve {size}", _point(data, size, seed, partial(_told, progress, n, steps)))
        curve[size] = kept.get(f"curve {size}")
    curve[count - 1] = {k: told[first][k] for k in CURVE}
    about = {"n": len(data.rows), "traces": len(data.group), "groups": count, "seed": seed, "sha256": data.sha256}
    return about | {"file": data.name, "rounds": ROUNDS, "draws": DRAWS, "ideas": told, "curve": curve}


def gains(data: Data, first: Sequence[Scored], other: Sequence[Scored], seed: int) -> dict[str, Any]:
    """What the other scores add to the AUC of the first ones, on the same rows, with trace groups resampled together."""
    from reward_model.metrics import bootstrap

    if first is other:
        return {}
    group = [data.group_of(s.row) for s in first]
    tasks = [
        (a.p_accept, b.p_accept, a.row.valid, g) for a, b, g in zip(first, other, group, strict=True) if a.row.task is not None
    ]
    needs = {a.row.turn: (a.p_help, b.p_help, a.row.help_needed, g) for a, b, g in zip(first, other, group, strict=True)}
    turns = [t for t in needs.values() if t[2] is not None]
    found: dict[str, Any] = {}
    for name, items in (("task", tasks), ("gate", turns)):
        found[f"gain_{name}"] = _gain(items)["gain"] if items else None
        found[f"gain_{name}_ci"] = bootstrap(items, _gain, lambda i: i[3], seed=seed, rounds=ROUNDS).get("gain")
    return found


def _gain(items: Sequence[Any]) -> dict[str, float | None]:
    from reward_model.metrics import auc

    labels = [i[2] for i in items]
    one, other = auc([i[0] for i in items], labels), auc([i[1] for i in items], labels)
    return {"gain": None if one is None or other is None else other - one}


def _told(progress: Progress, done: int, steps: int, share: float) -> None:
    progress((done + share) / steps)


def _scored(row: Row, p_accept: float, p_help: float) -> Scored:
    from reward_model.train import Scored

    return Scored(row, p_accept, p_help)


def _variant(data: Data, recipe: Any, seed: int, progress: Progress) -> tuple[Scored, ...]:
    with plainly(), trainable():
        from reward_model.train import crossfit

        for fold in folds(data.rows):
            enough(data, fold.train)

        return crossfit(data.rows, seed, progress, recipe)


def _point(data: Data, size: int, seed: int, progress: Progress) -> dict[str, Any]:
    """Each trace group scored by scorers of `size` other groups, drawn DRAWS times: mean, and the draws themselves."""
    with plainly(), trainable():
        from reward_model.train import fit, scored

        recipe = next(iter(variants().values()))
        held = sorted(set(data.group.values()))
        rounds: list[dict[str, Any]] = []
        for draw in range(DRAWS):
            random_of = random.Random(f"{seed} {size} {draw}")  # noqa: S311 - a draw that must repeat
            out = []
            for n, group in enumerate(held):
                chosen = set(random_of.sample([g for g in held if g != group], size))
                scorer = fit([r for r in data.rows if data.group_of(r) in chosen], seed, recipe)
                out += [scored(scorer, r) for r in data.rows if data.group_of(r) == group]
                progress((draw + (n + 1) / len(held)) / DRAWS)
            rounds.append(figures(out))
    means = {k: sum(r[k] for r in rounds) / DRAWS for k in CURVE}
    return means | {f"{k}_draws": [r[k] for r in rounds] for k in CURVE}


def figures(scores: Sequence[Any]) -> dict[str, Any]:
    """The figures a variant is told by: AUC of tasks, overall and by the script of the situation, of the gate, and top-1."""
    from reward_model.metrics import auc

    tasks = [s for s in scores if s.row.task]
    first = {s.row.turn: s for s in reversed(scores) if s.row.help_needed is not None}
    chinese = [s for s in tasks if _chinese(s.row)]
    latin = [s for s in tasks if not _chinese(s.row)]
    return {
        "auc_task": _auc(tasks),
        "auc_task_chinese": _auc(chinese),
        "auc_task_latin": _auc(latin),
        "auc_gate": auc([s.p_help for s in first.values()], [bool(s.row.help_needed) for s in first.values()]),
        "top1": _top1(tasks),
    }


def _auc(scores: Sequence[Any]) -> float | None:
    from reward_model.metrics import auc

    return auc([s.p_accept for s in scores], [s.row.valid for s in scores])


def _top1(tasks: Sequence[Any]) -> float | None:
    turns: dict[str, list[Any]] = {}
    for s in tasks:
        turns.setdefault(s.row.turn, []).append(s)
    best = [max(found, key=lambda s: s.p_accept) for found in turns.values() if len(found) >= 4]
    return sum(s.row.valid for s in best) / len(best) if best else None


def _chinese(row: Row) -> bool:
    return any(CHINESE[0] <= c <= CHINESE[1] for c in row.situation)
