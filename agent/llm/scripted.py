"""An LLM that answers from a list: for tests, the gym, dry runs and the demo. No network."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from agent.core.ports import LLMRequest
from agent.core.records import LLMCall
from agent.core.tokens import tokens
from agent.llm._prompt import as_text
from agent.plug import Supplies


class Settings(BaseModel):
    """Settings of the scripted LLM."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    alias: str = "scripted"
    """The name it goes by."""
    answers: list[str] = [""]
    """Answers given in turn; the last one is repeated."""


class ScriptedLLM:
    """Answers in turn and keeps every request in `requests`; tokens are estimated, cost is 0."""

    def __init__(self, settings: Settings, supplies: Supplies) -> None:
        self.name = settings.alias
        self.requests: list[LLMRequest] = []
        self._answers = settings.answers or [""]
        self._clock = supplies.clock

    async def complete(self, request: LLMRequest) -> LLMCall:
        """The next answer of the list."""
        answer = self._answers[min(len(self.requests), len(self._answers) - 1)]
        self.requests.append(request)
        prompt = as_text(request)
        return LLMCall(
            at=self._clock.now(),
            purpose=request.purpose,
            host="scripted",
            model=self.name,
            prompt=prompt,
            answer=answer,
            prompt_tokens=tokens(prompt),
            completion_tokens=tokens(answer),
        )

    async def close(self) -> None:
        """Nothing to close."""


def build(settings: Settings, supplies: Supplies) -> ScriptedLLM:
    """A scripted LLM."""
    return ScriptedLLM(settings, supplies)
