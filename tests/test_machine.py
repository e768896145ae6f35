"""Everything that can happen to a loop, in any order: nothing runs without an accept, nothing twice, the store stays whole."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from agent.bench.stub import task_words
from agent.config import Settings
from agent.configfile import Watch, read
from agent.core.policy import PaceSettings
from agent.core.ports import LLMRequest
from agent.core.records import Answer, LLMCall, Operation, Result
from agent.core.redact import Rules
from agent.errors import LLMError, ProactiveError, SensorError
from agent.loop import Loop
from agent.predict import LLMPredictor
from agent.state import load
from agent.store.sqlite import FILE, SqliteStore
from agent.trust._sockets import HandClock
from tests.conftest import NOW
from tests.parts import Belt, Rig, working

PACE = PaceSettings(poll=1.0, start=0.01, floor=0.01, ceiling=0.02, level=5, daily_cap=40)
GOOD = "[pace]\nlevel = {level}\n"
EDITS = ["", "level = ", "[pace", "[pace]\nlevel = 99\n", "[pacee]\n", "\x00", "[pace]\nlevel = 2\npoll = 'x'\n"]
JUMPS = [timedelta(seconds=s) for s in (3600, -3600, 86_400, -86_400, 32_400, -3)]
IDEA = '{{"proactive_task": "Look for {0}", "response": "Shall I?", "because": "Searched it", "operation": {1}}}'
ANSWERS = {
    "good": '{{"name": "search", "arguments": {{"query": "{0}"}}}}',
    "unknown": '{{"name": "shell", "arguments": {{"query": "{0}"}}}}',
    "several": '[{{"name": "search", "arguments": {{"query": "{0}"}}}}]',
}
seen: Counter[str] = Counter()


class Wild:
    """An LLM whose manners the machine changes."""

    name = "wild"

    def __init__(self, clock: HandClock) -> None:
        self.mode = "good"
        self.count = 0
        self._clock = clock

    async def complete(self, request: LLMRequest) -> LLMCall:
        if self.mode == "down":
            raise LLMError("It is down.", "Wait.")
        self.count += 1
        words = task_words(self.count)
        idea = IDEA.format(words, ANSWERS.get(self.mode, ANSWERS["good"]).format(words))
        text = f'{{"purpose": "p", "thoughts": "t", "candidates": [{idea}]}}'
        if self.mode in ("garbage", "empty"):
            text = {"garbage": "[" * 5000, "empty": ""}[self.mode]
        return LLMCall(at=self._clock.now(), purpose=request.purpose, host="x", model="m", prompt="p", answer=text)

    async def close(self) -> None:
        return None


class Notes(Belt):
    """Operations that note that they ran, and may fail."""

    fails = False

    async def run(self, operation: Operation) -> Result:
        self.ran.append(operation)
        if self.fails:
            raise ProactiveError("It failed.")
        return Result(text="searched", undo={"back": 1})


class Life(RuleBasedStateMachine):
    """One loop over a real store."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)
        self.turns = asyncio.new_event_loop()
        self.clock = HandClock(NOW)
        self.llm = Wild(self.clock)
        self.belt = Notes()
        self.aw = "up"
        self.number = 0
        self.config = self.path / "private.toml"
        self.config.write_text(GOOD.format(level=5))
        self.config.chmod(0o600)
        self.watch = Watch(self.config, read(self.config), settle=0)
        self.run(self._begin())

    def run(self, work: Any) -> Any:
        return self.turns.run_until_complete(work)

    async def _begin(self) -> None:
        self.store = SqliteStore(self.path / FILE)
        self.store.recover(self.clock.now())
        self.rig = Rig([])
        self.rig.clock, self.rig.store, self.rig.belt = self.clock, self.store, self.belt  # type: ignore[assignment]
        self.rig.predictor = LLMPredictor(self.llm, self.belt)  # type: ignore[assignment]
        self.loop = Loop(self.rig.parts(), load(self.store, PACE, Rules(), self.clock.now()))

    def teardown(self) -> None:
        self.run(self.loop.settle())
        self.store.close()
        self.turns.close()
        self.folder.cleanup()

    @rule(mode=st.sampled_from(["up", "down", "garbage"]))
    def activitywatch(self, mode: str) -> None:
        self.aw = mode

    @rule(mode=st.sampled_from([*ANSWERS, "good", "good", "garbage", "empty", "down"]))
    def model(self, mode: str) -> None:
        self.llm.mode = mode

    @rule(fails=st.booleans())
    def tools(self, fails: bool) -> None:  # noqa: FBT001
        self.belt.fails = fails

    @rule(minutes=st.integers(1, 200))
    def works(self, minutes: int) -> None:
        self.clock.at += timedelta(minutes=minutes)
        self._look()

    @rule(jump=st.sampled_from(JUMPS))
    def clock_is_set(self, jump: timedelta) -> None:
        self.clock.at += jump
        self._look()

    def _look(self) -> None:
        self.number += 1
        moved = self.clock.at - NOW
        events = [e.model_copy(update={"timestamp": e.timestamp + moved, "id": self.number * 10 + (e.id or 0)})
                  for e in working(title=f"part {self.number}.odt - LibreOffice Writer")]  # fmt: skip
        future = {"timestamp": self.clock.at + timedelta(days=400)}
        self.rig.sensor.error = SensorError("It is down.") if self.aw == "down" else None
        self.rig.sensor.events = tuple(e.model_copy(update=future) for e in events) if self.aw == "garbage" else tuple(events)
        done = self.run(self.loop.step(self.clock.now()))
        self.run(self.loop.settle())
        seen[done.ending] += 1
        seen[f"{done.ending}: {done.reason[:40]}"] += 1

    @precondition(lambda self: self.store.offers())
    @rule(
        data=st.data(),
        kind=st.sampled_from(["accepted"] * 4 + ["rejected", "dismissed", "ignored", "opened", "lost"]),
        right=st.sampled_from([True, True, True, False]),
    )
    def answers(self, data: Any, kind: str, right: bool) -> None:  # noqa: FBT001
        offer = data.draw(st.sampled_from([*self.store.offers()[:1] * 3, *self.store.offers()[1:4]]))
        nonce = offer.nonce if right else f"{offer.nonce[:-1]}?"
        at = self.clock.now()
        taken = self.run(self.loop.take(Answer(offer=offer.id, nonce=nonce, kind=kind, at=at, source="toast")))  # type: ignore[arg-type]
        self.run(self.loop.settle())
        assert right or taken is None
        seen["taken"] += taken is not None and kind == "accepted"

    @precondition(lambda self: self.belt.ran)
    @rule(data=st.data())
    def undoes(self, data: Any) -> None:
        offer = data.draw(st.sampled_from(self.store.offers()[:4]))
        try:
            self.run(self.loop.undo(offer, self.clock.now()))
        except ProactiveError:
            return

    @rule()
    def restarts(self) -> None:
        self.store.close()
        self.run(self._begin())

    @rule(text=st.sampled_from(EDITS), level=st.integers(1, 5), broken=st.booleans())
    def edits(self, text: str, level: int, broken: bool) -> None:  # noqa: FBT001
        before = self.watch.settings
        self.config.write_text((text if broken else GOOD.format(level=level)) + "#" * self.number)
        changed = self.watch.changed()
        assert isinstance(self.watch.settings, Settings)
        if self.watch.problem:
            assert self.watch.settings is before
        if changed:
            self.loop.reconfigure(self.rig.parts(), self.loop.state)

    @invariant()
    def every_effect_was_accepted_once(self) -> None:
        offers = self.store.offers()
        accepted = {o.candidate.operation.arguments["query"] for o in offers
                    if [r.kind for r in self.store.responses(o.id)].count("accepted") == 1}  # fmt: skip
        twice = [o.id for o in offers if [r.kind for r in self.store.responses(o.id)].count("accepted") > 1]
        ran = [str(o.arguments["query"]) for o in self.belt.ran]
        assert twice == []
        assert len(ran) == len(set(ran)), "an operation ran twice"
        assert set(ran) <= accepted, "an operation ran without an accept"

    @invariant()
    def the_store_is_whole(self) -> None:
        with closing(sqlite3.connect(self.path / FILE)) as database:
            assert database.execute("PRAGMA quick_check").fetchone() == ("ok",)


def _lives(examples: int, steps: int) -> None:
    seen.clear()
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Life,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


def test_a_few_lives() -> None:
    _lives(4, 20)


@pytest.mark.slow
def test_fifty_lives_of_fifty_steps() -> None:
    _lives(50, 50)
    assert seen["offer"] >= 50, seen
    assert seen["taken"] >= 10, seen
    assert seen["failed"] >= 10, seen
