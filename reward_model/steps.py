"""Reads a situation, as the benchmark words it or as our digest renders it, into steps: what happened, newest last."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from reward_model.lexicon import BRIDGE, GENERIC, SIGNS, STOP, stem

LENGTH = 300
"""Signs of a step that are read; the rest of a longer one is noise."""
STEPS = 12
"""Steps that are read, the newest: a scorer must not tell the position in a trace."""

_STAMP = re.compile(r"^(?:Day \d+, [\d:]+ [AP]M|\d{9,}[\d.]*) ")
_SPAN = r"(?:\d+h\d\d|\d+m(?:\d\ds)?|\d+s)"
_NEW = re.compile(rf"^\d\d:\d\d:\d\d {_SPAN} (.+)$")
_OLD = re.compile(rf"^{_SPAN}(?: x\d+)? (.+)$")
_DIGEST = re.compile(r"^Now \w+ \d\d:\d\d\. Working for ")
_TYPED = re.compile(r" \[[^\]]*typed [^\]]*\]$")
_NOTE = re.compile(r" \[[^\]]*\]$")
_WORD = re.compile(r"[a-z][a-z0-9+#-]*|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SIGNS = {name: re.compile(pattern) for name, pattern in SIGNS.items()}
_QUOTED = re.compile(r"['\"‘“][^'\"]{8,}['\"’”]")
_CHINESE = re.compile("|".join(sorted(BRIDGE, key=len, reverse=True)))
_KEYS = frozenset(("ctrl", "cmd", "enter", "press", "left", "button", "multip", "tim"))


class Step(NamedTuple):
    """One event: its case-folded text, its word stems, those that carry content, the signs found in it."""

    text: str
    words: frozenset[str]
    content: tuple[str, ...]
    signs: frozenset[str]


def steps(situation: str) -> tuple[Step, ...]:
    """The newest STEPS steps of a situation, newest last; none for an empty one."""
    return tuple(map(_step, _sentences(situation.split("\n"))[-STEPS:]))


def folded(text: str) -> str:
    """The text in one width and case."""
    return unicodedata.normalize("NFKC", text[:LENGTH]).casefold()


def words(text: str) -> list[str]:
    """Stems of the words that are no stop words, with English words for the Chinese ones; `text` is folded."""
    found = [stem(w) for w in _WORD.findall(text) if w not in STOP and (len(w) > 1 or ord(w) > 0x3000)]
    return found if text.isascii() else found + [stem(w) for w in _WORD.findall(english(text)) if w not in STOP and w.isascii()]


def english(text: str) -> str:
    """The text with the Chinese words that the bridge knows put into English, longest match first, in their order."""
    return text if text.isascii() else _CHINESE.sub(lambda m: f" {BRIDGE[m[0]]} ", text)


def content(stems: Iterable[str]) -> tuple[str, ...]:
    """The stems that say what it is about, each once, in order."""
    return tuple(dict.fromkeys(w for w in stems if w not in GENERIC and (len(w) > 2 or ord(w[0]) > 0x3000) and w not in _KEYS))


def _sentences(lines: Sequence[str]) -> list[str]:
    new = [m[1] for line in lines if (m := _NEW.match(line))]
    if new:
        return list(map(_sentence, new))
    old = [m[1] for line in lines if (m := _OLD.match(line))]
    if old:
        return list(map(_sentence, reversed(old)))
    if any(map(_DIGEST.match, lines)):
        return []
    return [_STAMP.sub("", line) for line in lines if line.strip()]


def _sentence(line: str) -> str:
    """A line of the digest in the words of the benchmark."""
    verb = "types in" if _TYPED.search(line) else "views"
    app, _, rest = _NOTE.sub("", line).partition(" | ")
    title, _, place = rest.partition(" | ")
    return f"The user {verb} {app}: '{title}' {place}"


@lru_cache(maxsize=2048)
def _step(sentence: str) -> Step:
    text = folded(sentence)
    stems = words(text)
    signs = {name for name, pattern in _SIGNS.items() if pattern.search(text)}
    if _QUOTED.search(text):
        signs.add("quoted")
    return Step(text, frozenset(stems), content(stems), frozenset(signs))
