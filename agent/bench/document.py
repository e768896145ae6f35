"""The report of all benches as a file for readers: Markdown with its pictures, figures from one run only."""

from __future__ import annotations

import os
import platform
from datetime import date
from pathlib import Path

from agent import __version__
from agent.bench import document_rest as rest
from agent.bench import document_results as results
from agent.bench import ideas_plot, people_report, rank, reward_report
from agent.bench.agent_plot import plot as plot_agents
from agent.bench.document_measure import Measured
from agent.bench.document_results import About
from agent.bench.markdown import blocks
from agent.errors import ProactiveError

NAME = "benchmark.md"
IMAGES = "images"


def write(found: Measured, out: Path, today: date) -> tuple[Path, ...]:
    """Write the report and its pictures into a folder; returns the files. Raises ProactiveError."""
    prepare(out)
    pictures = draw(found, out / IMAGES)
    file = out / NAME
    about = About(today.isoformat(), f"proactive {__version__}", found.code, machine())
    try:
        file.write_text(text(found, about), encoding="utf-8")
    except OSError as e:
        raise _unwritable(out, e) from e
    return (file, *pictures)


def prepare(out: Path) -> None:
    """The folders the report goes to. Raises ProactiveError."""
    try:
        (out / IMAGES).mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise _unwritable(out, e) from e


def text(found: Measured, about: About) -> str:
    """The report as Markdown."""
    head = blocks(
        "# Benchmark",
        "Written by `proactive bench report`; all figures are of one run, but for the published ones and one list, which are "
        "marked. To change it, run `make bench DATA=DIR` again.",
    )
    sections = (
        head,
        results.what(found, about),
        results.result(found),
        results.leak(found),
        results.decisions(found),
        results.ranking(found),
        results.people(found),
        rest.agents(found),
        rest.ideas(found),
        rest.limits(found),
        rest.commands(found.reward["seed"]),
    )
    return blocks(*sections) + "\n"


def draw(found: Measured, folder: Path) -> tuple[Path, ...]:
    """The pictures of the parts that were measured. Raises ProactiveError."""
    made = [folder / "calibration.png", folder / "ideas.png"]
    reward_report.picture(found.reward, made[0])
    ideas_plot.picture(found.ideas, made[1])
    if found.rank is not None:
        made.append(folder / "ranking.png")
        rank.picture(found.rank, made[-1])
    if found.people is not None:
        made.append(folder / "people.png")
        people_report.picture(found.people, made[-1])
    if found.agents is not None:
        made.append(folder / "agents.png")
        plot_agents(found.agents, made[-1])
    return tuple(made)


def machine() -> str:
    """What the times were measured on, without a name of it, and how busy it was."""
    load = f" under a load of {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors{load}, Python {platform.python_version()}"


def _unwritable(out: Path, why: OSError) -> ProactiveError:
    return ProactiveError(f"{out} cannot be written: {why.strerror}.", "Give --out another folder.")
