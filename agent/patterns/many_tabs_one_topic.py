"""Many different pages on one topic opened in a short time."""

from __future__ import annotations

from collections.abc import Sequence

from agent.core.records import Candidate, Observation
from agent.patterns._offer import Approach, offer, search, summarise
from agent.patterns._roles import public
from agent.patterns._sights import Sight, fresh, sights, sources, span
from agent.patterns._text import clip, phrase, shared, spoken, subject, words

KIND = "many_tabs_one_topic"
RANK = 30

MINUTES = 25.0
"""Gathering is one sitting."""

PAGES = 6
"""Different pages: more than are read side by side."""

SITES = 3
"""Different sites: the pages of one site share words because it is one site (a pull request, a manual, a shop)."""

SHARED = 2
"""Words all pages share; one will do if it was also searched for, since a single word such as 'python' binds nothing."""

GLANCE = 2.0
"""Seconds in front at least: a tab passed on the way to another was not opened for the topic."""

FRESH = 4.0
"""Minutes since the last of them."""


def find(observation: Observation) -> Candidate | None:
    """Six or more pages of three or more sites that share the words of a topic."""
    seen = sights(observation, MINUTES)
    pages = {s.key: s for s in seen if s.role == "page" and s.dwell >= GLANCE and (not s.window.url or public(s.window.url))}
    if len(pages) < PAGES:
        return None
    searched = {w for s in seen if s.role == "search" for w in words(s.query)}
    core = _core([subject(s.title) for s in pages.values()], searched)
    group = [s for s in pages.values() if core and set(core) <= set(words(subject(s.title)))]
    if len(group) < PAGES or len({s.place for s in group}) < SITES or not fresh(group, observation.at, FRESH):
        return None
    topic = _written(core, group)
    because = f"{len(group)} pages of {len({s.place for s in group})} sites in {spoken(span(group), 'minute')} on: {topic}"
    return offer(observation, KIND, topic, because, _approaches(topic, group))


def _core(texts: Sequence[str], searched: set[str]) -> list[str]:
    """Words that enough pages share: two together, or one that was searched for."""
    common = shared(texts, PAGES)
    together = [w for w in common if sum({common[0], w} <= set(words(t)) for t in texts) >= PAGES]
    if len(together) >= SHARED:
        return together[:SHARED]
    return [w for w in common if w in searched][:1]


def _written(core: Sequence[str], group: Sequence[Sight]) -> str:
    """The topic as the shortest of the pages writes it."""
    forms = words(subject(min(group, key=lambda s: len(s.title)).title))
    if any(len(w) <= 2 and not w.isascii() for w in core):
        return phrase(subject(min(group, key=lambda s: len(s.title)).title))
    return phrase(" ".join(form for stem, form in forms.items() if stem in core))


def _approaches(topic: str, group: Sequence[Sight]) -> list[Approach]:
    pages = sources(group)
    label = clip(topic, 45)
    looking: Approach = (f"Search one overview of: {label}", search(topic))
    if len(pages) > 1:
        return [(f"Summarise {len(pages)} of the pages on: {label}", summarise(*pages)), looking]
    return [looking]
