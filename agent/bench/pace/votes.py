"""Simulated users are made of human votes: one annotator of one trace, each task with a chance from other traces' votes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from agent.bench.people import annotators
from agent.errors import ProactiveError

if TYPE_CHECKING:
    from reward_model.train import Scored

KINDS = {
    "repeated_search": "search find look locate research browse retrieve",
    "long_read": "summarize summarise summary outline highlight key",
    "unfinished_document": "write draft compose outline document complete",
}
"""Words by which a task of the votes belongs to a pattern of ours (agent/patterns); the others have no kind, as tasks of an
LLM have none."""
_OF = {word: kind for kind, words in KINDS.items() for word in words.split()}


class Option(NamedTuple):
    """One task of a turn: its kind or '', the population's chance of acceptance (0..1), whether this person voted for it."""

    task: str
    kind: str
    p: float
    want: bool


class Person(NamedTuple):
    """One annotator of one trace: the turns, each with its options, and the kind of most of them that have one."""

    trace: str
    column: int
    turns: tuple[tuple[Option, ...], ...]
    main: str


def people(scored: Iterable[Scored], group: Callable[[str], str]) -> tuple[Person, ...]:
    """Everybody who voted. Raises ProactiveError if nobody did."""
    found = []
    for a in annotators(scored):
        turns = tuple(
            tuple(Option(s.row.task or "", kind_of(s.row.task or ""), s.p_accept, s.row.votes[a.column]) for s in turn)
            for turn in a.turns
        )
        kinds = Counter(option.kind for turn in turns for option in turn if option.kind)
        found.append(Person(group(a.trace), a.column, turns, max(kinds, key=lambda k: (kinds[k], k), default="")))
    if not found:
        raise ProactiveError("The rows hold no votes on tasks.", "Give rows with a vote of each annotator.")
    return tuple(found)


def kind_of(task: str) -> str:
    """The kind of a task by the first of its words that tells, or ''."""
    return next((_OF[w] for w in re.findall(r"[a-z]+", task.casefold()) if w in _OF), "")
