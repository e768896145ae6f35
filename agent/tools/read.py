"""Tool: the text of a file or web page, to the inbox and the clipboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from agent.core.lines import LINE, cut, squeeze
from agent.core.records import Result, Risk
from agent.errors import ToolError
from agent.plug import Supplies
from agent.tools._fetch import PageFetcher
from agent.tools._sources import Sources

SHOWN = 4000  # signs: about two pages


class Settings(BaseModel, extra="forbid"):
    """What may be read."""

    roots: tuple[Path, ...] | None = None
    """Allowed folders; without it those under [tools]."""


class Args(BaseModel):
    """What to read."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    source: str = Field(min_length=1, max_length=4096, description="absolute path of a file, or https address without query")


class Read:
    """Take the text out of one file (PDF, docx, html, text) or web page."""

    name = "read"
    risk: Risk = "read"
    args = Args

    def __init__(self, folders: Sequence[Path], fetcher: PageFetcher | None = None) -> None:
        self._sources = Sources(folders, fetcher or PageFetcher())

    def describe(self, args: Args) -> str:
        """`Read name`. Raises ToolError if the source may not be read."""
        return "Read " + squeeze(self._sources.label(args.source), LINE - 5)

    def seal(self, args: Args) -> str:
        """Which file the last `describe` saw."""
        return self._sources.seal([args.source])

    async def run(self, args: Args) -> Result:
        """Title and the first 4,000 signs; the copy on the user's own clipboard is not redacted. Raises ToolError."""
        found = await self._sources.text(args.source)
        return Result(text=f"{found.title}\n\n{cut(found.text, SHOWN)}", clipboard=cut(found.plain, SHOWN))

    async def undo(self, record: Mapping[str, Any]) -> str:
        """Raises ToolError: reading changes nothing."""
        raise ToolError("There is nothing to undo: reading changes nothing.")


def build(settings: Settings, supplies: Supplies) -> Read:
    """The tool over its own roots or those of all tools."""
    return Read(supplies.roots if settings.roots is None else settings.roots)
