"""Compares and shortens titles of any language: words in spaced scripts, character pairs in scripts without spaces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

import re2

STEM = 6
"""Letters of a word that count: 'refresh' and 'refreshing' are one word in most inflecting languages without a dictionary."""

SHORTEST = 3
"""Letters a word keeps when endings are dropped."""

TAIL_WORDS = 4
"""A last title part of at most this many words is the site's name, not the subject."""

PHRASE = 70
"""Characters of a subject as it is put into a search: engines ignore what stands after some ten words."""

_RUN = re2.compile(r"[\pL\pM\pN]+")
_UNSPACED = re2.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}ー々\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]+|"
    r"[^\p{Han}\p{Hiragana}\p{Katakana}ー々\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]+"
)
_PAIRED = re2.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}ー々\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_YEAR = re2.compile(r"^(?:19|20)\d\d$")
_PARTS = re2.compile(r"\s+(?:[-–—|·•»‧/:]|::)\s+|\s*[|｜]\s*")
_REPLY = re2.compile(r"(?i)^(?:(?:re|aw|fwd?|wg|tr|sv|vs|rv|antw|答复|回复|转发)\s*[:：]\s*)+")
_REMOVED = re2.compile(r"\[[a-z]{2,8}\]")
_UNSEEN = re2.compile(r"[\p{Cc}\p{Cf}\p{Co}\s]+")


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STOP = _set(
    """the and for with from how what why when where not are was can does did your you this that into about use using
    new get der die das und oder für mit von wie ist nicht ein eine einen auf den dem des zum zur bei aus nach les
    une est pas pour avec dans sur que qui comment del los las una con para por como qué cómo não uma com dos che
    per gli non come della het een van voor met niet hoe och att för med som inte hur og til på ikke jak nie dla się
    jest как что для это или при"""
)


@lru_cache(maxsize=4096)
def words(text: str) -> Mapping[str, str]:
    """Comparable form -> form as written, in order: word stems, or pairs of characters where a script has no spaces."""
    found: dict[str, str] = {}
    for run in _RUN.findall(text[:400]):
        for piece in _UNSPACED.findall(run):
            if _PAIRED.match(piece):
                for pair in _pairs(piece):
                    found.setdefault(pair, pair)
            elif _counts(piece):
                found.setdefault(_stem(piece.casefold()), piece)
    return MappingProxyType(found)


def _pairs(piece: str) -> list[str]:
    return [piece[k : k + 2] for k in range(len(piece) - 1)] or [piece]


def _stem(word: str) -> str:
    """'page' and 'pages', 'Seite' and 'Seiten' are one: common endings go, then what is beyond STEM letters."""
    while len(word) > SHORTEST and word[-1] in "sne":
        word = word[:-1]
    return word[:STEM]


def _counts(word: str) -> bool:
    if word.isdigit():
        return len(word) > 2 and not _YEAR.match(word)
    if len(word) <= SHORTEST - 1:
        return len(word) > 1 and (word.isupper() or not word.isalpha())  # 'CI' and 'k8' name something, 'of' does not
    return word.casefold() not in _STOP


def overlap(a: Iterable[str], b: Iterable[str]) -> float:
    """Shared part of the smaller of two sets of words, 0..1; nothing overlaps with an empty set."""
    first, second = set(a), set(b)
    least = min(len(first), len(second))
    return len(first & second) / least if least else 0.0


def shared(texts: Iterable[str], least: int) -> list[str]:
    """Comparable words that stand in at least `least` of the texts, the most frequent first."""
    counts = Counter(word for text in texts for word in words(text))
    return [word for word, count in counts.most_common() if count >= least]


@lru_cache(maxsize=4096)
def parts(title: str) -> tuple[str, ...]:
    """The parts of a title between separators such as ' - ' and ' | '."""
    text = title.replace("_", " - ") if _PAIRED.search(title) else title  # the separator of Chinese sites
    return tuple(part.strip() for part in _PARTS.split(text) if part and part.strip())


def site(title: str) -> str:
    """The site or program named at the end of a title, or empty."""
    pieces = parts(title)
    return pieces[-1] if len(pieces) > 1 and len(pieces[-1].split()) <= TAIL_WORDS else ""


@lru_cache(maxsize=4096)
def subject(title: str) -> str:
    """A title without reply marks and without the site's name at its end."""
    pieces = parts(title)
    kept = pieces[:-1] if site(title) else pieces
    return clean(_REPLY.sub("", " ".join(kept)))


def clean(text: str) -> str:
    """One line without control, format and doubled space characters (titles are written by strangers)."""
    return str(_UNSEEN.sub(" ", text)).strip()


def clip(text: str, length: int) -> str:
    """At most `length` characters, cut with an ellipsis, at a space where there is one near."""
    line = clean(text)
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > length * 0.6 else cut).rstrip(" ,;:-–—") + "…"


def phrase(text: str) -> str:
    """A subject as a search phrase: at most PHRASE characters, whole words, without what redaction left in place of secrets."""
    return clip(_REMOVED.sub("", text), PHRASE).rstrip("…").strip(" \"'“”„«»")


def spoken(count: float, one: str) -> str:
    """'1 minute', '12 minutes'; `count` is rounded and at least 1."""
    number = max(1, round(count))
    return f"{number} {one}" if number == 1 else f"{number} {one}s"
