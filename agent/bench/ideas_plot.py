"""The picture of `bench ideas`: how the figures grow with the traces learnt from, and what each change gives."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.bench import plots
from agent.bench.ideas import CURVE

NAMES = {"auc_task": "tasks", "auc_gate": "help needed (gate)"}


def picture(found: Mapping[str, Any], path: Path) -> None:
    """Write the picture. Raises ProactiveError."""
    figure, (left, right) = plots.panels(2, f"n = {found['n']} rows, {found['groups']} trace groups held out, one forest")
    curve = {int(size): point for size, point in found["curve"].items()}
    plots.lines(left, {NAMES[key]: [(size, point[key]) for size, point in curve.items()] for key in CURVE})
    for size, point in curve.items():
        for key in CURVE:
            draws = point.get(f"{key}_draws", [])
            left.plot([size] * len(draws), draws, linestyle="", marker="_", color="0.35")
    left.set_xticks(list(curve))
    left.set(xlabel="trace groups learnt from", ylabel="AUC", title="Learning curve (bars: single draws)")
    changes = [(name, row) for name, row in found["ideas"].items() if row.get("gain_task") is not None]
    for y, (_, row) in enumerate(reversed(changes)):
        low, high = row["gain_task_ci"] or (row["gain_task"], row["gain_task"])
        right.plot([low, high], [y, y], color="0.55", linewidth=2)
        right.plot(row["gain_task"], y, "o", color="black", markersize=5)
    right.axvline(0, color="0.6", linewidth=0.8)
    right.set_yticks(range(len(changes)), [name for name, _ in reversed(changes)], fontsize=8)
    right.set(xlabel="task AUC, against the first line (95 % by trace)", title="What each change does")
    plots.save(figure, path)
