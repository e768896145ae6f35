"""Finds recovery phrases of wallets: 12 to 24 plain English words in a row, as no sentence has them. Pure.

Covered: BIP 39 and its like, by shape: small letters, 3 to 8 a word, none of the words that every sentence is held together by.
Not covered: phrases in other languages; fewer than 12 words.
"""

from __future__ import annotations

from typing import Any

import re2

LEAST = 12
_RUN = re2.compile(r"(?:\b(?:\d{1,2}[.):]?\s{0,2})?[a-z]{3,8}\b[\s,;]{1,3}){11,}(?:\d{1,2}[.):]?\s{0,2})?[a-z]{3,8}\b")
_WORD = re2.compile(r"[a-z]+")
# The commonest English words of three letters and more that are in no word list of BIP 39, and word ends it has hardly any of.
_GLUE = frozenset({
    "the", "and", "for", "are", "was", "not", "but", "had", "his", "her", "him", "has", "its", "our", "out", "you",
    "she", "who", "did", "get", "got", "may", "new", "now", "see", "two", "way", "any", "all", "one", "been", "from",
    "have", "were", "they", "with", "them", "then", "than", "their", "there", "these", "this", "those", "which",
    "would", "could", "some", "what", "when", "more", "into", "only", "very", "your", "where", "while", "because",
    "through", "how",
})  # fmt: skip
_ENDS = ("ing", "ed", "ly")
_FEW = 0.2
_DIFFERENT = 8


def hide_phrases(text: str) -> str:
    """The text with recovery phrases replaced by `[secret]`."""
    return str(_RUN.sub(_hide, text)) if len(text) >= LEAST * 4 else text


def _hide(match: Any) -> str:
    words = _WORD.findall(match.group())
    inflected = sum(w.endswith(_ENDS) for w in words)
    sentence = _GLUE & set(words) or inflected > _FEW * len(words) or len(set(words)) < _DIFFERENT
    return str(match.group()) if sentence else "[secret]"
