"""Predicts without a model: runs every pattern over the event windows and returns what was found, best first."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache
from types import ModuleType

from agent import patterns
from agent.core.records import Candidate, Observation, Operation, Prediction

MOST = 5
"""Candidates at most, as for every predictor: the judge ranks them and at most the best is offered."""

CHATTABLE = frozenset({"copying_between_windows"})
"""Patterns whose search is a question that a chat answers better: how to do this at once in that program."""


@cache
def modules() -> tuple[ModuleType, ...]:
    """The pattern files, best first: by RANK, then by name."""
    names = sorted(m.name for m in pkgutil.iter_modules(patterns.__path__) if not m.name.startswith("_"))
    found = [importlib.import_module(f"{patterns.__name__}.{name}") for name in names]
    return tuple(sorted(found, key=lambda module: int(module.RANK)))


def candidates(observation: Observation) -> list[Candidate]:
    """One candidate a pattern found, best first."""
    return [found for module in modules() if (found := module.find(observation)) is not None]


def evidence(observation: Observation) -> tuple[str, ...]:
    """The kinds of patterns in sight, for the gate; a few milliseconds for half an hour of event windows."""
    return tuple(c.kind for c in candidates(observation))


class OfflinePredictor:
    """Fits the port Predictor without any model or network; silent when no pattern is there."""

    def __init__(self, *, chat: bool = False) -> None:
        """`chat` says whether the `chat` operation has a model to answer it."""
        self.chat = chat

    async def predict(self, observation: Observation, digest: str) -> Prediction:
        """At most five candidates, best first; none means silence. Never raises LLMError."""
        found = candidates(observation)[:MOST]
        if self.chat:
            found = [_asked(c) if c.kind in CHATTABLE else c for c in found]
        return Prediction(purpose=_purpose(found), candidates=tuple(found))


def _asked(candidate: Candidate) -> Candidate:
    """The same candidate with its search put to the chat."""
    if candidate.operation.name != "search":
        return candidate
    question = f"How do I do this at once instead of by hand: {candidate.operation.arguments['query']}?"
    task = "Ask" + candidate.task.removeprefix("Search")
    return candidate.model_copy(update={"task": task, "operation": Operation(name="chat", arguments={"question": question})})


def _purpose(found: Sequence[Candidate]) -> str:
    return found[0].because if found else "no pattern"
