"""Summarises a text without a model: picks the sentences nearest to what the whole text is about, in any language.

Centroid ranking (Radev et al. 2004, MEAD) with a bonus for early sentences and, against repetition, maximal marginal
relevance (Carbonell & Goldstein 1998). Scripts without spaces are compared by pairs of signs.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

_MOST = 400  # sentences looked at: what comes later is rarely what a page is about
_LONG = 300
# Full stops of the scripts in use: Latin, CJK, Devanagari, Arabic, Urdu, Ethiopic, Armenian, Burmese, Khmer.
_CJK_END = "。！？｡．"
_END = re.compile(
    rf"(?<=[.!?…।॥؟۔።։။។])[\"'”’»)\]]*\s+|(?<=[{_CJK_END}])(?![{_CJK_END}」』”’）])|(?<=[{_CJK_END}][」』”’）])|\n+"
)
# A full stop after one of these is no end: initials, ordinals, and abbreviations as e.g., z.B., Dr.
_ABBREVIATION = re.compile(r"(?:^|[\s(])(?:\w|\d{1,3}|\w\.\w|[A-Z]\w|Mrs|Prof|etc|vgl|bzw|approx|Abb|Fig|Art|Vol)\.$")
_NO_SPACES = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # kana and Han
)
_WORD = re.compile(rf"[{_NO_SPACES}]+|[^\W{_NO_SPACES}]+")
_SPACELESS = re.compile(f"[{_NO_SPACES}]")


def sentences(text: str) -> list[str]:
    """The sentences of a text in order, white space joined."""
    found: list[str] = []
    for piece in _END.split(text):
        sentence = " ".join(piece.split())
        if found and _ABBREVIATION.search(found[-1]) and sentence:
            found[-1] = f"{found[-1]} {sentence}"
        elif sentence:
            found += _phrases(sentence)
    return found


def _phrases(sentence: str) -> list[str]:
    """A sentence, or its parts where the script has no full stop and parts its phrases by spaces (Thai, Lao)."""
    if len(sentence) <= _LONG or not _SPACELESS.search(sentence):
        return [sentence]
    parts: list[str] = [""]
    for phrase in sentence.split(" "):
        if len(parts[-1]) + len(phrase) > _LONG // 2:
            parts.append("")
        parts[-1] = f"{parts[-1]} {phrase}".strip()
    return [part for part in parts if part]


def terms(sentence: str) -> list[str]:
    """Words in lower case; pairs of signs where the script has no spaces."""
    found: list[str] = []
    for word in _WORD.findall(sentence.casefold()):
        if _SPACELESS.match(word):
            found += [word[i : i + 2] for i in range(max(1, len(word) - 1))]
        elif len(word) > 1:
            found.append(word)
    return found


def summarise(text: str, count: int = 4, signs: int = 700) -> list[str]:
    """Up to `count` sentences of a text, in its order, together at most about `signs` long; [] if it has no sentence."""
    found = [s for s in dict.fromkeys(sentences(text)[:_MOST]) if _worth(s)] or sentences(text)[:count]
    vectors = _vectors([terms(s) for s in found])
    centroid: Counter[str] = Counter()
    for vector in vectors:
        centroid.update(vector)
    scores = [_cosine(v, centroid) + 0.25 / (1 + i) for i, v in enumerate(vectors)]
    return [found[i] for i in sorted(_choose(found, vectors, scores, (count, signs)))]


def _worth(sentence: str) -> bool:
    # A menu entry or heading has few words; a table or a dump has too many.
    return 5 <= len(terms(sentence)) <= 120 and len(sentence) <= 500


def _vectors(bags: Sequence[Sequence[str]]) -> list[dict[str, float]]:
    """TF-IDF, a sentence being a document; a term in every other sentence says little."""
    seen = Counter(term for bag in bags for term in set(bag))
    size = len(bags)
    return [
        {
            term: (1 + math.log(n)) * math.log(1 + size / seen[term]) * _weight(seen[term], size)
            for term, n in Counter(bag).items()
        }
        for bag in bags
    ]


def _weight(seen: int, size: int) -> float:
    return 0.2 if size >= 8 and seen * 3 > size else 1.0


def _cosine(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    dot = sum(weight * b.get(term, 0.0) for term, weight in a.items())
    norm = math.sqrt(sum(w * w for w in a.values()) * sum(w * w for w in b.values()))
    return dot / norm if norm else 0.0


def _choose(
    found: Sequence[str], vectors: Sequence[Mapping[str, float]], scores: Sequence[float], limits: tuple[int, int]
) -> list[int]:
    """Indices, best first, each unlike those before it."""
    count, signs = limits
    chosen: list[int] = []
    left = sorted(range(len(found)), key=lambda i: -scores[i])[:60]
    room = signs
    while left and len(chosen) < count:
        best = max(left, key=lambda i: scores[i] - 0.6 * max((_cosine(vectors[i], vectors[c]) for c in chosen), default=0.0))
        left.remove(best)
        if len(found[best]) <= room or not chosen:
            chosen.append(best)
            room -= len(found[best])
    return chosen
