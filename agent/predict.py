"""Asks an LLM for up to five candidates: builds the prompt, reads the answer strictly, drops what no tool can carry out."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import datetime
from typing import Any, NamedTuple

from agent.core import defence
from agent.core.lines import clean, one_line
from agent.core.parse import ParseError, proposal
from agent.core.ports import LLM, LLMRequest, Toolbox
from agent.core.records import Candidate, Earlier, LLMCall, Observation, Prediction
from agent.core.texts import composed
from agent.core.tokens import tokens
from agent.errors import LLMError, ToolError
from agent.paths import resource
from reward_model.fence import fence

BUDGET = 2900
EARLIER = 10
PATHS = 10
PATHS_BUDGET = 300
"""Most tokens of the full paths: the judge reads them too, and its prompt has no more room beside five candidates."""
PATHS_HEAD = "Files and pages in it, in full:"
LEAST_DWELL = 5.0
BROKEN = 4000
ANSWER = 1200

_OPERATION = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "arguments": {"type": "object"}},
    "required": ["name", "arguments"],
}
_CANDIDATE = {
    "type": "object",
    "properties": {
        "proactive_task": {"type": "string"},
        "response": {"type": "string"},
        "because": {"type": "string"},
        "operation": _OPERATION,
    },
    "required": ["proactive_task", "response", "because", "operation"],
}
SCHEMA: dict[str, Any] = {
    "title": "proposal",
    "type": "object",
    "properties": {
        "purpose": {"type": "string"},
        "thoughts": {"type": "string"},
        "candidates": {"type": "array", "items": _CANDIDATE, "maxItems": 5},
    },
    "required": ["purpose", "thoughts", "candidates"],
}
"""The JSON schema of a proposal. Arguments are left open on purpose: each tool checks its own."""


class LLMPredictor:
    """Predictor on an LLM: one request a prediction, at most one more to repair an unreadable answer."""

    def __init__(self, llm: LLM, tools: Toolbox, language: str = "") -> None:
        self._llm = llm
        self._tools = tools
        self._language = language

    async def predict(self, observation: Observation, digest: str) -> Prediction:
        """Up to five candidates whose operation the toolbox accepts; none is silence, with the reason in `dropped`.

        Raises LLMError. A context that is too long for the endpoint is halved once; `digest` of the prediction is the text
        that was read in the end.
        """
        calls, read = await self._ask(observation, digest)
        found = await self._understood(calls, observation)
        return found.model_copy(update={"digest": read})

    async def _understood(self, calls: tuple[LLMCall, ...], observation: Observation) -> Prediction:
        answer = calls[-1].answer
        if not answer.strip():
            return Prediction(calls=calls, dropped=("the LLM gave no answer",))
        try:
            return self._read(answer, calls, observation)
        except ParseError as e:
            return await self._repair(calls, str(e), observation)

    async def _ask(self, observation: Observation, digest: str) -> tuple[tuple[LLMCall, ...], str]:
        catalogue = self._tools.catalogue()
        asked = compose(observation, digest, catalogue, self._language)
        try:
            return (await self._llm.complete(asked.request),), asked.read
        except LLMError as e:
            if e.kind != "too_long":
                raise
            refused: tuple[LLMCall, ...] = getattr(e, "calls", ())
        lines = digest.splitlines()
        half = compose(observation, "\n".join(lines[: len(lines) // 2]), catalogue, self._language)
        try:
            return (*refused, await self._llm.complete(half.request)), half.read
        except LLMError as e:
            raise PredictError(e, (*refused, *getattr(e, "calls", ()))) from e

    async def _repair(self, calls: tuple[LLMCall, ...], why: str, observation: Observation) -> Prediction:
        asked = LLMRequest(
            purpose="repair",
            system=composed(_prompt("repair")),
            user=composed(fence("text", clean(calls[-1].answer[:BROKEN])) + f"\n\nThe fault: {why[:300]}"),
            format=SCHEMA,
            max_tokens=ANSWER,
        )
        try:
            calls = (*calls, await self._llm.complete(asked))
            return self._read(calls[-1].answer, calls, observation)
        except (ParseError, LLMError) as e:
            calls = (*calls, *getattr(e, "calls", ()))
            return Prediction(calls=calls, dropped=(f"the answer could not be read: {why}; repaired: {e}",))

    def _read(self, answer: str, calls: tuple[LLMCall, ...], observation: Observation) -> Prediction:
        purpose, thoughts, candidates, dropped = proposal(answer)
        kept, refused = self._allowed(candidates, seen(observation))
        return Prediction(purpose=purpose, thoughts=thoughts, candidates=kept, calls=calls, dropped=dropped + refused)

    def _allowed(self, candidates: Sequence[Candidate], known: Set[str]) -> tuple[tuple[Candidate, ...], tuple[str, ...]]:
        objections = [self._objection(c, known) for c in candidates]
        kept = tuple(self._exact(c) for c, objection in zip(candidates, objections, strict=True) if not objection)
        return kept, tuple(o for o in objections if o)

    def _exact(self, candidate: Candidate) -> Candidate:
        """The candidate with its arguments as they will be used, so that what is kept and shown is what runs."""
        exact = getattr(self._tools, "exact", None)
        return candidate.model_copy(update={"operation": exact(candidate.operation)}) if exact else candidate

    def _objection(self, candidate: Candidate, known: Set[str]) -> str:
        arguments = candidate.operation.arguments
        sources = arguments.get("sources", [arguments.get("source", arguments.get("path"))])
        named = [s for s in sources if s is not None] if isinstance(sources, list) else []
        invented = [s for s in named if not isinstance(s, str) or s not in known]
        if invented and defence.on("seen_only"):
            return f"'{one_line(candidate.task)}': {one_line(str(invented[0]))[:80]} is no page or file that was seen"
        try:
            self._tools.check(candidate.operation)
        except ToolError as e:
            return f"'{one_line(candidate.task)}': {one_line(str(e))}"
        return ""


class PredictError(LLMError):
    """An LLMError that carries the calls of every try."""

    def __init__(self, last: LLMError, calls: tuple[LLMCall, ...]) -> None:
        super().__init__(last.title, last.hint, kind=last.kind)
        self.calls = calls


def seen(observation: Observation) -> set[str]:
    """Every page and file of an observation: a model may name no other, or a title could make it fetch what it likes."""
    windows = {source for w in observation.windows for source in (*w.urls, *w.files)}
    documents = {source for d in observation.documents for source in (d.url, d.path) if source}
    return windows | documents | {f.path for f in observation.files}


class Asked(NamedTuple):
    """A request, and what of it tells of the person: the digest and the full paths, as the judge reads them too."""

    request: LLMRequest
    read: str


def request(observation: Observation, digest: str, catalogue: str, language: str = "") -> LLMRequest:
    """The whole request as sent, at most BUDGET tokens."""
    return compose(observation, digest, catalogue, language).request


def compose(observation: Observation, digest: str, catalogue: str, language: str = "") -> Asked:
    """The request with what is read: earlier offers, oldest first, then paths are cut to keep within BUDGET tokens."""
    system = _prompt("propose").replace("{language}", _speak(language)).replace("{operations}", catalogue)
    latest = sorted(observation.earlier, key=lambda e: e.at)[-EARLIER:]
    earlier = [_earlier(e, observation.at) for e in latest]
    paths = _paths(observation)
    user = _user(digest, paths, earlier)
    while (earlier or paths) and tokens(system) + tokens(user) > BUDGET:
        (earlier or paths).pop(0)
        user = _user(digest, paths, earlier)
    read = "\n".join([digest, *(["", PATHS_HEAD, *paths] if paths else [])])
    asked = LLMRequest(purpose="predict", system=composed(system), user=composed(user), format=SCHEMA, max_tokens=ANSWER)
    return Asked(asked, read)


def _prompt(name: str) -> str:
    return resource("prompts", f"{name}.md").read_text(encoding="utf-8").strip()


def _speak(language: str) -> str:
    return f"Write in {language}." if language else "Write in the language of most of the titles in the record."


def _user(digest: str, paths: Sequence[str], earlier: Sequence[str]) -> str:
    parts = ["What the person did:", fence("activity", digest)]
    if paths:
        parts += ["", PATHS_HEAD, fence("paths", "\n".join(paths))]
    if earlier:
        parts += ["", "Earlier offers, oldest first:", fence("offers", "\n".join(earlier))]
    return "\n".join(parts)


def _paths(observation: Observation) -> list[str]:
    """Full paths and addresses the digest may show shortened, the newest last: what was in focus a while, then new files.

    At most PATHS of them and PATHS_BUDGET tokens, the newest kept.
    """
    used = [w.file or w.url for w in observation.windows if w.focused and (w.file or w.url) and w.dwell >= LEAST_DWELL]
    ordered = dict.fromkeys(reversed(used + [f.path for f in observation.files]))
    kept = [p for p in list(ordered)[:PATHS] if len(p) <= 300]
    while sum(tokens(p) + 1 for p in kept) > PATHS_BUDGET:
        kept.pop()
    return kept[::-1]


def _earlier(offer: Earlier, now: datetime) -> str:
    minutes = max(0.0, (now - offer.at).total_seconds() / 60)
    ago = f"{minutes:.0f} min ago" if minutes < 90 else f"{minutes / 60:.0f} h ago"
    return f"- {ago}, {offer.operation}: {offer.task[:120]} -> {offer.response}"
