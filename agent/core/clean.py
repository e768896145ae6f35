"""Cleans a text of what only machines read: control, bidi and tag characters, lone surrogates, invisible spaces.

Covered: those; joiners, fillers, wide and ornate letters and escapes in the copy that is searched (`plain`).
Not covered: look-alike letters of other alphabets, combining marks, a text written backwards or with markup within.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NewType
from urllib.parse import unquote

import re2

Safe = NewType("Safe", str)
"""A text that may be sent and stored: redacted, or composed of redacted texts and our own words. No plain `str` is one, so
that a way around the redaction is a type error; `redact_text`, `redact_title`, `redact_url` and `composed` make them."""

_TERMINAL = re2.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])|\[(?:\d{1,2}(?:;\d{1,3})*)m")
_BREAKS = str.maketrans({"\x85": "\n", "\u2028": "\n", "\u2029": "\n", "\x0b": "\n", "\x0c": "\n", "\r": "\n"})
# Zero-width joiner and non-joiner stay: emoji, Persian and Indian scripts are spelled with them.
_KEPT = "\n\t\u200c\u200d"
_SPACES = re2.compile(r"[ \t\x{a0}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}]+")

_JOINERS = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2064\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_WIDE = re.compile("[\u2010\u2011\u2070-\u2213\u2460-\u24ff\uff01-\uff5e\U0001d400-\U0001d7ff\U0001f100-\U0001f16f]")


def clean(text: str) -> str:
    """The text in NFC without control, format, private and surrogate characters; runs of spaces become one, lines stay."""
    if text.isascii() and text.isprintable():
        return text if "  " not in text else str(_SPACES.sub(" ", text))
    text = "".join(c for c in text if not "\ud800" <= c <= "\udfff")
    text = _TERMINAL.sub("", text) if "\x1b" in text else text
    text = "".join(c for c in text.replace("\r\n", "\n").translate(_BREAKS) if c in _KEPT or not _is_unseen(c))
    return str(_SPACES.sub(" ", unicodedata.normalize("NFC", text)))


def plain(text: str) -> str:
    """The text as an eye reads it, to find what is disguised: no joiners or fillers; wide, ornate and escaped letters as ASCII.

    To search in, not to show: emoji and some scripts lose what joins them.
    """
    if text.isascii():
        return unquote(text, errors="replace") if "%" in text else text
    text = _WIDE.sub(lambda m: _ascii(m.group()), _JOINERS.sub("", text))
    return unquote(text, errors="replace") if "%" in text else text


@lru_cache(maxsize=4096)
def _ascii(char: str) -> str:
    found = unicodedata.normalize("NFKC", char)
    return "-" if char in "\u2010\u2011\u2212" else found if len(found) == 1 and found.isascii() else char


@lru_cache(maxsize=4096)
def _is_unseen(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co")
