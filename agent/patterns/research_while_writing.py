"""A document being written in turn with several look-ups on one topic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agent.core.records import Candidate, Observation
from agent.patterns._offer import Approach, offer, search, summarise
from agent.patterns._sights import Sight, fresh, sights, sources, span
from agent.patterns._text import clip, overlap, phrase, shared, spoken, subject, words

KIND = "research_while_writing"
RANK = 5

MINUTES = 25.0
"""One stretch of writing; look-ups before it are another matter."""

LOOKUPS = 3
"""Different searches or pages: a fact checked once or twice is part of any writing."""

TRIPS = 3
"""Times the user went from the document to the web and came back."""

WRITING = 60.0
"""Seconds in the document at least: less is a document that lies open."""

ALIKE = 0.7
ONE_QUESTION = 0.75
"""Searches that share seven words of ten are one question; three of four searches on it leave no research."""

FRESH = 5.0
"""Minutes since document and look-ups were last in front."""


def find(observation: Observation) -> Candidate | None:
    """Three or more look-ups that share words, with the document in between."""
    every = sights(observation, MINUTES)
    best = max((_round(every, key) for key in _documents(every)), key=lambda r: r.trips, default=None)
    if best is None or best.trips < TRIPS or len({s.key for s in best.group}) < LOOKUPS or _one_question(best):
        return None
    if not fresh(best.group, observation.at, FRESH) or not fresh(best.document, observation.at, FRESH):
        return None
    title = best.document[0].title
    count = f"{len({s.key for s in best.group})} look-ups on {clip(best.topic, 50)}"
    because = f"{count} in {spoken(span(best.group), 'minute')} while writing {clip(subject(title) or title, 45)}"
    return offer(observation, KIND, best.topic, because, _approaches(best.topic, best.group))


@dataclass(frozen=True)
class _Round:
    """One document with the look-ups made for it."""

    document: list[Sight]
    group: list[Sight]
    topic: str
    trips: int


def _documents(every: Sequence[Sight]) -> list[str]:
    """Keys of documents in front for long enough, unless the user works on code."""
    dwell: Counter[str] = Counter()
    code = 0.0
    for s in every:
        if s.role == "document" and s.key:
            dwell[s.key] += s.dwell  # type: ignore[assignment]  # a Counter of seconds
        elif s.role in {"code", "terminal"}:
            code += s.dwell
    return [key for key, seconds in dwell.items() if seconds >= max(WRITING, code)]


def _round(every: Sequence[Sight], key: str) -> _Round:
    document = [s for s in every if s.key == key]
    asked = [s for s in every if s.role in {"search", "page"} and s.key]
    group, topic = _topic(asked, document[0])
    return _Round(document, group, topic, _trips(every, key, {id(s) for s in group}))


def _topic(asked: Sequence[Sight], document: Sight) -> tuple[list[Sight], str]:
    """The look-ups on the topic most of them share, and the topic as it was written."""
    texts = {s.key: s.query or subject(s.title) for s in asked}
    common = shared(texts.values(), LOOKUPS)
    named = [w for w in common if w in words(subject(document.title))]
    core = named or (common if len(common) > 1 else [])
    least = min(2, len(core))
    group = [s for s in asked if core and sum(w in words(texts[s.key]) for w in core) >= least]
    return group, _written(core, [texts[s.key] for s in group])


def _one_question(best: _Round) -> bool:
    """Whether the searches are one question again and again, and not what the document is about (see repeated_search)."""
    if set(words(best.topic)) & set(words(subject(best.document[0].title))):
        return False
    asked = [set(words(s.query)) for s in best.group if s.query]
    alike = max((sum(overlap(a, b) >= ALIKE for b in asked) for a in asked), default=0)
    return len(asked) >= LOOKUPS and alike > ONE_QUESTION * len(asked)


def _written(core: Sequence[str], texts: Sequence[str]) -> str:
    """The core words in the order and spelling of the text that holds most of them; scripts in pairs keep that text whole."""
    if not core or not texts:
        return ""
    best = max(texts, key=lambda t: (sum(w in words(t) for w in core), -len(t)))
    forms = words(best)
    if any(len(w) <= 2 and not w.isascii() for w in core):
        return phrase(best)
    return phrase(" ".join(form for stem, form in forms.items() if stem in set(core)))


def _trips(every: Sequence[Sight], key: str, group: set[int]) -> int:
    """How often a look-up of the group was followed by the document."""
    trips, away = 0, False
    for s in every:
        if s.key == key:
            trips += away
            away = False
        else:
            away = away or id(s) in group
    return trips


def _approaches(topic: str, group: Sequence[Sight]) -> list[Approach]:
    pages = sources(group)
    extra = [w for s in group for w in words(s.query).values() if w.casefold() not in topic.casefold()]
    query = phrase(" ".join([topic, *dict.fromkeys(extra)][:5]))
    looking: Approach = (f"Search an overview of: {clip(topic, 50)}", search(query))
    if len(pages) > 1:
        return [(f"Summarise {len(pages)} pages on {clip(topic, 45)} for your text", summarise(*pages)), looking]
    return [looking]
