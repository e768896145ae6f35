"""A benchmark of two short traces of our own, recordings of two models, published figures and judgement rows."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent.bench.agent_traces import Trace, Turn

START = 1_700_000_000
COOKING = ("The user opens notes.md.", "The user searches for 'plum cake without eggs'.", "The user scrolls a recipe.")
SORTING = ("The user opens sort.py.", "The user sees an IndexError in the terminal.")
EVENTS = {"cooking": COOKING, "sorting": SORTING}
SPLITS = {
    "average": {"theme": "All", "files": ["cooking.json", "sorting.json"]},
    "code": {"theme": "Coding", "files": ["sorting.json"]},
}
COLUMNS = ("Category", "Recall", "Precision", "Accuracy", "False-Alarm", "F1-Score", "Accept Rate", "Total Events")


def when(trace: str, turn: int) -> str:
    """The time of a turn: each trace on a day of its own, a minute a turn."""
    return f"{START + 86_400 * list(EVENTS).index(trace) + 60 * turn}.5"


def trace(name: str, *answers: Sequence[str | None] | None) -> Trace:
    """A trace of EVENTS with these answers."""
    told = [*answers, *[None] * (len(EVENTS[name]) - len(answers))]
    return tuple(
        Turn(when(name, n), event, None if a is None else tuple(a))
        for n, (event, a) in enumerate(zip(EVENTS[name], told, strict=True))
    )


def as_json(one: Trace) -> list[dict[str, Any]]:
    """A trace as the files hold it."""
    return [
        {"observation": {"time": t.time, "event": t.event}} | ({} if t.answers is None else {"agent_response": list(t.answers)})
        for t in one
    ]


def row(trace_name: str, turn: int, task: str | None, *, valid: bool, needed: bool) -> dict[str, Any]:
    """A judgement row of a turn, in the benchmark's form."""
    obs = [{"time": when(trace_name, n), "event": EVENTS[trace_name][n]} for n in range(turn + 1)]
    return {"obs": obs, "pred_task": task, "valid": valid, "help_needed": needed, "annotation": [valid, valid], "category": "x"}


def benchmark(folder: Path) -> Path:
    """The folder of traces with its splits.json."""
    home = folder / "traces"
    home.mkdir()
    for name in EVENTS:
        turns = [t | {"agent_response": {"candidate_task": ["Find a recipe."]}} for t in as_json(trace(name))]
        (home / f"{name}.json").write_text(json.dumps(turns))
    (home / "splits.json").write_text(json.dumps(SPLITS))
    return home


def recording(file: Path, cooking: Trace, sorting: Trace) -> Path:
    """A recording of both traces, packed if its name says so."""
    text = json.dumps({"cooking": as_json(cooking), "sorting": as_json(sorting)}).encode()
    file.write_bytes(gzip.compress(text) if file.name.endswith(".gz") else text)
    return file


def published(folder: Path, model: str, f1: float) -> None:
    """A table of published figures in which only F1 matters."""
    folder.mkdir(exist_ok=True)
    with (folder / f"{model}.csv").open("w", newline="") as out:
        table = csv.writer(out)
        table.writerow(COLUMNS)
        table.writerow(["average", 0.9, 0.5, 0.5, 0.5, f1, 0.5, 5])


def rewards(file: Path, *rows: dict[str, Any]) -> Path:
    """A file of judgement rows."""
    file.write_text("".join(json.dumps(r) + "\n" for r in rows))
    return file
