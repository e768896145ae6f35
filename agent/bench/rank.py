"""What ranking is worth: the best of a turn's candidates against a random one, and speaking only on the best turns.

Each turn's scores come from a scorer that never saw its trace. Acceptance is the published label `valid` of the shown task.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.bench import plots
from agent.bench.inputs import Progress, held_out, load
from agent.bench.reward_figures import ROUNDS
from agent.bench.reward_judges import turns_of
from agent.bench.reward_report import span, value
from agent.errors import ProactiveError
from reward_model.metrics import bootstrap

if TYPE_CHECKING:
    from rich.console import Console

LEAST = 4
"""Candidates a turn must have."""
SHARES = (75, 50, 25, 10)
"""Speaking on the best so many per cent of the turns."""


class RankingError(ProactiveError):
    """No turn has enough candidates."""


class Ranked(NamedTuple):
    """One turn: score of its best candidate, acceptance of that one, of a random one, of the best possible; its group."""

    score: float
    top: float
    random: float
    oracle: float
    group: str


def rank(
    data: Path, seed: int = 0, rounds: int = ROUNDS, resume: Path | None = None, progress: Progress = lambda _: None
) -> dict[str, Any]:
    """The figures by their JSON keys, `_ci` with trace groups resampled. Raises ProactiveError, of which RankingError."""
    loaded = load(data)
    scored = held_out(loaded, seed, resume, lambda share: progress(share * 0.8))
    tasks = [s for s in scored if s.row.task is not None]
    turns = [
        ranked([(tasks[i].p_accept, tasks[i].row.valid) for i in turn], loaded.group_of(tasks[turn[0]].row))
        for turn in turns_of([s.row for s in tasks])
        if len(turn) >= LEAST
    ]
    if not turns:
        raise RankingError(f"No turn of {data.name} has {LEAST} tasks or more.", "Ranking needs several candidates a turn.")
    found = bootstrap(turns, figures, lambda t: t.group, seed=seed, rounds=rounds)
    by_turn = bootstrap(turns, figures, seed=seed, rounds=rounds)
    return {
        "n": len(turns),
        **figures(turns),
        **{f"{k}_ci": v for k, v in found.items()},
        **{f"{k}_ci_row": v for k, v in by_turn.items()},
        "seed": seed,
        "rounds": rounds,
        "file": loaded.name,
        "sha256": loaded.sha256,
        "split": "trace",
        "traces": len({s.row.trace for s in tasks}),
        "groups": len({t.group for t in turns}),
    }


def ranked(candidates: Sequence[tuple[float, bool]], group: str) -> Ranked:
    """A turn from each candidate's score and label; candidates of the same best score count with their mean."""
    best = max(score for score, _ in candidates)
    tied = [label for score, label in candidates if score == best]
    labels = [label for _, label in candidates]
    return Ranked(best, sum(tied) / len(tied), sum(labels) / len(labels), float(any(labels)), group)


def figures(turns: Sequence[Ranked]) -> dict[str, float | None]:
    """Mean acceptance of top, random and oracle, what top gains turn by turn, and top on the turns of the best score."""
    n = len(turns)
    order = sorted(turns, key=lambda t: -t.score)
    top, chance = sum(t.top for t in turns) / n, sum(t.random for t in turns) / n
    parts = {share: order[: max(1, round(n * share / 100))] for share in SHARES}
    return {
        "top1": top,
        "random": chance,
        "oracle": sum(t.oracle for t in turns) / n,
        "gain": top - chance,
        **{f"top1_best{share}": sum(t.top for t in part) / len(part) for share, part in parts.items()},
    }


def render_table(found: Mapping[str, Any], console: Console) -> None:
    """Print the figures with their intervals."""
    from rich.table import Table

    table = Table(
        title=f"{found['file']}: {found['n']} turns with {LEAST} tasks or more, {found['groups']} trace groups held out"
    )
    for name in ("figure", "accepted", "95 % by trace", "95 % by turn"):
        table.add_column(name, justify="left" if name == "figure" else "right")
    names = {
        "random": "a random candidate of each turn",
        "top1": "the best candidate by score",
        "gain": "the difference, turn by turn",
        "oracle": "the best possible",
        **{f"top1_best{s}": f"the best candidate, on the best {s} % of the turns" for s in SHARES},
    }
    for key, name in names.items():
        table.add_row(name, value(found[key]), span(found.get(f"{key}_ci")), span(found.get(f"{key}_ci_row")))
    console.print(table)
    console.print(f"Seed {found['seed']}, {found['rounds']} resamples, sha256 {found['sha256']}", markup=False)


def picture(found: Mapping[str, Any], path: Path) -> None:
    """Acceptance against how often one speaks, as a picture. Raises ProactiveError."""
    figure, (axis,) = plots.panels(1, f"n = {found['n']} turns, {found['groups']} trace groups held out; bars: 95 % by trace")
    keys = {share / 100: f"top1_best{share}" for share in reversed(SHARES)} | {1.0: "top1"}
    series = {
        "best candidate": [(x, found[key]) for x, key in keys.items()],
        "random candidate": [(0.0, found["random"]), (1.0, found["random"])],
        "best possible": [(0.0, found["oracle"]), (1.0, found["oracle"])],
    }
    plots.frontier(axis, series, x="share of turns spoken on, best scores first", y="accepted", title="Speaking less")
    known = {x: found[f"{key}_ci"] for x, key in keys.items() if f"{key}_ci" in found}
    plots.band(axis, list(known), list(known.values()))
    plots.save(figure, path)
