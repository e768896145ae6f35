"""The one readable form in which a request is shown, stored and counted."""

from __future__ import annotations

from agent.core.clean import Safe
from agent.core.ports import LLMRequest


def as_text(request: LLMRequest) -> Safe:
    """Both messages word for word: a line `[system]`, the system message, an empty line, a line `[user]`, the user message.

    The JSON schema that goes along is fixed text of ours and is not repeated here.
    """
    return Safe(f"[system]\n{request.system}\n\n[user]\n{request.user}")
