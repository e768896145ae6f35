"""Text to features, shared by training and scoring: what a situation shows, and how a task fits it.

No feature tells a file name, a trace or the position in a trace; all are between about -1 and 4.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Sequence
from functools import lru_cache

from reward_model.lexicon import SIGNS, SUBJECTS, VERBS
from reward_model.steps import Step, content, english, folded, words

Features = dict[str, float]

RECENT, FADE = 6, 0.6
"""Steps behind the faded means, and the weight of each against the next newer one."""
_MARKS = (*SIGNS, "quoted")
_TOKEN = re.compile(r"[a-z'][a-z'-]*")
_PLAIN = re.compile(r"[a-z][a-z0-9-]*")
_CAPITAL = re.compile(r"(?<=\s)[A-Z][A-Za-z0-9]+")
_SELF = re.compile(r"(?:i |would you|do you|is |are |it )")
_YOU = re.compile(r"\byou\b|\byour\b")
_FILE = re.compile(r"\.\w{1,4}\b")


def situation_features(seen: Sequence[Step]) -> Features:
    """What the newest steps show of a need: signs in the last one and in the recent ones, how concrete they are."""
    if not seen:
        return {}
    recent = [_shown(s) for s in seen[-RECENT:]]
    last = recent[-1]
    total = sum(FADE**i for i in range(len(recent)))
    found = {f"last {k}": v for k, v in last.items()}
    found |= {f"mean {k}": sum(r[k] * FADE**i for i, r in enumerate(reversed(recent))) / total for k in last}
    before = {w for s in seen[-RECENT:-1] for w in s.content}
    now = seen[-1].content
    found["same matter"] = sum(w in before for w in now) / max(3, len(now))
    found["new matter"] = sum(w not in before for w in now) / 6
    return found


def task_features(seen: Sequence[Step], task: str) -> Features:
    """How the task is worded and how it fits the newest steps."""
    text = folded(task.strip())
    said = english(text).strip()
    matter = content(words(text))
    return _verbs(said) | _wording(task.strip(), said) | _fit(seen, matter) | _letters(seen, text) | _reuse(seen, matter, said)


def _shown(step: Step) -> Features:
    """The signs of one step, 0 or 1, and how much content it has, 0..1."""
    found = {name: float(name in step.signs) for name in _MARKS}
    found["content"] = min(6, len(step.content)) / 6
    found["bare turn"] = found["turn"] * (len(step.content) <= 1)
    found["no content"] = float(not step.content)
    return found


def _verbs(text: str) -> Features:
    """The kind of the first verb, of the next one, and the subjects named."""
    tokens = _TOKEN.findall(text)
    lead = VERBS.get(tokens[0], "other") if tokens else "other"
    second = next((kind for w in tokens[1:8] if (kind := _kind(w))), "none")
    subjects = {s for w in _PLAIN.findall(text) for s in SUBJECTS.get(w, ())}
    return {f"verb {lead}": 1.0, f"then {second}": 1.0} | {f"about {s}": 1.0 for s in sorted(subjects)}


def _kind(word: str) -> str:
    forms = (word, word[:-3], word[:-3] + "e") if word.endswith("ing") else (word,)
    return next((VERBS[f] for f in forms if f in VERBS), "")


def _wording(task: str, text: str) -> Features:
    """Length, address and precision of the wording. `task` keeps its capitals, `text` is folded."""
    length = math.log(1 + len(_TOKEN.findall(text)))
    return {
        "length": length,
        "length squared": length**2,
        "quotes": float("'" in task.replace("'s", "") or '"' in task),
        "file": float(bool(_FILE.search(task))),
        "digits": float(any(c.isdigit() for c in task)),
        "names": min(3, len(_CAPITAL.findall(task))) / 3,
        "asks": float(bool(_SELF.match(text))),
        "the user": float("the user" in text),
        "you": float(bool(_YOU.search(text))),
        "or": float(" or " in text),
        "and": float(" and " in text),
        "commas": min(3, task.count(",")) / 3,
        "if": float(" if " in f" {text}"),
        "for instance": float("(" in task or "e.g" in text or "such as" in text),
    }


def _fit(seen: Sequence[Step], matter: Collection[str]) -> Features:
    """Which share of the task's content the newest steps name, and the other way round."""
    found = {"content": math.log1p(len(matter)), "no content": float(not matter)}
    if not seen:
        return found
    every = frozenset().union(*(s.words for s in seen))
    three = frozenset().union(*(s.words for s in seen[-3:]))
    known = sum(w in every for w in matter)
    found |= {
        "in last": _share(matter, seen[-1].words),
        "in three": _share(matter, three),
        "in all": _share(matter, every),
        "known": math.log1p(known),
        "unknown": math.log1p(len(matter) - known),
        "covers last": _share(seen[-1].content, matter),
        "covers three": _share([w for s in seen[-3:] for w in s.content], matter),
    }
    counts = Counter(w for s in seen for w in s.content)
    if counts:
        top = sorted(counts, key=lambda w: -counts[w])[:3]
        found["main matter"] = sum(w in matter for w in top) / 3
    return found


def _letters(seen: Sequence[Step], text: str) -> Features:
    """The greatest share of the task's runs of four signs that one step holds."""
    runs = _runs(text)
    shares = [len(runs & _runs(s.text)) / max(1, len(runs)) for s in seen] or [0.0]
    return {"letters last": shares[-1], "letters three": max(shares[-3:]), "letters all": max(shares)}


def _reuse(seen: Sequence[Step], matter: Collection[str], text: str) -> Features:
    """Does it fit a search just made, or only repeat it?"""
    if not seen:
        return {}
    searching = "search" in seen[-1].signs
    tokens = _TOKEN.findall(text)
    again = bool(tokens) and VERBS.get(tokens[0]) == "search"
    three = frozenset().union(*(s.words for s in seen[-3:]))
    return {
        "on search": _share(matter, seen[-1].words) * searching,
        "search again": float(again and _share(matter, three) > 0.5),
    }


def _share(some: Collection[str], others: Collection[str]) -> float:
    return sum(w in others for w in some) / len(some) if some else 0.0


@lru_cache(maxsize=2048)
def _runs(text: str) -> frozenset[str]:
    text = re.sub(r"\W+", " ", text)
    return frozenset(text[i : i + 4] for i in range(len(text) - 3))
