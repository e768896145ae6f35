"""What the pictures of the benches share: a figure without a window, marks that differ without colour, the usual charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.bench.inputs import plainly
from agent.errors import ProactiveError

STYLES = (
    {"marker": "o", "linestyle": "-", "color": "black"},
    {"marker": "s", "linestyle": "--", "color": "tab:blue"},
    {"marker": "^", "linestyle": ":", "color": "tab:orange"},
    {"marker": "D", "linestyle": "-.", "color": "tab:green"},
)
"""Line after line: mark and dash tell them apart where colour does not."""
Points = Sequence[tuple[float, float]]


def panels(count: int, title: str) -> tuple[Any, Sequence[Any]]:
    """A figure with `count` panels side by side, drawn without a display. Raises ProactiveError without matplotlib."""
    with plainly():
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(5.2 * count, 4.6), dpi=110, layout="constrained")
        FigureCanvasAgg(figure)
    figure.suptitle(title, fontsize=10)
    axes = [figure.add_subplot(1, count, n + 1) for n in range(count)]
    for axis in axes:
        axis.grid(visible=True, linewidth=0.4, color="0.85")
        axis.set_axisbelow(b=True)
    return figure, axes


def save(figure: Any, path: Path) -> None:
    """Write the picture. Raises ProactiveError if it cannot be written or the ending names no kind of picture."""
    try:
        figure.savefig(path)
    except (OSError, ValueError) as e:
        raise ProactiveError(f"The picture {path} cannot be written: {e}.", "Give --plot a file such as bench.png.") from e


def lines(axis: Any, series: Mapping[str, Points]) -> None:
    """Several named lines, each in its own mark, dash and colour."""
    for n, (name, points) in enumerate(series.items()):
        style = STYLES[n % len(STYLES)]
        axis.plot([x for x, _ in points], [y for _, y in points], label=name, markersize=5, linewidth=1.3, **style)
    axis.legend(fontsize=8, frameon=False)


def calibration(axis: Any, curves: Mapping[str, Points], *, what: str) -> None:
    """Chance given against share that came true, with the diagonal of perfect calibration."""
    axis.plot([0, 1], [0, 1], color="0.6", linewidth=0.8)
    lines(axis, curves)
    axis.set(xlim=(0, 1), ylim=(0, 1), xlabel="chance given", ylabel=what, title="Calibration, 10 bins of equal mass")


def frontier(axis: Any, series: Mapping[str, Points], *, x: str, y: str, title: str) -> None:
    """What is gained against what it costs, both shares 0..1, one line a choice."""
    lines(axis, series)
    axis.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel=x, ylabel=y, title=title)


def band(axis: Any, xs: Sequence[float], bounds: Sequence[tuple[float, float]]) -> None:
    """The interval around a line, as bars."""
    for x, (low, high) in zip(xs, bounds, strict=True):
        axis.plot([x, x], [low, high], color="0.35", linewidth=1, marker="_", markersize=7)
