"""The judges that fit the port: rules alone, rules and then an LLM, or none."""

from __future__ import annotations

from typing import Any

from agent.core.parse import first_object, plain
from agent.core.ports import LLM, Judgement, LLMRequest
from agent.core.records import LLMCall
from agent.core.tokens import tokens
from agent.errors import JudgeError, LLMError
from agent.paths import resource
from reward_model.case import Case, Verdict
from reward_model.judge import REASON, JudgeFailure, LLMJudge, render
from reward_model.rules import RulesJudge

BUDGET = 2900
"""Longest judge prompt, tokens, as for the predictor."""
ANSWER = 1000
EVIDENCE = (120, 60, 20)


class RulesOnly:
    """Judge by rules; asks nobody, never fails."""

    def __init__(self, rules: RulesJudge | None = None) -> None:
        self._rules = rules or RulesJudge()

    async def judge(self, case: Case) -> Judgement:
        """One verdict a candidate."""
        return Judgement(verdicts=self._rules.judge(case))


class OffJudge:
    """Lets every candidate through with even odds: the user switched the judge off."""

    async def judge(self, case: Case) -> Judgement:
        """An accepting verdict for each candidate."""
        verdict = Verdict(p_accept=0.5, p_help=0.5, accepted=True, reason="The judge is switched off.")
        return Judgement(verdicts=(verdict,) * len(case.candidates))


class LLMJudgePort:
    """Judge by an LLM. The rules come first: what they refuse is never sent, and if nothing is left nobody is asked."""

    def __init__(self, llm: LLM, rules: RulesJudge | None = None) -> None:
        self._llm = llm
        self._rules = rules or RulesJudge()

    async def judge(self, case: Case) -> Judgement:
        """One verdict a candidate and the call they cost; raises JudgeError if the LLM fails or gives no verdict."""
        objections = [self._rules.objection(c, case.earlier) for c in case.candidates]
        ruled = self._rules.judge(case)
        asked = [n for n, objection in enumerate(objections) if not objection]
        if not asked:
            return Judgement(verdicts=ruled)
        kept = case.model_copy(update={"candidates": tuple(case.candidates[n] for n in asked)})
        verdicts, calls = await self._ask(kept)
        by_number = dict(zip(asked, verdicts, strict=True))
        return Judgement(verdicts=tuple(by_number.get(n, v) for n, v in enumerate(ruled)), calls=calls)

    async def _ask(self, case: Case) -> tuple[tuple[Verdict, ...], tuple[LLMCall, ...]]:
        prompt = resource("prompts", "judge.md").read_text(encoding="utf-8").strip()
        calls: list[LLMCall] = []

        async def complete(system: str, user: str, schema: dict[str, Any]) -> str:
            request = LLMRequest(purpose="judge", system=system, user=user, format=schema, max_tokens=ANSWER)
            calls.append(await self._llm.complete(request))
            return calls[-1].answer

        try:
            judged = await LLMJudge(prompt, complete, first_object).judge(fitting(case, prompt))
        except LLMError as e:
            raise JudgeLLMError(f"The judge could not be asked. {e.title}", e.hint, getattr(e, "calls", ())) from e
        except JudgeFailure as e:
            raise JudgeLLMError(f"The judge gave no verdict: {plain(str(e), REASON)}.", "It is asked again.", calls) from e
        return tuple(v.model_copy(update={"reason": plain(v.reason, REASON)}) for v in judged.verdicts), tuple(calls)


class JudgeLLMError(JudgeError):
    """A JudgeError that carries the calls that were made."""

    def __init__(self, title: str, hint: str, calls: Any) -> None:
        super().__init__(title, hint)
        self.calls: tuple[LLMCall, ...] = tuple(calls)


def fitting(case: Case, prompt: str) -> Case:
    """The case within the budget: the oldest earlier offers go first, then evidence is cut; the situation stays whole."""
    room = BUDGET - tokens(prompt)
    case = case.model_copy(update={"earlier": tuple(sorted(case.earlier, key=lambda e: -e.minutes_ago))})
    while case.earlier and tokens(render(case)) > room:
        case = case.model_copy(update={"earlier": case.earlier[1:]})
    for limit in EVIDENCE:
        if tokens(render(case)) <= room:
            break
        short = tuple(c.model_copy(update={"because": plain(c.because, limit)}) for c in case.candidates)
        case = case.model_copy(update={"candidates": short})
    return case
