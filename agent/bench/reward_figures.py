"""The figures of `bench reward` from judged rows, each with its intervals by trace and by row. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from agent.bench.reward_judges import Judged, turns_of
from reward_model import metrics
from reward_model.dataset import category
from reward_model.metrics import Call, Figures, Interval, Turn

ROUNDS = 1000
"""Resamples an interval is made of."""
KEPT = 0.95
"""Share of the turns with a need that the gate must keep."""


class JudgedTurn(NamedTuple):
    """One turn: how it would end behind the judge, the chance that help is needed, its trace group."""

    end: Turn
    p_help: float
    group: str


def report(judged: Sequence[Judged], seed: int, rounds: int = ROUNDS) -> dict[str, Any]:
    """All figures by JSON key; `_ci` is the interval by trace group, `_ci_row` by row (by turn, for figures of turns)."""
    turns = turns_judged(judged)
    found: dict[str, Any] = {"n": len(judged), **row_figures(judged), **turn_figures(turns)}
    found |= _intervals(judged, row_figures, seed, rounds) | _intervals(turns, turn_figures, seed, rounds)
    return found | nested_gate(turns)


def short(judged: Sequence[Judged], seed: int, rounds: int = ROUNDS) -> dict[str, Any]:
    """Accuracy, precision, recall, F1 and the cells only, with intervals by trace group: one line of the table."""
    calls = [(call(j), j.group) for j in judged]

    def figures(drawn: Sequence[tuple[Call, str]]) -> Figures:
        return _table([c for c, _ in drawn])

    found = metrics.bootstrap(calls, figures, lambda c: c[1], seed=seed, rounds=rounds)
    return {"n": len(judged), **decisions(judged), **{f"{k}_ci": v for k, v in found.items()}}


def call(judged: Judged) -> Call:
    """The decision on a row, with its category and label."""
    return Call(category(judged.row), judged.row.valid, judged.accepted)


def decisions(judged: Sequence[Judged]) -> dict[str, float | None]:
    """The published table's figures: of the decisions alone."""
    return _table([call(j) for j in judged])


def _table(calls: Sequence[Call]) -> dict[str, float | None]:
    return metrics.confusion(calls) | metrics.within(calls)


def row_figures(judged: Sequence[Judged]) -> dict[str, float | None]:
    """The figures of rows: decisions, areas under the curve for tasks and for silence, calibration of the tasks' chances."""
    tasks = [j for j in judged if j.row.task is not None]
    quiet = [j for j in judged if j.row.task is None]
    chances, labels = [j.p for j in tasks], [j.row.valid for j in tasks]
    return decisions(judged) | {
        "auc_task": metrics.auc(chances, labels),
        "auc_null": metrics.auc([j.p for j in quiet], [j.row.valid for j in quiet]),
        "ece": metrics.ece(chances, labels),
    }


def turn_figures(turns: Sequence[JudgedTurn]) -> dict[str, float | None]:
    """The figures of turns, one row a turn: area under the curve of help needed, what a gate saves, how turns end."""
    chances, needed = [t.p_help for t in turns], [t.end.needed for t in turns]
    return metrics.turn_shares([t.end for t in turns]) | {
        "auc_gate": metrics.auc(chances, needed),
        "gate_saved_at_95": metrics.saved(chances, needed, KEPT),
        "ece_gate": metrics.ece(chances, needed),
    }


def nested_gate(turns: Sequence[JudgedTurn]) -> dict[str, float | None]:
    """What the gate keeps and saves when the threshold of each group is chosen on the other groups."""
    kept = saved = 0
    for own in dict.fromkeys(t.group for t in turns):
        others = [t for t in turns if t.group != own]
        cut = metrics.threshold_keeping([t.p_help for t in others], [t.end.needed for t in others], KEPT)
        mine = [t for t in turns if t.group == own]
        saved += sum(1 for t in mine if cut is not None and t.p_help < cut)
        kept += sum(1 for t in mine if t.end.needed and (cut is None or t.p_help >= cut))
    need = sum(1 for t in turns if t.end.needed)
    return {"gate_nested_kept": kept / need if need else None, "gate_nested_saved": saved / len(turns) if turns else None}


def turns_judged(judged: Sequence[Judged]) -> list[JudgedTurn]:
    """The turns of which it is known whether help was needed; the best accepted task of a turn is the one that is shown."""
    found = []
    for indices in turns_of([j.row for j in judged]):
        turn = [judged[i] for i in indices]
        needed = turn[0].row.help_needed
        if needed is None:
            continue
        shown = max((j for j in turn if j.row.task is not None and j.accepted), key=lambda j: j.p, default=None)
        end = Turn(needed, shown is not None, shown is not None and shown.row.valid)
        found.append(JudgedTurn(end, sum(j.p_help for j in turn) / len(turn), turn[0].group))
    return found


def _intervals(
    items: Sequence[Any], figures: Callable[[Sequence[Any]], Figures], seed: int, rounds: int
) -> dict[str, Interval]:
    by_trace = metrics.bootstrap(items, figures, lambda j: j.group, seed=seed, rounds=rounds)
    by_row = metrics.bootstrap(items, figures, seed=seed, rounds=rounds)
    return {f"{k}_ci": v for k, v in by_trace.items()} | {f"{k}_ci_row": v for k, v in by_row.items()}
