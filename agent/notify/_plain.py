"""Makes text from models, pages and files safe to put on a screen: no controls, no hidden or turning characters."""

from __future__ import annotations

from agent.core.lines import drawn
from agent.core.offers import FIRST_LINE


def plain(text: str, limit: int) -> str:
    """One line of at most `limit` characters, spaces squeezed, cut with an ellipsis."""
    return _cut(" ".join(drawn(text).split()), limit)


def plain_lines(text: str, limit: int) -> str:
    """The same for text of several lines: line breaks stay, empty lines go."""
    return _cut(drawn(text), limit)


def first_line(title: str) -> tuple[str, str]:
    """A title as what surely fits on one line, and the rest, which belongs on top of the body: what runs must be readable."""
    if len(title) <= FIRST_LINE:
        return title, ""
    space = title.rfind(" ", FIRST_LINE // 2, FIRST_LINE)
    end = space if space > 0 else FIRST_LINE - 1
    return title[:end] + "…", "…" + title[end:].lstrip()


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
