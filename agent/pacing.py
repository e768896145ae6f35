"""How the pace stands, for who asks: what core/pace.py says of it, level and budget, and every day off the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any

from agent.config import RewardSettings
from agent.core.ideas import SIGNED
from agent.core.lines import cut, one_line
from agent.core.pace import idea_of, same
from agent.core.pace_report import IdeaReport, explain
from agent.core.ports import Store
from agent.core.records import Pace, Record, ResponseKind
from agent.levels import WORDS, chosen
from agent.state import State, offers_on, pace_of

ROWS = 100_000
"""Offers or calls read at most; 20 offers a day for 13 years."""
RECENT = 500
"""Offers among which the words of an idea without a kind are looked for."""
NAME = 60
"""Longest name of an idea, characters."""
COUNTED: tuple[ResponseKind, ...] = ("accepted", "rejected", "dismissed", "ignored")
"""The responses that say something about the user."""


class Day(Record):
    """The offers of one local day, and what became of them; `other` were withdrawn, lost or not answered yet."""

    day: date
    offered: int = 0
    accepted: int = 0
    rejected: int = 0
    dismissed: int = 0
    ignored: int = 0
    other: int = 0


def report(store: Store, state: State, now: datetime, judge: RewardSettings) -> dict[str, Any]:
    """The pace in figures and words, ready for JSON: seconds, chances 0..1, tokens; each idea with a name to be read.

    The price is never below the judge's own threshold, where it has one.
    """
    said = explain(state.pace, state.settings, now)
    mine = chosen(store)
    return {
        **said.model_dump(mode="json"),
        "price": max(said.price, judge.threshold if judge.kind in ("scorer", "both") else 0.0),
        "ideas": [{"name": name(store, state.pace, i.idea), **_at(i, now).model_dump(mode="json")} for i in said.ideas],
        "level_from": "you" if mine is not None and mine.configured == state.settings.level else "configuration",
        "words": WORDS[said.level],
        "answers": len(state.pace.answers),
        "paused_until": _still(state.paused_until, now),
        "offers": {"today": offers_on(state.offered, now), "cap": state.settings.daily_cap},
        "tokens": budget(store.tokens(midnight(now)), state.settings.daily_tokens),
    }


def _at(idea: IdeaReport, now: datetime) -> IdeaReport:
    """The same at this time: a rest that is over is told as such."""
    until = idea.rests_until
    if until is None or until > now or idea.muted:
        return idea
    why = f"After a refusal it rested until {until.astimezone():%Y-%m-%d %H:%M}; it may come again."
    return idea.model_copy(update={"rests_until": None, "why": why})


def _still(until: datetime | None, now: datetime) -> str | None:
    return until.isoformat() if until is not None and until > now else None


def name(store: Store, pace: Pace, idea: str) -> str:
    """What the user may call an idea: its kind or, without one, the newest task that was offered for it."""
    if not idea.startswith(SIGNED):
        return idea
    offers = [a.offer for a in reversed(pace.answers) if same(a.idea, idea)]
    found = store.offer(offers[0]) if offers else None
    found = found or next((o for o in store.offers(limit=RECENT) if same(idea_of(o.candidate), idea)), None)
    return cut(one_line(found.candidate.task), NAME) if found is not None else idea[:NAME]


def kept(store: Store) -> dict[str, Any]:
    """What is stored beside the history, ready for JSON: the pace with each answer, and the level chosen, if any."""
    known, mine = pace_of(store.get_state("pace")), chosen(store)
    answers = [a.model_dump(mode="json") for a in known.answers]
    return {
        "pace": known.model_dump(mode="json") | {"answers": answers},
        "level": None if mine is None else mine.model_dump(mode="json"),
    }


def days(store: Store) -> list[Day]:
    """Every local day from the first offer to the last, also those without an offer; what was never shown is no offer."""
    found: dict[date, Counter[str]] = {}
    for offer in store.offers(limit=ROWS):
        kinds: list[ResponseKind] = [r.kind for r in store.responses(offer.id)]
        said = [k for k in kinds if k in COUNTED]
        if not said and "undelivered" in kinds:
            continue
        counts = found.setdefault(offer.at.astimezone().date(), Counter())
        counts.update(("offered", said[-1] if said else "other"))
    if not found:
        return []
    first, last = min(found), max(found)
    dates = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [Day.model_validate({"day": d, **found.get(d, {})}) for d in dates]


def acceptance(of: Sequence[Day]) -> float | None:
    """The share of answered offers that were accepted, 0..1; None if none was answered. Ignored counts as answered."""
    answered = sum(d.accepted + d.rejected + d.dismissed + d.ignored for d in of)
    return sum(d.accepted for d in of) / answered if answered else None


def midnight(now: datetime) -> datetime:
    """The beginning of the local day, in UTC."""
    local = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return local.astimezone(timezone.utc)


def budget(used: int, daily: int) -> dict[str, int | None]:
    """Tokens of the day: used, the budget and what is left of it; both None without a budget."""
    return {"used": used, "budget": daily or None, "left": max(0, daily - used) if daily else None}
