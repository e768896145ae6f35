"""The records between the loop and a judge: a case goes in, one verdict a candidate comes out."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

CANNOT_RUN = "cannot run"
"""A line of a candidate that begins so says why nothing would run."""


class Earlier(BaseModel):
    """An earlier offer: its task, the user's response and how many minutes ago it was."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    task: str
    response: str
    minutes_ago: float
    kind: str = ""


class Proposed(BaseModel):
    """One candidate as a judge sees it: the task, why it is offered, and the line that says what would run."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    task: str
    because: str
    line: str
    kind: str = ""


class Case(BaseModel):
    """A situation (the text the predictor saw) with the candidates to judge and the offers made earlier."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    situation: str
    candidates: tuple[Proposed, ...] = ()
    earlier: tuple[Earlier, ...] = ()


class Verdict(BaseModel):
    """What the judge says of one candidate: chance of acceptance, chance that help is needed, the decision, the reason."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    p_accept: float = Field(ge=0, le=1)
    p_help: float = Field(ge=0, le=1)
    accepted: bool
    reason: str
