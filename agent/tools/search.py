"""Tool: a web search in the user's own browser.

Covered: only the configured https host is ever opened, the words only as one quoted parameter; no shell; secrets are
redacted and the words shown as sent. Not covered: what the search engine does with them.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from agent.core import defence
from agent.core.lines import LINE, one_line, quoted
from agent.core.records import Result, Risk
from agent.core.texts import redact_text
from agent.errors import ToolError
from agent.plug import Supplies
from agent.tools._browser import open_in_browser

Opener = Callable[[str], Awaitable[bool]]
MAX_QUERY = 200
_ENGINE = re.compile(r"https://[A-Za-z0-9.-]+(?::\d{1,5})?/[^\s{}#]*\{query\}[^\s{}#]*")

_ROUNDS = 20
_PLACEHOLDER = re.compile(r"\[[a-z]{2,12}\]")  # what the redactor puts in place of a secret


class Settings(BaseModel, extra="forbid"):
    """Where is searched."""

    engine: str = "https://duckduckgo.com/?q={query}"
    """Address of the search engine, https, with {query} where the words go."""

    @field_validator("engine")
    @classmethod
    def _https(cls, engine: str) -> str:
        if not _ENGINE.fullmatch(engine) and defence.on("search_host"):
            raise ValueError("must be an https address with {query} once, as https://duckduckgo.com/?q={query}")
        return engine


class Args(BaseModel):
    """What to search for: the words as they will be sent, on one line, without secrets."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    query: str = Field(min_length=1, description="search words, at most 200 signs")

    @field_validator("query")
    @classmethod
    def _plain(cls, query: str) -> str:
        words = one_line(query)
        if not words:
            raise ValueError("is empty")
        if len(words) > MAX_QUERY and defence.on("query_cap"):
            raise ValueError(f"is longer than {MAX_QUERY} signs")
        words = _redacted(words) if defence.on("query_redacted") else words
        if not re.search(r"\w", words):
            raise ValueError("holds nothing once secrets are removed")
        return words


def _redacted(words: str) -> str:
    """The words without secrets. What stood beside one may look like the next, so until nothing changes: what is shown
    now must be what a later look, before it runs, finds unchanged."""
    for _ in range(_ROUNDS):
        said = one_line(redact_text(words))
        if said == words:
            return words
        words = one_line(_PLACEHOLDER.sub(" ", said))[:MAX_QUERY].strip()
    raise ValueError("holds too many secrets")


class Search:
    """Search the web in the user's browser."""

    name = "search"
    risk: Risk = "send"
    args = Args

    def __init__(self, engine: str, opener: Opener = open_in_browser) -> None:
        self._engine = engine
        self._open = opener

    def describe(self, args: Args) -> str:
        """`Search the web for "words" (host)`; the host gives way to long words."""
        head, words = "Search the web for ", args.query
        tail = f" ({urlsplit(self._engine).hostname})"
        if len(head) + len(words) + 2 + len(tail) > LINE:
            tail = ""
        return head + quoted(words, LINE - len(head) - len(tail)) + tail

    async def run(self, args: Args) -> Result:
        """Open the search; without a browser the result carries the address instead."""
        words = args.query
        url = self._engine.replace("{query}", quote(words, safe="") if defence.on("query_quoted") else words)
        if await self._open(url):
            return Result(text=f"Searched the web for {quoted(words, MAX_QUERY + 2)}.")
        return Result(text=f"No browser could be opened here. The search is at {url}")

    async def undo(self, record: Mapping[str, Any]) -> str:
        """Raises ToolError: words that were sent cannot be taken back."""
        raise ToolError("There is nothing to undo: a search cannot be taken back.")


def build(settings: Settings, supplies: Supplies) -> Search:
    """The tool with the configured engine and the default browser."""
    return Search(settings.engine)
