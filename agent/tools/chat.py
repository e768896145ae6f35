"""Tool: puts one question to the chat model and its answer on the clipboard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from agent.core.lines import LINE, clean, cut, one_line, quoted, squeeze
from agent.core.ports import LLM, LLMRequest
from agent.core.records import Result, Risk
from agent.core.texts import composed, redact_text
from agent.errors import ToolError
from agent.paths import resource
from agent.plug import Supplies

WHERE = 33  # signs of the line for the hosts: with the verb they fill the first line of a toast


class Settings(BaseModel, extra="forbid"):
    """How the model is asked."""

    max_tokens: int = Field(default=600, ge=50, le=4000)
    """Longest answer, in tokens."""


class Args(BaseModel):
    """What to ask: the question as it will be sent, without secrets."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    question: str = Field(min_length=1, max_length=1000, description="the whole question, understandable by itself")

    @field_validator("question")
    @classmethod
    def _plain(cls, question: str) -> str:
        text = redact_text(clean(question).strip()).strip()
        if not text:
            raise ValueError("is empty, or holds nothing once secrets are removed")
        return text


class Chat:
    """Ask a language model one question, for example to explain an error or draft a text; the answer goes to the clipboard."""

    name = "chat"
    risk: Risk = "send"
    args = Args

    def __init__(self, llm: LLM | None, max_tokens: int = 600) -> None:
        self._llm = llm
        self._max_tokens = max_tokens

    def describe(self, args: Args) -> str:
        """`Ask <host>: "..."` with the question as it will be sent. Raises ToolError without a model."""
        model = self._model()
        where = getattr(model, "host", model.name)  # a model without endpoints (scripted) has but a name
        head = f"Ask {squeeze(one_line(where), WHERE)}: "
        words = one_line(args.question)
        if words != args.question:  # several lines: an ellipsis says that there is more, which is shown in full beside it
            words = cut(words, LINE - len(head) - 4) + " …"
        return head + quoted(words, LINE - len(head))

    async def run(self, args: Args) -> Result:
        """One call without tools. Raises LLMError, and ToolError if the answer is empty."""
        system = resource("prompts", "chat.md").read_text(encoding="utf-8").strip()
        asked = LLMRequest(purpose="chat", system=composed(system), user=composed(args.question), max_tokens=self._max_tokens)
        call = await self._model().complete(asked)
        answer = clean(call.answer).strip()
        if not answer:
            raise ToolError("The model gave an empty answer.", "Ask again, or choose another model under [chat].")
        return Result(text=answer, clipboard=answer, calls=(call,))

    async def undo(self, record: Mapping[str, Any]) -> str:
        """Raises ToolError: a question cannot be taken back."""
        raise ToolError("There is nothing to undo: a question that was sent cannot be taken back.")

    def _model(self) -> LLM:
        if self._llm is None:
            raise ToolError("No model is configured.", "Set default_completions_model under [request].")
        return self._llm


def build(settings: Settings, supplies: Supplies) -> Chat:
    """The tool over the chat model; without one it refuses every question."""
    return Chat(supplies.chat, settings.max_tokens)
