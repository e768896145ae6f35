"""A long stretch of work without a break."""

from __future__ import annotations

from agent.core.records import Candidate, Observation
from agent.patterns._language import language, say
from agent.patterns._offer import offer, search
from agent.patterns._sights import sights

KIND = "long_stretch"
RANK = 90

WORKED = 7200.0
"""Seconds without five minutes off. Guides to screen work ask for a break every hour; two are long by any."""

MINUTES = 10.0
"""What the user does now, to tell a call (no moment for this)."""


def find(observation: Observation) -> Candidate | None:
    """Two hours or more since the last break of five minutes, and no call or conversation going on."""
    seen = sights(observation, MINUTES)
    if observation.worked < WORKED or not seen or seen[-1].role in {"talk", "leisure"}:
        return None
    hours, minutes = divmod(int(observation.worked // 60), 60)
    because = f"{hours} h {minutes:02d} min of work without a break of five minutes"
    stretches = say("stretch", language(w.title for w in observation.windows if w.focused))
    return offer(observation, KIND, "", because, [("Take five minutes: search desk stretches", search(stretches))])
