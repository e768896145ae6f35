"""Acting: exactly what was shown, once, only after accept, with a result or a clear failure."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from agent import plug
from agent.act import ToolBelt, build_tools, carry_out, seal, undo
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
from agent.core.tokens import tokens
from agent.errors import ConfigError, NotifierError, StoreError, ToolError
from agent.store.memory import MemoryStore
from tests.conftest import NOW

ALL = ("search", "chat", "read", "summarise", "rename_file")


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
    return Parts(FixedClock(), store or MemoryStore(), unused, unused, unused, unused, Teller(), belt)  # type: ignore[arg-type]


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


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("ticks_between", [0, 1, 3])
async def test_a_file_swapped_between_offer_and_accept_is_left_alone(tmp_path: Path, restart: bool, ticks_between: int) -> None:  # noqa: FBT001
    (tmp_path / "scan.pdf").write_bytes(b"shown")
    supplies = plug.Supplies(clock=FixedClock(), roots=(tmp_path,))
    store = MemoryStore()
    operation = Operation(name="rename_file", arguments={"path": str(tmp_path / "scan.pdf"), "new_name": "invoice.pdf"})
    p = parts(plug.build("tools", "rename_file", {}, supplies), store=store)
    offer = offered(p, operation)
    (tmp_path / "other").write_bytes(b"swapped in")
    (tmp_path / "other").replace(tmp_path / "scan.pdf")
    if restart:
        p = parts(plug.build("tools", "rename_file", {}, supplies), store=store)
    for _ in range(ticks_between):
        p.tools.check(operation)
    done = await carry_out(p, offer, NOW, Copier())
    assert done.state == "failed"
    assert "another one" in done.text
    assert [f.name for f in tmp_path.iterdir()] == ["scan.pdf"]


async def test_a_rename_is_carried_out_and_undone(tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(b"x")
    p = parts(plug.build("tools", "rename_file", {}, plug.Supplies(clock=FixedClock(), roots=(tmp_path,))))
    operation = Operation(name="rename_file", arguments={"path": str(tmp_path / "scan.pdf"), "new_name": "invoice.pdf"})
    offer = offered(p, operation)
    assert (await carry_out(p, offer, NOW, Copier())).state == "done"
    assert [f.name for f in tmp_path.iterdir()] == ["invoice.pdf"]
    assert await undo(p, offer, NOW) == "Renamed invoice.pdf back to scan.pdf."
    assert [f.name for f in tmp_path.iterdir()] == ["scan.pdf"]
    run = p.store.execution(offer.id)
    assert run is not None
    assert run.state == "undone"
    with pytest.raises(ToolError, match="nothing to undo"):
        await undo(p, offer, NOW)


@pytest.mark.parametrize("state", ["never run", "failed", "no undo"])
async def test_what_did_nothing_that_can_be_undone_says_so(state: str) -> None:
    p = parts(Note(ToolError("No.") if state == "failed" else None))
    offer = offered(p, NOTE, accept=state != "never run")
    await carry_out(p, offer, NOW, Copier())
    with pytest.raises(ToolError, match="nothing to undo"):
        await undo(p, offer, NOW)


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


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        (Operation(name="shell", arguments={"cmd": "id"}), "'shell' is not an allowed operation (note)"),
        (Operation(name="__init__"), "not an allowed operation"),
        (Operation(name="note"), "note: text: Field required"),
        (Operation(name="note", arguments={"text": "a", "then": "rename_file"}), "note: then: Extra inputs"),
        (Operation(name="note", arguments={"text": ["a"]}), "note: text: Input should be a valid string"),
    ],
)
async def test_an_operation_outside_the_closed_list_is_refused_in_clear_words(operation: Operation, said: str) -> None:
    belt = ToolBelt([Note()])
    with pytest.raises(ToolError) as caught:
        belt.check(operation)
    assert said in str(caught.value)
    with pytest.raises(ToolError):
        await belt.run(operation)


def test_a_line_is_one_line_of_at_most_80_visible_signs() -> None:
    line = ToolBelt([Note()]).check(Operation(name="note", arguments={"text": "a\n\u202eb\x1b" + "c" * 200}))
    assert line.startswith("Note it: a b")
    assert len(line) == 80
    assert line.isprintable()


def belt(tmp_path: Path, **settings: Any) -> ToolBelt:
    return build_tools(ALL, settings, plug.Supplies(clock=FixedClock(), roots=(tmp_path,)))


def test_only_allowed_tools_are_built(tmp_path: Path) -> None:
    supplies = plug.Supplies(clock=FixedClock(), roots=(tmp_path,))
    with pytest.raises(ToolError, match="not an allowed operation"):
        build_tools(["search"], {}, supplies).check(Operation(name="read", arguments={"source": "/etc/passwd"}))
    with pytest.raises(ConfigError, match="no kind 'serch'"):
        build_tools(["serch"], {}, supplies)
    with pytest.raises(ConfigError, match="engine"):
        belt(tmp_path, search={"engine": "http://a.org/{query}"})


def test_the_catalogue_names_every_tool_and_argument_in_few_tokens(tmp_path: Path) -> None:
    text = belt(tmp_path).catalogue()
    assert tokens(text) <= 350
    for word in (*ALL, "query", "question", "source", "sources", "path", "new_name"):
        assert word in text
