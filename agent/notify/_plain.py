"""Makes text from models, pages and files safe to put on a screen: no controls, no hidden or turning characters."""

from __future__ import annotations

import re
import unicodedata

from agent.core import defence

TITLE_CHARS = 80
TOAST_CHARS = 200  # of title and body together: what is longer is cut by one desktop or another
FIRST_LINE = 40  # xfce4-notifyd, GNOME and KDE show one line of title and cut the rest; xfce at 45 characters, measured

# Cc and Cf would move the cursor, hide text or turn its direction (U+202E); Cs cannot be encoded; Co and Cn show as boxes.
# U+200C and U+200D stay: Persian, Indic scripts and joined emoji need them.
_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn"}
_KEPT = {"\u200c", "\u200d", "\n"}


def plain(text: str, limit: int) -> str:
    """One line of at most `limit` characters, spaces squeezed, cut with an ellipsis."""
    spaced = " ".join(_visible(re.sub(r"\s", " ", text)).split())
    return _cut(spaced, limit)


def plain_lines(text: str, limit: int) -> str:
    """The same for text of several lines: line breaks stay, empty lines go."""
    lines = (" ".join(line.split()) for line in _visible("\n".join(text.splitlines()).replace("\t", " ")).split("\n"))
    return _cut("\n".join(line for line in lines if line), limit)


def first_line(title: str) -> tuple[str, str]:
    """A title as what surely fits on one line, and the rest, which belongs on top of the body: what runs must be readable."""
    if len(title) <= FIRST_LINE:
        return title, ""
    space = title.rfind(" ", FIRST_LINE // 2, FIRST_LINE)
    end = space if space > 0 else FIRST_LINE - 1
    return title[:end] + "…", "…" + title[end:].lstrip()


def _visible(text: str) -> str:
    if not defence.on("bidi_strip"):
        return text
    return "".join(c for c in text if c in _KEPT or unicodedata.category(c) not in _DROPPED)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
