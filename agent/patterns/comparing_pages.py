"""The same two to four pages visited over and over: products, flights, offers or versions being compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from agent.core.records import Candidate, Observation
from agent.patterns._offer import Approach, offer, search, summarise
from agent.patterns._roles import public
from agent.patterns._sights import Sight, fresh, sights, sources
from agent.patterns._text import clip, phrase, shared, spoken, subject, words

KIND = "comparing_pages"
RANK = 20

MINUTES = 25.0
"""A choice is made in one sitting."""

VISITS = 3
"""Visits of each page: the second may be a slip, the third is a comparison."""

MOST = 4
"""More pages than this are collected, not compared (see many_tabs_one_topic)."""

DIRECT = 4
"""Changes straight from one of the pages to another: pages visited between other work are references."""

FRESH = 4.0
"""Minutes since the last of them."""


def find(observation: Observation) -> Candidate | None:
    """Two to four pages with something in common, each visited three times, with direct changes both ways."""
    seen = sights(observation, MINUTES)
    visits: dict[str, list[Sight]] = defaultdict(list)
    for s in seen:
        if s.role == "page" and (not s.window.url or public(s.window.url)):
            visits[s.key].append(s)
    often = {key: group for key, group in visits.items() if len(group) >= VISITS}
    keys = _linked(seen, set(often))
    group = [s for s in seen if s.key in keys]
    if not 2 <= len(keys) <= MOST or not fresh(group, observation.at, FRESH):
        return None
    common = _common([often[k][0] for k in often if k in keys])
    if not common:
        return None
    names = [phrase(subject(often[k][0].title) or k) for k in often if k in keys]
    counts = " and ".join(f"{clip(n, 40)} ({len(g)}x)" for n, g in zip(names[:2], (often[k] for k in keys), strict=False))
    because = f"{len(keys)} pages visited over and over in {spoken(_minutes(group), 'minute')}: {counts}"
    return offer(observation, KIND, " ".join(names), because, _approaches(names, sources(group, MOST)))


def _minutes(group: Sequence[Sight]) -> float:
    return (group[-1].end - group[0].start).total_seconds() / 60


def _linked(seen: Sequence[Sight], often: set[str]) -> list[str]:
    """The often visited pages between which the user changed directly, if often enough and both ways."""
    changes = [(a.key, b.key) for a, b in pairwise(seen) if a.key != b.key and {a.key, b.key} <= often]
    both = {frozenset(c) for c in changes if (c[1], c[0]) in changes}
    if len(changes) < DIRECT or not both:
        return []
    return list(dict.fromkeys(key for change in changes for key in change))


def _common(pages: Sequence[Sight]) -> str:
    """What all pages share: a word of their subjects, or the site."""
    places = {s.place for s in pages}
    if len(places) == 1:
        return places.pop()
    return next(iter(shared((subject(s.title) for s in pages), len(pages))), "")


def _approaches(names: Sequence[str], pages: Sequence[str]) -> list[Approach]:
    both = f"{clip(names[0], 26)} and {clip(names[1], 26)}"
    own = [" ".join(list(words(n).values())[:5]) or n for n in names[:2]]
    looking: Approach = (f"Search a comparison: {both}", search(phrase(" vs ".join(own))))
    if len(pages) > 1:
        return [(f"Summarise side by side: {both}", summarise(*pages)), looking]
    return [looking]
