"""The report of the agent benchmark for the terminal: one table a split, then published and own figures side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agent.bench.agent_bench import OURS
from agent.bench.agent_ranks import ranks
from agent.bench.agent_report import MEASURE, Report, correlation, says

if TYPE_CHECKING:
    from rich.console import Console

SHOWN = {
    "recall": "recall",
    "precision": "precision",
    "accuracy": "accuracy",
    "false_alarm": "false alarm",
    "f1": "F1",
}


def render_table(r: Report, console: Console) -> None:
    """Print the whole report."""
    _head(r, console)
    for split in r.splits:
        _split(r, split.name, console)
    if r.usage:
        _usage(r, console)
    else:
        console.print("Tokens, cost and latency of recorded answers are not known.", markup=False)
    if r.official:
        _side_by_side(r, console)
    _agreement(r, console)
    for note in r.notes:
        console.print(note, markup=False)


def _head(r: Report, console: Console) -> None:
    lines = [
        f"{r.n} turns of {r.traces} traces; judge: {r.source.judge}. {r.source.about}",
        f"Whether help was needed is a label in {r.labelled} turns and the judge's own view in {r.n - r.labelled}.",
        f"95 % intervals: whole traces resampled {r.source.resampled} times. Seed {r.source.seed}, sha256 {r.source.sha256}.",
    ]
    if r.source.chances:
        lines.append(
            "Its chances were calibrated on other proposals: compare the order of the agents, not the level of precision."
        )
    if r.unjudged:
        lines.append(f"{r.unjudged} turns have no verdict and are left out.")
    if any(r.nulls.values()):
        said = ", ".join(f"{m} {count}" for m, count in r.nulls.items() if count)
        lines.append(f"The word 'null' is silence here; the published code counts it as a proposal ({said}).")
    for line in lines:
        console.print(line, markup=False)


def _split(r: Report, name: str, console: Console) -> None:
    from rich.table import Table

    table = Table(title=name)
    table.add_column("")
    holes = any(splits[name]["unanswered"] for splits in r.figures.values())
    for title in (*SHOWN.values(), "offers a turn", *(["no answer"] if holes else [])):
        table.add_column(title, justify="right")
    for model, splits in r.figures.items():
        row = splits[name]
        cells = [_with_interval(row, figure) if figure in ("f1", "precision") else share(row[figure]) for figure in SHOWN]
        table.add_row(model, *cells, share(row["proposals_per_event"]), *([str(row["unanswered"])] if holes else []))
        if model == r.models[-1]:
            table.add_section()
    console.print(table)


def _side_by_side(r: Report, console: Console) -> None:
    from rich.table import Table

    models = [m for m in r.models if r.first in r.official.get(m, {})]
    if not models:
        console.print("None of the published figures is of these models.", markup=False)
        return
    theirs = ranks([r.official[m][r.first][MEASURE] for m in models])
    ours = ranks([r.figures[m][r.first][MEASURE] or 0.0 for m in models])
    table = Table(title=f"published / own figures ({r.first}), by published F1")
    for title in ("", "rank"):
        table.add_column(title)
    for title in SHOWN.values():
        table.add_column(title, justify="right")
    for i in sorted(range(len(models)), key=lambda i: theirs[i]):
        published, own = r.official[models[i]][r.first], r.figures[models[i]][r.first]
        pairs = [f"{share(published[f])} / {share(own[f])}" for f in SHOWN]
        table.add_row(models[i], f"{theirs[i]:g} / {ours[i]:g}", *pairs)
    console.print(table)


def _agreement(r: Report, console: Console) -> None:
    found = correlation(r)
    if found is None:
        return
    from rich.table import Table

    table = Table(title=f"agreement of the two orderings by F1 ({r.first}, n = {found['n']})")
    for title in ("answers read as", "Spearman", "p", "95 % (models)", "Kendall", "p", "95 % (models)"):
        table.add_column(title, justify="left" if title == "answers read as" else "right")
    for name, a in ((OURS.name, found), *found["readings"].items()):
        cells = [[share(a[k]), _p(a[f"{k}_p"]), span(a[f"{k}_ci"])] for k in ("spearman", "kendall")]
        table.add_row(name, *cells[0], *cells[1])
    console.print(table)
    over = ", ".join(f"{k.title()} {span(found[f'{k}_ci_traces'])}" for k in ("spearman", "kendall"))
    console.print(
        f"The first row is the one decided on beforehand; p over all orderings. Resampling traces: {over}.", markup=False
    )
    for sentence in says(r):
        console.print(sentence, markup=False)


def _usage(r: Report, console: Console) -> None:
    for model, u in r.usage.items():
        turns = max(1, u.requests)
        cost = f"{u.cost:.4f}" if u.cost else "unknown (no prices configured)"
        latency = "-" if u.p50_ms is None or u.p95_ms is None else f"p50 {u.p50_ms:.0f} ms, p95 {u.p95_ms:.0f} ms"
        console.print(
            f"{model}: {u.requests} requests, {u.prompt_tokens:,} prompt and {u.completion_tokens:,} answer tokens "
            f"({(u.prompt_tokens + u.completion_tokens) / turns:.0f} a turn), cost {cost}, latency {latency}.",
            markup=False,
        )


def share(value: float | None) -> str:
    """Three digits, or a dash."""
    return "-" if value is None else f"{value:.3f}"


def span(ci: tuple[float, float] | None) -> str:
    """An interval, or a dash."""
    return "-" if ci is None else f"{ci[0]:.2f} to {ci[1]:.2f}"


def _p(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _with_interval(row: Mapping[str, Any], figure: str) -> str:
    ci = row[f"{figure}_ci"]
    return share(row[figure]) if ci is None or row[figure] is None else f"{share(row[figure])} ({ci[0]:.2f}-{ci[1]:.2f})"
