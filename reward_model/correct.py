"""A correction of the shipped scorer, learnt from one user's own rows: small weights on its own features, drawn towards zero.

The shipped weights stay as they are and are the prior: the correction adds to their log-odds, and without rows it is nothing.
It touches the chance of acceptance only: own answers do not say whether help was needed where nothing was accepted.
"""

from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Mapping, Sequence
from operator import mul
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reward_model.features import situation_features, task_features
from reward_model.scorer import CLIP, NEED, Linear, Scorer, Scores, sigmoid
from reward_model.steps import steps
from reward_model.weigh import Answer, surprises

log = logging.getLogger(__name__)

VERSION = 1
LEVEL = 0.25
"""Prior variance of the offset, in squared log-odds: the personal layer already carries the user's level."""
TASTE = 0.5
"""Prior variance of the weighted features together, for a task of usual features. Both were set before any data."""
MOST = 600
"""Rows learnt from: the newest. The fit takes a few seconds with these."""


class CorrectionFailure(Exception):  # noqa: N818 - as ScorerFailure
    """A kept correction cannot be used; the text says why."""


class Example(NamedTuple):
    """One own answer as it is learnt from: shipped log-odds, standardised features, accepted or not, how much it counts."""

    logit: float
    features: Mapping[str, float]
    yes: bool
    weight: float = 1.0


class Correction(BaseModel):
    """Log-odds to add: an offset, and a weight for each standardised feature of the scorer named by `scorer` (its hash)."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    version: int = VERSION
    scorer: str
    rows: int = 0
    offset: float = Field(default=0.0, ge=-5, le=5, allow_inf_nan=False)
    weights: dict[str, float] = {}

    def apply(self, p: float, features: Mapping[str, float]) -> float:
        """The corrected chance of a task with these standardised features (see `standardised`); 0..1 in and out."""
        if not 0 < p < 1:
            return p
        moved = math.fsum(w * features[name] for name, w in self.weights.items() if name in features)
        return sigmoid(math.log(p / (1 - p)) + self.offset + moved)


class Corrected:
    """A scorer with a correction on top: scores as `Scorer` does."""

    def __init__(self, scorer: Scorer, correction: Correction) -> None:
        self.scorer = scorer
        self.correction = correction

    def score(self, situation: str, tasks: Sequence[str]) -> Scores:
        """Each task's chance of acceptance in this situation, corrected, and the chance that help is needed."""
        given = self.scorer.score(situation, tasks)
        accepts = [
            self.correction.apply(p, standardised(self.scorer, situation, t))
            for p, t in zip(given.p_accept, tasks, strict=True)
        ]
        return Scores(tuple(accepts), given.p_help)


def load(path: Path, scorer: Scorer) -> Correction | None:
    """The correction kept at `path`; None if there is none or it belongs to other weights. Raises CorrectionFailure."""
    if not path.exists():
        return None
    try:
        found = Correction.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as e:
        raise CorrectionFailure(f"what was learnt at {path} cannot be read: {str(e).splitlines()[0]}") from e
    return found if found.version == VERSION and found.scorer == name_of(scorer) else None


def corrected(scorer: Scorer, path: Path) -> Scorer | Corrected:
    """The scorer with the correction kept at `path`; the scorer itself, with a line in the log, where that cannot be used."""
    try:
        correction = load(path, scorer)
    except CorrectionFailure as e:
        log.warning("%s; the shipped scorer is used. Learn again with: proactive learn", e)
        return scorer
    return scorer if correction is None else Corrected(scorer, correction)


def name_of(scorer: Scorer) -> str:
    """A short name for these weights."""
    return hashlib.sha256(scorer.dump().encode()).hexdigest()[:16]


def standardised(scorer: Scorer, situation: str, task: str) -> dict[str, float]:
    """The features that the scorer's linear parts read, in clipped standard deviations from their means."""
    seen = steps(situation)
    found = task_features(seen, task) | {NEED: scorer.need.value(situation_features(seen))}
    linear = [part for part in reversed(scorer.parts) if isinstance(part, Linear)]
    rows = [row for part in linear for row in zip(part.names, part.mean, part.scale, strict=True)]
    return {name: min(CLIP, max(-CLIP, (found.get(name, 0.0) - mean) / scale)) for name, mean, scale in rows}


def fit(examples: Sequence[Example], scorer: str) -> Correction:
    """The correction of the newest MOST examples (oldest first), maximum a posteriori under the prior above."""
    used = examples[-MOST:]
    names = sorted({name for e in used for name in e.features})
    rows = [[e.features.get(name, 0.0) for name in names] for e in used]
    share = TASTE / max(1, len(names))
    pulls = surprises(_covariance(rows, share), [Answer(e.logit, float(e.yes), e.weight) for e in used])
    weights = {
        name: round(share * math.fsum(p * r[n] for p, r in zip(pulls, rows, strict=True)), 6) for n, name in enumerate(names)
    }
    return Correction(scorer=scorer, rows=len(used), offset=round(LEVEL * math.fsum(pulls), 6), weights=weights)


def _covariance(rows: Sequence[list[float]], share: float) -> list[list[float]]:
    half = [[LEVEL + share * sum(map(mul, one, other)) for other in rows[: n + 1]] for n, one in enumerate(rows)]
    return [[half[max(i, j)][min(i, j)] for j in range(len(rows))] for i in range(len(rows))]
