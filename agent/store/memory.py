"""The store in memory, with the same rules as the one on disk: for tests, the gym, the demo and a dry run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TypeVar

from pydantic import BaseModel

from agent.core.basis import Basis
from agent.core.keep import SEAL, SLICE, Cutoffs
from agent.core.records import Answer, Document, Execution, LLMCall, Offer, Response, ResponseKind, Tick
from agent.core.responses import COMES_FROM, IN_DOUBT, IN_FLIGHT, NOT_RUN, legal, undoable
from agent.errors import StoreError
from agent.plug import Supplies
from agent.store._nonce import same
from agent.store._slim import slim

R = TypeVar("R", Tick, Offer, LLMCall)


class Settings(BaseModel, extra="forbid"):
    """Nothing to set."""


def build(settings: Settings, supplies: Supplies) -> MemoryStore:
    """An empty store."""
    return MemoryStore()


def _newest(records: Iterable[R], since: datetime | None, limit: int) -> list[R]:
    kept = [record for record in records if since is None or record.at >= since]
    kept.reverse()  # of two at the same time the later one comes first
    return sorted(kept, key=lambda record: record.at, reverse=True)[:limit]


class MemoryStore:
    """The port Store in dictionaries."""

    def __init__(self) -> None:
        self._ticks: dict[str, Tick] = {}
        self._offers: dict[int, Offer] = {}
        self._responses: dict[int, list[Response]] = {}
        self._executions: dict[int, Execution] = {}
        self._calls: list[LLMCall] = []
        self._documents: dict[str, Document] = {}
        self._state: dict[str, str] = {}
        self._bases: dict[str, tuple[datetime, Basis]] = {}

    def add_tick(self, tick: Tick) -> None:
        """Store a tick; StoreError if its id is taken."""
        if tick.id in self._ticks:
            raise StoreError(f"There is already a tick {tick.id}.")
        self._ticks[tick.id] = tick

    def add_offer(self, tick: Tick, offer: Offer) -> Offer:
        """Store tick and offer; returns the offer with its id."""
        if offer.tick != tick.id or any(offer.nonce == other.nonce for other in self._offers.values()):
            raise StoreError("The offer is not of this tick, or its nonce was used before.")
        self.add_tick(tick)
        kept = offer.model_copy(update={"id": len(self._offers) + 1})
        self._offers[kept.id] = kept
        return kept

    def add_response(self, answer: Answer) -> Response | None:
        """Store a response; None if offer, nonce or transition is not right, or the offer expired before `answer.at`."""
        offer = self._offers.get(answer.offer)
        if offer is None or not same(offer.nonce, answer.nonce):
            return None
        before = self._responses.setdefault(answer.offer, [])
        last: ResponseKind | None = before[-1].kind if before else None
        if not legal(last, answer.kind, expired=answer.at >= offer.expires) or self._not_done(answer):
            return None
        response = Response(offer=answer.offer, seq=len(before) + 1, kind=answer.kind, at=answer.at, source=answer.source)
        before.append(response)
        return response

    def _not_done(self, answer: Answer) -> bool:
        run = self._executions.get(answer.offer)
        return answer.kind == "undone" and not undoable(run.state if run else None)

    def begin(self, offer: int, at: datetime) -> bool:
        """Note `executing`; False if the offer is not accepted or was begun before."""
        before = self._responses.get(offer)
        if not before or before[-1].kind != "accepted" or offer in self._executions:
            return False
        self._executions[offer] = Execution(offer=offer, state="executing", at=at)
        return True

    def finish(self, execution: Execution) -> None:
        """Note how a run ended, or that it was undone; StoreError if it was not at the state before."""
        before = self._executions.get(execution.offer)
        if before is None or before.state not in COMES_FROM[execution.state]:
            state = before.state if before else "not begun"
            raise StoreError(f"Offer {execution.offer} is {state} and cannot become {execution.state}.")
        self._executions[execution.offer] = execution

    def recover(self, at: datetime) -> Sequence[Execution]:
        """Executions left `executing` become `unknown`, offers accepted but never begun `failed`; both are returned."""
        left = [run for _, run in sorted(self._executions.items()) if run.state == "executing"]
        runs = [run.model_copy(update={"state": "unknown", "at": at, "text": IN_DOUBT}) for run in left]
        accepted = (n for n, said in sorted(self._responses.items()) if any(r.kind == "accepted" for r in said))
        waiting = [n for n in accepted if n not in self._executions]
        runs += [Execution(offer=n, state="failed", at=at, text=NOT_RUN) for n in waiting]
        self._executions.update({run.offer: run for run in runs})
        return runs

    def sending(self, call: LLMCall) -> None:
        """Keep what is about to be sent."""
        self._calls.append(call.model_copy(update={"error": IN_FLIGHT}))

    def add_calls(self, calls: Sequence[LLMCall], tick: str = "") -> None:
        """Store LLM calls."""
        done = {c.at for c in calls}
        self._calls = [c for c in self._calls if c.error != IN_FLIGHT or c.at not in done]
        self._calls.extend(calls)

    def calls(self, since: datetime | None = None, limit: int = 1000) -> Sequence[LLMCall]:
        """LLM calls from `since` on, newest first."""
        return _newest(self._calls, since, limit)

    def tokens(self, since: datetime) -> int:
        """Tokens of all LLM calls from `since` on."""
        return sum(c.tokens for c in self._calls if c.at >= since)

    def tick(self, id: str) -> Tick | None:  # noqa: A002 - the port's name
        """The tick of that id."""
        return self._ticks.get(id)

    def ticks(self, since: datetime | None = None, limit: int = 100) -> Sequence[Tick]:
        """Ticks from `since` on, newest first."""
        return _newest(self._ticks.values(), since, limit)

    def looked(self, until: datetime) -> datetime | None:
        """When the newest look up to then was, if any is kept."""
        return max((tick.at for tick in self._ticks.values() if tick.at <= until), default=None)

    def decisions(self, since: datetime | None = None) -> Iterator[Tick]:
        """Ticks from `since` on, oldest first, without what was seen."""
        yield from (slim(t) for t in reversed(_newest(self._ticks.values(), since, len(self._ticks))))

    def put_basis(self, basis: Basis, at: datetime) -> None:
        """Keep what looks are decided on from `at` on."""
        self._bases[basis.id] = (at, basis)

    def basis(self, id: str) -> Basis | None:  # noqa: A002 - the port's name
        """The basis of that id."""
        return self._bases[id][1] if id in self._bases else None

    def offer(self, id: int) -> Offer | None:  # noqa: A002 - the port's name
        """The offer of that id."""
        return self._offers.get(id)

    def offers(self, since: datetime | None = None, limit: int = 100) -> Sequence[Offer]:
        """Offers from `since` on, newest first."""
        return _newest(self._offers.values(), since, limit)

    def responses(self, offer: int) -> Sequence[Response]:
        """The responses to an offer, oldest first."""
        return list(self._responses.get(offer, []))

    def execution(self, offer: int) -> Execution | None:
        """The run of an offer's operation, if it was begun."""
        return self._executions.get(offer)

    def documents(self, limit: int = 200) -> Sequence[Document]:
        """Documents, the one worked on last first."""
        return sorted(self._documents.values(), key=lambda d: (d.last, d.key), reverse=True)[:limit]

    def put_documents(self, documents: Sequence[Document]) -> None:
        """Add documents, or replace those of the same key."""
        self._documents.update({document.key: document for document in documents})

    def get_state(self, key: str) -> str | None:
        """The value kept under that key."""
        return self._state.get(key)

    def put_state(self, key: str, value: str) -> None:
        """Keep a value under that key, in place of an earlier one."""
        self._state[key] = value

    def prune(self, before: Cutoffs, limit: int = SLICE) -> int:
        """Remove at most `limit` rows that are older than `before`; how many, 0 = nothing is left to remove."""
        doomed = list(islice(self._old(before), limit))
        for forget in doomed:
            forget()
        return len(doomed)

    def _old(self, before: Cutoffs) -> Iterator[Callable[[], object]]:
        """What forgets each old row."""
        offered = {offer.tick for offer in self._offers.values()}
        for tick in self._ticks.values():
            old = tick.at < (before.held if tick.ending == "held" else before.looks)
            if old and tick.id not in offered:
                yield partial(self._ticks.pop, tick.id)
            elif old and slim(tick) != tick:
                yield partial(self._ticks.update, {tick.id: slim(tick)})
        yield from (partial(self._calls.remove, call) for call in self._calls if call.at < before.calls)
        yield from (partial(self._documents.pop, d.key) for d in self._documents.values() if d.last < before.documents)
        alive = {f"{SEAL}{n}" for n, offer in self._offers.items() if offer.expires >= before.expired}
        yield from (partial(self._state.pop, key) for key in self._state if key.startswith(SEAL) and key not in alive)
        first = max((at for at, _ in self._bases.values() if at < before.looks), default=before.looks)
        yield from (partial(self._bases.pop, id_) for id_, (at, _) in self._bases.items() if at < min(first, before.looks))

    def close(self) -> None:
        """Nothing to close."""
