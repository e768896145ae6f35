"""One picture of the agent benchmark: own F1 with its interval and published F1, a line a model (extra `plot`)."""

from __future__ import annotations

from pathlib import Path

from agent.bench.agent_report import MEASURE, Report
from agent.errors import ProactiveError


def plot(r: Report, file: Path) -> None:
    """Write the picture; shapes tell the two apart without colour. Raises ProactiveError."""
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as e:
        raise ProactiveError(
            f"Drawing needs the extra 'plot' ({e.name} is missing).", "pip install 'proactive-agent[plot]'"
        ) from e
    mpl.use("Agg")
    rows = sorted(r.figures, key=lambda m: r.figures[m][r.first][MEASURE] or 0.0)
    figure = Figure(figsize=(8, 1.6 + 0.4 * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    for y, model in enumerate(rows):
        own = r.figures[model][r.first]
        low, high = own[f"{MEASURE}_ci"] or (own[MEASURE], own[MEASURE])
        axes.plot([low or 0, high or 0], [y, y], color="0.55", linewidth=2, zorder=1)
        axes.plot(own[MEASURE] or 0, y, "o", color="black", label="own judge, 95 % by trace" if y == 0 else None)
    published = [(y, r.official[m][r.first][MEASURE]) for y, m in enumerate(rows) if r.first in r.official.get(m, {})]
    if published:
        axes.plot([f for _, f in published], [y for y, _ in published], "D", mfc="white", mec="black", label="published")
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xlabel(f"F1, {r.first} ({r.n} turns, {r.traces} traces, judge {r.source.judge})")
    axes.set_xlim(left=0)
    axes.grid(axis="x", color="0.9")
    axes.legend(loc="lower right")
    try:
        figure.savefig(file, dpi=150)
    except (OSError, ValueError) as e:
        raise ProactiveError(f"The picture cannot be written to {file}: {e}.", "Give a file that ends in .png.") from e
