"""From chances of acceptance to verdicts: what is refused, what repeats a better one, what earlier answers lower."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from reward_model.case import CANNOT_RUN, Case, Earlier, Proposed, Verdict
from reward_model.rules import DAY, RulesJudge, ago, overlap
from reward_model.scorer import SPEAK, Scores, sigmoid

REFUSED = 0.05
"""Highest chance that a refused candidate is given, as by the rules."""
SAME = 0.6
"""Share of common words (Jaccard) from which two candidates are one idea, as for an earlier offer in the rules."""
CLOSE = 0.3
"""Share of common words from which an earlier offer counts as close; two tasks with a common verb have about 0.2."""
LIKE_THIS = 5
"""How many of one's own last answers are told in a reason."""
TAKEN = ("accepted", "undone")
DECIDED = (*TAKEN, "rejected", "dismissed", "ignored")

# Log-odds that an equal idea loses just after such an answer, and the minutes in which that halves. Chosen, not fitted: a
# rejected idea of even odds falls to one in eight, a recent one to one in three. Within a week the rules refuse it anyway
# where the words are the same; this is for what lies between the same and another idea.
FADING: dict[str, tuple[float, float]] = {
    "rejected": (2.0, 2 * DAY),
    "dismissed": (1.5, 2 * DAY),
    "ignored": (0.7, DAY / 4),
    "accepted": (0.7, DAY / 4),
    "undone": (0.7, DAY / 4),
    "opened": (0.7, DAY / 4),
}

Own = Callable[[Proposed, float], float]
"""The chance of this candidate for this user, given that of the population; both 0..1."""


class Ranked(NamedTuple):
    """One verdict a candidate, the one on silence, and which candidates are refused whatever their chance."""

    verdicts: tuple[Verdict, ...]
    silence: Verdict
    refused: tuple[bool, ...]


@dataclass(frozen=True)
class Ranking:
    """How chances become verdicts: shown from `threshold`, unless the rules object. `own` is the personal layer."""

    threshold: float = SPEAK
    rules: RulesJudge = field(default_factory=RulesJudge)

    def judge(self, case: Case, scores: Scores, own: Own = lambda _, p: p) -> Ranked:
        """One verdict a candidate, in order, and the one on silence. `scores` holds one chance a candidate."""
        objections = [self.rules.objection(c, case.earlier) for c in case.candidates]
        mine = [own(c, p) for c, p in zip(case.candidates, scores.p_accept, strict=True)]
        costs = [lowered(c, case.earlier) for c in case.candidates]
        chances = [shifted(p, -cost) for p, (cost, _) in zip(mine, costs, strict=True)]
        chances = [min(p, REFUSED) if o else p for p, o in zip(chances, objections, strict=True)]
        twins = repeats(case.candidates, [0.0 if o else p for o, p in zip(objections, chances, strict=True)])
        refusals = [o or _twin(case.candidates, t) for o, t in zip(objections, twins, strict=True)]
        verdicts = []
        for n, candidate in enumerate(case.candidates):
            accepted = not refusals[n] and chances[n] >= self.threshold
            held = costs[n][1] if chances[n] < self.threshold <= mine[n] else ""
            reason = refusals[n] or held or _reason(candidate, case.earlier, scores.p_accept[n], mine[n])
            verdicts.append(Verdict(p_accept=chances[n], p_help=scores.p_help, accepted=accepted, reason=reason))
        return Ranked(tuple(verdicts), silence(scores.p_help, verdicts), tuple(map(bool, refusals)))


def _reason(candidate: Proposed, earlier: Sequence[Earlier], people: float, mine: float) -> str:
    """One's own answers to such offers, what other people do, and where one's own answers move it."""
    moved = round(mine * 10) - round(people * 10)
    but = f"; by your answers so far, you take {'more' if moved > 0 else 'fewer'}" if moved else ""
    return " ".join(s for s in (own_answers(candidate, earlier), f"People take {of_ten(people)} such offers{but}.") if s)


def silence(p_help: float, verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict on saying nothing: right with the chance that no help is needed, accepted if no candidate was."""
    accepted = not any(v.accepted for v in verdicts)
    reason = f"People need help in {of_ten(p_help)} such moments."
    return Verdict(p_accept=1 - p_help, p_help=p_help, accepted=accepted, reason=reason)


def repeats(candidates: Sequence[Proposed], chances: Sequence[float]) -> tuple[int | None, ...]:
    """For each candidate the better one whose idea it repeats, or None; of equal ones the earlier stays."""
    kept: list[int] = []
    found: list[int | None] = [None] * len(candidates)
    for n in sorted(range(len(candidates)), key=lambda n: (-chances[n], n)):
        found[n] = next((k for k in kept if same(candidates[n], candidates[k])), None)
        if found[n] is None:
            kept.append(n)
    return tuple(found)


def same(one: Proposed, other: Proposed) -> bool:
    """Whether two candidates are one idea: nearly the same words, or the same operation."""
    runs = one.line.strip()
    return overlap(one.task, other.task) >= SAME or (bool(runs) and runs == other.line.strip() and CANNOT_RUN not in runs)


def lowered(candidate: Proposed, earlier: Sequence[Earlier]) -> tuple[float, str]:
    """Log-odds that the closest earlier idea costs this one (0 = none), fading with time, and the reason in words."""
    costs = [(_cost(candidate, e), e) for e in earlier]
    cost, closest = max(costs, key=lambda c: c[0], default=(0.0, None))
    if closest is None or cost <= 0:
        return 0.0, ""
    what = "turned down" if closest.response in ("rejected", "dismissed") else "were offered"
    return cost, f"You {what} something close to it {ago(closest.minutes_ago)} ago."


def _cost(candidate: Proposed, earlier: Earlier) -> float:
    weight, half = FADING.get(earlier.response, (0.0, 1.0))
    alike = overlap(candidate.task, earlier.task) if weight else 0.0
    faded: float = 0.5 ** (max(0.0, earlier.minutes_ago) / half)
    return weight * max(0.0, alike - CLOSE) / (1 - CLOSE) * faded


def own_answers(candidate: Proposed, earlier: Sequence[Earlier]) -> str:
    """What this user did with the last offers of the kind or close to it, in words; empty below two."""
    like = [e for e in earlier if e.response in DECIDED and _alike(candidate, e)][-LIKE_THIS:]
    took = sum(e.response in TAKEN for e in like)
    if len(like) < 2:
        return ""
    many = {0: f"none of the last {len(like)}", len(like): f"the last {len(like)}"}
    return f"You took {many.get(took, f'{took} of the last {len(like)}')} like this."


def _alike(candidate: Proposed, earlier: Earlier) -> bool:
    return bool(candidate.kind and candidate.kind == earlier.kind) or overlap(candidate.task, earlier.task) >= CLOSE


def of_ten(p: float) -> str:
    """A chance in words: 4 of 10."""
    return {0: "fewer than 1 of 10", 10: "nearly all"}.get(round(p * 10), f"{round(p * 10)} of 10")


def shifted(p: float, log_odds: float) -> float:
    """A chance moved by so many log-odds, 0..1."""
    if not log_odds or p <= 0 or p >= 1:
        return p
    return sigmoid(math.log(p / (1 - p)) + log_odds)


def _twin(candidates: Sequence[Proposed], twin: int | None) -> str:
    return "" if twin is None else f"It repeats a better one: {candidates[twin].task[:80]}"
