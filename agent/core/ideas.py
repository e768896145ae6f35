"""What an idea is called, when two are one, and how long a refused or muted one is not offered."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from functools import lru_cache

from agent.core.records import Candidate, Pace, ResponseKind

# An idea rests after a refusal; from the second in a row for a week, twice as long with each more. A dismissal counts half.
REFUSALS: dict[ResponseKind, float] = {"rejected": 1.0, "dismissed": 0.5}
FIRST_REST = timedelta(hours=2)
ONE_REST = timedelta(days=1)
LONG_REST = timedelta(days=7)
LONGEST_REST = timedelta(days=14)
ALIKE = 0.5
"""Share of common words from which two ideas without a kind are one."""
SIGNED = "~"
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]|\w+")


def idea_of(candidate: Candidate) -> str:
    """The name an idea has here: its kind or, without one, hashes of the words of its task."""
    return candidate.kind or signed(candidate.task)


def signed(task: str) -> str:
    """Hashes of the words of a task, which show no text."""
    words = _WORD.findall(task.casefold())
    return SIGNED + ".".join(sorted({hashlib.sha256(w.encode("utf-8", "replace")).hexdigest()[:5] for w in words})[:12])


def same(one: str, other: str) -> bool:
    """Whether two ideas are one: of one kind or, without kinds, of mostly the same words."""
    if one == other:
        return True
    a, b = _words(one), _words(other)
    return not a.isdisjoint(b) and len(a & b) / len(a | b) >= ALIKE


@lru_cache(maxsize=1024)
def _words(idea: str) -> frozenset[str]:
    """The hashes of a signed idea; five candidates are compared with 200 answers within a millisecond."""
    return frozenset(idea[1:].split(".")) if idea.startswith(SIGNED) else frozenset((f"={idea}",))


def barred(pace: Pace, idea: str, now: datetime) -> str:
    """Why this idea may not be offered now: 'muted', 'rests', or '' if it may."""
    if any(same(idea, m) for m in pace.muted):
        return "muted"
    until = rests_until(pace, idea)
    return "rests" if until is not None and now < until else ""


def rests_until(pace: Pace, idea: str) -> datetime | None:
    """Until when a refused idea rests; None without a refusal since its last acceptance."""
    refused, last = 0.0, None
    for a in reversed(pace.answers):
        if a.response in ("ignored",) or not same(idea, a.idea):
            continue
        if a.response == "accepted":
            break
        refused += REFUSALS[a.response]
        last = last or a.at
    return None if last is None else last + _rest_of(refused)


def _rest_of(refused: float) -> timedelta:
    if refused < 1:
        return FIRST_REST
    if refused < 2:
        return ONE_REST
    long: timedelta = LONG_REST * 2 ** min(8, int(refused) - 2)
    return min(LONGEST_REST, long)
