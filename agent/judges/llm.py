"""Judge by an LLM: rules first, one request for the rest, within a budget of tokens."""

from __future__ import annotations

from typing import Any

from agent.core.parse import first_object, plain
from agent.core.ports import LLM, Judgement, LLMRequest
from agent.core.records import LLMCall
from agent.core.texts import composed
from agent.core.tokens import tokens
from agent.errors import JudgeError, LLMError
from agent.paths import resource
from reward_model.case import Case, Verdict
from reward_model.judge import REASON, Judged, JudgeFailure, LLMJudge, render
from reward_model.rules import RulesJudge, silence

BUDGET = 2900
"""Longest judge prompt, tokens, as for the predictor."""
ANSWER = 1000
EVIDENCE = (120, 60, 20)


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
            return Judgement(verdicts=ruled, silence=silence(ruled))
        kept = case.model_copy(update={"candidates": tuple(case.candidates[n] for n in asked)})
        judged, calls = await self.ask(kept)
        by_number = dict(zip(asked, judged.verdicts, strict=True))
        verdicts = tuple(by_number.get(n, v) for n, v in enumerate(ruled))
        return Judgement(verdicts=verdicts, silence=judged.silence, calls=calls)

    async def ask(self, case: Case) -> tuple[Judged, tuple[LLMCall, ...]]:
        """What the LLM says of each candidate and of silence, and the calls; raises JudgeError. The rules are not asked."""
        prompt = resource("prompts", "judge.md").read_text(encoding="utf-8").strip()
        calls: list[LLMCall] = []

        async def complete(system: str, user: str, schema: dict[str, Any]) -> str:
            texts = {"system": composed(system), "user": composed(user)}
            request = LLMRequest(purpose="judge", **texts, format=schema, max_tokens=ANSWER)
            calls.append(await self._llm.complete(request))
            return calls[-1].answer

        try:
            judged = await LLMJudge(prompt, complete, first_object).judge(fitting(case, prompt))
        except LLMError as e:
            raise JudgeLLMError(f"The judge could not be asked. {e.title}", e.hint, getattr(e, "calls", ())) from e
        except JudgeFailure as e:
            raise JudgeLLMError(f"The judge gave no verdict: {plain(str(e), REASON)}.", "It is asked again.", calls) from e
        return Judged(tuple(map(_readable, judged.verdicts)), _readable(judged.silence)), tuple(calls)


class JudgeLLMError(JudgeError):
    """A JudgeError that carries the calls that were made."""

    def __init__(self, title: str, hint: str, calls: Any) -> None:
        super().__init__(title, hint)
        self.calls: tuple[LLMCall, ...] = tuple(calls)


def _readable(verdict: Verdict) -> Verdict:
    return verdict.model_copy(update={"reason": plain(verdict.reason, REASON)})


def fitting(case: Case, prompt: str) -> Case:
    """The case within the budget: the oldest earlier offers go first, then evidence is cut, then the situation's last lines.

    The last happens only with several long candidates in a script of many tokens; the last lines are the full paths.
    """
    room = BUDGET - tokens(prompt)
    case = case.model_copy(update={"earlier": tuple(sorted(case.earlier, key=lambda e: -e.minutes_ago))})
    while case.earlier and tokens(render(case)) > room:
        case = case.model_copy(update={"earlier": case.earlier[1:]})
    for limit in EVIDENCE:
        if tokens(render(case)) <= room:
            break
        short = tuple(c.model_copy(update={"because": plain(c.because, limit)}) for c in case.candidates)
        case = case.model_copy(update={"candidates": short})
    while "\n" in case.situation and tokens(render(case)) > room:
        case = case.model_copy(update={"situation": case.situation.rpartition("\n")[0]})
    return case
