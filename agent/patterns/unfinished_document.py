"""Coming back to a document that was worked on earlier and left, or starting a day in its project."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import PurePath

from agent.core.records import Candidate, Document, Observation
from agent.patterns._offer import Approach, offer, search, summarise
from agent.patterns._roles import public
from agent.patterns._sights import Sight, sights
from agent.patterns._text import clip, overlap, phrase, spoken, subject, words

KIND = "unfinished_document"
RANK = 25

WORKED = 600.0
"""Seconds of earlier work: ten minutes are more than a look."""

NIGHT = timedelta(hours=6)
"""Since the earlier work: less is the same day's work, and time zones need no care."""

DAYS = timedelta(days=7)
"""Older documents are finished or given up, as far as can be told."""

BACK = 600.0
"""Seconds back in it at most: later the user is in it again and needs no reminder."""

MINUTES = 15.0
"""How far back 'just come back to it' goes."""

START = 2700.0
"""Seconds of work so far at most for 'the day starts': then a document not yet opened may be named."""

_FILES = (".pdf", ".docx", ".odt", ".txt", ".md", ".html", ".rst", ".tex")


def find(observation: Observation) -> Candidate | None:
    """The document with the most earlier work that was just reopened, or whose project was."""
    seen = [s for s in sights(observation, MINUTES) if s.role in {"document", "sheet", "code", "paper"}]
    left = sorted((d for d in observation.documents if _left(d, observation)), key=lambda d: -d.dwell)
    for document in left:
        here = [s for s in seen if _is(s, document)]
        if (here and _just_back(here, observation)) or (not here and _starting(seen, document, observation)):
            return _candidate(observation, document, back=bool(here))
    return None


def _left(document: Document, observation: Observation) -> bool:
    """Begun before last night with enough work, and not too long ago."""
    earlier = document.last if document.days == 1 else document.first
    return document.dwell >= WORKED and observation.at - earlier >= NIGHT and observation.at - document.last <= DAYS


def _is(s: Sight, document: Document) -> bool:
    if document.path and s.window.files:
        return document.path in s.window.files
    return bool(s.title) and s.title in {document.title, document.key}


def _just_back(here: Sequence[Sight], observation: Observation) -> bool:
    dwell = sum(s.dwell for s in here)
    return 0 < dwell <= BACK and (observation.at - here[0].start).total_seconds() <= MINUTES * 60 - 1


def _starting(seen: Sequence[Sight], document: Document, observation: Observation) -> bool:
    """The day is young, the document was not opened today, and its project or folder was."""
    if not 0 < observation.worked <= START or observation.at - document.last < NIGHT:
        return False
    folder = str(PurePath(document.path).parent) if document.path else ""
    near = {str(PurePath(f).parent) for s in seen for f in s.window.files if "/" in f or "\\" in f}
    alike = any(overlap(words(subject(s.title)), words(subject(document.title))) > 0.5 for s in seen)
    return bool(folder and folder in near) or alike


def _candidate(observation: Observation, document: Document, *, back: bool) -> Candidate | None:
    name = phrase(subject(document.title) or document.title or PurePath(document.path).name)
    earlier = document.last if observation.at - document.last >= NIGHT else document.first
    days = max(1, (observation.at.astimezone().date() - earlier.astimezone().date()).days)
    state = "back in it now" if back else "not opened today"
    because = f"{spoken(document.dwell / 60, 'minute')} on {clip(name, 70)}, begun {spoken(days, 'day')} ago; {state}"
    return offer(observation, KIND, name, because, _approaches(name, document))


def _approaches(name: str, document: Document) -> list[Approach]:
    label = clip(name, 40)
    looking: Approach = (f"Search to go on with: {label}", search(name))
    source = document.path if document.path.casefold().endswith(_FILES) else document.url if public(document.url) else ""
    if source:
        return [(f"Summarise where you left off: {label}", summarise(source)), looking]
    return [looking] if len(words(name)) > 1 else []
