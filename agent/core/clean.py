"""Cleans a text of what only machines read: control, bidi and tag characters, lone surrogates, invisible spaces."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NewType

import re2

Safe = NewType("Safe", str)
"""A text that may be sent and stored: redacted, or composed of redacted texts and our own words. No plain `str` is one, so
that a way around the redaction is a type error; `redact_text`, `redact_title`, `redact_url` and `composed` make them."""

_TERMINAL = re2.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])|\[(?:\d{1,2}(?:;\d{1,3})*)m")
_BREAKS = str.maketrans({"\x85": "\n", "\u2028": "\n", "\u2029": "\n", "\x0b": "\n", "\x0c": "\n", "\r": "\n"})
# Zero-width joiner and non-joiner stay: emoji, Persian and Indian scripts are spelled with them.
_KEPT = "\n\t\u200c\u200d"
_SPACES = re2.compile(r"[ \t\x{a0}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}]+")


def clean(text: str) -> str:
    """The text in NFC without control, format, private and surrogate characters; runs of spaces become one, lines stay."""
    if text.isascii() and text.isprintable():
        return text if "  " not in text else str(_SPACES.sub(" ", text))
    text = "".join(c for c in text if not "\ud800" <= c <= "\udfff")
    text = _TERMINAL.sub("", text) if "\x1b" in text else text
    text = "".join(c for c in text.replace("\r\n", "\n").translate(_BREAKS) if c in _KEPT or not _is_unseen(c))
    return str(_SPACES.sub(" ", unicodedata.normalize("NFC", text)))


@lru_cache(maxsize=4096)
def _is_unseen(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co")
