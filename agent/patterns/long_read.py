"""One page or paper read for a long time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import re2

from agent.core.records import Candidate, Observation
from agent.patterns._offer import Approach, offer, search, summarise
from agent.patterns._roles import public
from agent.patterns._sights import Sight, fresh, sights
from agent.patterns._text import clip, phrase, spoken, subject, words

KIND = "long_read"
RANK = 50

MINUTES = 15.0
"""Reading is one sitting: dwell further back belongs to another."""

DWELL = 300.0
"""Seconds on the page in that time. Median dwell on a web page is below one minute, and five minutes are some 1,200 words."""

STAY = 90.0
"""Seconds of one visit at least: many short visits are looking things up."""

TYPED = 10.0
"""Seconds of typing at most: a page that is typed into is worked on, not read."""

FRESH = 2.0
"""Minutes since the page was in front."""

WORDS = 2
"""Words of a page's title at least ('Overview' names nothing to search for); a file's name needs one more."""

_READ = frozenset({"page", "paper"})
_SUFFIX = re2.compile(r"(?i)\.(?:pdf|docx?|epub|djvu|html?|txt|md|odt|xps|ps)\b")
_FILES = (".pdf", ".docx", ".txt", ".md", ".html", ".htm")


def find(observation: Observation) -> Candidate | None:
    """A page or paper with five minutes or more of reading in the last quarter of an hour."""
    pages: dict[str, list[Sight]] = defaultdict(list)
    for s in sights(observation, MINUTES):
        if s.role in _READ and not s.window.audible:
            pages[s.key].append(s)
    long = [group for group in pages.values() if _long(group) and fresh(group, observation.at, FRESH)]
    if not long:
        return None
    group = max(long, key=_dwell)
    title = phrase(_SUFFIX.sub("", subject(group[0].title) or group[0].title))
    because = f"Reading for {spoken(_dwell(group) / 60, 'minute')} in the last {MINUTES:.0f}: {clip(title, 100)}"
    approaches = _approaches(title, group)
    return offer(observation, KIND, title, because, approaches) if approaches else None


def _dwell(group: Sequence[Sight]) -> float:
    return sum(s.dwell for s in group)


def _long(group: Sequence[Sight]) -> bool:
    enough = _dwell(group) >= DWELL and max(s.dwell for s in group) >= STAY
    return enough and sum(s.window.typed for s in group) <= TYPED


def _approaches(title: str, group: Sequence[Sight]) -> list[Approach]:
    label = clip(title, 55)
    least = WORDS + (group[0].role == "paper")
    looking: list[Approach] = [(f"Search for more on: {label}", search(title))] if len(words(title)) >= least else []
    file = next((f for s in group for f in s.window.files if f.startswith(("/", "~/", "\\")) or f[1:3] == ":\\"), "")
    url = next((s.window.url for s in group if s.window.url), "")
    if file.casefold().endswith(_FILES):
        return [(f"Summarise: {label}", summarise(file)), *looking]
    if url:
        return [(f"Summarise: {label}", summarise(url)), *looking] if public(url) else []
    return looking
