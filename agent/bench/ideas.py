"""What each idea behind the scorer gives, and how it grows with data: the same held-out figures for one change at a time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from agent.bench.inputs import Data, Kept, Progress, code_version, load, plainly, trainable
from reward_model.dataset import Row

DRAWS = 3
"""Random sets of training traces a point of the learning curve is the mean of."""
SIZES = (3, 6, 10)
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


def ideas(path: Path, seed: int, resume: Path | None = None, progress: Progress = lambda _: None) -> dict[str, Any]:
    """Held-out figures of every variant and the learning curve. Raises ProactiveError."""
    data = load(path)
    kept = Kept(resume, "ideas", data.sha256, seed, code_version())
    recipes = variants()
    count = len(set(data.group.values()))
    sizes = [s for s in SIZES if s < count - 1]
    steps = len(recipes) + len(sizes)
    found: dict[str, Any] = {}
    for n, (name, recipe) in enumerate(recipes.items()):
        found[name] = kept.get(name) or _variant(data, recipe, seed, partial(_told, progress, n, steps))
        kept.put(name, found[name])
    curve = {}
    for n, size in enumerate(sizes, len(recipes)):
        curve[size] = kept.get(f"curve {size}") or _point(data, size, seed, partial(_told, progress, n, steps))
        kept.put(f"curve {size}", curve[size])
    curve[count - 1] = {k: found["as shipped, one forest"][k] for k in ("auc_task", "auc_gate")}
    about = {"n": len(data.rows), "traces": len(data.group), "groups": count, "seed": seed, "sha256": data.sha256}
    return about | {"ideas": found, "curve": curve}


def _told(progress: Progress, done: int, steps: int, share: float) -> None:
    progress((done + share) / steps)


def _variant(data: Data, recipe: Any, seed: int, progress: Progress) -> dict[str, Any]:
    with plainly(), trainable():
        from reward_model.train import crossfit

        return figures(crossfit(data.rows, seed, progress, recipe))


def _point(data: Data, size: int, seed: int, progress: Progress) -> dict[str, Any]:
    """Each trace group scored by scorers of `size` other groups, drawn DRAWS times."""
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
    return {k: sum(r[k] for r in rounds) / DRAWS for k in ("auc_task", "auc_gate")}


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
