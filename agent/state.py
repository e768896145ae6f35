"""What the loop remembers between ticks: pace, the last ask, earlier offers, documents. Frozen; the loop replaces it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from agent.core.policy import PaceSettings, clamp
from agent.core.ports import Store
from agent.core.records import Document, Earlier, Moment, Pace, Record
from agent.core.redact import Rules
from agent.core.responses import settled

# The judge looks back a week for rejected ideas; nobody makes more offers than this in one.
EARLIER_DAYS = timedelta(days=7)
EARLIER_KEPT = 200


class Asked(Record):
    """The last ask of the predictor: what was in front of it."""

    at: Moment | None = None
    fingerprint: str = ""
    contexts: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


class State(Record):
    """Everything a tick needs to know of the past. `offered` are the times of today's offers."""

    settings: PaceSettings = PaceSettings()
    rules: Rules = Rules()
    pace: Pace = Pace(interval=600.0)
    asked: Asked = Asked()
    earlier: tuple[Earlier, ...] = ()
    documents: tuple[Document, ...] = ()
    remembered: Moment | None = None
    open_offer: int | None = None
    offered: tuple[Moment, ...] = ()
    paused_until: Moment | None = None


def load(store: Store, settings: PaceSettings, rules: Rules, now: datetime) -> State:
    """The state as it was stored, with offers and responses of the last week."""
    pace, asked, paused = (store.get_state(k) for k in ("pace", "asked", "paused_until"))
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
    known = Pace.model_validate_json(pace) if pace else Pace(interval=settings.start * 60)
    return State(
        settings=settings,
        rules=rules,
        pace=clamp(known, settings),
        asked=Asked.model_validate_json(asked) if asked else Asked(),
        earlier=tuple(earlier),
        documents=tuple(store.documents()),
        remembered=max((d.last for d in store.documents()), default=None),
        offered=tuple(o.at for o in offers if o.at > now - timedelta(days=1)),
        paused_until=datetime.fromisoformat(paused) if paused else None,
    )


def offers_on(offered: Sequence[datetime], now: datetime) -> int:
    """How many of these offers were made on the local day of `now`."""
    day = now.astimezone().date()
    return sum(1 for at in offered if at.astimezone().date() == day)
