"""Going to and fro between the same two windows in short stays: something is copied by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from agent.core.records import Candidate, Observation
from agent.patterns._language import language, say
from agent.patterns._offer import offer, search
from agent.patterns._roles import is_form
from agent.patterns._sights import Sight, fresh, sights, span
from agent.patterns._text import clip, parts, spoken, subject

KIND = "copying_between_windows"
RANK = 15

MINUTES = 15.0
"""Copying is one sitting."""

TRIPS = 5
"""Round trips: four rows are copied faster by hand than a way around it is found."""

STAY = 20.0
"""Seconds in a window at most, by the median: a row is copied in seconds, writing or reading takes longer."""

FRESH = 3.0
"""Minutes since the last of it."""

_GOING = frozenset({"sheet", "document", "paper", "page"})


def find(observation: Observation) -> Candidate | None:
    """Five or more round trips between a sheet, document or paper and another window."""
    seen = [s for s in sights(observation, MINUTES) if s.dwell >= 1 or s.end > s.start]
    group = _busiest(seen)
    trips = _trips(group)
    if trips < TRIPS or not fresh(group, observation.at, FRESH) or _median([s.dwell for s in group]) > STAY:
        return None
    if not _copyable(group):
        return None
    names = [clip(_name(s), 38) for s in _sides(group)]
    because = f"{trips} round trips in {spoken(span(group), 'minute')} between {names[0]} and {names[1]}"
    spoken_here = language(w.title for w in observation.windows if w.focused)
    asked = say("fill" if _into_form(group) else "import", spoken_here)
    program = _program(_sides(group)[0])
    task = f"Search how to carry this over at once: {names[0]}"
    return offer(observation, KIND, " ".join(names), because, [(task, search(f"{program} {asked}"))])


def _place(s: Sight) -> str:
    """Rows come from the same program or page, whatever the title says of the row; pages are told apart by title."""
    return s.key if s.role == "page" else s.window.app + s.role


def _busiest(seen: Sequence[Sight]) -> list[Sight]:
    """The sights of the two places with the most direct changes between them."""
    moves = Counter(frozenset((_place(a), _place(b))) for a, b in pairwise(seen) if _place(a) != _place(b))
    if not moves:
        return []
    pair = max(moves, key=lambda p: moves[p])
    return [s for s in seen if _place(s) in pair]


def _trips(group: Sequence[Sight]) -> int:
    """Round trips A-B-A: half the changes of place."""
    return sum(_place(a) != _place(b) for a, b in pairwise(group)) // 2


def _copyable(group: Sequence[Sight]) -> bool:
    """Both sides are something to copy from or into, and one is a sheet, document, paper or form (not two pages compared)."""
    roles = {s.role for s in group}
    if not roles <= _GOING or len({_place(s) for s in group}) != 2:
        return False
    return roles != {"page"} or any(is_form(s.window.url) for s in group)


def _sides(group: Sequence[Sight]) -> list[Sight]:
    """One sight of each place, the source first: sheets and papers are copied from more often than pages are."""
    sides = {_place(s): s for s in group}
    return sorted(sides.values(), key=lambda s: ["sheet", "paper", "document", "page"].index(s.role))


def _into_form(group: Sequence[Sight]) -> bool:
    return any(s.role == "page" for s in group) and any(s.role == "sheet" for s in group)


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def _name(s: Sight) -> str:
    return subject(s.title) or s.title or s.window.app


def _program(s: Sight) -> str:
    """'LibreOffice Calc' rather than the document's name: the document is nobody else's business."""
    pieces = parts(s.title)
    return pieces[-1] if len(pieces) > 1 and s.role != "page" else s.window.app.replace("-", " ")
