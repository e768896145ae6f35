"""The records that every floor passes around: frozen, closed, times aware and in UTC, durations in seconds."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, JsonValue, field_serializer, field_validator, model_validator

from agent.core.clean import Safe
from agent.core.seen import Document, Earlier, Event, EventWindow, Moment, NewFile, Observation, Reading, Record, Track
from reward_model.case import Verdict

__all__ = [
    "Afk", "Answer", "Answered", "Candidate", "Document", "Earlier", "Ending", "Event", "EventWindow", "Execution",
    "ExecutionState", "GateInput", "Known", "LLMCall", "Moment", "NewFile", "Observation", "Offer", "Operation", "Pace",
    "Prediction", "PresenceState", "Reading", "Record", "Response", "ResponseKind", "Result", "Risk", "Tick", "Toast", "Track",
]  # fmt: skip

Afk = Literal["here", "away", "unknown"]
Known = Literal["yes", "no", "unknown"]
Ending = Literal["held", "silent", "filtered", "failed", "offer"]
Risk = Literal["read", "write", "send"]
ResponseKind = Literal["accepted", "rejected", "dismissed", "ignored", "opened", "withdrawn", "lost", "undelivered", "undone"]
ExecutionState = Literal["executing", "done", "failed", "unknown", "undone"]


class Operation(Record):
    """The tool call that carries a proposal out."""

    name: str
    arguments: dict[str, JsonValue] = Field(default_factory=dict)


class Candidate(Record):
    """One task the predictor would offer, why, and the operation that carries it out. `kind` names the pattern, if any."""

    task: str
    response: str = ""
    because: str
    operation: Operation
    kind: str = ""


class LLMCall(Record):
    """One completed or failed LLM request: what left the machine, word for word, and what it cost."""

    at: Moment
    purpose: str
    host: str
    model: str
    prompt: Safe
    answer: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    seconds: float = 0.0
    error: str = ""

    @property
    def tokens(self) -> int:
        """Of the prompt and the answer."""
        return self.prompt_tokens + self.completion_tokens


class Prediction(Record):
    """What the predictor answered; no candidates means silence."""

    purpose: str = ""
    thoughts: str = ""
    candidates: tuple[Candidate, ...] = ()
    calls: tuple[LLMCall, ...] = ()
    dropped: tuple[str, ...] = ()
    digest: str = Field(default="", exclude=True, repr=False, description="the text it read, if another than it was given")


class PresenceState(Record):
    """What the desktop says about interruptions; 'unknown' where it cannot be told. `sources` names who said what."""

    do_not_disturb: Known = "unknown"
    full_screen: Known = "unknown"
    screen_share: Known = "unknown"
    sources: dict[str, str] = Field(default_factory=dict)


class GateInput(Record):
    """All the gate looks at; stored with every tick, so that each silence can be explained and replayed.

    No titles and no addresses: `fingerprint` is a hash of apps, titles, URLs, files and afk of the recent event windows.
    """

    at: Moment
    local_minute: int = Field(description="minutes since local midnight, for quiet hours")
    afk: Afk = "unknown"
    stale: float | None = Field(default=None, description="seconds since the newest event ended")
    here_since: Moment | None = Field(default=None, description="start of the present stretch of activity")
    away_for: float = Field(default=0.0, description="seconds of the absence before it")
    moves: int = Field(default=0, description="changes of focus since then")
    context_age: float | None = Field(default=None, description="seconds since the app or site in focus was first seen")
    shifted: bool = Field(default=False, description="the activity is another one than at the last ask")
    private_ago: float | None = Field(default=None, description="seconds since the last private window")
    call_ago: float | None = Field(default=None, description="seconds since the last sign of a call")
    typing: bool = False
    leisure: bool = False
    presence: PresenceState = PresenceState()
    fingerprint: str = ""
    asked_fingerprint: str = ""
    asked_at: Moment | None = None
    asked_evidence: tuple[str, ...] = Field(default=(), description="kinds of patterns in sight at the last ask")
    evidence: tuple[str, ...] = Field(default=(), description="kinds of patterns in sight")
    interval: float = Field(default=0.0, description="seconds between asks, by the pace")
    open_offer: bool = False
    offers_today: int = 0
    offers_lately: int = Field(default=0, description="offers of the last two hours")
    tokens_today: int = Field(default=0, description="tokens that models took since local midnight")
    paused_until: Moment | None = None
    breakpoint: str = Field(default="", description="'' = in the middle of something, else switch, pause, back or meeting")
    waiting: float | None = Field(default=None, description="seconds an idea worth offering has waited for a breakpoint")
    offered_at: Moment | None = Field(default=None, description="when the last offer was shown")
    rest: float = Field(default=0.0, description="seconds between two offers, by the pace")
    level: int = Field(default=3, description="how readily offers are made, 0 = never")
    heard: float = Field(default=1.0, description="share of offers at this time of day that the user answers at all, 0..1")
    price: float = Field(default=0.0, description="chance of acceptance from which an offer is worth it now")


class Tick(Record):
    """One decision point: how it ended, why, and everything that was seen.

    `windows` and `contexts` are for the loop's memory only and are never stored: a held tick keeps just the gate's inputs.
    """

    id: str
    at: Moment
    ending: Ending
    reason: str
    gate: GateInput
    events: int = 0
    problems: tuple[str, ...] = ()
    contexts: tuple[str, ...] = Field(default=(), exclude=True, repr=False)
    windows: tuple[EventWindow, ...] = Field(default=(), exclude=True, repr=False)
    observation: Observation | None = None
    digest: Safe = Safe("")
    prediction: Prediction | None = None
    verdicts: tuple[Verdict, ...] = ()
    silence: Verdict | None = Field(default=None, description="the verdict on saying nothing")
    judge_calls: tuple[LLMCall, ...] = ()
    choice: int | None = Field(default=None, description="index into prediction.candidates")
    basis: str = Field(default="", description="id of the rules, settings and pace it was decided on")
    shadow: str = Field(default="", description="what the shadow policy would have done, see agent/shadow.py")

    @property
    def candidate(self) -> Candidate | None:
        """The candidate to offer, if this tick ended in an offer."""
        if self.choice is None or self.prediction is None:
            return None
        return self.prediction.candidates[self.choice]


class Offer(Record):
    """A proposal that is shown. `nonce` is single use: only an answer that carries it counts. `line` says what would run."""

    id: int
    nonce: str
    tick: str
    at: Moment
    expires: Moment
    candidate: Candidate
    line: str
    p_accept: float = 0.0


class Toast(Record):
    """What a notifier shows for an offer: `title` made by code from the operation, `body` model text, plain."""

    offer: int
    nonce: str
    title: str
    body: str
    ttl: float = Field(default=20.0, description="seconds on screen; advisory")
    whole: bool = Field(default=True, description="all of what would run is on it; else it may not be accepted there")
    in_full: bool = Field(default=False, description="the body begins with all arguments: what is cut of the title is there")


class Answer(Record):
    """What came back for an offer, from a toast, the console, the command line or the dashboard."""

    offer: int
    nonce: str
    kind: ResponseKind
    at: Moment
    source: str


class Response(Record):
    """A stored answer: append-only, (offer, seq) unique."""

    offer: int
    seq: int
    kind: ResponseKind
    at: Moment
    source: str


class Result(Record):
    """What an operation did: `text` for the user, `clipboard` to be copied, `undo` arguments if it can be undone."""

    text: str
    clipboard: str = ""
    undo: dict[str, JsonValue] | None = None
    calls: tuple[LLMCall, ...] = ()


class Execution(Record):
    """The one run of an accepted offer's operation."""

    offer: int
    state: ExecutionState
    at: Moment
    text: str = ""
    undo: dict[str, JsonValue] | None = None


class Answered(Record):
    """What became of one offer: when it was shown, the answer, its idea, the chance it had (0..1), the local minute."""

    offer: int
    at: Moment
    response: ResponseKind
    idea: str = ""
    p: float = 0.5
    minute: int = 720


class Pace(Record):
    """What the user's answers taught about how often, when and what to offer; read it with the functions of `core/pace.py`.

    `answers` by offer, the newest last, one an offer; `muted` are ideas that are never offered again.
    """

    version: int = 2
    answers: tuple[Answered, ...] = ()
    level: int = Field(default=3, ge=0, le=5)
    muted: tuple[str, ...] = ()
    asked_at: Moment | None = None
    offered_at: Moment | None = None

    @field_serializer("answers", when_used="json")
    def _as_rows(self, answers: tuple[Answered, ...]) -> list[list[JsonValue]]:
        """Without the names of the fields: a third of the size."""
        return [list(a.model_dump(mode="json").values()) for a in answers]

    @field_validator("answers", mode="before")
    @classmethod
    def _from_rows(cls, answers: Any) -> Any:
        names = tuple(Answered.model_fields)
        return [dict(zip(names, a, strict=True)) if isinstance(a, list) else a for a in answers]

    @model_validator(mode="before")
    @classmethod
    def _of_version_1(cls, fields: Any) -> Any:
        """The first version kept an interval and a count instead of the answers."""
        return {k: v for k, v in fields.items() if k in ("asked_at", "offered_at")} if "interval" in fields else fields
