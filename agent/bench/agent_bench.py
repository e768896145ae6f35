"""The agent benchmark as a whole: answers and baselines, each turn put to a judge, counted by trace.

Covered: what a judge says of proposals and silences on the benchmark's traces, by its published definitions.
Not covered: people. No judge here asked anyone; the labels that `--rewards` brings are what people said of other proposals.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from agent.bench.agent_cells import Cells, Worth, cells
from agent.bench.agent_judges import Asked, TurnJudge, decided
from agent.bench.agent_labels import Known, known
from agent.bench.agent_traces import BenchDataError, Split, Trace, Traces, Turn, situation
from agent.errors import JudgeError, LLMError
from reward_model.dataset import Row

SILENCE = "silence"
SAME_WORDS = "always, the same words"
SOME_MODEL = "always, some model's words"
WORDS = "Help with what you are doing now."
"""What the content-free baseline offers at every turn."""
GIVE_UP = 5

Progress = Callable[[str, float], None]
"""Told a stage and the share of it that is done, 0..1."""


class Reading(NamedTuple):
    """How answers are counted: `nulls` takes the word 'null' for a task, `decisions` takes chances for yes or no."""

    name: str
    nulls: bool = False
    decisions: bool = False


OURS = Reading("expected")
READINGS = (
    OURS,
    Reading("decided", decisions=True),
    Reading("expected, the word null counted as a task", nulls=True),
    Reading("decided, the word null counted as a task", nulls=True, decisions=True),
)


@dataclass(frozen=True)
class Judged:
    """The cells of each model and baseline by trace, for each reading; how many turns of the models have a label of need."""

    cells: Mapping[str, Mapping[str, Mapping[str, Cells]]]
    """Reading -> model -> trace -> cells."""
    labelled: int
    turns: int
    nulls: Mapping[str, int]
    """Model -> turns whose only answer is the word 'null' or the like."""
    unjudged: int = 0


async def judge_all(
    models: Mapping[str, Traces], splits: Sequence[Split], judge: TurnJudge, rows: Sequence[Row] | None, progress: Progress
) -> Judged:
    """Every model and baseline judged on every trace of the splits. Raises ProactiveError."""
    names = tuple(dict.fromkeys(t for s in splits for t in s.traces))
    shown = {name: _chosen(traces, names, name) for name, traces in models.items()}
    entries = shown | baselines(shown)
    session = _Session(judge, rows, Counted(len(entries) * (4 if judge.chances else 2) * len(names), progress))
    await judge.prepare(session.sames(entries), lambda part: progress("fitting the judge", part))
    readings = READINGS if judge.chances else tuple(r for r in READINGS if not r.decisions)
    by_reading = {r.name: {name: await session.entry(traces, r) for name, traces in entries.items()} for r in readings}
    labels = [session.known(t) for t in next(iter(shown.values())).items()]
    return Judged(
        by_reading,
        sum(len(k.needs) for k in labels),
        sum(map(len, next(iter(shown.values())).values())),
        {name: sum(_only_null(turn) for trace in traces.values() for turn in trace) for name, traces in shown.items()},
        session.unjudged,
    )


def baselines(models: Mapping[str, Traces], seed: int = 0) -> dict[str, Traces]:
    """Agents that need no thought, on the turns of the first model: never offer, always the same words, any model's words."""
    first = next(iter(models.values()))
    said: dict[str, list[str]] = {}
    for traces in models.values():
        for trace in traces.values():
            for n, turn in enumerate(trace):
                said.setdefault(situation(trace, n), []).extend(turn.tasks)
    chance = random.Random(seed)  # noqa: S311 - a draw that must repeat
    made: dict[str, Traces] = {SILENCE: _with(first, lambda _: ()), SAME_WORDS: _with(first, lambda _: (WORDS,))}
    if len(models) > 1:
        made[SOME_MODEL] = _with(first, lambda where: (chance.choice(said.get(where) or [WORDS]),))
    return made


@dataclass
class Counted:
    """Tells the share of the work that is done."""

    whole: int
    progress: Progress
    done: int = 0

    def one(self) -> None:
        """One trace more."""
        self.done += 1
        self.progress("judging", min(1.0, self.done / max(1, self.whole)))


class _Session:
    """One judge over many traces; no turn is judged twice."""

    def __init__(self, judge: TurnJudge, rows: Sequence[Row] | None, counted: Counted) -> None:
        self._judge, self._rows, self._counted = judge, rows or (), counted
        self._worths: dict[Asked, Worth | None] = {}
        self._known: dict[tuple[str, ...], Known] = {}
        self._gate = asyncio.Semaphore(judge.at_once)
        self._row = 0
        self.unjudged = 0

    async def entry(self, traces: Traces, reading: Reading) -> dict[str, Cells]:
        """The cells of each trace."""
        return {name: cells(await self._trace((name, trace), reading)) for name, trace in traces.items()}

    def sames(self, entries: Mapping[str, Traces]) -> list[frozenset[str]]:
        """The traces of the rows that each trace of the entries is."""
        return [self.known(t).traces for traces in entries.values() for t in traces.items()]

    def known(self, named: tuple[str, Trace]) -> Known:
        """What the rows say of a trace."""
        key = tuple(t.line for t in named[1])
        if key not in self._known:
            self._known[key] = known(dict([named]), self._rows)[named[0]]
        return self._known[key]

    async def _trace(self, named: tuple[str, Trace], reading: Reading) -> list[Worth | None]:
        labels, trace = self.known(named), named[1]
        asked = [_asked(trace, n, reading, labels) for n in range(len(trace))]
        settled = [a is not None and not a.tasks and n in labels.needs for n, a in enumerate(asked)]
        worths = await asyncio.gather(*(_quiet() if s else self._one(a) for a, s in zip(asked, settled, strict=True)))
        self._counted.one()
        told = [decided(w) if w is not None and reading.decisions else w for w in worths]
        return [
            w._replace(need=float(labels.needs[n])) if w is not None and n in labels.needs else w for n, w in enumerate(told)
        ]

    async def _one(self, asked: Asked | None) -> Worth | None:
        if asked is None:
            return None
        async with self._gate:
            if asked not in self._worths:
                self._worths[asked] = await self._ask(asked)
        return self._worths[asked]

    async def _ask(self, asked: Asked) -> Worth | None:
        """A few failures of an LLM are left out and told; in a row, or of any other judge, they end the bench."""
        try:
            worth = await self._judge.judge(asked)
        except (LLMError, JudgeError):
            self._row += 1
            self.unjudged += 1
            if not self._judge.name.startswith("llm:") or self._row >= GIVE_UP:
                raise
            return None
        self._row = 0
        return worth


async def _quiet() -> Worth:
    """A silence of which people said whether it was right: nobody is asked."""
    return Worth((), 0.0)


def _asked(trace: Trace, number: int, reading: Reading, labels: Known) -> Asked | None:
    turn = trace[number]
    if turn.answers is None:
        return None
    before = tuple((_minutes(t, turn), task) for t in trace[:number] for task in t.tasks)
    return Asked(situation(trace, number), said(turn, reading), before, labels.traces)


def said(turn: Turn, reading: Reading) -> tuple[str, ...]:
    """The proposals of a turn: as meant, or as the published code reads them, where the word 'null' is a task."""
    return tuple(a for a in turn.answers or () if a is not None) if reading.nulls else turn.tasks


def _only_null(turn: Turn) -> bool:
    return bool(said(turn, Reading("", nulls=True))) and not turn.tasks


def _minutes(earlier: Turn, now: Turn) -> float:
    """Between two turns, where times are seconds; else one."""
    try:
        return max(0.0, (float(now.time) - float(earlier.time)) / 60)
    except ValueError:
        return 1.0


def _chosen(traces: Traces, names: Iterable[str], model: str) -> dict[str, Trace]:
    missing = [n for n in names if n not in traces]
    if missing:
        raise BenchDataError(f"The answers of {model} hold no trace {missing[0]}.", "Each split needs all of its traces.")
    return {n: traces[n] for n in names}


def _with(traces: Traces, answer: Callable[[str], tuple[str, ...]]) -> dict[str, Trace]:
    return {
        name: tuple(turn._replace(answers=answer(situation(trace, n))) for n, turn in enumerate(trace))
        for name, trace in traces.items()
    }
