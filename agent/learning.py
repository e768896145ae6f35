"""Learns from one's own answers: reads them off the store, refits a small correction, and keeps it only if it predicts better.

The correction is judged on days it has not seen (folds of whole local days), by the log-loss of scorer, correction and
personal layer together, against the scorer and the personal layer alone.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from agent.core.ports import Store
from agent.core.records import Offer
from agent.errors import StoreError
from reward_model.correct import Correction, Example, fit, name_of, standardised
from reward_model.dataset import Row, own
from reward_model.personal import WEIGHTS, Decision, Personal
from reward_model.scorer import Scorer, sigmoid

FILE = "learned.json"
"""The correction's file, in the data folder."""
LEAST, LEAST_DAYS = 40, 5
"""Answers, and days with answers, below which nothing is refitted: less cannot tell a better correction from luck."""
FOLDS = 10
OFFERS = 100_000
Progress = Callable[[float], None]


class Answered(NamedTuple):
    """An own offer with the user's last word on it, and its situation as the judge read it."""

    at: datetime
    offer: str
    response: str
    row: Row

    @property
    def day(self) -> date:
        """The local day."""
        return self.at.astimezone().date()


class Outcome(NamedTuple):
    """What came of learning: the losses (nats an answer) on unseen days without and with the correction, if it was refitted."""

    answers: int
    accepted: int
    days: int
    correction: Correction | None = None
    before: float = math.nan
    after: float = math.nan
    error: float = math.nan

    @property
    def enough(self) -> bool:
        """Whether there was enough to learn from."""
        return self.correction is not None

    @property
    def better(self) -> bool:
        """Whether the loss falls, by more than one standard error over the days."""
        return self.before - self.after > max(self.error, 0.0)


def answered(store: Store) -> list[Answered]:
    """Every own offer that was accepted, rejected or dismissed and whose situation is still stored, oldest first."""
    found = (_answered(store, offer) for offer in reversed(store.offers(limit=OFFERS)))
    return [a for a in found if a is not None]


def learn(
    answers: Sequence[Answered], scorer: Scorer, annotations: Sequence[Row] = (), progress: Progress = lambda _: None
) -> Outcome:
    """Refit the correction on all answers (and annotations) and measure it on folds of days. Writes nothing."""
    days = sorted({a.day for a in answers})
    accepted = sum(a.row.valid for a in answers)
    outcome = Outcome(len(answers), accepted, len(days))
    if len(answers) < LEAST or len(days) < LEAST_DAYS or accepted in (0, len(answers)):
        return outcome
    examples = [_example(scorer, a.row, WEIGHTS[a.response]) for a in answers]
    extra = [(r, _example(scorer, r, 1.0)) for r in annotations if r.task is not None]
    progress(0.1)
    chances = _held_out(answers, examples, extra, lambda share: progress(0.1 + 0.6 * share))
    before = losses(answers, [sigmoid(e.logit) for e in examples])
    progress(0.85)
    after = losses(answers, chances)
    correction = fit([*(e for _, e in extra), *examples], name_of(scorer))
    gain = {day: before[day][0] - after[day][0] for day in before}
    weight = sum(w for _, w in before.values())
    return outcome._replace(
        correction=correction,
        before=math.fsum(loss for loss, _ in before.values()) / weight,
        after=math.fsum(loss for loss, _ in after.values()) / weight,
        error=_error(list(gain.values())) * len(gain) / weight,
    )


def losses(answers: Sequence[Answered], chances: Sequence[float]) -> dict[date, tuple[float, float]]:
    """For each day the summed log-loss (nats) and weight of its answers, predicted by the layer of the days before it."""
    found: dict[date, tuple[float, float]] = {}
    layer = Personal()
    for day, group in groupby(zip(answers, chances, strict=True), key=lambda pair: pair[0].day):
        of_day = list(group)
        decisions = [_decision(a, p) for a, p in of_day]
        weights = [WEIGHTS[a.response] for a, _ in of_day]
        said = [layer.adjust(p, d.task, d.kind) for d, (_, p) in zip(decisions, of_day, strict=True)]
        lost = [_loss(p if a.row.valid else 1 - p) for p, (a, _) in zip(said, of_day, strict=True)]
        found[day] = (math.fsum(w * x for w, x in zip(weights, lost, strict=True)), math.fsum(weights))
        layer = layer.update(*decisions)
    return found


def keep(data: Path, correction: Correction) -> Path:
    """Write the correction beside the data, for the owner alone and at once. Raises StoreError."""
    return write_private(data / FILE, correction.model_dump_json() + "\n")


def forget(data: Path) -> bool:
    """Go back to the shipped scorer; False if nothing was learnt. Raises StoreError."""
    path = data / FILE
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as e:
        raise StoreError(f"{path} cannot be removed: {e.strerror}.", "Remove it by hand.") from e
    return True


def write_private(path: Path, text: str) -> Path:
    """Write a file 0600 in one step: a reader finds the old one or the new one. Raises StoreError."""
    beside = path.parent / f".{path.name}.{os.getpid()}"
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as e:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise StoreError(f"{path} cannot be written: {e.strerror}.", "Nothing was changed.") from e
    return path


def exported(answers: Iterable[Answered], path: Path) -> Path:
    """Write the answers as judgement rows, one JSON object a line, for the owner alone: they hold what you did, in words."""
    return write_private(path, "".join(a.row.model_dump_json() + "\n" for a in answers))


def _answered(store: Store, offer: Offer) -> Answered | None:
    said = [r.kind for r in store.responses(offer.id) if r.kind in WEIGHTS]
    tick = store.tick(offer.tick)
    if not said or tick is None or not tick.digest:
        return None
    trace = f"own {offer.at.astimezone().date().isoformat()}"
    row = own(tick.digest, offer.candidate.task, said[-1], trace=trace, kind=offer.candidate.kind)
    return None if row is None else Answered(offer.at, str(offer.id), said[-1], row)


def _held_out(
    answers: Sequence[Answered], examples: Sequence[Example], extra: Sequence[tuple[Row, Example]], progress: Progress
) -> list[float]:
    """Each answer's corrected chance by a correction that saw nothing of its day, nor an annotation of its situation."""
    days = sorted({a.day for a in answers})
    fold_of: Mapping[date, int] = {day: n % FOLDS for n, day in enumerate(days)}
    chances = [0.5] * len(answers)
    count = min(FOLDS, len(days))
    for fold in range(count):
        test = [n for n, a in enumerate(answers) if fold_of[a.day] == fold]
        known = {answers[n].row.situation for n in test} | {answers[n].row.trace for n in test}
        train = [e for r, e in extra if r.situation not in known and r.trace not in known]
        train += [e for a, e in zip(answers, examples, strict=True) if fold_of[a.day] != fold]
        correction = fit(train, "")
        for n in test:
            chances[n] = correction.apply(sigmoid(examples[n].logit), examples[n].features)
        progress((fold + 1) / count)
    return chances


def _example(scorer: Scorer, row: Row, weight: float) -> Example:
    task = row.task or ""
    p = min(max(scorer.score(row.situation, (task,)).p_accept[0], 0.001), 0.999)
    return Example(math.log(p / (1 - p)), standardised(scorer, row.situation, task), row.valid, weight)


def _decision(answer: Answered, p: float) -> Decision:
    row = answer.row
    return Decision(answer.at, row.task or "", answer.response, p, row.kind, answer.offer)


def _loss(p: float) -> float:
    return -math.log(min(max(p, 1e-6), 1.0))


def _error(values: Sequence[float]) -> float:
    """The standard error of the mean."""
    n = len(values)
    mean = math.fsum(values) / n
    return math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n * (n - 1)))
