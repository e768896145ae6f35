"""The LLM judge: one question for all candidates, first-person rules, an answer that is read strictly and clamped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from reward_model.case import Case, Earlier, Proposed, Verdict
from reward_model.fence import fence

REASON = 200
EARLIER = 10

Complete = Callable[[str, str, dict[str, Any]], Awaitable[str]]
"""Given system text, user text and a JSON schema, the completion."""
Read = Callable[[str], Mapping[str, Any]]
"""The first JSON object of a completion; raises ValueError if there is none."""

_DECISION = {"accept": {"type": "boolean"}, "reason": {"type": "string"}}
_VERDICT = {
    "type": "object",
    "properties": {
        "candidate": {"type": "integer"},
        "p_accept": {"type": "number"},
        "p_help": {"type": "number"},
        **_DECISION,
    },
    "required": ["candidate", "p_accept", "p_help", "accept", "reason"],
}
SCHEMA: dict[str, Any] = {
    "title": "verdicts",
    "type": "object",
    "properties": {
        "verdicts": {"type": "array", "items": _VERDICT},
        "silence": {"type": "object", "properties": _DECISION, "required": ["accept", "reason"]},
    },
    "required": ["verdicts", "silence"],
}


class JudgeFailure(Exception):  # noqa: N818 - the word of the port's contract
    """The judge's answer is no verdict; nothing may be offered on it."""


@dataclass(frozen=True)
class Judged:
    """One verdict a candidate, in the case's order, and the verdict on saying nothing (its p_help is the greatest need)."""

    verdicts: tuple[Verdict, ...]
    silence: Verdict


class LLMJudge:
    """Judges as the user would, with one completion a case."""

    def __init__(self, prompt: str, complete: Complete, read: Read) -> None:
        self._prompt = prompt
        self._complete = complete
        self._read = read

    async def judge(self, case: Case) -> Judged:
        """Raises JudgeFailure if the answer is not one verdict a candidate; what `complete` raises passes through."""
        answer = await self._complete(self._prompt, render(case), SCHEMA)
        try:
            read = self._read(answer)
        except ValueError as e:
            raise JudgeFailure(f"the judge's answer could not be read: {e}") from e
        return judged(read, len(case.candidates))


def render(case: Case) -> str:
    """The case as the judge reads it: the situation unchanged, the earlier offers, then the candidates, numbered from 1."""
    parts = ["What I did:", fence("activity", case.situation)]
    if case.earlier:
        parts += [
            "",
            "Earlier offers to me, oldest first:",
            fence("earlier", "\n".join(map(_earlier, case.earlier[-EARLIER:]))),
        ]
    offers = "\n".join(_offer(n, c) for n, c in enumerate(case.candidates, 1))
    return "\n".join([*parts, "", "Offers to judge:", fence("offers", offers)])


def judged(answer: Mapping[str, Any], count: int) -> Judged:
    """The verdicts of an answer, sorted by candidate, chances clamped to 0..1.

    Raises JudgeFailure unless each candidate from 1 to `count` has exactly one.
    """
    listed = answer.get("verdicts")
    if not isinstance(listed, list) or not all(isinstance(v, Mapping) for v in listed):
        raise JudgeFailure("the judge gave no list of verdicts")
    by_number = {_number(v): _verdict(v) for v in listed}
    if len(listed) != count or set(by_number) != set(range(1, count + 1)):
        raise JudgeFailure(f"the judge gave {len(listed)} verdicts, numbered {list(by_number)[:9]}, for {count} candidates")
    verdicts = tuple(by_number[n] for n in range(1, count + 1))
    return Judged(verdicts, _silence(answer.get("silence"), verdicts))


def _number(raw: Mapping[str, Any]) -> int:
    number = raw.get("candidate")
    return number if isinstance(number, int) and not isinstance(number, bool) else 0


def _verdict(raw: Mapping[str, Any]) -> Verdict:
    accept = raw.get("accept")
    if not isinstance(accept, bool):
        raise JudgeFailure("a verdict has no decision")
    return Verdict(p_accept=_chance(raw, "p_accept"), p_help=_chance(raw, "p_help"), accepted=accept, reason=_reason(raw))


def _chance(raw: Mapping[str, Any], key: str) -> float:
    value = raw.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:  # noqa: PLR0124 - NaN
        raise JudgeFailure(f"a verdict has no {key}")
    return float(min(1, max(0, value)))


def _reason(raw: Mapping[str, Any]) -> str:
    reason = raw.get("reason")
    return " ".join(reason.split())[:REASON] if isinstance(reason, str) else ""


def _silence(raw: Any, verdicts: tuple[Verdict, ...]) -> Verdict:
    """The verdict on silence; where the answer has none, silence is right unless an offer was accepted."""
    best = max((v.p_accept for v in verdicts), default=0.0)
    need = max((v.p_help for v in verdicts), default=0.0)
    accept = raw.get("accept") if isinstance(raw, Mapping) else None
    accepted = accept if isinstance(accept, bool) else not any(v.accepted for v in verdicts)
    return Verdict(p_accept=1.0 - best, p_help=need, accepted=accepted, reason=_reason(raw) if isinstance(raw, Mapping) else "")


def _earlier(offer: Earlier) -> str:
    ago = f"{offer.minutes_ago:.0f} min" if offer.minutes_ago < 90 else f"{offer.minutes_ago / 60:.0f} h"
    return f"- {ago} ago: {offer.task[:120]} -> {offer.response}"


def _offer(number: int, candidate: Proposed) -> str:
    return f"{number}. {candidate.task}\n   because: {candidate.because}\n   would run: {candidate.line}"
