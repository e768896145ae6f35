"""`bench people`: each annotator's votes replayed in order, judged by what that person had answered before.

An annotator is one vote column of one trace. A vote is predicted from that annotator's strictly earlier turns only; within a
turn nothing is fed back. The population's chances come from scorers that never saw the trace.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from reward_model.dataset import Row, trace_of
from reward_model.metrics import Figures, auc, bootstrap
from reward_model.personal import Decision, Personal, Prior

if TYPE_CHECKING:
    from reward_model.train import Scored

Progress = Callable[[float], None]
START = datetime(2000, 1, 1, tzinfo=timezone.utc)
RATE = (1.6, 2.4)
"""The Beta prior of the running accept rate alone: worth four answers, at the mean of all votes (.39)."""
GRID: tuple[Prior, ...] = (
    Prior(),
    Prior(level=0.5),
    Prior(level=2.0),
    Prior(idea=0.0),
    Prior(idea=2.0),
    Prior(recent=0.0),
    Prior(recent=1.0),
    Prior(moment=0.0),
    Prior(moment=1.0),
)
"""What the nested figure chooses from: the shipped prior, and each of its parts weaker and stronger."""


class Annotator(NamedTuple):
    """One vote column of one trace: its turns in order, each with the rows this annotator voted on."""

    trace: str
    column: int
    turns: tuple[tuple[Scored, ...], ...]


class Vote(NamedTuple):
    """One vote on a task and the chances given to it; `before` counts the own answers known at that time."""

    trace: str
    column: int
    before: int
    yes: bool
    population: float
    rate: float
    person: float


def annotators(scored: Iterable[Scored]) -> list[Annotator]:
    """The annotators of the rows with a task, by trace, in the order of the file."""
    traces: dict[str, dict[str, list[Scored]]] = {}
    for s in scored:
        if s.row.task is not None and s.row.votes:
            traces.setdefault(trace_of(s.row), {}).setdefault(s.row.turn, []).append(s)
    found = []
    for trace, turns in traces.items():
        ordered = in_order(list(turns.values()))
        for column in range(max(len(s.row.votes) for turn in ordered for s in turn)):
            own = [tuple(s for s in turn if len(s.row.votes) > column) for turn in ordered]
            found.append(Annotator(trace, column, tuple(turn for turn in own if turn)))
    return found


def in_order(turns: list[list[Scored]]) -> list[list[Scored]]:
    """The turns as they came: where each situation continues a shorter one, by length, else as in the file."""
    by_length = sorted(turns, key=lambda turn: len(_events(turn[0].row)))
    grows = all(_events(b[0].row)[: len(_events(a[0].row))] == _events(a[0].row) for a, b in pairwise(by_length))
    return by_length if grows else turns


def replay(annotator: Annotator, prior: Prior, *, one_shown: bool = False) -> Iterator[Vote]:
    """The annotator's votes in order. With `one_shown` only the answer to the best task of each turn is fed back."""
    own = Personal(prior=prior)
    yes = n = 0
    for number, rows in enumerate(annotator.turns):
        votes = [s.row.votes[annotator.column] for s in rows]
        rate = (RATE[0] + yes) / (sum(RATE) + n)
        chances = [own.adjust(s.p_accept, s.row.task or "", s.row.kind) for s in rows]
        for s, vote, chance in zip(rows, votes, chances, strict=True):
            yield Vote(annotator.trace, annotator.column, n, vote, s.p_accept, rate, chance)
        shown = [max(range(len(rows)), key=lambda i: (chances[i], -i))] if one_shown else range(len(rows))
        own = own.update(*(_decision(rows[i], number, accepted=votes[i]) for i in shown))
        yes += sum(votes[i] for i in shown)
        n += len(shown)


def replay_all(people: Sequence[Annotator], prior: Prior, *, one_shown: bool = False) -> list[Vote]:
    """All votes of all annotators."""
    return [vote for a in people for vote in replay(a, prior, one_shown=one_shown)]


def nested(by_prior: Mapping[Prior, Sequence[Vote]], group: Callable[[str], str]) -> tuple[list[Vote], dict[str, Prior]]:
    """The votes of each group of traces under the prior that gave the least log-loss on all other groups."""
    first = next(iter(by_prior.values()))
    names = list(dict.fromkeys(group(v.trace) for v in first))
    votes: list[Vote] = []
    chosen: dict[str, Prior] = {}
    for name in names:
        rest = {prior: [v for v in found if group(v.trace) != name] for prior, found in by_prior.items()}
        chosen[name] = min(rest, key=lambda prior: loss([(v.person, v.yes) for v in rest[prior]]))
        votes += [v for v in by_prior[chosen[name]] if group(v.trace) == name]
    return votes, chosen


def figures(votes: Sequence[Vote]) -> Figures:
    """AUC, log-loss and accuracy (at even odds) of the population's chance, of the own running rate, and of the person's."""
    found: dict[str, float | None] = {}
    yes = [v.yes for v in votes]
    for name in ("population", "rate", "person"):
        chances = [getattr(v, name) for v in votes]
        found[f"auc_{name}"] = auc(chances, yes)
        found[f"log_loss_{name}"] = loss(list(zip(chances, yes, strict=True)))
        found[f"accuracy_{name}"] = sum((c >= 0.5) == y for c, y in zip(chances, yes, strict=True)) / len(votes)
    person, population = found["auc_person"], found["auc_population"]
    found["auc_gain"] = person - population if person is not None and population is not None else None
    return found


def intervals(votes: Sequence[Vote], seed: int, rounds: int) -> dict[str, tuple[float, float]]:
    """The 95 % intervals of the figures over resampled traces."""
    return bootstrap(votes, figures, lambda v: v.trace, seed=seed, rounds=rounds)


def by_answers(
    votes: Sequence[Vote], edges: Sequence[int] = (0, 1, 6, 11, 21, 36, 51, 71, 1000)
) -> list[tuple[str, Figures, int]]:
    """The figures against the number of own answers known before the vote: label, figures, votes."""
    found = []
    for low, high in pairwise(edges):
        part = [v for v in votes if low <= v.before < high]
        if part:
            label = str(low) if high == low + 1 else f"{low}-{high - 1}" if high < edges[-1] else f"{low}+"
            found.append((label, figures(part), len(part)))
    return found


def loss(pairs: Sequence[tuple[float, bool]]) -> float:
    """The mean log-loss (nats) of chances and what came."""
    return math.fsum(-math.log(min(max(p if yes else 1 - p, 1e-6), 1.0)) for p, yes in pairs) / len(pairs)


def _decision(scored: Scored, turn: int, *, accepted: bool) -> Decision:
    row = scored.row
    response = "accepted" if accepted else "rejected"
    key = f"{row.turn} {row.task}"
    return Decision(START + timedelta(minutes=turn), row.task or "", response, scored.p_accept, row.kind, key)


def _events(row: Row) -> list[str]:
    return row.situation.split("\n")
