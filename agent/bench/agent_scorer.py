"""The embedded scorer as judge of the agent benchmark: cross-fitted where judgement rows are given, never on what it judges."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from agent.bench.agent_cells import Worth
from agent.bench.agent_judges import AlwaysJudge, Asked, RulesTurns, TurnJudge
from agent.bench.agent_traces import BenchDataError
from agent.errors import JudgeError
from agent.judges.scorer import load_scorer
from reward_model.dataset import Row, groups, trace_of
from reward_model.scorer import Scorer

Fit = Callable[[Sequence[Row], int], Scorer]
Fitted = dict[frozenset[str], Scorer]
"""Groups that were held out -> the scorer fitted without them."""
FOLDS = 4
"""At most so many scorers are fitted, each of which takes seconds; each judges the traces of one fold."""
MOST_PROCESSES = 4


class ScorerTurns:
    """The embedded scorer: fitted on the rows of other trace groups where rows are given, else with the shipped weights."""

    name = "scorer"
    chances = True
    at_once = 1

    def __init__(self, rows: Sequence[Row] | None, seed: int, fit: Fit | None = None) -> None:
        """`fit` makes a scorer of rows, by default `reward_model.train.fit` in processes of its own."""
        self._rows, self._seed, self._fit = rows, seed, fit
        self._groups = groups(rows) if rows else {}
        self._fitted: Fitted = {}
        self.about = (
            f"Each trace is judged by a scorer fitted on judgement rows of other trace groups only (at most {FOLDS} folds)."
            if rows
            else "The judge has the shipped weights, which have seen the labels of these traces; --rewards FILE refits them."
        )

    async def prepare(self, sames: Iterable[frozenset[str]], progress: Callable[[float], None]) -> None:
        """A scorer for each of these traces. Raises JudgeError without weights, rows or the extra `train`."""
        wanted = [held for held in dict.fromkeys(map(self._held, sames)) if held not in self._fitted]
        if not self._rows:
            self._fitted.update(dict.fromkeys(wanted, load_scorer()))
            return
        fold = folds(wanted)
        jobs = {out: self._kept(out) for out in dict.fromkeys(fold.values())}
        try:
            made = await self._all(jobs, progress)
        except ImportError as e:
            hint = "pip install 'proactive-agent[train]'"
            raise JudgeError(f"Fitting the judge needs the extra 'train' ({e.name} is missing).", hint) from e
        except ValueError as e:
            raise JudgeError(f"The judge cannot be fitted: {e}.", "--rewards must hold rows of enough other traces.") from e

        self._fitted.update({held: made[out] for held, out in fold.items()})

    async def judge(self, asked: Asked) -> Worth:
        """Chances. Raises JudgeError as `prepare` does."""
        held = self._held(asked.same)
        if held not in self._fitted:
            await self.prepare([asked.same], lambda _: None)
        scores = self._fitted[held].score(asked.situation, asked.tasks)
        return Worth(tuple(scores.p_accept), scores.p_help)

    def _held(self, same: frozenset[str]) -> frozenset[str]:
        return frozenset(self._groups[t] for t in same)

    def _kept(self, held: frozenset[str]) -> list[Row]:
        kept = [r for r in self._rows or () if self._groups[trace_of(r)] not in held]
        if not any(r.task and r.valid for r in kept):
            raise JudgeError("Nothing to fit the judge on is left.", "--rewards must hold rows of other traces as well.")
        return kept

    async def _all(self, jobs: Mapping[frozenset[str], list[Row]], progress: Callable[[float], None]) -> Fitted:
        """Every fit, side by side on the processors there are."""
        made: Fitted = {}
        workers = min(len(jobs), os.cpu_count() or 1, MOST_PROCESSES)
        if self._fit is not None or workers < 2:
            for out, rows in jobs.items():
                made[out] = await asyncio.to_thread(self._fit or fit, rows, self._seed)
                progress(len(made) / len(jobs))
            return made
        loop = asyncio.get_running_loop()
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_single) as pool:

            async def one(out: frozenset[str], rows: list[Row]) -> None:
                made[out] = await loop.run_in_executor(pool, fit, rows, self._seed)
                progress(len(made) / len(jobs))

            await asyncio.gather(*(one(out, rows) for out, rows in jobs.items()))
        return made


def folds(wanted: Sequence[frozenset[str]], count: int = FOLDS) -> dict[frozenset[str], frozenset[str]]:
    """For each set of groups to be held out, all that its fold holds out: at most `count` folds, dealt out in turn.

    A set that shares a group with another goes with it; an empty one (a trace that no row is of) goes anywhere.
    """
    buckets: list[frozenset[str]] = [frozenset()] * min(count, max(1, sum(map(bool, wanted))))
    turn = 0
    for held in wanted:
        if held and not any(held & b for b in buckets):
            buckets[turn % len(buckets)] |= held
            turn += 1
    return {held: frozenset().union(*(b for b in buckets if b & held)) | held if held else buckets[0] for held in wanted}


def fit(rows: Sequence[Row], seed: int) -> Scorer:
    """The scorer of rows; imports what it needs only here, so that a process of its own has it too."""
    from reward_model.train import fit as train

    return train(rows, seed)


def _single() -> None:
    """One thread a process: the processes share the processors."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"


def named(kind: str, rows: Sequence[Row] | None, seed: int) -> TurnJudge:
    """The judge that needs no LLM by its name. Raises BenchDataError for another word."""
    if kind == "scorer":
        return ScorerTurns(rows, seed)
    if kind == "rules":
        return RulesTurns()
    if kind == "always":
        return AlwaysJudge()
    raise BenchDataError(f"There is no judge '{kind}'.", "Use one of: scorer, rules, always, llm:ALIAS.")
