"""Judgement rows of our own, in ProactiveBench's form: a few made-up sittings, with a signal that can be learned."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from reward_model.dataset import Row, read

SUBJECTS = tuple(
    "maple tidal copper lichen sonata quartz harbour glacier orchid saffron pendulum walnut".split()  # noqa: SIM905
)
WANTED = ("Summarise the open paper on {}", "Collect the three sources on {} in a note", "Compare both drafts on {}")
UNWANTED = ("Offer general help with {}", "Suggest something useful about {}", "Remind you of {} again")


def benchmark_rows(traces: int = 6, turns: int = 5, seed: int = 0) -> list[dict[str, Any]]:
    """Rows of so many unlike traces, four tasks and one silence a turn; where help is needed people want the concrete tasks."""
    chance = random.Random(seed)
    found: list[dict[str, Any]] = []
    for trace in range(traces):
        subject, steps = SUBJECTS[trace], []
        for turn in range(turns):
            needed = chance.random() < 0.5
            act = "reads the error again in" if needed else "scrolls through"
            page = f"{subject}{'ab'[needed]}{'vwxyz'[turn % 5]}"
            event = f"The {subject} author {act} {subject} page {page}."
            steps.append({"time": f"Day 1, {turn + 1:02}:{trace:02} PM", "event": event})
            found += _turn([dict(s) for s in steps], subject, chance, needed=needed)
    return found


def _turn(steps: list[dict[str, str]], subject: str, chance: random.Random, *, needed: bool) -> list[dict[str, Any]]:
    made = [_row(steps, None, [not needed] * 3, needed=needed)]
    for n in range(4):
        text = (WANTED if n % 2 else UNWANTED)[chance.randrange(3)].format(subject)
        likely = (0.8 if needed else 0.35) if n % 2 else 0.1
        votes = [chance.random() < likely for _ in range(3)]
        made.append(_row(steps, text, votes, needed=needed))
    return made


def _row(steps: list[dict[str, str]], task: str | None, votes: list[bool], *, needed: bool) -> dict[str, Any]:
    return {
        "obs": steps,
        "pred_task": task,
        "valid": sum(votes) >= 2,
        "help_needed": needed,
        "annotation": votes,
        "category": "",
    }


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    """The file, one JSON object a line."""
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return path


def rows(folder: Path, traces: int = 6, turns: int = 5, seed: int = 0) -> tuple[Row, ...]:
    """The same, as they are read."""
    return read(written(folder / "rows.jsonl", benchmark_rows(traces, turns, seed)))
