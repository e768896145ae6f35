"""What the loop remembers between ticks: pace, the last ask, earlier offers, documents. Frozen; the loop replaces it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from agent.core.pace_settings import PaceSettings
from agent.core.ports import Store
from agent.core.records import Document, Earlier, Moment, Pace, Record
from agent.core.redact import Rules
from agent.core.responses import settled
from agent.levels import settle

log = logging.getLogger(__name__)

# The judge looks back a week for rejected ideas; nobody makes more offers than this in one.
EARLIER_DAYS = timedelta(days=7)
EARLIER_KEPT = 200
LATELY = timedelta(hours=2)
R = TypeVar("R")
_MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)


class Asked(Record):
    """The last ask of the predictor: what was in front of it."""

    at: Moment | None = None
    fingerprint: str = ""
    contexts: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


class State(Record):
    """Everything a tick needs to know of the past. `offered` are the times of today's offers, `waiting`
    since when an idea worth offering has waited for a breakpoint."""

    settings: PaceSettings = PaceSettings()
    rules: Rules = Rules()
    pace: Pace = Pace()
    asked: Asked = Asked()
    earlier: tuple[Earlier, ...] = ()
    documents: tuple[Document, ...] = ()
    remembered: Moment | None = None
    waiting: Moment | None = None
    open_offer: int | None = None
    offered: tuple[Moment, ...] = ()
    paused_until: Moment | None = None
    forgotten: Moment | None = None
    """What happened before then was deleted by the user and is not seen again."""


def load(store: Store, settings: PaceSettings, rules: Rules, now: datetime) -> State:
    """The state as it was stored, with offers and responses of the last week.

    What is damaged falls back to the side of silence: paused until `resume`, and nothing from before now is seen.
    """
    without_end = datetime.max.replace(tzinfo=timezone.utc)
    offers = store.offers(since=now - EARLIER_DAYS, limit=EARLIER_KEPT)
    earlier = [
        Earlier(
            task=o.candidate.task,
            operation=o.line,
            at=o.at,
            response=settled(store.responses(o.id)),
            kind=o.candidate.kind,
        )
        for o in reversed(offers)
    ]
    return State(
        settings=settings,
        rules=rules,
        pace=pace_of(store.get_state("pace")).model_copy(update={"level": settle(store, settings.level)}),
        asked=_read(store, "asked", Asked.model_validate_json, Asked()) or Asked(),
        earlier=tuple(earlier),
        documents=tuple(store.documents()),
        remembered=max((d.last for d in store.documents()), default=None),
        offered=tuple(o.at for o in offers if o.at > now - timedelta(days=1)),
        paused_until=_read(store, "paused_until", _MOMENT.validate_python, without_end),
        forgotten=_read(store, "forgotten", _MOMENT.validate_python, now),
    )


def _read(store: Store, key: str, parse: Callable[[str], R], damaged: R) -> R | None:
    """What is kept under that key; None if nothing is, `damaged` and a line in the log if it cannot be read."""
    text = store.get_state(key)
    try:
        return parse(text) if text else None
    except (ValueError, TypeError):
        log.warning("what was stored under %r cannot be read and is passed over", key)
        return damaged


def unreadable(store: Store) -> list[str]:
    """Under which keys of the state something stands that cannot be read."""
    wrong = []
    parsers = {"asked": Asked.model_validate_json, "pace": Pace.model_validate_json}
    for key in ("asked", "pace", "paused_until", "forgotten"):
        text = store.get_state(key)
        try:
            parsers.get(key, _MOMENT.validate_python)(text) if text else None
        except (ValueError, TypeError):
            wrong.append(key)
    return wrong


def pace_of(text: str | None) -> Pace:
    """The pace as it was stored; one that knows nothing, and a line in the log, if it is damaged."""
    try:
        return Pace.model_validate_json(text) if text else Pace()
    except (ValidationError, TypeError):
        log.warning("what your answers taught about the pace cannot be read and starts afresh, but for what you muted")
        return Pace(muted=_muted(text))


def _muted(text: str | None) -> tuple[str, ...]:
    """What of a damaged pace must not be lost: the ideas that are never to be offered again."""
    try:
        return Pace.model_validate({"muted": json.loads(text or "{}").get("muted", ())}).muted
    except (ValueError, AttributeError, TypeError, RecursionError):
        return ()


def offers_lately(offered: Sequence[datetime], now: datetime) -> int:
    """How many of these offers were made in the last two hours, over which the daily cap is spread."""
    return sum(1 for at in offered if at > now - LATELY)


def offers_on(offered: Sequence[datetime], now: datetime) -> int:
    """How many of these offers were made on the local day of `now`."""
    day = now.astimezone().date()
    return sum(1 for at in offered if at.astimezone().date() == day)
