"""Signatures of short texts: small sets of hashes by which two tasks are compared without keeping their words.

Not covered: a signature is no encryption; who has the file can test a guess against it. It holds no readable text.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
import unicodedata
import zlib
from functools import lru_cache

KEPT = 48
"""Hashes of a signature at most: 96 bytes, so that 200 decisions stay below 64 KiB."""
_WORD = re.compile(r"[^\W_]+")
# Written without spaces: Chinese, Japanese kana, Korean. Two neighbouring signs stand for a word there.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+")
_EMPTY = frozenset({
    "the", "a", "an", "of", "to", "in", "on", "for", "and", "or", "with", "your", "you", "user", "users", "their", "them",
    "is", "are", "be", "as", "at", "by", "from", "that", "this", "i", "me", "my",
})  # fmt: skip


@lru_cache(maxsize=2048)
def signature(text: str, most: int = KEPT) -> frozenset[int]:
    """At most `most` hashes (0..65535) of the words and the runs of four letters in them, or of two signs of Chinese.

    The hashes kept are the lowest in a fixed order, so that what two texts share is kept in both or in neither.
    """
    found: set[int] = set()
    for run in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
        for signs in _UNSPACED.findall(run):
            found.update(_hash(signs[i : i + 2]) for i in range(max(1, len(signs) - 1)))
        word = _UNSPACED.sub("", run)
        if word and word not in _EMPTY:
            framed = f"<{word}>"
            found.add(_hash(word))
            found.update(_hash(framed[i : i + 4]) for i in range(max(1, len(framed) - 3)))
    return frozenset(sorted(found, key=_order)[:most])


def alike(one: frozenset[int], other: frozenset[int]) -> float:
    """The cosine of two signatures, 0..1; 0 if one is empty."""
    return len(one & other) / float(len(one) * len(other)) ** 0.5 if one and other else 0.0


def packed(hashes: frozenset[int]) -> str:
    """A signature as text."""
    return base64.b64encode(struct.pack(f"<{len(hashes)}H", *sorted(hashes))).decode()


def unpacked(text: str) -> frozenset[int]:
    """The signature of such a text; ValueError if it is none."""
    try:
        raw = base64.b64decode(text, validate=True)
        return frozenset(struct.unpack(f"<{len(raw) // 2}H", raw))
    except (binascii.Error, struct.error) as e:
        raise ValueError("not a signature") from e


def _hash(piece: str) -> int:
    return zlib.crc32(piece.encode()) & 0xFFFF


def _order(value: int) -> int:
    return value * 40503 & 0xFFFF
