"""One user's days under one policy, on the real loop: the sensors, predictor, judge and user of `ports.py`, simulated time."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from agent.bench.pace.opinion import Opinion
from agent.bench.pace.policies import Choice, Sight, asks, looks, minute, take
from agent.bench.pace.ports import SimJudge, SimNotifier, SimPredictor, SimPresence, SimSensor, SimTools
from agent.bench.pace.profiles import LATE, User
from agent.bench.pace.votes import Option
from agent.bench.pace.world import Span, begin, moments, open_door, seen
from agent.clocks import SimulatedClock
from agent.core.pace import forget
from agent.core.pace_settings import PaceSettings
from agent.core.ports import Parts
from agent.core.records import Answer, Candidate, Event, Operation, ResponseKind, Toast
from agent.core.redact import Rules
from agent.loop import Loop
from agent.state import State, load
from agent.store.memory import MemoryStore

SEEN = timedelta(seconds=5)
"""From the showing to the answer; a toast is ignored after ten."""
KEPT = 12
"""Earlier offers the loop is left with: more cost time, and the simulated judge reads none."""
SHORT = PaceSettings(toast_seconds=10)
"""Toasts short enough for a policy that offers every 15 seconds."""


class Tally(NamedTuple):
    """What one day brought: offers that were delivered, those accepted, needs never met, and asks of the predictor."""

    offers: int
    accepted: int
    missed: int
    calls: int


def _settings(choice: Choice) -> PaceSettings:
    if not choice.learns:
        return SHORT
    ours = PaceSettings(level=choice.level)
    return ours.model_copy(update={"daily_cap": 200, "start": ours.floor, "ceiling": ours.floor}) if choice.free else ours


class Month:
    """One user under one policy. `play` gives a tally a day; everything in it follows from the arguments."""

    def __init__(self, user: User, choice: Choice, idle: float, settings: PaceSettings | None = None) -> None:
        self.user, self.choice, self.idle = user, choice, idle
        self.day = 0
        self.spans: tuple[Span, ...] = ()
        self.at: Span | None = None
        self.met: set[int] = set()
        self.shown: set[int] = set()
        self.times: list[datetime] = []
        self.calls = self.accepted = 0
        self.answers: asyncio.Queue[Answer] = asyncio.Queue()
        self.waiting: list[Answer] = []
        self.opinion = Opinion(choice.shift) if choice.learns else None
        self.clock = SimulatedClock(begin(0))
        self.store = MemoryStore()
        self.fresh: State = load(self.store, settings or _settings(choice), Rules(), begin(0))
        self.loop = Loop(self._parts(), self.fresh)

    async def play(self, days: Iterable[int]) -> tuple[Tally, ...]:
        """These days, ascending."""
        return tuple([await self._day(n) for n in days])

    async def _day(self, day: int) -> Tally:
        self.day, self.spans = day, moments(self.user.person, self.user.seed, day, self.idle)
        self.met, self.times, self.calls, self.accepted = set(), [], 0, 0
        if self.opinion:
            self.opinion.refit()
        left = iter(self.spans)
        self.at = None
        for now in looks(self.choice, self.spans):
            while self.at is None or now >= self.at.end:
                self.at, self.shown = next(left), set()
            await self._look(now, self.at)
        await self._evening()
        needs = sum(self._needed(s) for s in self.spans)
        return Tally(len(self.times), self.accepted, needs - len(self.met), self.calls)

    async def _look(self, now: datetime, span: Span) -> None:
        self.clock.advance(now)
        self._deliver(now)
        if not self.choice.learns:
            if not asks(self.choice, self._sight(now, span)):
                return
            await self.loop.drain()
            self.loop.state = self.fresh  # no memory, no limits: what it does is decided in policies.py
        if self.choice.free:
            self.loop.state = self.loop.state.model_copy(update={"pace": forget(self.loop.state.pace)})
        tick = await self.loop.step(now)
        self.loop.state = self.loop.state.model_copy(update={"earlier": self.loop.state.earlier[-KEPT:]})
        self.calls += tick.prediction is not None
        await self.loop.settle()

    async def _evening(self) -> None:
        """Late answers come in before the night."""
        for answer in self.waiting:
            self.answers.put_nowait(answer)
        self.waiting = []
        await self.loop.drain()
        await self.loop.settle()

    def _deliver(self, now: datetime) -> None:
        for answer in self.waiting:
            if answer.at <= now:
                self.answers.put_nowait(answer)
        self.waiting = [a for a in self.waiting if a.at > now]

    def _parts(self) -> Parts:
        return Parts(
            clock=self.clock,
            store=self.store,
            sensor=SimSensor(self._events),
            presence=SimPresence(lambda: self.choice.learns and self.user.undisturbed(minute(self.day, self.clock.now()))),
            predictor=SimPredictor(self._candidates),
            judge=SimJudge(lambda _: self._chances()),
            notifier=SimNotifier(self._show),
            tools=SimTools(),
            answers=self.answers,
        )

    def _events(self, now: datetime) -> tuple[Event, ...]:
        return seen(self.spans, now) if self.choice.learns else open_door(now)

    @property
    def _span(self) -> Span:
        if self.at is None:
            raise ValueError("no moment has begun")
        return self.at

    def _options(self) -> Sequence[Option]:
        return self.user.person.turns[self._span.turn]

    def _numbers(self) -> list[int]:
        """The options that can be proposed: ours is not told one twice in a moment, for the predictor knows what it offered."""
        every = range(len(self._options()))
        return [i for i in every if i not in self.shown] if self.choice.learns else list(every)

    def _candidates(self) -> list[Candidate]:
        """The options; what has no kind goes by a name that no other moment has, so that no single idea is learnt by heart."""
        found = []
        for i in self._numbers():
            option = self._options()[i]
            name = f"{zlib.crc32(f'{self.user.seed} {self.day} {self._span.number} {i}'.encode()):08x}"
            operation = Operation(name="search", arguments={"option": i})
            found.append(Candidate(task=name, because="", operation=operation, kind=option.kind or name))
        return found

    def _chances(self) -> list[tuple[float, bool]]:
        options = self._options()
        if self.opinion:
            return [self.opinion.of(options[i]) for i in self._numbers()]
        chosen = take(self.choice, self._sight(self.clock.now(), self._span))
        return [(0.99, True) if i == chosen else (0.01, False) for i in range(len(options))]

    def _sight(self, now: datetime, span: Span) -> Sight:
        options = self.user.person.turns[span.turn]
        return Sight(self.user, self.day, span, options, now, self.times, self.calls, span.number in self.met)

    def _show(self, toast: Toast) -> bool:
        """Show an offer to the user, who answers; under do-not-disturb nothing is shown."""
        now, span = self.clock.now(), self._span
        at = minute(self.day, now)
        offer = self.store.offer(toast.offer)
        if offer is None or self.user.undisturbed(at):
            return False
        number = int(str(offer.candidate.operation.arguments["option"]))
        option = self._options()[number]
        self.shown.add(number)
        needed = not span.idle and span.number not in self.met
        wanted = needed and self.user.wants(option, self.day, at)
        key = f"{self.day} {span.number} {len(self.times)}"
        kind = self.user.answer(key, wanted=wanted, needed=needed, into=(now - span.start).total_seconds(), minute=at)
        self.times.append(now)
        self._take(toast, kind, option)
        return True

    def _take(self, toast: Toast, kind: ResponseKind, option: Option) -> None:
        """Note the answer and let it come in its time."""
        late = self.user.profile.late and kind == "accepted"
        if kind == "accepted":
            self.met.add(self._span.number)
            self.accepted += 1
        kinds: list[tuple[timedelta, ResponseKind]] = [
            (2 * SEEN if kind == "ignored" or late else SEEN, "ignored" if late else kind)
        ]
        if late:
            kinds.append((timedelta(minutes=LATE), "accepted"))
        now = self.clock.now()
        self.waiting += [Answer(offer=toast.offer, nonce=toast.nonce, kind=k, at=now + d, source="user") for d, k in kinds]
        if self.opinion:
            self.opinion.note(now, toast.body, kind, option, toast.offer)

    def _needed(self, span: Span) -> bool:
        """Whether the user would take some option of the moment, were it offered at its beginning."""
        at = minute(self.day, span.start)
        options = self.user.person.turns[span.turn]
        return not span.idle and any(self.user.wants(o, self.day, at) for o in options)
