"""The report of `bench reward`: the tables, and the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.bench import plots
from agent.bench.published import TABLE
from agent.bench.reward import LEAKING, NO_TRAINING
from reward_model.metrics import CELLS

if TYPE_CHECKING:
    from rich.console import Console

FIGURES = (
    ("auc_task", "AUC, tasks"),
    ("auc_null", "AUC, silence"),
    ("auc_gate", "AUC, help needed (a row a turn)"),
    ("ece", "calibration error of the tasks' chances"),
    ("ece_gate", "calibration error of the need's chances"),
    ("gate_saved_at_95", "turns a gate saves at .95 of the needed kept"),
    ("gate_nested_saved", "the same, threshold from the other traces: saved"),
    ("gate_nested_kept", "the same: needed turns kept"),
    ("mn_share", "MN, share of all turns"),
    ("nr_share", "NR, share of all turns"),
    ("cd_share", "CD, share of all turns"),
    ("fa_share", "FA, share of all turns"),
)
NOTE = (
    "The published figures are of a split by rows: every situation of the test also stands in the training file, with the "
    "same help_needed. The look-up marked LEAKING reads only that and no word of the task. Figures marked LEAKING are no "
    "measure of quality."
)


def render_table(found: Mapping[str, Any], console: Console) -> None:
    """Print everything: the judges side by side, the published ones below, then the further figures of the first line."""
    from rich.table import Table

    head = f"{found['file']}: {found['n']} rows, {found['turns']} turns, {found['traces']} traces in {found['groups']} groups"
    table = Table(title=f"{head}; split: {found['split']}{', ' + LEAKING if found['split'] != 'trace' else ''}")
    for name in ("judge", "training", "accuracy", "prec.", "recall", "F1", *(c.upper() for c in CELLS)):
        table.add_column(name, justify="left" if name in ("judge", "training") else "right")
    for n, row in enumerate(found["rows"]):
        mark = "bold" if n == 0 else ""
        table.add_row(row["judge"], row["training"], *_cells(row), style=mark)
    table.add_section()
    for column in TABLE:
        table.add_row(column.name, f"{LEAKING if column.leaks else NO_TRAINING} *", *_cells(column._asdict()))
    console.print(table)
    console.print("* published (n = 120). MN, NR, CD, FA: accuracy within the category. In brackets: 95 %, traces resampled.")
    console.print(NOTE, markup=False)
    _further(found, console)
    _costs(found, console)


def _further(found: Mapping[str, Any], console: Console) -> None:
    from rich.table import Table

    table = Table(title=f"{found['rows'][0]['judge']} (training: {found['training']})")
    for name in ("figure", "value", "95 % by trace", "95 % by row or turn"):
        table.add_column(name, justify="left" if name == "figure" else "right")
    for key, name in FIGURES:
        table.add_row(name, value(found.get(key)), span(found.get(f"{key}_ci")), span(found.get(f"{key}_ci_row")))
    console.print(table)
    if found["groups"] < 10:
        console.print(f"{found['groups']} groups of traces are few: the intervals by trace are rough.", markup=False)


def _costs(found: Mapping[str, Any], console: Console) -> None:
    if found["p50_ms"] is not None:
        memory = "" if found["rss_mib"] is None else f"; process {found['rss_mib']} MiB at most"
        console.print(f"A candidate takes {found['p50_ms']} ms (half), {found['p95_ms']} ms (95 %){memory}.", markup=False)
    if "cost" in found:
        tokens = f"{found['prompt_tokens']:,} + {found['completion_tokens']:,} tokens, cost {found['cost']:.4f}"
        console.print(f"LLM: {tokens}; {found['failed']} turns without a verdict, counted as rejected.", markup=False)
    hashes = ", ".join(found[k] for k in ("sha256", "sha256_test") if k in found)
    console.print(f"Seed {found['seed']}, {found['rounds']} resamples, sha256 {hashes}", markup=False)


def picture(found: Mapping[str, Any], path: Path) -> None:
    """Calibration and the gate's frontier as a picture. Raises ProactiveError."""
    title = f"{found['rows'][0]['judge']} ({found['training']}), n = {found['n']} rows, {found['groups']} trace groups"
    figure, (left, right) = plots.panels(2, title)
    curves = {
        f"task is accepted (ECE {value(found['ece'])})": _points(found["curve"]),
        f"help is needed (ECE {value(found['ece_gate'])})": _points(found["curve_gate"]),
    }
    plots.calibration(left, curves, what="share that came true")
    chosen = {"gate": gate_line(found["gate"]), "skipping at random": [(0.0, 1.0), (1.0, 0.0)]}
    plots.frontier(right, chosen, x="turns saved", y="needed turns kept", title="Gate: asks saved and needs kept")
    plots.save(figure, path)


def gate_line(turns: Sequence[tuple[float, bool]], steps: int = 20) -> list[tuple[float, float]]:
    """Share of turns saved and of needed turns kept, as the threshold rises over turns sorted by their chance."""
    need = sum(n for _, n in turns) or 1
    cut = sorted({round(k * len(turns) / steps) for k in range(steps + 1)})
    return [(k / len(turns), sum(n for _, n in turns[k:]) / need) for k in cut] if turns else []


def value(number: float | None) -> str:
    """Three digits; a dash where the data cannot give the figure."""
    return "-" if number is None else f"{number:.3f}"


def span(interval: Sequence[float] | None) -> str:
    """An interval in brackets."""
    return "" if interval is None else f"[{interval[0]:.3f}, {interval[1]:.3f}]"


def _cells(row: Mapping[str, Any]) -> list[str]:
    shown = []
    for key in ("accuracy", "precision", "recall", "f1", *CELLS):
        around = row.get(f"{key}_ci") if key in ("accuracy", "f1") else None
        shown.append(value(row[key]) + (f" [{_two(around[0])},{_two(around[1])}]" if around else ""))
    return shown


def _two(number: float) -> str:
    return f"{number:.2f}".removeprefix("0")


def _points(bins: Sequence[Mapping[str, float]]) -> list[tuple[float, float]]:
    return [(b["chance"], b["share"]) for b in bins]
