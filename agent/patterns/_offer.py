"""Builds candidates: the first approach that was not rejected for the same subject, or none when it was offered just now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from agent.core.records import Candidate, Earlier, Observation, Operation
from agent.patterns._text import clip, overlap, words

TASK = 80
"""Characters of a task: what fits two lines of a toast."""

BECAUSE = 160
"""Characters of the evidence: two more lines."""

AGAIN = timedelta(hours=2)
"""An offer stays in the inbox for two hours, so showing the same again sooner only interrupts."""

SAME_SUBJECT = 0.5
"""Half of a subject's words in an earlier task make it the same subject (tasks quote subjects, cut to fit)."""

UNSEEN = frozenset({"undelivered", "lost", "withdrawn"})
REFUSED = frozenset({"rejected", "dismissed"})

Approach = tuple[str, Operation]
"""A task with the operation that carries it out."""


def search(query: str) -> Operation:
    """Search the web."""
    return Operation(name="search", arguments={"query": query})


def summarise(*sources: str) -> Operation:
    """Summarise pages or files."""
    return Operation(name="summarise", arguments={"sources": list(sources[:5])})


def offer(observation: Observation, kind: str, subject: str, because: str, approaches: Sequence[Approach]) -> Candidate | None:
    """The first approach still open for this subject; an empty subject is the same as every other of the kind."""
    before = [e for e in observation.earlier if e.response not in UNSEEN and _same(e, kind, subject)]
    if any(e.response not in REFUSED and observation.at - e.at < AGAIN for e in before):
        return None
    tried = {_name(e.operation) for e in before if e.response in REFUSED}
    for task, operation in approaches:
        if _name(operation.name) not in tried:
            return Candidate(task=clip(task, TASK), because=clip(because, BECAUSE), operation=operation, kind=kind)
    return None


def _name(line: str) -> str:
    """The tool behind a name or behind the line that says what would run; a question to the chat stands for a search."""
    word = line.casefold().strip()[:5]
    return "searc" if word.startswith(("ask ", "chat")) else word


def _same(earlier: Earlier, kind: str, subject: str) -> bool:
    wanted = words(subject)
    if not wanted:
        return earlier.kind == kind
    return overlap(wanted, words(earlier.task)) >= SAME_SUBJECT and len(set(wanted) & set(words(earlier.task))) > 0
