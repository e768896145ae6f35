"""What read and summarise take: files inside the allowed folders and public web pages, as titled text.

Covered: what _roots.py, _fetch.py and _extract.py cover; secrets are redacted before the text is stored or sent.
Not covered: that a page says what it is; its text is data and can only become text.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from agent.core.lines import hidden, one_line
from agent.core.texts import redact_text
from agent.errors import ToolError
from agent.tools._extract import extract, kind_of
from agent.tools._fetch import PageFetcher, host_of
from agent.tools._roots import Roots, Seen

HEAD = 1024  # bytes that say what kind of file it is


@dataclass(frozen=True)
class Text:
    """One source: its name (file or host), title and text without secrets, and `plain`, the text as a reader sees it."""

    label: str
    title: str
    text: str
    plain: str = ""


def _address(url: str) -> str:
    """A page as it is shown: with what tells it from any other; 'a.org/' is a page where 'a.org' would be a file."""
    parts = urlsplit(url)
    path = unquote(parts.path) or "/"
    if hidden(path):
        raise ToolError("The address holds a sign that cannot be seen.", "Open the page yourself.")
    plain = one_line(path) == path and path.count("/") == (parts.path or "/").count("/") and not set("?#%\ufffd") & set(path)
    scheme = "" if parts.scheme == "https" else f"{parts.scheme}://"
    return scheme + parts.netloc.casefold().removesuffix(":443" if not scheme else ":80") + (path if plain else parts.path)


def is_page(source: str) -> bool:
    """Whether a source is a web address; anything else is a path."""
    return re.match(r"[a-z][a-z0-9+.-]+://", source, re.IGNORECASE) is not None


class Sources:
    """Checks sources before they are offered and reads them after. Raises ToolError."""

    def __init__(self, folders: Sequence[Path], fetcher: PageFetcher) -> None:
        self._roots = Roots(folders)
        self._fetcher = fetcher
        self._seen = Seen()

    def label(self, source: str) -> str:
        """Check a source and name it for the line that is shown: the file's name, or the address of a page but for https://."""
        if is_page(source):
            host_of(source)
            if redact_text(source) != source:
                raise ToolError("The address holds an id or a secret.", "Open the page yourself.")
            return _address(source)
        found = self._roots.look(source)
        name = Path(source).name
        if not kind_of(name, self._roots.read(source, found, HEAD)):
            raise ToolError(f"'{one_line(name)}' is not text, html, PDF or docx.", "Open it yourself.")
        self._seen.note(source, found)
        return one_line(name)

    def seal(self, sources: Sequence[str]) -> str:
        """Which files the last `label` of each path saw; '' for pages alone."""
        return " ".join(str(self._seen.get(s)) for s in sources if self._seen.get(s))

    async def text(self, source: str) -> Text:
        """Read a file (the one that was labelled) or fetch a page."""
        if is_page(source):
            page = await self._fetcher.fetch(source)
            found = await extract(page.data, page.kind, page.charset)
            label = host_of(source)
        else:
            data = await asyncio.to_thread(self._roots.read, source, self._seen.get(source))
            label = one_line(Path(source).name)
            kind = kind_of(label, data[:HEAD])
            if not kind:
                raise ToolError(f"'{label}' is not text, html, PDF or docx.", "Open it yourself.")
            found = await extract(data, kind)
        text = await asyncio.to_thread(redact_text, found.text)  # a text made for it takes a second or two
        return Text(label, redact_text(one_line(found.title)) or label, text, found.text)
