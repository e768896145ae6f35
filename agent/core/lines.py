"""Makes texts of others safe to show, to copy and to send: no control, bidi or tag signs, cut to a length."""

from __future__ import annotations

import re

LINE = 80  # what a toast title shows before it is cut on every desktop that was looked at

# C0 and C1 but tab and line feed; bidi marks, embeddings, overrides and isolates; line and paragraph separators; the invisible
# spaces, operators, tag, annotation and variation signs in which text can be smuggled; lone surrogates, which no UTF-8 can
# carry. The joiners U+200C and U+200D and the sixteen variation selectors of emoji stay.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u2028\u2029\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)


def clean(text: str) -> str:
    """The text with tabs and line feeds as its only control signs, and no sign that reorders or hides others."""
    return _HIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n"))


def one_line(text: str) -> str:
    """The cleaned text on one line, runs of white space made one space."""
    return " ".join(clean(text).split())


def hidden(text: str) -> bool:
    """Whether a text holds a sign that would not be seen, tab and line feed included."""
    return bool(_HIDDEN.search(text)) or "\n" in text or "\t" in text


def cut(text: str, size: int) -> str:
    """At most `size` signs, with an ellipsis where the end was left out."""
    return text if len(text) <= size else text[: size - 1].rstrip() + "…"


def squeeze(text: str, size: int) -> str:
    """At most `size` signs, with an ellipsis in the middle: the end of a file name or address says what it is."""
    if len(text) <= size:
        return text
    tail = size // 2
    return text[: size - tail - 1] + "…" + text[len(text) - tail :]


def quoted(text: str, size: int) -> str:
    """The text on one line in double quotes, curly ones around a text that has quotes itself; at most `size` signs."""
    words = cut(one_line(text), size - 2)
    return f"“{words}”" if '"' in words else f'"{words}"'
