"""The offline predictor in place of a model that fails, if the user asked for it."""

from __future__ import annotations

import logging

from agent.core.ports import Predictor
from agent.core.records import Observation, Prediction
from agent.errors import LLMError

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
            return await self.second.predict(observation, digest)
