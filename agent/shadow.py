"""Stands beside the loop: notes what each look was decided on, and what a second policy, the shadow, would have done.

The shadow offers nothing. It sees what the live policy sees and learns from the same answers, but goes by asks and offers of
its own. Not covered: what the predictor would have said where only the shadow would have asked (the word is then 'ask'),
presence and the day's tokens at such a look (they were not looked up), and how the user would have answered offers that were
not made.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import ValidationError

from agent.core.basis import Basis, Recalls, basis
from agent.core.decisions import asks, decide, faced, numbers, offers, waiting
from agent.core.pace_settings import PaceSettings
from agent.core.ports import Store
from agent.core.records import GateInput, Moment, Record, Tick
from agent.core.signals import shifted
from agent.state import Asked, State, offers_lately, offers_on

KEY = "shadow"
DAY = timedelta(days=1)


class Ghost(Record):
    """What the shadow remembers: its last ask, its last offers, and since when an idea of its waits for a breakpoint."""

    asked: Asked = Asked()
    offered: tuple[Moment, ...] = ()
    waiting: Moment | None = None


class Beside:
    """The witness of one loop. `note` is called once a look, before it is stored."""

    def __init__(self) -> None:
        self._known: Basis | None = None
        self._id = ""
        self._ghost: Ghost | None = None

    def note(self, store: Store, state: State, done: Tick) -> Tick:
        """The look with its basis and the shadow's word; `state` is the one it was decided on. Raises StoreError."""
        return done.model_copy(update={"basis": self._basis(store, state, done), "shadow": self._word(store, state, done)})

    def _basis(self, store: Store, state: State, done: Tick) -> str:
        if not isinstance(store, Recalls):
            return ""
        now = basis(state.settings, state.pace)
        if now != self._known:
            store.put_basis(now, done.at)
            self._known, self._id = now, now.id
        return self._id

    def _word(self, store: Store, state: State, done: Tick) -> str:
        shadow = state.settings.shadowed()
        if shadow is None or blind(done):
            return ""
        before = self._ghost or _recalled(store)
        word, self._ghost = beside(done, state, shadow, before)
        if self._ghost != before:
            store.put_state(KEY, self._ghost.model_dump_json())
        return word


def blind(tick: Tick) -> bool:
    """Whether no sensor answered, so that there was nothing to decide."""
    return tick.ending == "failed" and tick.prediction is None


def beside(done: Tick, state: State, shadow: PaceSettings, ghost: Ghost) -> tuple[str, Ghost]:
    """What the shadow would have done at this look (a word of `core/decisions.py`), and what it remembers after it."""
    seen = _seen(done, state, shadow, ghost)
    word = decide(done, seen, state.pace, shadow)
    if asks(word):
        asked = Asked(at=done.at, fingerprint=seen.fingerprint, contexts=done.contexts, evidence=seen.evidence)
        since = (ghost.waiting or done.at) if waiting(done, seen, state.pace) else None
        ghost = ghost.model_copy(update={"asked": asked, "waiting": since})
    if offers(word):
        kept = tuple(t for t in ghost.offered if t > done.at - DAY)
        ghost = ghost.model_copy(update={"offered": (*kept, done.at)})
    return word, ghost


def _seen(done: Tick, state: State, shadow: PaceSettings, ghost: Ghost) -> GateInput:
    """The gate's inputs as they would stand had the shadow made the offers so far; a set-back clock was just now."""
    now, last = done.at, min(ghost.offered[-1], done.at) if ghost.offered else None
    own = done.gate.model_copy(
        update={
            "asked_at": None if ghost.asked.at is None else min(ghost.asked.at, now),
            "asked_fingerprint": ghost.asked.fingerprint,
            "asked_evidence": ghost.asked.evidence,
            "shifted": shifted(done.contexts, ghost.asked.contexts),
            "offered_at": last,
            "waiting": None if ghost.waiting is None else max(0.0, (now - ghost.waiting).total_seconds()),
            "open_offer": _open(done, state, shadow, last),
            "offers_today": offers_on(ghost.offered, now),
            "offers_lately": offers_lately(ghost.offered, now),
        }
    )
    return faced(own, state.pace, numbers(state.pace, state.settings, shadow), shadow)


def _open(done: Tick, state: State, shadow: PaceSettings, last: datetime | None) -> bool:
    """Whether an offer of the shadow's would be on the screen: the live one, if it made it too, or one of its own just now."""
    if last is None:
        return False
    if last == state.pace.offered_at:
        return done.gate.open_offer
    return done.at - last < timedelta(seconds=shadow.toast_seconds)


def _recalled(store: Store) -> Ghost:
    kept = store.get_state(KEY)
    try:
        return Ghost.model_validate_json(kept) if kept else Ghost()
    except ValidationError:
        return Ghost()
