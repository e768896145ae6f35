"""Which request parameters an endpoint takes, found out by asking and remembered.

| endpoint  | json_schema | json_object | length                                                     |
|-----------|-------------|-------------|------------------------------------------------------------|
| OpenAI    | yes         | yes         | max_completion_tokens on newer models, max_tokens on older |
| vLLM      | yes         | yes         | both                                                       |
| llama.cpp | as grammar  | yes         | both                                                       |
| Ollama    | yes         | yes         | max_tokens                                                 |
| LM Studio | yes         | refused     | max_tokens                                                 |
| others    | some        | some        | max_tokens                                                 |

The schema is sent with `strict: false`: strict mode forbids open objects, and an operation's arguments are one. Temperature
is never sent: some models refuse it.
"""

from __future__ import annotations

from typing import Any

from agent.core.ports import LLMRequest

ROOM = 4096


class Ladder:
    """The rung an endpoint is on: json_schema, json_object, or plain text; and the name it has for the answer's length."""

    def __init__(self) -> None:
        self.rung = 0
        self.length = "max_tokens"
        self.room = 0

    def body(self, request: LLMRequest, model: str) -> dict[str, Any]:
        """The request's parameters as this endpoint takes them."""
        body: dict[str, Any] = {
            "model": model,
            "messages": [{"role": "system", "content": request.system}, {"role": "user", "content": request.user}],
            self.length: request.max_tokens + self.room,
        }
        if request.format is not None and self.rung == 0:
            schema = {"name": str(request.format.get("title", "answer")), "schema": request.format, "strict": False}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        if request.format is not None and self.rung == 1:
            body["response_format"] = {"type": "json_object"}
        return body

    def down(self) -> bool:
        """The answer format was refused: one rung down; False at the bottom."""
        self.rung += 1
        return self.rung <= 2

    def rename(self) -> bool:
        """The name of the length was refused: the newer one, with room for reasoning, which it counts too; False if tried."""
        if self.length != "max_tokens":
            return False
        self.length = "max_completion_tokens"
        self.room = ROOM
        return True

    def widen(self) -> bool:
        """The answer was used up by reasoning before it began: give it room; False if it has it."""
        if self.room:
            return False
        self.room = ROOM
        return True
