"""The loop around the tick: store, offer, take answers, adapt the pace, act, arm the next tick.

The daemon, the demo and the benches all run this one; the daemon adds scheduler, lock, signals and control.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from agent.act import carry_out, seal, undo
from agent.core import pace, policy, reasons
from agent.core.defence import on
from agent.core.documents import join, remember
from agent.core.keep import Guards, Prunes, due
from agent.core.lines import LINE, cut
from agent.core.offers import counts, opened, toast
from agent.core.ports import Parts
from agent.core.records import Answer, Document, Earlier, Offer, Pace, Response, ResponseKind, Tick
from agent.errors import StoreError, ToolError
from agent.forgetting import Forgetting
from agent.shadow import Beside
from agent.state import EARLIER_KEPT, Asked, State
from agent.tick import remembered_until, tick

log = logging.getLogger(__name__)

# A notifier answers by its own deadline (toast time and 30 s); if it never does, the offer is taken as ignored after this.
UNANSWERED = timedelta(minutes=3)
# While no sensor answers, look again this soon: the first poll comes at most 10 s after ActivityWatch is up.
RETRY = 8.0
# Slices that are pruned after one tick; a day leaves about as many, and a year's backlog is gone within hours.
SLICES = 20
CLOSING: tuple[ResponseKind, ...] = ("accepted", "rejected", "dismissed", "ignored", "withdrawn", "lost", "undelivered")


class Loop:
    """One running loop over its ports. `due` is when the next tick should run, `endings` counts how ticks ended."""

    def __init__(self, parts: Parts, state: State) -> None:
        self.parts = parts
        self.state = state
        self.due: datetime | None = None
        self.last: Tick | None = None
        self.endings: Counter[str] = Counter()
        self._acts: set[asyncio.Task[object]] = set()
        self._pruned = ""
        self._beside = Beside()
        self.forgetting = Forgetting()

    async def step(self, now: datetime) -> Tick:
        """Take answers that came, run one tick, store it, offer if it says so, arm the next. ControlError if it was dropped."""
        async with self.forgetting.turn:
            return await self._step(now)

    async def _step(self, now: datetime) -> Tick:
        await self.drain()
        if isinstance(self.parts.store, Guards):
            self.parts.store.ready()  # a look that cannot be stored is not made: nothing is asked in vain
        await self._give_up(now)
        self._set_back(now)
        state = self.state
        done = self._beside.note(self.parts.store, state, await tick(self.parts, state, now, self.forgetting.ask))
        if done.ending == "offer" and (why := self._withheld(done)):
            done = done.model_copy(update={"ending": "held", "reason": why, "choice": None})
        done, line = self._checked(done)
        self._remember(done)
        blind = done.ending == "failed" and done.observation is None
        if done.ending == "offer":
            await self._offer(done, line)
        elif not (blind and self.last is not None and self.last.reason == done.reason):
            self.parts.store.add_tick(done)  # the same outage is one record, not one every ten seconds
            log.info("tick %s", f"{done.ending}: {done.reason}" if done.ending in ("held", "failed") else done.ending)
        self._keep_calls(done)
        self.last = done
        self.endings[done.reason if done.ending == "held" else done.ending] += 1
        wait = min(RETRY, self.state.settings.poll) if blind else self.state.settings.poll
        self.due = now + timedelta(seconds=wait)
        await self._prune(now)
        return done

    async def drain(self) -> None:
        """Take every answer that has come."""
        while not self.parts.answers.empty():
            await self.take(self.parts.answers.get_nowait())

    async def take(self, answer: Answer) -> Response | None:
        """Commit an answer and do what follows from it; None if it does not count (wrong nonce, expired, already answered)."""
        offer = self.parts.store.offer(answer.offer)  # before the commit: nothing may fail between an accept and its start
        response = self.parts.store.add_response(answer) if offer is not None and counts(answer, offer) else None
        if offer is None or response is None:
            log.info("an answer to offer %s came too late or twice and was not taken", answer.offer)
            return None
        if response.kind == "accepted":
            self._start(offer)
        self._note(offer, response)
        await self._learn(offer, response)
        if response.kind == "opened":
            await self.parts.notifier.tell(offer.line, opened(offer))
        return response

    async def settle(self) -> None:
        """Wait for operations that are running."""
        while self._acts:
            await asyncio.gather(*self._acts, return_exceptions=True)

    async def withdraw(self) -> None:
        """Take an open offer off the screen; it stays in the inbox."""
        if self.state.open_offer is not None:
            await self.parts.notifier.withdraw(self.state.open_offer)
            await self.drain()

    def recall(self, documents: Sequence[Document]) -> None:
        """Add the documents of the time before the first look."""
        joined = join(self.state.documents, documents)
        self._set(documents=joined)
        self.parts.store.put_documents(joined)

    async def undo(self, offer: Offer, now: datetime) -> str:
        """Undo what an accepted offer did; raises ToolError if it cannot be undone."""
        said = await undo(self.parts, offer, now)
        await self.take(Answer(offer=offer.id, nonce=offer.nonce, kind="undone", at=now, source="undo"))
        return said

    def forget(self, kept: State) -> None:
        """Go on with what a deletion left in the store."""
        self._set(asked=kept.asked, earlier=kept.earlier, documents=kept.documents, forgotten=kept.forgotten)
        self.last, self._beside = None, Beside()

    def pause(self, until: datetime | None) -> None:
        """Make no offers until then; None resumes."""
        self._set(paused_until=until)
        self.parts.store.put_state("paused_until", until.isoformat() if until else "")

    def reconfigure(self, parts: Parts, state: State) -> None:
        """Go on with new ports and settings; what was learnt and shown stays."""
        self.parts = parts
        learnt = self.state.pace.model_copy(update={"level": state.pace.level})
        self.state = self.state.model_copy(update={"settings": state.settings, "rules": state.rules, "pace": learnt})

    def _withheld(self, done: Tick) -> str:
        """Why an offer is held back after all: what the user said while a model thought."""
        paused, found = self.state.paused_until, done.candidate
        if paused is not None and paused > self.parts.clock.now():
            return "paused"
        if self.state.pace.level == 0:
            return "level"
        return "refused" if found and pace.barred(self.state.pace, pace.idea_of(found), done.at) else ""

    def repace(self, learnt: Pace) -> None:
        """Go on with another pace: another level, an idea muted or not, what was learnt forgotten. Raises StoreError."""
        self.parts.store.put_state("pace", learnt.model_dump_json())
        self._set(pace=learnt)

    def _set_back(self, now: datetime) -> None:
        """After the clock was set back, what it had for later was just now: no silence until then."""
        if self.state.asked.at is not None and self.state.asked.at > now:
            self._set(asked=self.state.asked.model_copy(update={"at": now}))
        if (offered := self.state.pace.offered_at) is not None and offered > now:
            self._set(pace=pace.set_back(self.state.pace, now), offered=tuple(min(t, now) for t in self.state.offered))

    def _set(self, **fields: object) -> None:
        self.state = self.state.model_copy(update=fields)

    def _remember(self, done: Tick) -> None:
        """Documents worked on, and what was in front of the predictor when it was asked."""
        until = remembered_until(done.at)
        since = self.state.remembered or datetime.min.replace(tzinfo=until.tzinfo)
        documents = remember(self.state.documents, done.windows, since, until)
        if documents != self.state.documents:
            self.parts.store.put_documents(documents)
        self._set(documents=documents, remembered=max(since, until) if done.windows else self.state.remembered)
        if done.observation is None:
            return
        asked = Asked(at=done.at, fingerprint=done.gate.fingerprint, contexts=done.contexts, evidence=done.gate.evidence)
        now_paced = policy.asked(self.state.pace, done.at, offered=done.ending == "offer")
        waits = done.ending == "filtered" and done.reason == reasons.WAITS
        self._set(asked=asked, pace=now_paced, waiting=done.at - timedelta(seconds=done.gate.waiting or 0.0) if waits else None)
        self.parts.store.put_state("asked", asked.model_dump_json())
        self.parts.store.put_state("pace", now_paced.model_dump_json())

    def _checked(self, done: Tick) -> tuple[Tick, str]:
        """The tick with the line of what would run; an offer whose operation may not run is a failed tick, without a line."""
        if done.ending != "offer" or done.candidate is None:
            return done, ""
        try:
            return done, self.parts.tools.check(done.candidate.operation)
        except ToolError as e:
            return done.model_copy(update={"ending": "failed", "reason": str(e), "choice": None}), ""

    async def _offer(self, done: Tick, line: str) -> None:
        """Commit the offer, then show it: a click can arrive after a millisecond, and a kill must not lose it."""
        candidate = done.candidate
        if candidate is None:
            raise ValueError("an offer needs a candidate")
        settings = self.state.settings
        p_accept = done.verdicts[done.choice].p_accept if done.choice is not None and done.verdicts else 0.0
        offer = self.parts.store.add_offer(
            done,
            Offer(
                id=0,
                nonce=secrets.token_urlsafe(16),
                tick=done.id,
                at=done.at,
                expires=done.at + timedelta(minutes=settings.offer_minutes),
                candidate=candidate,
                line=line,
                p_accept=p_accept,
            ),
        )
        log.info("tick offer: number %s, %s", offer.id, candidate.operation.name)
        seal(self.parts, offer)
        entry = Earlier(task=candidate.task, operation=line, at=done.at, kind=candidate.kind)
        self._set(
            open_offer=offer.id,
            offered=(*(t for t in self.state.offered if t > done.at - timedelta(days=1)), done.at),
            earlier=(*self.state.earlier, entry)[-EARLIER_KEPT:],
        )
        if not await self.parts.notifier.show(toast(offer, settings.toast_seconds)):
            await self.take(Answer(offer=offer.id, nonce=offer.nonce, kind="undelivered", at=done.at, source="loop"))

    def _note(self, offer: Offer, response: Response) -> None:
        """What a response changes: the open offer, the earlier offers, the pace, which need not be stored for it to count."""
        earlier = (e.model_copy(update={"response": response.kind}) if e.at == offer.at else e for e in self.state.earlier)
        self._set(earlier=tuple(earlier))
        if response.kind in CLOSING and self.state.open_offer == response.offer:
            self._set(open_offer=None)

    async def _learn(self, offer: Offer, response: Response) -> None:
        """What an answer teaches; that one passed under do-not-disturb says nothing. It need not be stored for it to count."""
        if response.kind not in pace.DECIDED or (response.kind == "ignored" and await self._undisturbed()):
            return
        try:
            shown = self.parts.store.tick(offer.tick)
            learnt = pace.learn(self.state.pace, pace.answered(offer, response, shown))
            self._set(pace=learnt)
            self.parts.store.put_state("pace", learnt.model_dump_json())
        except StoreError as e:
            log.warning("the new pace was not stored: %s", e)

    async def _undisturbed(self) -> bool:
        return self.state.settings.presence and (await self.parts.presence.look()).do_not_disturb == "yes"

    def _start(self, offer: Offer) -> None:
        """Run the accepted operation beside the loop."""
        act: asyncio.Task[object] = asyncio.create_task(self._run(offer))
        self._acts.add(act)
        act.add_done_callback(self._acts.discard)

    async def _run(self, offer: Offer) -> None:
        try:
            await carry_out(self.parts, offer, self.parts.clock.now())
        except StoreError as e:  # only before the effect; recovery writes it down at the next start
            log.warning("offer %s was accepted but not run: %s", offer.id, e)
            await self.parts.notifier.tell(cut(f"Not run: {offer.line}", LINE), str(e))

    async def _give_up(self, now: datetime) -> None:
        """An open offer that the notifier never answered is ignored in the end."""
        offer = self.parts.store.offer(self.state.open_offer) if self.state.open_offer is not None else None
        if offer is not None and now > offer.at + timedelta(seconds=self.state.settings.toast_seconds) + UNANSWERED:
            await self.take(Answer(offer=offer.id, nonce=offer.nonce, kind="ignored", at=now, source="loop"))
            self._set(open_offer=None)

    async def _prune(self, now: datetime) -> None:
        """Once a local day, forget what is old: a long backlog over several ticks, so that nothing waits for it."""
        store = self.parts.store
        if not isinstance(store, Prunes) or not on("retention"):
            return
        mark, before = due(store, now)
        if self._pruned == mark:
            return
        try:
            if store.get_state("pruned") != mark:
                for _ in range(SLICES):
                    if not store.prune(before):
                        break
                    await asyncio.sleep(0)
                else:
                    return
                store.put_state("pruned", mark)
        except StoreError as e:
            log.warning("old records were not removed, tomorrow again: %s", e)
        self._pruned = mark
        self._set(documents=tuple(d for d in self.state.documents if d.last >= before.documents))

    def _keep_calls(self, done: Tick) -> None:
        calls = (*(done.prediction.calls if done.prediction else ()), *done.judge_calls)
        if calls:
            self.parts.store.add_calls(calls, done.id)
