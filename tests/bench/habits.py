"""What the watchers make of what a user did: runs of equal data, gaps, late and missing words. Times in seconds of the day."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any


@dataclass
class Run:
    """A stretch of what one watcher saw, in seconds of the day."""

    start: float
    end: float
    data: dict[str, Any]


def window_runs(spans: list[Run], phase: float) -> list[Run]:
    runs: list[Run] = []
    for s in spans:
        first = phase + max(0, -(-(s.start - phase) // 1))
        last = phase + (s.end - phase) // 1
        last -= last >= s.end
        if last >= first:
            runs.append(Run(first, last, s.data))
    return joined(runs, 2.0)


def joined(spans: list[Run], pulse: float) -> list[Run]:
    runs: list[Run] = []
    for s in spans:
        if runs and runs[-1].data == s.data and s.start - runs[-1].end <= pulse:
            runs[-1].end = max(runs[-1].end, s.end)
        else:
            runs.append(Run(s.start, s.end, s.data))
    return runs


def web_runs(tabs: list[tuple[float, dict[str, Any], bool]], end: float, asleep: list[tuple[float, float]]) -> list[Run]:
    seen: list[tuple[float, dict[str, Any]]] = []
    following = [at for at, _, _ in tabs[1:]] + [end]
    for (at, data, noticed), until in zip(tabs, following, strict=True):
        first = at if noticed else (at // 60 + 1) * 60
        if first < until:
            seen.append((first, data))
    runs: list[Run] = []
    for (at, data), (until, _) in pairwise([*seen, (end, {})]):
        for start, stop in asleep:
            if at < start < until:
                runs.append(Run(at, max(at, start - start % 60), data))
                at = stop  # noqa: PLW2901  the tab goes on after the sleep
        runs.append(Run(at, max(at, until - 0.001), data))
    return runs


def afk_runs(breaks: Iterable[tuple[float, float, bool]], end: float, rng: random.Random) -> list[Run]:
    quiet: list[tuple[float, float]] = []
    for start, stop, asleep in sorted(breaks):
        if not asleep and rng.random() < 0.5 and stop - start > 400:
            bump = rng.uniform(start + 185, stop - 185)
            quiet += [(start, bump), (bump + rng.uniform(0, 3), stop)]
        else:
            quiet.append((start, stop))
    runs, at = [], 0.0
    for start, stop in quiet:
        if stop - start >= 180 and start >= at:
            runs += [Run(at, start, {"status": "not-afk"}), Run(start + 0.001, stop, {"status": "afk"})]
            at = stop + 0.001
    return [*runs, Run(at, end, {"status": "not-afk"})]
