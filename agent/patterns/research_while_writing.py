"""A document being written in turn with several look-ups on one topic."""

from __future__ import annotations

from collections.abc import Sequence

from agent.core.records import Candidate, Observation
from agent.patterns._offer import Approach, offer, search, summarise
from agent.patterns._sights import Sight, fresh, sights, sources, span
from agent.patterns._text import clip, phrase, shared, spoken, subject, words

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

FRESH = 5.0
"""Minutes since document and look-ups were last in front."""


def find(observation: Observation) -> Candidate | None:
    """Three or more look-ups that share words, with the document in between."""
    every = sights(observation, MINUTES)
    seen = [s for s in every if s.role in {"document", "search", "page"}]
    document = _document(every)
    if not document or not fresh(document, observation.at, FRESH):
        return None
    asked = [s for s in seen if s.role != "document" and s.key]
    group, topic = _topic(asked, document[0])
    trips = _trips(seen, {id(s) for s in group})
    if trips < TRIPS or len({s.key for s in group}) < LOOKUPS or not fresh(group, observation.at, FRESH):
        return None
    name = clip(subject(document[0].title) or document[0].title, 45)
    count = f"{len({s.key for s in group})} look-ups on {clip(topic, 50)}"
    because = f"{count} in {spoken(span(group), 'minute')} while writing {name}"
    return offer(observation, KIND, topic, because, _approaches(topic, group))


def _document(seen: Sequence[Sight]) -> list[Sight]:
    """The sights of the document that was longest in front, if that is what the user works on."""
    groups: dict[str, list[Sight]] = {}
    for s in seen:
        if s.role == "document" and s.key:
            groups.setdefault(s.key, []).append(s)
    best = max(groups.values(), key=lambda g: sum(s.dwell for s in g), default=[])
    code = sum(s.dwell for s in seen if s.role in {"code", "terminal"})
    return best if sum(s.dwell for s in best) >= max(WRITING, code) else []


def _topic(asked: Sequence[Sight], document: Sight) -> tuple[list[Sight], str]:
    """The look-ups on the topic most of them share, and the topic as it was written."""
    texts = {s.key: s.query or subject(s.title) for s in asked}
    common = shared(texts.values(), LOOKUPS)
    named = [w for w in common if w in words(document.title)]
    core = named or (common if len(common) > 1 else [])
    group = [s for s in asked if any(w in words(texts[s.key]) for w in core)]
    return group, _written(core, [texts[s.key] for s in group])


def _written(core: Sequence[str], texts: Sequence[str]) -> str:
    """The core words in the order and spelling of the text that holds most of them; scripts in pairs keep that text whole."""
    if not core:
        return ""
    best = max(texts, key=lambda t: (sum(w in words(t) for w in core), -len(t)))
    forms = words(best)
    if any(len(w) <= 2 and not w.isascii() for w in core):
        return phrase(best)
    return phrase(" ".join(form for stem, form in forms.items() if stem in set(core)))


def _trips(seen: Sequence[Sight], group: set[int]) -> int:
    """How often a look-up of the group was followed by the document."""
    trips, away = 0, False
    for s in seen:
        if s.role == "document":
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
