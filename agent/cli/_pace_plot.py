"""The picture of `proactive pace --plot`: offers and acceptance, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from agent.bench.plots import panels, save
from agent.pacing import Day, acceptance

WEEK = 7
TICKS = 8
"""Dates below an axis at most."""


def draw(days: Sequence[Day], path: Path) -> None:
    """Offers and accepted offers a day, and the share accepted, both over seven days as a line. Raises ProactiveError."""
    figure, (left, right) = panels(2, f"Offers: {sum(d.offered for d in days)}; days: {len(days)}")
    dates = [d.day for d in days]
    left.bar(dates, [d.offered for d in days], width=0.8, color="0.8", label="offered")
    left.bar(dates, [d.accepted for d in days], width=0.4, color="0.35", label="accepted")
    _line(left, dates, [sum(d.offered for d in w) / len(w) for w in _weeks(days)], label="offered, mean of 7 days")
    left.set(xlabel="day", ylabel="offers", title="Offers a day", ylim=(0, 1.3 * max(d.offered for d in days)))
    left.legend(fontsize=8, frameon=False, loc="upper left")
    shares = [(d, share) for d, w in zip(dates, _weeks(days), strict=True) if (share := acceptance(w)) is not None]
    _line(right, [d for d, _ in shares], [share for _, share in shares])
    right.set(xlabel="day", ylabel="share of answered offers", ylim=(0, 1.02), title="Accepted, over the last 7 days")
    for axis in (left, right):
        _dated(axis, dates)
    save(figure, path)


def _dated(axis: Any, dates: Sequence[date]) -> None:
    """At most eight dates below the axis, no hours between them, and room for a first day alone."""
    axis.set_xlim(dates[0] - timedelta(days=1), dates[-1] + timedelta(days=1))
    named = dates[:: -(-len(dates) // TICKS)]
    axis.set_xticks(named, labels=[d.isoformat() for d in named])
    axis.tick_params(axis="x", labelrotation=30, labelsize=8)


def _weeks(days: Sequence[Day]) -> list[Sequence[Day]]:
    """For each day the seven days that end with it, as far as there are so many."""
    return [days[max(0, n + 1 - WEEK) : n + 1] for n in range(len(days))]


def _line(axis: Any, xs: Sequence[Any], ys: Sequence[float], label: str = "") -> None:
    marks = {"marker": "o", "markersize": 4} if len(xs) <= 30 else {}
    axis.plot(xs, ys, label=label, color="black", linewidth=1.3, **marks)
