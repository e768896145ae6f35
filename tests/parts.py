"""Parts of a loop made of the scripted plugs that ship with the product."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from agent.clocks import SimulatedClock
from agent.core.policy import PaceSettings
from agent.core.ports import Judgement, Parts
from agent.core.records import (
    Answer,
    Candidate,
    Event,
    Observation,
    Operation,
    Prediction,
    PresenceState,
    Reading,
    ResponseKind,
    Result,
    Toast,
)
from agent.core.redact import Rules
from agent.errors import JudgeError, LLMError, SensorError, ToolError
from agent.judges import RulesOnly
from agent.loop import Loop
from agent.notify.scripted import ScriptedNotifier
from agent.notify.scripted import Settings as NotifySettings
from agent.plug import Supplies
from agent.state import State, load
from agent.store.memory import MemoryStore
from reward_model.case import Case, Verdict
from tests.conftest import NOW, event

IDEA = Candidate(
    task="Search for the pool limit",
    because="Searched 4 times in 12 minutes",
    operation=Operation(name="search", arguments={"query": "pool limit"}),
    kind="repeated_search",
)


class Sensed:
    """A sensor that gives what it is told."""

    def __init__(self, events: Sequence[Event] = ()) -> None:
        self.events = tuple(events)
        self.error: SensorError | None = None

    async def read(self, now: datetime) -> Reading:
        if self.error:
            raise self.error
        return Reading(events=self.events)

    async def close(self) -> None:
        return None


class Predicts:
    """A predictor that gives what it is told and counts how often it was asked."""

    def __init__(self, *candidates: Candidate) -> None:
        self.candidates = candidates
        self.error: LLMError | None = None
        self.asked: list[Observation] = []

    async def predict(self, observation: Observation, digest: str) -> Prediction:
        self.asked.append(observation)
        if self.error:
            raise self.error
        return Prediction(candidates=self.candidates, thoughts="")


class Judges:
    """A judge that says yes or no, or fails."""

    def __init__(self, *, accept: bool = True, error: JudgeError | None = None) -> None:
        self.accept = accept
        self.error = error
        self.cases: list[Case] = []

    async def judge(self, case: Case) -> Judgement:
        self.cases.append(case)
        if self.error:
            raise self.error
        verdict = Verdict(p_accept=0.9 if self.accept else 0.1, p_help=0.5, accepted=self.accept, reason="by script")
        return Judgement(verdicts=(verdict,) * len(case.candidates))


class Quiet:
    """Presence that knows nothing."""

    state = PresenceState()

    async def look(self) -> PresenceState:
        return self.state


class Belt:
    """A toolbox whose operations only note that they ran."""

    def __init__(self) -> None:
        self.ran: list[Operation] = []

    def check(self, operation: Operation) -> str:
        if operation.name != "search":
            raise ToolError(f"'{operation.name}' is not an allowed operation.")
        return f"Search the web for {operation.arguments['query']!r}"

    def catalogue(self) -> str:
        return "search"

    async def run(self, operation: Operation) -> Result:
        self.ran.append(operation)
        return Result(text="searched", undo={"back": 1})

    async def undo(self, operation: Operation, record: Mapping[str, Any]) -> str:
        return "undone"


class Rig:
    """A loop over scripted parts at NOW, with handles on each part."""

    def __init__(self, events: Sequence[Event], *candidates: Candidate, answer: ResponseKind | None = None) -> None:
        self.clock = SimulatedClock(NOW)
        self.answers: asyncio.Queue[Answer] = asyncio.Queue()
        self.store = MemoryStore()
        self.sensor = Sensed(events)
        self.predictor = Predicts(*candidates)
        self.judge: Any = RulesOnly()
        self.belt = Belt()
        self.presence = Quiet()
        supplies = Supplies(clock=self.clock, answers=self.answers)
        self.notifier = ScriptedNotifier(NotifySettings(delay=0), supplies)
        decide: Callable[[Toast], ResponseKind | None] = lambda _: answer  # noqa: E731
        self.notifier.decide = decide

    def parts(self) -> Parts:
        return Parts(
            clock=self.clock,
            store=self.store,
            sensor=self.sensor,
            presence=self.presence,
            predictor=self.predictor,
            judge=self.judge,
            notifier=self.notifier,
            tools=self.belt,
            answers=self.answers,
        )

    def loop(self, state: State | None = None) -> Loop:
        return Loop(self.parts(), state or load(self.store, PaceSettings(), Rules(), NOW))


def working(
    minutes: float = 30, *, app: str = "libreoffice-writer", title: str = "thesis.odt - LibreOffice Writer"
) -> list[Event]:
    """Somebody at work for so long until 5 s before NOW, back in one document after some minutes in another: a breakpoint."""
    ago = minutes * 60
    other = {"app": "evince", "title": "paper.pdf"}
    return [
        event("afk", ago, ago - 5, id=1, status="not-afk"),
        event("window", ago, ago - 400, id=2, app=app, title=title),
        event("window", 400, 290, id=3, **other),
        event("window", 110, 105, id=4, app=app, title=title),
    ]


def later(minutes: float) -> datetime:
    """A moment after NOW."""
    return NOW + timedelta(minutes=minutes)
