"""An LLM for benches that proposes every time it is asked and judges every offer high: the most a day can cost. No network."""

from __future__ import annotations

import json
import re

from agent.core.ports import LLM, Clock, LLMRequest
from agent.core.records import LLMCall
from agent.core.tokens import tokens
from agent.llm._prompt import as_text

# Tasks of four words out of these have at most two in common with another one, so that none is taken for a repeat.
WORDS = (
    *("anchor", "basket", "candle", "desert", "engine", "forest", "garden", "hammer", "island", "jacket", "kettle"),
    *("ladder", "magnet", "needle", "orange", "pocket", "quarry", "ribbon", "saddle", "tunnel", "umbrella", "velvet"),
    *("window", "yellow", "zipper", "meadow", "pepper", "rocket", "silver", "thunder", "violin", "walnut", "bridge"),
    *("copper", "dragon", "feather", "goblet", "harbor", "lantern", "marble", "nutmeg", "pencil", "turtle"),
)
OFFERED = re.compile(r"^(\d+)\. ", re.MULTILINE)


class StubLLM:
    """Fits the port LLM. It answers `predict` with a task it never named before and `judge` with yes for all."""

    name = "stub"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._proposed = 0

    async def complete(self, request: LLMRequest) -> LLMCall:
        """The answer, at once; tokens are estimated, cost is 0."""
        prompt, answer = as_text(request), self._answer(request)
        return LLMCall(
            at=self._clock.now(),
            purpose=request.purpose,
            host="stub",
            model=self.name,
            prompt=prompt,
            answer=answer,
            prompt_tokens=tokens(prompt),
            completion_tokens=tokens(answer),
        )

    async def close(self) -> None:
        """Nothing to close."""

    def _answer(self, request: LLMRequest) -> str:
        if request.purpose == "judge":
            return self._verdicts(request.user)
        return self._proposal() if request.purpose in ("predict", "repair") else "An answer of the stub."

    def _proposal(self) -> str:
        self._proposed += 1
        words = task_words(self._proposed)
        idea = {
            "proactive_task": f"Research {words}",
            "response": f"Shall I look for {words}?",
            "because": "The stub proposes whenever it is asked.",
            "operation": {"name": "search", "arguments": {"query": words}},
        }
        return json.dumps({"purpose": "a bench", "thoughts": "", "candidates": [idea]})

    def _verdicts(self, user: str) -> str:
        """Yes to every numbered offer in the last fence of the prompt."""
        numbers = OFFERED.findall(user.rpartition("<<<offers")[2]) or ["1"]
        verdicts = [
            {"candidate": int(n), "p_accept": 0.9, "p_help": 0.9, "accept": True, "reason": "The stub accepts."}
            for n in numbers
        ]
        return json.dumps({"verdicts": verdicts, "silence": {"accept": False, "reason": "The stub wants offers."}})


def task_words(number: int) -> str:
    """Four words for the task of that number (from 1); the same number gives the same words."""
    first, turn = number % len(WORDS), number // len(WORDS)
    steps = (0, 1 + turn, 5 + 3 * turn, 11 + 7 * turn)
    return " ".join(WORDS[(first + step) % len(WORDS)] for step in steps)


class Kept:
    """An LLM that keeps each prompt before it is sent, whatever becomes of it; otherwise the one inside."""

    def __init__(self, inner: LLM) -> None:
        self.name = inner.name
        self.prompts: list[str] = []
        self._inner = inner

    async def complete(self, request: LLMRequest) -> LLMCall:
        """What the LLM inside answers; raises what it raises."""
        self.prompts.append(as_text(request))
        return await self._inner.complete(request)

    async def close(self) -> None:
        """Close the LLM inside."""
        await self._inner.close()
