"""What was learnt from the user's own answers: read off stored offers and responses, kept in the store's state (<= 64 KiB)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from agent.core.ports import Clock, Store
from agent.core.records import Offer, ResponseKind
from agent.errors import StoreError
from reward_model.personal import MOST, WEIGHTS, Decision, Personal
from reward_model.scorer import Scores

log = logging.getLogger(__name__)
KEY = "personal"
AGAIN = timedelta(days=8)
"""An offer can be answered for a week; what is older was taken in before."""


class Scoring(Protocol):
    """What scores: the shipped scorer, or one that was trained anew."""

    def score(self, situation: str, tasks: Sequence[str]) -> Scores:
        """Chances of the tasks, in order."""
        ...


class Learnt:
    """The personal layer over a store. An offer's last answer counts, an undone one as the accept it was."""

    def __init__(self, store: Store, clock: Clock, scorer: Scoring) -> None:
        self._store = store
        self._clock = clock
        self._scorer = scorer
        self._layer: Personal | None = None
        self._taken: dict[int, str] = {}
        self._one = threading.Lock()

    def look(self) -> Personal:
        """The layer with all answers so far. A store that fails changes nothing."""
        try:
            with self._one:
                return self._look()
        except StoreError as e:
            log.warning("what was learnt from your answers could not be read or kept: %s", e)
            return self._layer or Personal()

    def _look(self) -> Personal:
        kept = self._store.get_state(KEY) if self._layer is None else None
        since = self._clock.now() - AGAIN if kept or self._layer is not None else None
        layer = self._layer or Personal.parse(kept)
        decisions = [d for o in self._store.offers(since=since, limit=MOST) if (d := self._decision(o)) is not None]
        self._layer = layer.update(*decisions) if decisions else layer
        if decisions:
            self._store.put_state(KEY, self._layer.dump())
        return self._layer

    def _decision(self, offer: Offer) -> Decision | None:
        """What the user decided about an offer, if that is new here."""
        said = self._answer(offer)
        if not said or self._taken.get(offer.id) == said:
            return None
        self._taken[offer.id] = said
        tick, candidate = self._store.tick(offer.tick), offer.candidate
        situation = tick.digest if tick is not None else ""
        p = self._chance(offer, situation)
        return Decision(offer.at, candidate.task, said, p, candidate.kind, str(offer.id))

    def _answer(self, offer: Offer) -> str:
        kinds: list[ResponseKind] = [r.kind for r in self._store.responses(offer.id) if r.kind in WEIGHTS]
        return kinds[-1] if kinds else ""

    def _chance(self, offer: Offer, situation: str) -> float:
        """The population's chance for it, as it would be scored today; what stands in the offer once the digest is gone."""
        return self._scorer.score(situation, [offer.candidate.task]).p_accept[0] if situation else offer.p_accept
