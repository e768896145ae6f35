"""The judges that weigh nothing: rules alone, and none."""

from __future__ import annotations

from agent.core.ports import Judgement
from reward_model.case import Case, Verdict
from reward_model.rules import RulesJudge, silence


class RulesOnly:
    """Judge by rules; asks nobody, never fails."""

    def __init__(self, rules: RulesJudge | None = None) -> None:
        self._rules = rules or RulesJudge()

    async def judge(self, case: Case) -> Judgement:
        """One verdict a candidate."""
        verdicts = self._rules.judge(case)
        return Judgement(verdicts=verdicts, silence=silence(verdicts))


class OffJudge:
    """Lets every candidate through with even odds: the user switched the judge off."""

    async def judge(self, case: Case) -> Judgement:
        """An accepting verdict for each candidate."""
        verdict = Verdict(p_accept=0.5, p_help=0.5, accepted=True, reason="The judge is switched off.")
        verdicts = (verdict,) * len(case.candidates)
        return Judgement(verdicts=verdicts, silence=verdict.model_copy(update={"accepted": not verdicts}))
