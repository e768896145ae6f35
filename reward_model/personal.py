"""One user's own leaning: moves the population's chance of acceptance by the user's last 200 decisions.

The user's log-odds are the population's plus a leaning with a Gaussian prior of mean zero, so that without decisions nothing
moves, and one odd decision moves little. The leaning is the sum of the user's level (a prior on the accept rate), the level
of the last moments, a leaning for a kind of task, and for ideas like those decided on.
Ignored, lost, withdrawn and undelivered offers are no decisions. Parts for the kind of activity and for tasks about what is
on the screen were tried and gave nothing in `bench people`.

Covered: only hashes of tasks and kinds are kept, no text. Not covered: a hash can be tested against a guess (see `alike`).
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timezone
from functools import cached_property
from typing import Any, NamedTuple

from reward_model.alike import alike, packed, signature, unpacked
from reward_model.scorer import sigmoid
from reward_model.weigh import Answer, surprises

log = logging.getLogger(__name__)

VERSION = 2
MOST = 200
"""Decisions kept: the newest. About 190 bytes each."""
WEIGHTS = {"accepted": 1.0, "rejected": 1.0, "dismissed": 0.5}
"""How much a decision counts; a dismissal may blame the moment instead of the idea."""


class Prior(NamedTuple):
    """Variances of the parts of a leaning, in squared log-odds, and how fast decisions fade.

    Round numbers: levels of people differ by about 1 (annotators' accept rates have sd .21 around .39, which is .9 in
    log-odds), the moment and the last moments by about half of that. Which parts there are was settled after
    looking at ProactiveBench's votes; `bench people --nested` gives the figure with the numbers chosen on other traces.
    """

    level: float = 1.0
    """The user's own accept rate; at even odds as firm as a Beta prior of about two accepted and two rejected."""
    moment: float = 0.3
    """What the decisions of one moment have in common: five of them are not five independent ones."""
    recent: float = 0.3
    """The level of the last moments."""
    memory: float = 8.0
    """Moments after which the likeness of two levels has fallen to 1/e."""
    kind: float = 0.5
    """A kind of task."""
    idea: float = 1.0
    """A single idea; two ideas share as much of it as their signatures overlap."""
    half: float = 60.0
    """Moments in which a decision loses half of its weight."""


class Decision(NamedTuple):
    """An answer of the user. `p` is the population's chance (0..1) the task had, `key` names the offer it belongs to.

    Of several answers under one key the latest counts.
    """

    at: datetime
    task: str
    response: str
    p: float
    kind: str = ""
    key: str = ""


class Kept(NamedTuple):
    """A decision as it is stored: seconds since 1970, a hash of its key, the answer, log-odds, hashes of kind and task."""

    at: float
    key: str
    yes: bool
    weight: float
    logit: float
    kind: str
    task: frozenset[int]


class Personal:
    """The last decisions of one user, by time; never changed. The same decisions in another order make the same layer."""

    def __init__(self, decisions: Iterable[Kept] = (), prior: Prior | None = None) -> None:
        self.decisions = tuple(sorted(decisions, key=lambda d: (d.at, d.key)))[-MOST:]
        self.prior = prior or Prior()

    def update(self, *decisions: Decision) -> Personal:
        """The layer with these decisions too; what is no decision changes nothing."""
        known = {d.key: d for d in self.decisions}
        for new in map(_kept, (d for d in decisions if d.response in WEIGHTS)):
            old = known.get(new.key)
            if old is None or (new.at, new.yes, new.weight) > (old.at, old.yes, old.weight):
                known[new.key] = new
        return Personal(known.values(), self.prior)

    def adjust(self, p: float, task: str, kind: str = "") -> float:
        """This user's chance of accepting a task that the population accepts with chance p; both 0..1.

        The first call after an update fits the layer (some 0.1 s with 200 decisions); the others take well below 1 ms.
        """
        if not self.decisions or not 0 < p < 1:
            return p
        return sigmoid(_logit(p) + self._fitted.leaning(signature(task), _short(kind)))

    def dump(self) -> str:
        """The state as JSON, below 64 KiB."""
        rows = [[*d[:-1], packed(d.task)] for d in self.decisions]
        return json.dumps({"version": VERSION, "decisions": rows}, separators=(",", ":"))

    @classmethod
    def parse(cls, text: str | None, prior: Prior | None = None) -> Personal:
        """The layer of a stored state; an empty one, and a line in the log, if the state is damaged or of another version."""
        layer = cls((), prior)
        try:
            layer = cls(_read(text) if text else (), prior)
        except (ValueError, TypeError, KeyError, OverflowError) as e:
            log.warning("what was learnt from your answers cannot be read and starts afresh: %s", e)
        return layer

    @cached_property
    def _fitted(self) -> _Fitted:
        return _Fitted(self.decisions, self.prior)


class _Fitted:
    """The leaning of one user: every part of it is linear in the decisions, so it is summed up once."""

    def __init__(self, decisions: tuple[Kept, ...], prior: Prior) -> None:
        self.prior = prior
        moments = {at: n for n, at in enumerate(sorted({d.at for d in decisions}, reverse=True), 1)}
        ages = [moments[d.at] for d in decisions]
        covariance = _covariance(decisions, ages, prior)
        answers = [
            Answer(d.logit, float(d.yes), d.weight * 0.5 ** ((age - 1) / prior.half))
            for d, age in zip(decisions, ages, strict=True)
        ]
        pulls = surprises(covariance, answers)
        self.level = prior.level * sum(pulls)
        self.recent = prior.recent * math.fsum(a * math.exp(-age / prior.memory) for a, age in zip(pulls, ages, strict=True))
        self.kinds: defaultdict[str, float] = defaultdict(float)
        self.pieces: defaultdict[int, float] = defaultdict(float)
        for pull, d in zip(pulls, decisions, strict=True):
            self.kinds[d.kind] += prior.kind * pull
            for piece in d.task:
                self.pieces[piece] += prior.idea * pull / math.sqrt(len(d.task))

    def leaning(self, task: frozenset[int], kind: str) -> float:
        """Log-odds to add for a task of the next moment."""
        idea = sum(self.pieces.get(piece, 0.0) for piece in sorted(task)) / math.sqrt(len(task) or 1)
        kinds = self.kinds.get(kind, 0.0) if kind else 0.0
        return self.level + self.recent + kinds + idea


def _covariance(decisions: tuple[Kept, ...], ages: list[int], prior: Prior) -> list[list[float]]:
    """How alike the leanings of each two decisions are before any answer is known."""
    fading = [prior.level + prior.recent * math.exp(-n / prior.memory) for n in range(max(ages, default=0) + 1)]
    rows: list[list[float]] = []
    for i, (one, age) in enumerate(zip(decisions, ages, strict=True)):
        row = []
        for other, other_age in zip(decisions[: i + 1], ages, strict=False):
            value = fading[abs(age - other_age)] + prior.idea * alike(one.task, other.task)
            if one.kind and one.kind == other.kind:
                value += prior.kind
            row.append(value + prior.moment if age == other_age else value)
        rows.append(row)
    return [[rows[max(i, j)][min(i, j)] for j in range(len(rows))] for i in range(len(rows))]


def _kept(decision: Decision) -> Kept:
    yes = decision.response == "accepted"
    at = round(decision.at.timestamp(), 3)
    key = _short(decision.key or f"{at} {decision.task}")
    logit = round(_logit(decision.p), 3)
    kind, task = _short(decision.kind), signature(decision.task)
    return Kept(at, key, yes, WEIGHTS[decision.response], logit, kind, task)


def _read(text: str) -> list[Kept]:
    state: dict[str, Any] = json.loads(text)
    if state["version"] not in (1, VERSION):
        raise ValueError(f"version {state['version']} instead of {VERSION}")
    return [_row(*(d[:5] + d[6:] if state["version"] == 1 else d)) for d in state["decisions"]]


def _row(*fields: Any) -> Kept:
    at, key, yes, weight, logit, kind, task = fields
    numbers = [float(n) for n in (at, weight, logit)]
    datetime.fromtimestamp(numbers[0], timezone.utc)
    if not all(map(math.isfinite, numbers)) or not isinstance(yes, bool) or not 0 <= numbers[1] <= 1 or abs(numbers[2]) > 10:
        raise ValueError("a number is out of range")
    return Kept(numbers[0], str(key), yes, numbers[1], numbers[2], str(kind), unpacked(task))


def _short(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:8] if name else ""


def _logit(p: float) -> float:
    """Log-odds, kept within what a scorer can mean: .001 to .999."""
    p = min(max(p, 0.001), 0.999)
    return math.log(p / (1 - p))
