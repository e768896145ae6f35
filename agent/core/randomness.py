"""Tells a token that a machine made from a word or a name: many changes of class, or letter pairs that no language has.

Covered: random letters and digits of 16 characters and more; hexadecimal runs.
Not covered: letters alone that read like a word. Git hashes, UUIDs and the names that clouds and clusters give stay.
"""

from __future__ import annotations

from functools import lru_cache

import re2

from agent.core.secret_shapes import COMMON_PAIRS

SHORTEST = 16
"""Tokens below this length are told by their name or shape only."""

PIECE = re2.compile(r"[A-Za-z0-9]+")
RUN = re2.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_UUID = re2.compile(r"(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
HEX = re2.compile(r"^(?:[0-9a-f]{16,}|[0-9A-F]{16,})$")
_NAMES = re2.compile(
    r"^(?:(?:i|vpc|vpce|subnet|ami|sg|sgr|eni|vol|snap|rtb|igw|nat|acl|eipalloc|lt|tgw|fs|dopt|pcx)-(?:0[0-9a-f]{16}|[0-9a-f]{8})"
    r"|(?:sha-?\d{1,3}|md5)-[0-9a-f]{6,128}|[a-z][a-z-]{1,60}-(?:[0-9a-f]{8,10}|[0-9bcdf-hj-np-tv-xz]{8,10})-[a-z0-9]{5})$"
)
GIT_HASH = 40
_VARIED = 8
_JUDGED = 256  # the beginning of a token says as much as all of a megabyte of it


@lru_cache(maxsize=8192)
def looks_random(token: str, *, shortest: int = SHORTEST, known: bool = True) -> bool:
    """Whether a token (ASCII) was made by a machine as a key: many changes of class, or letter pairs no language has.

    `known` keeps git hashes and UUIDs, which are names of things and not keys.
    """
    token = token[:_JUDGED]
    if _UUID.match(token):
        return not known
    if known and _NAMES.match(token):
        return False
    pieces = [m.group() for m in PIECE.finditer(token)]
    size = sum(map(len, pieces))
    if size < shortest:
        return False
    if HEX.match(token):
        return not known or (len(token) >= 24 and len(token) != GIT_HASH and not token.isdigit())
    return is_random(pieces, size, known=known)


def is_random(pieces: list[str], size: int, *, known: bool) -> bool:
    """Whether pieces of letters and digits, `size` in all, change class or pair letters as no word does."""
    runs = [run.group() for piece in pieces for run in RUN.finditer(piece)]
    changes = (len(runs) - len(pieces)) / size
    digits = sum(len(run) for run in runs if run.isdigit())
    if digits == size:
        return not known and size >= SHORTEST
    share, count = common_pairs(runs)
    longest = max(map(len, pieces))
    if digits:
        if longest < 8 and changes < 0.3:
            return False
        return changes >= 0.27 or (changes >= 0.12 and share < 0.62 and count >= 4) or (share < 0.5 and count >= 9)
    varied = len(set("".join(pieces).lower())) >= _VARIED
    odd = (changes >= 0.36 and share < 0.75) or (longest >= 20 and share < 0.55)
    return varied and (odd or (longest >= SHORTEST and changes >= 0.2 and share < 0.5))


def common_pairs(runs: list[str]) -> tuple[float, int]:
    """The share of the letter pairs that are common in some language, and how many pairs there are."""
    pairs = [run[i : i + 2].lower() for run in runs if run.isalpha() for i in range(len(run) - 1)]
    return (sum(pair in COMMON_PAIRS for pair in pairs) / len(pairs) if pairs else 0.0), len(pairs)
