"""Judge by the embedded scorer, alone or before an LLM: no network, a millisecond a candidate."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from agent.core.ports import Judgement
from agent.errors import JudgeError
from agent.judges.learnt import Scoring
from agent.judges.llm import LLMJudgePort
from agent.paths import resource
from reward_model.case import Case, Verdict
from reward_model.personal import Personal
from reward_model.rank import Ranked, Ranking
from reward_model.scorer import SPEAK, Scorer, ScorerFailure

CLEARLY = 0.5
"""Below this share of the threshold the scorer's no is clear, and the LLM is not asked."""


def load_scorer(path: Path | None = None) -> Scorer:
    """The shipped scorer, or the one at `path`. Raises JudgeError with what to do."""
    try:
        return Scorer.load(path or resource("reward_model", "scorer.json"))
    except ScorerFailure as e:
        hint = 'Install Proactive again, or set kind = "rules" under [reward_model].'
        raise JudgeError(f"The embedded judge cannot be used: {e}.", hint) from e


class ScorerJudge:
    """Ranks the candidates by their chance of acceptance, moved by the user's own answers if `own` holds them; asks nobody."""

    def __init__(self, scorer: Scoring, threshold: float = SPEAK, own: Callable[[], Personal] = Personal) -> None:
        self._scorer = scorer
        self._own = own
        self.ranking = Ranking(threshold)

    async def judge(self, case: Case) -> Judgement:
        """One verdict a candidate."""
        ranked = await asyncio.to_thread(self.ranked, case)
        return Judgement(verdicts=ranked.verdicts, silence=ranked.silence)

    def ranked(self, case: Case) -> Ranked:
        """The verdicts, in this thread: after an answer of the user, fitting the layer takes some 0.1 s."""
        scores = self._scorer.score(case.situation, [c.task for c in case.candidates])
        own = self._own()
        return self.ranking.judge(case, scores, lambda c, p: own.adjust(p, c.task, c.kind))


class BothJudge:
    """The scorer first: what it clearly refuses is never sent. The LLM may refuse the rest; else the mean decides."""

    def __init__(self, scorer: ScorerJudge, llm: LLMJudgePort) -> None:
        self._scorer = scorer
        self._llm = llm

    async def judge(self, case: Case) -> Judgement:
        """One verdict a candidate and the calls they cost; raises JudgeError as the LLM judge does."""
        first = await asyncio.to_thread(self._scorer.ranked, case)
        least = self._scorer.ranking.threshold * CLEARLY
        asked = [n for n, v in enumerate(first.verdicts) if not first.refused[n] and v.p_accept >= least]
        if not asked:
            return Judgement(verdicts=first.verdicts, silence=first.silence)
        kept = case.model_copy(update={"candidates": tuple(case.candidates[n] for n in asked)})
        second, calls = await self._llm.ask(kept)
        verdicts = list(first.verdicts)
        for n, said in zip(asked, second.verdicts, strict=True):
            verdicts[n] = self._mean(verdicts[n], said)
        quiet = _mean(first.silence, second.silence, accepted=not any(v.accepted for v in verdicts))
        return Judgement(verdicts=tuple(verdicts), silence=quiet, calls=calls)

    def _mean(self, ours: Verdict, said: Verdict) -> Verdict:
        enough = (ours.p_accept + said.p_accept) / 2 >= self._scorer.ranking.threshold
        return _mean(ours, said, accepted=said.accepted and enough)


def _mean(ours: Verdict, said: Verdict, *, accepted: bool) -> Verdict:
    """Both chances halved and added; the LLM's reason, which is about this very moment, and the scorer's after it."""
    return Verdict(
        p_accept=(ours.p_accept + said.p_accept) / 2,
        p_help=(ours.p_help + said.p_help) / 2,
        accepted=accepted,
        reason=f"{said.reason} {ours.reason}".strip(),
    )
