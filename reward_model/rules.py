"""A judge without a model: plain rules on the candidate and the earlier offers, each with a reason in the user's words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from reward_model.case import CANNOT_RUN, Case, Earlier, Proposed, Verdict

DAY = 24 * 60.0
WEEK = 7 * DAY
SHORTEST, LONGEST = 6, 160
_TURNED_DOWN = ("rejected", "dismissed")
_LIKED = ("accepted", "done", "undone")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class RulesJudge:
    """The rules and their numbers; times in minutes.

    `prior` is a little above even: people took 51 % of the best of five offers in ProactiveBench's votes, and what
    reaches this judge comes with evidence. One earlier accept of the kind in a week moves it up by `liked`, each
    ignored one of a day down by `ignored`: two of them, and nothing liked, silence the kind for the day.
    """

    prior: float = 0.55
    liked: float = 0.10
    ignored: float = 0.03
    threshold: float = 0.5
    alike: float = 0.6
    """Share of common words (Jaccard) from which two tasks are the same."""
    alike_kind: float = 0.5
    """The same for an offer of the same kind that was turned down."""
    repeat_after: float = DAY
    again_after: float = WEEK
    """How long a task that was turned down stays away."""
    kind_after: float = 120.0
    """How long its kind stays away."""

    def judge(self, case: Case) -> tuple[Verdict, ...]:
        """One verdict a candidate, in order; accepted from p_accept >= threshold."""
        return tuple(self._verdict(c, case.earlier) for c in case.candidates)

    def objection(self, candidate: Proposed, earlier: Sequence[Earlier]) -> str:
        """Why this candidate must not be offered, or empty."""
        return _malformed(candidate) or self._repeated(candidate, earlier) or self._too_soon(candidate, earlier)

    def _verdict(self, candidate: Proposed, earlier: Sequence[Earlier]) -> Verdict:
        reason = self.objection(candidate, earlier)
        if reason:
            return Verdict(p_accept=0.05, p_help=0.2, accepted=False, reason=reason)
        p = self.chance(candidate, earlier)
        accepted = p >= self.threshold
        reason = "It has evidence and you were not asked before." if accepted else "You let the last offers of this kind pass."
        return Verdict(p_accept=p, p_help=max(p, self.prior), accepted=accepted, reason=reason)

    def chance(self, candidate: Proposed, earlier: Sequence[Earlier]) -> float:
        """The chance of acceptance from what became of earlier offers of the same kind, 0..1."""
        same = [e for e in earlier if candidate.kind and e.kind == candidate.kind]
        liked = any(e.response in _LIKED and e.minutes_ago <= WEEK for e in same)
        ignored = sum(1 for e in same if e.response == "ignored" and e.minutes_ago <= DAY)
        return min(1.0, max(0.0, self.prior + self.liked * liked - self.ignored * ignored))

    def _repeated(self, candidate: Proposed, earlier: Sequence[Earlier]) -> str:
        for offer in reversed(earlier):
            down = offer.response in _TURNED_DOWN
            if offer.minutes_ago > (self.again_after if down else self.repeat_after):
                continue
            same_kind = down and candidate.kind and offer.kind == candidate.kind
            if overlap(candidate.task, offer.task) >= (self.alike_kind if same_kind else self.alike):
                what = "turned this down" if down else "were offered this"
                return f"You {what} {ago(offer.minutes_ago)} ago."
        return ""

    def _too_soon(self, candidate: Proposed, earlier: Sequence[Earlier]) -> str:
        for offer in reversed(earlier):
            same = candidate.kind and offer.kind == candidate.kind
            if same and offer.response in _TURNED_DOWN and offer.minutes_ago < self.kind_after:
                return f"You turned down an offer of this kind {ago(offer.minutes_ago)} ago."
        return ""


def silence(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict on saying nothing beside these: right if none was accepted, the less likely the better the best was.

    Its p_accept is the chance that silence is right, its p_help the greatest need seen.
    """
    accepted = not any(v.accepted for v in verdicts)
    best = max((v.p_accept for v in verdicts), default=0.0)
    reason = "Nothing here is worth an interruption." if accepted else "An offer is worth more."
    return Verdict(p_accept=1 - best, p_help=max((v.p_help for v in verdicts), default=0.0), accepted=accepted, reason=reason)


def overlap(one: str, other: str) -> float:
    """Share of common words of two texts, 0..1 (Jaccard); scripts without spaces are compared by pairs of signs."""
    a, b = _words(one), _words(other)
    return len(a & b) / len(a | b) if a and b else 0.0


def ago(minutes: float) -> str:
    """A time span in words."""
    for unit, length in (("day", DAY), ("hour", 60.0)):
        if minutes >= length:
            count = round(minutes / length)
            return f"{count} {unit}{'s' if count > 1 else ''}"
    count = max(1, round(minutes))
    return f"{count} minute{'s' if count > 1 else ''}"


def _malformed(candidate: Proposed) -> str:
    task = candidate.task.strip()
    if not task:
        return "The offer is empty."
    if sum(2 if _dense(c) else 1 for c in task) < SHORTEST:
        return "The offer is too short to understand."
    if len(task) > LONGEST:
        return "The offer is too long to read in passing."
    if not candidate.because.strip():
        return "Nothing shows that you need this."
    if candidate.line.startswith(CANNOT_RUN):
        return f"It {candidate.line.rstrip('.')}."
    return "" if candidate.line.strip() else "It does not say what would run."


def _words(text: str) -> set[str]:
    found: set[str] = set()
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
        found |= {word[i : i + 2] for i in range(max(1, len(word) - 1))} if any(map(_dense, word)) else {word}
    return found


def _dense(char: str) -> bool:
    """Is this a sign of a script that is written without spaces (Chinese, Japanese, Thai)?"""
    return "\u3040" <= char <= "\u30ff" or "\u3400" <= char <= "\u9fff" or "\u0e00" <= char <= "\u0e7f"
