"""Tool: a summary of up to five files and pages, by one LLM call without tools or, without a model, by their own sentences."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from agent.core.lines import LINE, clean, cut, squeeze
from agent.core.ports import LLM, LLMRequest
from agent.core.records import Result, Risk
from agent.core.texts import composed
from agent.core.tokens import tokens
from agent.errors import LLMError, ToolError
from agent.paths import resource
from agent.plug import Supplies
from agent.tools._fetch import PageFetcher
from agent.tools._sources import Sources, Text, is_page
from agent.tools._summary import summarise

BUDGET = 8000  # tokens of the whole call, answer included
ANSWER = 700
_STEP = 100


class Settings(BaseModel, extra="forbid"):
    """What may be summarised."""

    roots: tuple[Path, ...] | None = None
    """Allowed folders; without it those under [tools]."""


class Args(BaseModel):
    """What to summarise."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    sources: tuple[Annotated[str, Field(min_length=1, max_length=4096)], ...] = Field(
        min_length=1, max_length=5, description="1 to 5 absolute file paths or https addresses without query"
    )


class Summarise:
    """Summarise one to five files or web pages together."""

    name = "summarise"
    risk: Risk = "read"
    args = Args

    def __init__(self, folders: Sequence[Path], llm: LLM | None = None, fetcher: PageFetcher | None = None) -> None:
        self._sources = Sources(folders, fetcher or PageFetcher())
        self._llm = llm

    def describe(self, args: Args) -> str:
        """`Summarise 3 pages: a.org, b.org, c.org`. Raises ToolError if a source may not be read."""
        labels = [self._sources.label(s) for s in args.sources]
        if len(labels) == 1:
            return "Summarise " + squeeze(labels[0], LINE - 10)
        head = f"Summarise {_count(args.sources)}: "
        room = (LINE - len(head) - 2 * (len(labels) - 1)) // len(labels)
        return head + ", ".join(_short(label, room) for label in labels)

    def seal(self, args: Args) -> str:
        """Which files the last `describe` saw."""
        return self._sources.seal(args.sources)

    async def run(self, args: Args) -> Result:
        """The summary. Sources that cannot be read are named in it; raises ToolError if none can."""
        found = await asyncio.gather(*(self._sources.text(s) for s in args.sources), return_exceptions=True)
        texts = [f for f in found if isinstance(f, Text)]
        faults = [f for f in found if isinstance(f, BaseException)]
        for fault in faults:
            if not isinstance(fault, ToolError) or not texts:
                raise fault
        missing = "".join(f"\nNot read: {fault.title}" for fault in faults if isinstance(fault, ToolError))
        result = await self._by_model(texts) if self._llm else Result(text=_by_sentences(texts))
        text = result.text + missing
        return result.model_copy(update={"text": text, "clipboard": text})

    async def undo(self, record: Mapping[str, Any]) -> str:
        """Raises ToolError: a summary changes nothing."""
        raise ToolError("There is nothing to undo: a summary changes nothing.")

    async def _by_model(self, texts: Sequence[Text]) -> Result:
        assert self._llm is not None  # noqa: S101 - the caller asked
        try:
            call = await self._llm.complete(request(texts, secrets.token_hex(4)))
        except LLMError as e:
            said = f"{_by_sentences(texts)}\n(The model did not answer: {e.title})"
            return Result(text=said, calls=getattr(e, "calls", ()))
        answer = clean(call.answer).strip()
        return Result(text=answer or _by_sentences(texts), calls=(call,))


def request(texts: Sequence[Text], mark: str) -> LLMRequest:
    """The call as sent: each text between lines that carry a mark its author cannot know, all within the budget."""
    system = resource("prompts", "summarise.md").read_text(encoding="utf-8").strip()
    frames = [f"--- {mark} source {n}: {cut(t.title, 120)} ({t.label[:80]})" for n, t in enumerate(texts, 1)]
    end = f"--- {mark} end"
    # The estimate falls short by a third at most, on texts of rare scripts and random letters (measured with o200k_base).
    room = int((BUDGET - ANSWER - 100) / 1.35) - tokens("\n".join([system, *frames, end]))
    parts = [f"{frame}\n{fit(t.text, room // len(texts))}" for frame, t in zip(frames, texts, strict=True)]
    return LLMRequest(purpose="summarise", system=composed(system), user=composed("\n".join([*parts, end])), max_tokens=ANSWER)


def fit(text: str, size: int) -> str:
    """The beginning of a text that costs at most `size` tokens, to about 100 signs."""
    end = 0
    while end < len(text) and (cost := tokens(text[end : end + _STEP])) <= size:
        size -= cost
        end += _STEP
    return text[:end]


def _by_sentences(texts: Sequence[Text]) -> str:
    count = 5 if len(texts) == 1 else 3
    parts = [f"{t.title}\n" + "\n".join(f"- {s}" for s in summarise(t.text, count)) for t in texts]
    return "\n\n".join(parts) + "\n\n(Sentences taken from the text itself; no model was asked.)"


def _count(sources: Sequence[str]) -> str:
    pages = sum(1 for s in sources if is_page(s))
    files = len(sources) - pages
    named = [f"{n} {word}{'s' if n > 1 else ''}" for n, word in ((files, "file"), (pages, "page")) if n]
    return " and ".join(named)


def _short(label: str, room: int) -> str:
    if len(label) <= room:
        return label
    scheme, mark, rest = label.rpartition("://")
    host, slash, _ = rest.partition("/")
    return squeeze(scheme + mark + host, room - 2) + "/…" if slash else squeeze(label, room)


def build(settings: Settings, supplies: Supplies) -> Summarise:
    """The tool over its own roots or those of all tools, with the chat model if there is one."""
    return Summarise(supplies.roots if settings.roots is None else settings.roots, supplies.chat)
