"""Judgement rows of our own: invented sittings, each about words of its own, in which some rules of taste hold."""

from __future__ import annotations

import random

from reward_model.dataset import Row, digest

_GOOD = (
    "Summarize the pages about {0} in key points",
    "Explain the {0} error step by step",
    "Compare the {0} options you read",
)
_BAD = ("Continue working on it", "Take a break", "Suggest any relevant tools", "Open another tab")
_SOUNDS = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]


def invented(sittings: int = 6, turns: int = 8, seed: int = 0) -> tuple[Row, ...]:
    """Rows of so many traces: concrete offers are mostly taken, vague ones mostly not; searches and errors call for help."""
    draw = random.Random(seed)
    return tuple(row for _ in range(sittings) for row in _sitting(turns, draw))


def _sitting(turns: int, draw: random.Random) -> list[Row]:
    matters = ["".join(draw.choices(_SOUNDS, k=4)) for _ in range(40)]
    lines: list[str] = []
    rows: list[Row] = []
    for turn in range(turns):
        needed = draw.random() < 0.5
        some = draw.sample(matters, 5)
        seen = (
            f"searches for '{' '.join(some)} error' on Google"
            if needed
            else f"switches to another application, {' '.join(some)}"
        )
        lines.append(f"Day 1, 9:{turn:02} AM The user {seen}.")
        rows += _turn(lines, some[0], draw, needed=needed)
    return rows


def _turn(lines: list[str], matter: str, draw: random.Random, *, needed: bool) -> list[Row]:
    situation, trace = "\n".join(lines), digest(lines[0])
    about = {"situation": situation, "trace": trace, "turn": digest(trace + situation), "help_needed": needed}
    rows = []
    for kind, chance in ((_GOOD, 0.8 if needed else 0.5), (_GOOD, 0.8 if needed else 0.5), (_BAD, 0.1), (_BAD, 0.1)):
        votes = tuple(draw.random() < chance for _ in range(3))
        rows.append(Row(task=draw.choice(kind).format(matter), valid=sum(votes) >= 2, votes=votes, **about))
    return [*rows, Row(task=None, valid=not needed, **about)]
