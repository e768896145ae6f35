"""The same error or question searched again and again, or the same error coming back in a terminal's title."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import re2

from agent.core.records import Candidate, Observation
from agent.patterns._offer import Approach, offer, search, summarise
from agent.patterns._sights import Sight, fresh, sights, sources, span
from agent.patterns._text import clip, overlap, phrase, spoken, subject, words

KIND = "repeated_search"
RANK = 10

MINUTES = 30.0
"""Searches further apart are two tasks, not one that does not succeed."""

SEARCHES = 3
"""One search is a look-up, a second one refines it; the third says that the answer was not found."""

SAME = 0.7
"""Share of the smaller set of words: three words of four, so that one word may be exchanged."""

FRESH = 8.0
"""Minutes since the last of them: later the user has found it or given up."""

_ERROR = re2.compile(
    r"(?i)error|exception|traceback|panic|fatal|failed|cannot |denied|undefined|segfault|fehler|erreur|échec|ошибка|"
    r"错误|失败|エラー|오류|błąd|chyba|hata\b|virhe|\bE\d{3,}\b|\b0x[0-9a-f]{4,}\b"
)


def find(observation: Observation) -> Candidate | None:
    """Three or more attempts at the same words within half an hour, with something else done between them."""
    seen = sights(observation, MINUTES)
    attempts = _attempts(seen)
    group = max((_like(a, attempts) for a in attempts), key=len, default=[])
    if len(group) < SEARCHES or not fresh(group, observation.at, FRESH):
        return None
    topic = phrase(_longest(group))
    minutes, n = spoken(span(group), "minute"), len(group)
    how = "Searched" if group[-1].query else "This error came back"
    because = f"{how} {n} times in {minutes}: {clip(topic, 90)}"
    return offer(observation, KIND, topic, because, _approaches(topic, group, seen))


def _approaches(topic: str, group: Sequence[Sight], seen: Sequence[Sight]) -> list[Approach]:
    read = [s for s in seen if s.start >= group[0].start and overlap(words(topic), words(s.title)) >= SAME]
    pages = sources(read)
    label = clip(topic, 45)
    looking: Approach = (f"Search the exact words: {label}", search(_better(topic, group)))
    if len(pages) > 1:
        return [(f"Summarise {len(pages)} pages found on: {clip(topic, 40)}", summarise(*pages)), looking]
    return [looking]


def _better(topic: str, group: Sequence[Sight]) -> str:
    """Another query than those tried: the words all have in common as an exact phrase where they stand together."""
    tried = {s.query.casefold() for s in group}
    for query in (f'"{topic}"', f"{topic} solved"):
        if query.casefold() not in tried:
            return query
    return topic


def _attempts(seen: Sequence[Sight]) -> list[Sight]:
    """Searches, and errors in terminal titles; a return to the same results in one go at the browser is no new attempt."""
    out: list[Sight] = []
    here: set[str] = set()
    for s in seen:
        if s.role == "terminal" and _ERROR.search(s.title):
            out.append(s)
        elif s.role == "search" and s.query.casefold() not in here:
            here.add(s.query.casefold())
            out.append(s)
        elif s.role in {"code", "document", "sheet", "terminal", "paper", "other"}:
            here.clear()
    return out


def _like(seed: Sight, attempts: Sequence[Sight]) -> list[Sight]:
    mine = words(_text(seed))
    kind = bool(seed.query)
    return [a for a in attempts if bool(a.query) == kind and _same(mine, words(_text(a)))]


def _same(a: Iterable[str], b: Iterable[str]) -> bool:
    first, second = set(a), set(b)
    least = 1 if first == second else 2
    return len(first & second) >= least and overlap(first, second) >= SAME


def _text(s: Sight) -> str:
    """What was searched, or the terminal's title without user and folder."""
    return s.query or subject(s.title)


def _longest(group: Sequence[Sight]) -> str:
    return max((_text(s) for s in group), key=lambda text: len(words(text)))
