"""Acting: exactly what was shown, once, only after accept, with a result or a clear failure."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from agent.act import ToolBelt, carry_out, seal
from agent.core.ports import Parts, Tool
from agent.core.records import (
    Answer,
    Candidate,
    Execution,
    GateInput,
    LLMCall,
    Offer,
    Operation,
    Prediction,
    Result,
    Risk,
    Tick,
)
from agent.errors import NotifierError, StoreError, ToolError
from agent.store.memory import MemoryStore
from tests.conftest import NOW


class FixedClock:
    """A clock that stands still."""

    factor = 1.0

    def now(self) -> datetime:
        return NOW

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


class Teller:
    """A notifier that keeps what it tells."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.fails = False

    async def tell(self, title: str, body: str) -> bool:
        if self.fails:
            raise NotifierError("No notification server.")
        self.told.append((title, body))
        return True


class NoteArgs(BaseModel):
    """What to note."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    text: str = Field(description="what to note")


class Note:
    """Note a text."""

    name = "note"
    risk: Risk = "read"
    args = NoteArgs

    def __init__(self, does: Exception | float | Result | None = None) -> None:
        self.ran: list[str] = []
        self.line = "Note it"
        self.does = does

    def describe(self, args: NoteArgs) -> str:
        return f"{self.line}: {args.text}"

    async def run(self, args: NoteArgs) -> Result:
        self.ran.append(args.text)
        if isinstance(self.does, Exception):
            raise self.does
        if isinstance(self.does, float):
            await asyncio.sleep(self.does)
        return self.does if isinstance(self.does, Result) else Result(text=f"Noted {args.text}.")

    async def undo(self, record: Mapping[str, Any]) -> str:
        raise ToolError("There is nothing to undo.")


class Copier:
    """A clipboard that keeps what is copied."""

    def __init__(self, why_not: str = "") -> None:
        self.copied: list[str] = []
        self.why_not = why_not

    async def __call__(self, text: str) -> str:
        self.copied.append(text)
        return self.why_not


def parts(*tools: Tool, store: Any = None, deadline: float = 60.0) -> Any:
    """The ports that acting uses; the others are not there."""
    belt = ToolBelt(tools, deadline)
    unused: Any = None
    return Parts(
        clock=FixedClock(),
        store=store or MemoryStore(),
        sensor=unused,
        presence=unused,
        predictor=unused,
        judge=unused,
        notifier=Teller(),
        tools=belt,
        answers=asyncio.Queue(),
    )


def offered(p: Parts, operation: Operation, *, accept: bool = True) -> Offer:
    """An offer of an operation as the loop would make it: checked, committed, sealed, and accepted."""
    candidate = Candidate(task="t", because="b", operation=operation)
    tick = Tick(
        id=f"t{len(p.store.offers())}",
        at=NOW,
        ending="offer",
        reason="r",
        gate=GateInput(at=NOW, local_minute=0),
        prediction=Prediction(candidates=(candidate,)),
        choice=0,
    )
    offer = Offer(
        id=0,
        nonce=tick.id,
        tick=tick.id,
        at=NOW,
        expires=NOW + timedelta(hours=1),
        candidate=candidate,
        line=p.tools.check(operation),
    )
    offer = p.store.add_offer(tick, offer)
    seal(p, offer)
    if accept:
        p.store.add_response(Answer(offer=offer.id, nonce=offer.nonce, kind="accepted", at=NOW, source="test"))
    return offer


NOTE = Operation(name="note", arguments={"text": "milk"})


async def test_an_accepted_offer_is_run_recorded_and_told() -> None:
    call = LLMCall(at=NOW, purpose="chat", host="h", model="m", prompt="p", cost=0.5)
    tool, copier = Note(Result(text="Noted milk.", clipboard="milk", calls=(call,))), Copier()
    p = parts(tool)
    offer = offered(p, NOTE)
    done = await carry_out(p, offer, NOW, copier)
    assert done == Execution(offer=offer.id, state="done", at=NOW, text="Noted milk.")
    assert (tool.ran, copier.copied) == (["milk"], ["milk"])
    assert p.store.execution(offer.id) == done
    assert [c.cost for c in p.store.calls()] == [0.5]
    assert p.notifier.told == [("Done: Note it: milk", "Noted milk.\nIt is on the clipboard.")]


async def test_an_offer_that_was_not_accepted_is_not_run() -> None:
    tool = Note()
    p = parts(tool)
    offer = offered(p, NOTE, accept=False)
    done = await carry_out(p, offer, NOW, Copier())
    assert (done.state, tool.ran, p.notifier.told) == ("failed", [], [])
    assert p.store.execution(offer.id) is None


async def test_an_offer_is_run_once_however_often_it_is_carried_out() -> None:
    tool = Note(0.01)
    p = parts(tool)
    offer = offered(p, NOTE)
    runs = await asyncio.gather(*(carry_out(p, offer, NOW, Copier()) for _ in range(5)))
    again = await carry_out(p, offer, NOW, Copier())
    assert tool.ran == ["milk"]
    assert again == runs[0]
    assert len(p.notifier.told) == 1


async def test_executing_is_committed_before_the_effect() -> None:
    seen: list[str] = []

    class Spy(Note):
        async def run(self, args: NoteArgs) -> Result:
            run = p.store.execution(1)
            seen.append(run.state if run else "nothing")
            return Result(text="ok")

    p = parts(Spy())
    await carry_out(p, offered(p, NOTE), NOW, Copier())
    assert seen == ["executing"]


async def test_a_store_that_cannot_commit_stops_the_operation() -> None:
    class Broken(MemoryStore):
        def begin(self, offer: int, at: datetime) -> bool:
            raise StoreError("The disk is full.")

    tool = Note()
    p = parts(tool, store=Broken())
    offer = offered(p, NOTE)
    with pytest.raises(StoreError):
        await carry_out(p, offer, NOW, Copier())
    assert tool.ran == []


async def test_a_result_that_cannot_be_recorded_is_still_told(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(MemoryStore):
        def finish(self, execution: Execution) -> None:
            raise StoreError("The disk is full.")

    p = parts(Note(), store=Broken())
    await carry_out(p, offered(p, NOTE), NOW, Copier())
    assert p.notifier.told == [("Done: Note it: milk", "Noted milk.")]
    assert "could not be recorded" in caplog.text


async def test_what_would_run_now_must_be_what_was_shown() -> None:
    tool = Note()
    p = parts(tool)
    offer = offered(p, NOTE)
    tool.line = "Delete it"
    done = await carry_out(p, offer, NOW, Copier())
    assert (done.state, tool.ran) == ("failed", [])
    assert "not what was shown" in done.text
    assert p.notifier.told[0][0] == "Failed: Note it: milk"


@given(st.text(max_size=100), st.text(max_size=100))
@settings(max_examples=100, deadline=None)
async def test_the_line_shown_and_the_text_run_are_of_one_operation(shown: str, other: str) -> None:
    tool = Note()
    p = parts(tool)
    offer = offered(p, Operation(name="note", arguments={"text": shown}))
    swapped = offer.candidate.model_copy(update={"operation": Operation(name="note", arguments={"text": other})})
    await carry_out(p, offer.model_copy(update={"candidate": swapped}), NOW, Copier())
    assert not tool.ran or p.tools.check(swapped.operation) == offer.line


@pytest.mark.parametrize(
    ("does", "said"),
    [
        (ToolError("The page is gone.", "Open it yourself."), "The page is gone. Open it yourself."),
        (9.0, "It did not end within 0 seconds."),
        (ValueError("secret detail"), "It failed for a reason we did not foresee"),
    ],
)
async def test_a_failure_is_recorded_and_told_clearly(
    does: Exception | float, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    p = parts(Note(does), deadline=0.05)
    offer = offered(p, NOTE)
    done = await carry_out(p, offer, NOW, Copier())
    assert done.state == "failed"
    assert done.text.startswith(said)
    assert p.store.execution(offer.id) == done
    assert p.notifier.told[0][0] == "Failed: Note it: milk"
    assert ("Traceback" in caplog.text) == isinstance(does, ValueError)


async def test_neither_a_missing_clipboard_nor_a_missing_toast_fails_the_act() -> None:
    p = parts(Note(Result(text="Noted.", clipboard="milk")))
    assert (await carry_out(p, offered(p, NOTE), NOW, Copier("Not copied: there is no display."))).state == "done"
    assert p.notifier.told[0][1] == "Noted.\nNot copied: there is no display."
    p.notifier.fails = True
    assert (await carry_out(p, offered(p, NOTE), NOW, Copier())).state == "done"
