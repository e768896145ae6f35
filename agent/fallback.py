"""The offline predictor, and the embedded judge, in place of a model that fails, if the user asked for it."""

from __future__ import annotations

import logging

from agent.core.ports import Judge, Judgement, Predictor
from agent.core.records import Observation, Prediction
from agent.errors import JudgeError, LLMError
from reward_model.case import Case

log = logging.getLogger(__name__)


class Fallback:
    """Predictor that asks `first` and, while that raises LLMError, `second`."""

    def __init__(self, first: Predictor, second: Predictor) -> None:
        self.first = first
        self.second = second

    async def predict(self, observation: Observation, digest: str) -> Prediction:
        """The first predictor's answer, else the second's."""
        try:
            return await self.first.predict(observation, digest)
        except LLMError as e:
            log.warning("%s The offline predictor answers meanwhile.", e)
            found = await self.second.predict(observation, digest)
            return found.model_copy(update={"calls": (*getattr(e, "calls", ()), *found.calls)})


class FallbackJudge:
    """Judge that asks `first` and, while that gives no verdict, `second`."""

    def __init__(self, first: Judge, second: Judge) -> None:
        self.first = first
        self.second = second

    async def judge(self, case: Case) -> Judgement:
        """The first judge's verdicts, else the second's."""
        try:
            return await self.first.judge(case)
        except JudgeError as e:
            if not isinstance(e.__cause__, LLMError):
                raise  # it answered, but gave no verdict: no offer
            log.warning("%s The embedded judge stands in meanwhile.", e)
            return (await self.second.judge(case)).model_copy(update={"calls": getattr(e, "calls", ())})
