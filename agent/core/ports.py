"""The ports: each Protocol here is fitted by one file a kind in the folder of its name."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel

from agent.core.clean import Safe
from agent.core.records import (
    Answer,
    Document,
    Execution,
    LLMCall,
    Observation,
    Offer,
    Operation,
    Prediction,
    PresenceState,
    Reading,
    Record,
    Response,
    Result,
    Risk,
    Tick,
    Toast,
)
from reward_model.case import Case, Verdict


class Clock(Protocol):
    """The only reader of time. `factor` is how many seconds pass here in one of real time."""

    factor: float

    def now(self) -> datetime:
        """The time now, aware, UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait that many seconds of this clock."""
        ...


class Sensor(Protocol):
    """Reads what is new since its last look, with a look-back of its own; raises SensorError when it cannot."""

    async def read(self, now: datetime) -> Reading: ...

    async def close(self) -> None: ...


class Presence(Protocol):
    """Says whether the desktop wants quiet; never raises, 'unknown' where it cannot tell."""

    async def look(self) -> PresenceState: ...


class LLMRequest(Record):
    """One completion to be asked for, in redacted text. `format` is a JSON schema when the answer must be JSON, else None."""

    purpose: str
    system: Safe
    user: Safe
    format: dict[str, Any] | None = None
    max_tokens: int = 800

    if TYPE_CHECKING:  # so that a plain str is refused whatever the plugin is set to

        def __init__(
            self,
            *,
            purpose: str,
            system: Safe,
            user: Safe,
            format: dict[str, Any] | None = None,  # noqa: A002 - the field's name
            max_tokens: int = 800,
        ) -> None: ...


class LLM(Protocol):
    """One completion a call; raises LLMError. The call carries prompt, answer, tokens and cost."""

    name: str

    async def complete(self, request: LLMRequest) -> LLMCall: ...

    async def close(self) -> None: ...


class Predictor(Protocol):
    """Predicts up to five candidates from an observation and its digest; raises LLMError."""

    async def predict(self, observation: Observation, digest: str) -> Prediction: ...


class Judgement(Record):
    """One verdict a candidate, in order, one on saying nothing, and the LLM calls they cost."""

    verdicts: tuple[Verdict, ...] = ()
    silence: Verdict | None = None
    calls: tuple[LLMCall, ...] = ()


class Judge(Protocol):
    """Judges all candidates of a case at once; raises JudgeError (then there is no offer)."""

    async def judge(self, case: Case) -> Judgement: ...


class Notifier(Protocol):
    """Shows offers and tells results. Answers arrive on the queue it was built with, one a showing.

    Only `ignored` and `opened` may be followed by one more, accepted or rejected, of the same nonce: a late click.
    """

    async def probe(self) -> str:
        """'' if offers can be shown and answered, else what is missing and what to do, one line."""
        ...

    async def show(self, toast: Toast) -> bool:
        """Show an offer; True once it was delivered. Must not wait for the answer."""
        ...

    async def tell(self, title: str, body: str) -> bool:
        """Show a message that needs no answer; True once it was delivered."""
        ...

    async def withdraw(self, offer: int) -> None:
        """Take an offer off the screen; no error if it is gone."""
        ...

    async def close(self) -> None: ...


class Tool(Protocol):
    """One entry of the closed list of operations; its class docstring is what the LLM reads."""

    name: str
    risk: Risk

    @property
    def args(self) -> type[BaseModel]:
        """The model of its arguments, which is also its schema."""
        ...

    def describe(self, args: Any) -> str:
        """The line that tells the user what will run: at most 80 characters. Raises ToolError if it may not run."""
        ...

    async def run(self, args: Any) -> Result:
        """Do it, once; raises ToolError with what happened and what to do."""
        ...

    async def undo(self, record: Mapping[str, Any]) -> str:
        """Undo a run from its Result.undo; says what was undone. Raises ToolError if it cannot."""
        ...


class Store(Protocol):
    """Ticks, offers, responses, executions, documents and small state. Short synchronous transactions, one writer.

    Offers, responses and executions are on disk when the call returns (FULL sync). Raises StoreError.
    """

    def add_tick(self, tick: Tick) -> None: ...

    def add_offer(self, tick: Tick, offer: Offer) -> Offer:
        """Commit tick and offer together; returns the offer with its id."""
        ...

    def add_response(self, answer: Answer) -> Response | None:
        """Commit a response; None if the nonce is wrong or the transition is not legal (nothing is written)."""
        ...

    def begin(self, offer: int, at: datetime) -> bool:
        """Commit `executing`; False if the offer is not accepted or was already begun."""
        ...

    def finish(self, execution: Execution) -> None: ...

    def recover(self, at: datetime) -> Sequence[Execution]:
        """After a crash: executions left `executing` become `unknown`, and are returned."""
        ...

    def sending(self, call: LLMCall) -> None:
        """Keep what is about to be sent, until `add_calls` brings the calls of that moment."""

    def add_calls(self, calls: Sequence[LLMCall], tick: str = "") -> None: ...

    def calls(self, since: datetime | None = None, limit: int = 1000) -> Sequence[LLMCall]: ...

    def tokens(self, since: datetime) -> int:
        """Tokens of all LLM calls since then, of prompts and answers; a day's in less than a millisecond."""
        ...

    def tick(self, id: str) -> Tick | None: ...  # noqa: A002 - the record's own word

    def ticks(self, since: datetime | None = None, limit: int = 100) -> Sequence[Tick]:
        """Newest first."""
        ...

    def offer(self, id: int) -> Offer | None: ...  # noqa: A002 - the record's own word

    def offers(self, since: datetime | None = None, limit: int = 100) -> Sequence[Offer]:
        """Newest first."""
        ...

    def responses(self, offer: int) -> Sequence[Response]:
        """Oldest first."""
        ...

    def execution(self, offer: int) -> Execution | None: ...

    def documents(self, limit: int = 200) -> Sequence[Document]: ...

    def put_documents(self, documents: Sequence[Document]) -> None: ...

    def get_state(self, key: str) -> str | None: ...

    def put_state(self, key: str, value: str) -> None: ...

    def close(self) -> None: ...


class Control(Protocol):
    """What the command line, the dashboard, the tray and MCP may ask of the running daemon; raises ControlError."""

    async def status(self) -> dict[str, Any]: ...

    async def answer(self, offer: int, kind: str, source: str) -> dict[str, Any]: ...

    async def undo(self, offer: int) -> dict[str, Any]: ...

    async def pause(self, seconds: float | None) -> dict[str, Any]: ...

    async def resume(self) -> dict[str, Any]: ...

    async def pace(self) -> dict[str, Any]:
        """How often, when and what is offered, and why: see agent/pacing.py."""
        ...

    async def level(self, number: int) -> dict[str, Any]:
        """How readily offers are made from now on, 0 (never) to 5."""
        ...

    async def never(self, offer: int) -> dict[str, Any]:
        """Make no more offers of this one's kind."""
        ...

    async def again(self, kind: str) -> dict[str, Any]:
        """Make offers of a muted kind again."""
        ...

    async def forget(self) -> dict[str, Any]:
        """Forget what the answers taught about the pace; level and muted kinds stay."""
        ...

    async def erase(self, chosen: dict[str, Any]) -> dict[str, Any]:
        """Delete LLM calls and what they told, for good: see agent/store/_erase.py."""
        ...

    async def keep(self, call: dict[str, Any]) -> dict[str, Any]: ...

    async def stop(self) -> dict[str, Any]: ...


class Toolbox(Protocol):
    """The allowed tools together: validates an operation, says what it would do, runs it."""

    def check(self, operation: Operation) -> str:
        """The line that says what would run; raises ToolError if the operation is unknown, invalid or not allowed."""
        ...

    def catalogue(self) -> str:
        """The allowed operations as the predictor reads them."""
        ...

    async def run(self, operation: Operation) -> Result: ...

    async def undo(self, operation: Operation, record: Mapping[str, Any]) -> str: ...


@dataclass(frozen=True)
class Parts:
    """The ports of one running loop; `build(settings, parts)` of a plug finds here what it may need."""

    clock: Clock
    store: Store
    sensor: Sensor
    presence: Presence
    predictor: Predictor
    judge: Judge
    notifier: Notifier
    tools: Toolbox
    answers: asyncio.Queue[Answer]
