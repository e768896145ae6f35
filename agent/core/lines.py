"""Makes texts of others safe to show, to copy and to send: no control, bidi or tag signs, cut to a length."""

from __future__ import annotations

import re
import unicodedata

from agent.core import defence

LINE = 80  # what a toast title shows before it is cut on every desktop that was looked at

# C0 and C1 but tab and line feed; bidi marks, embeddings, overrides and isolates; line and paragraph separators; the invisible
# spaces, fillers, operators, tag, annotation and variation signs in which text can be smuggled; lone surrogates, which no
# UTF-8 can carry. Joiners and the sixteen variation selectors of emoji stay one by one, see _kept.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u2028\u2029\u2800\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_JOINED = re.compile("[\u200c\u200d\ufe00-\ufe0f]+")
_ONE_EACH = re.compile("[\ufe00-\ufe0f]?[\u200c\u200d]?")
_KEYCAPS = "0123456789#*"  # the only signs of ASCII with an emoji form
# Cc and Cf move the cursor, hide text or turn its direction; Cs cannot be encoded; Co and Cn show as boxes.
_UNDRAWN = {"Cc", "Cf", "Cs", "Co", "Cn"}
_DRAWN = {"\u200c", "\u200d", "\n"}


def clean(text: str) -> str:
    """The text with tabs and line feeds as its only control signs, and no sign that reorders or hides others."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return _JOINED.sub(_kept, _HIDDEN.sub("", lines))


def _kept(run: re.Match[str]) -> str:
    """Of joiners and selectors: one of each after a letter or emoji that can have them, or any text could hide in a row."""
    before = run.string[max(0, run.start() - 1) : run.start()]
    if before.isascii():
        return run[0][:1] if before and before in _KEYCAPS and run[0][0] >= "\ufe00" else ""
    found = _ONE_EACH.match(run[0])
    return found[0] if found and not before.isspace() else ""


def escaped(text: str) -> str:
    """The text for a terminal: what is hidden or controls shows as its number, tab and line feed as they are."""
    return _JOINED.sub(_numbered, _HIDDEN.sub(lambda found: _number(found[0]), text))


def _numbered(run: re.Match[str]) -> str:
    kept = _kept(run)
    return kept + "".join(map(_number, run[0][len(kept) :]))


def _number(sign: str) -> str:
    code = ord(sign)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def drawn(text: str) -> str:
    """The text as a toast draws it: nothing that is not seen, rows of white space as one space, no empty lines."""
    seen = text
    if defence.on("bidi_strip"):
        seen = "".join(c for c in clean(text) if c in _DRAWN or unicodedata.category(c) not in _UNDRAWN or c == "\t")
    lines = (" ".join(line.split()) for line in seen.splitlines())
    return "\n".join(line for line in lines if line)


def one_line(text: str) -> str:
    """The cleaned text on one line, runs of white space made one space."""
    return " ".join(clean(text).split())


def hidden(text: str) -> bool:
    """Whether a text holds a sign that would not be seen, tab and line feed included."""
    return clean(text) != text or "\n" in text or "\t" in text


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
