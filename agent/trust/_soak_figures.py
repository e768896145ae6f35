"""What a soak showed: limits, figures from the samples, rows of the page, CSV and picture."""

from __future__ import annotations

import csv
import statistics
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from agent.bench.plots import panels, save
from agent.trust.row import Row

RSS, GROWTH, DRIFT, ACTIVE, AFK, DISK = 105.0, 8.0, 2, 1.0, 0.3, 5.0
"""MiB, MiB after the first tenth, descriptors or threads, percent of a core at work and away, MiB an hour."""
FIRST = 0.1
MIB = 2**20


class Sample(NamedTuple):
    """One look at the process: seconds since the start, what it holds and has used, whether somebody is there, the fault."""

    at: float
    rss: float
    fds: int
    threads: int
    cpu: float
    written: int
    away: bool
    fault: str


def figures(samples: Sequence[Sample]) -> dict[str, float]:
    """The figures the limits speak of. `*_drift` compares medians of the second and the last tenth; NaN without samples."""
    end = samples[-1].at
    settled = [s for s in samples if s.at >= FIRST * end]
    second = [s for s in settled if s.at < 2 * FIRST * end] or settled[:1]
    last = [s for s in settled if s.at >= (1 - FIRST) * end]
    return {
        "minutes": round(end / 60, 1),
        "rss_mib": round(max(s.rss for s in samples), 1),
        "growth_mib": round(max(s.rss for s in settled) - max(s.rss for s in samples if s.at <= FIRST * end), 1),
        "fds_drift": statistics.median(s.fds for s in last) - statistics.median(s.fds for s in second),
        "fds_max": max(s.fds for s in settled),
        "threads_drift": statistics.median(s.threads for s in last) - statistics.median(s.threads for s in second),
        "threads_max": max(s.threads for s in settled),
        "cpu_active": _cpu(samples, away=False),
        "cpu_afk": _cpu(samples, away=True),
        "disk_mib_h": round((samples[-1].written - samples[0].written) / MIB / (end - samples[0].at) * 3600, 2),
    }


def _cpu(samples: Sequence[Sample], *, away: bool) -> float:
    """Percent of a core over the intervals that began and ended so; the first tenth, with the start, counts too."""
    pairs = [(a, b) for a, b in pairwise(samples) if a.away == b.away == away]
    wall = sum(b.at - a.at for a, b in pairs)
    return round(100 * sum(b.cpu - a.cpu for a, b in pairs) / wall, 3) if wall else float("nan")


def lines(found: dict[str, float]) -> list[Row]:
    """The rows of the page."""
    what = f"daemon, real ActivityWatch server, faults by a script, {found['minutes']:g} minutes"
    n = round(found["minutes"])

    def row(name: str, result: str, goal: str, ok: bool) -> Row:  # noqa: FBT001 - the fact the row states
        return Row(f"soak {name}", what, n, result, goal, ok)

    drift = max(abs(found["fds_drift"]), abs(found["threads_drift"]))
    return [
        row("RSS", f"{found['rss_mib']} MiB", f"<= {RSS:g} MiB", found["rss_mib"] <= RSS),
        row("growth", f"{found['growth_mib']} MiB", f"<= {GROWTH:g} MiB after the first tenth", found["growth_mib"] <= GROWTH),
        row(
            "fds, threads",
            f"{found['fds_drift']:+g}, {found['threads_drift']:+g} (at most {found['fds_max']:g}, {found['threads_max']:g})",
            f"within {DRIFT} from the second tenth to the last",
            drift <= DRIFT,
        ),
        row("CPU, at work", f"{found['cpu_active']} %", f"<= {ACTIVE:g} % of a core", found["cpu_active"] <= ACTIVE),
        row("CPU, away", f"{found['cpu_afk']} %", f"<= {AFK:g} % of a core", found["cpu_afk"] <= AFK),
        row("errors of ours", f"{found['bugs'] + found['tracebacks']:g}", "0", found["bugs"] + found["tracebacks"] == 0),
        row("disk", f"{found['disk_mib_h']} MiB/h", f"<= {DISK:g} MiB/h", found["disk_mib_h"] <= DISK),
    ]


class Csv:
    """The samples as they come: one line each, at once on the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow(Sample._fields)

    def add(self, sample: Sample) -> None:
        """One more line."""
        with self.path.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow([round(v, 3) if isinstance(v, float) else v for v in sample])


def picture(samples: Sequence[Sample], title: str, path: Path, disk: str = "Written to disk") -> None:
    """RSS, CPU a minute, descriptors with threads, and what was written (or is kept), over minutes. Raises ProactiveError."""
    figure, axes = panels(4, title)
    minutes = [s.at / 60 for s in samples]
    axes[0].plot(minutes, [s.rss for s in samples], color="black", linewidth=1)
    axes[0].set(title="Memory", ylabel="RSS, MiB", ylim=(0, None))
    busy = [100 * (b.cpu - a.cpu) / (b.at - a.at) for a, b in pairwise(samples)]
    axes[1].plot(minutes[1:], busy, color="black", linewidth=0.8)
    axes[1].set(title="Processor", ylabel="percent of a core")
    axes[2].plot(minutes, [s.fds for s in samples], color="black", label="descriptors")
    axes[2].plot(minutes, [s.threads for s in samples], color="tab:blue", linestyle="--", label="threads")
    axes[2].set(title="Descriptors and threads", ylim=(0, None))
    axes[2].legend(fontsize=8, frameon=False)
    axes[3].plot(minutes, [s.written / MIB for s in samples], color="black")
    axes[3].set(title=disk, ylabel="MiB")
    for axis in axes:
        axis.set_xlabel("minutes")
        for s, following in pairwise(samples):
            if s.away:
                axis.axvspan(s.at / 60, following.at / 60, color="0.9", linewidth=0)
            elif s.fault:
                axis.axvspan(s.at / 60, following.at / 60, ymax=0.03, color="tab:orange", linewidth=0)
    save(figure, path)
