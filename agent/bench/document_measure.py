"""Measures all that the report tells, one bench after the other; each fold is fitted once and kept for the benches after it."""

from __future__ import annotations

import asyncio
import importlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from agent.bench import agent_measure, people_report
from agent.bench.agent_measure import Teller
from agent.bench.agent_report import Report, to_json
from agent.bench.document_data import Parts, parts
from agent.bench.ideas import ideas
from agent.bench.inputs import Data, Progress, code_version, load, plainly
from agent.bench.published import published_split
from agent.bench.rank import rank
from agent.bench.references import as_json, ceiling, references
from agent.bench.reward import Plan, reward
from agent.errors import ProactiveError

SHARES = {"agents": 0.04, "reward": 0.2, "rank": 0.02, "people": 0.24, "published": 0.05, "ideas": 0.45}
"""About what share of the time each bench takes, in their order."""


@dataclass(frozen=True)
class Measured:
    """What each bench said, by its JSON keys; None for a part without data, and `missing` says why."""

    data: Data
    code: str
    """Hash of the training code as the run began."""
    reward: Mapping[str, Any]
    rank: Mapping[str, Any] | None
    people: Mapping[str, Any] | None
    published: Mapping[str, Any] | None
    known: tuple[int, int]
    """Of the situations of the published split's test: how many stand in its training rows too, and how many there are."""
    agents: Report | None
    ideas: Mapping[str, Any]
    references: Mapping[str, Mapping[str, float | None]]
    ceiling: Mapping[str, Any] | None
    missing: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "code": self.code,
            "reward": {k: v for k, v in self.reward.items() if k != "gate"},
            "rank": self.rank,
            "people": self.people,
            "published": self.published and {k: v for k, v in self.published.items() if k != "gate"},
            "test_situations_in_training": self.known,
            "agents": self.agents and json.loads(to_json(self.agents)),
            "ideas": self.ideas,
            "references": self.references,
            "ceiling": self.ceiling,
            "missing": list(self.missing),
        }


def measure(folder: Path, seed: int = 0, resume: Path | None = None, progress: Progress = lambda _: None) -> Measured:
    """Run every bench on the parts that the folder holds. Raises ProactiveError."""
    there = parts(folder)
    _extras()
    with _kept(resume) as kept:
        return _measure(there, seed, kept, _Stages(progress))


class _Stages:
    """Turns the progress of one bench into that of all."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def of(self, name: str) -> Progress:
        before = sum(list(SHARES.values())[: list(SHARES).index(name)])
        return partial(self._told, before, SHARES[name])

    def _told(self, before: float, size: float, share: float) -> None:
        self._progress(before + size * share)


def _measure(there: Parts, seed: int, kept: Path, stages: _Stages) -> Measured:
    """The parts that may be refused for their files come first."""
    data, code = load(there.rows), code_version()
    known = _known(data, there.test)
    agents = _agents(there, seed, stages.of("agents"))
    missing = list(there.missing)
    found = reward(Plan(there.rows, seed=seed, resume=kept), stages.of("reward"))

    def optional(what: str, run: Callable[[Progress], Mapping[str, Any]], stage: str) -> Mapping[str, Any] | None:
        try:
            return run(stages.of(stage))
        except ProactiveError as e:
            missing.append(f"{what} left out: {e}")
            return None

    of_people = people_report.Plan(there.rows, seed, resume=kept, nested=True)
    as_published = Plan(there.rows, "published", test=there.test, seed=seed, resume=kept)
    ranked = optional("The ranking is", lambda told: rank(there.rows, seed, resume=kept, progress=told), "rank")
    people = optional("One person's votes are", lambda told: people_report.measure(of_people, told), "people")
    published = optional("The published split is", lambda told: reward(as_published, told), "published")
    grown = ideas(there.rows, seed, kept, stages.of("ideas"))
    if code_version() != code:
        missing.append("The training code was changed during this run: run it again.")
    return Measured(
        data,
        code,
        found,
        ranked,
        people,
        published,
        known,
        agents,
        grown,
        references(data, seed),
        as_json(ceiling(data.rows)),
        tuple(missing),
    )


def _known(data: Data, test: Path | None) -> tuple[int, int]:
    if test is None:
        fold = published_split(data.rows)
        train, tested = [data.rows[i] for i in fold.train], [data.rows[i] for i in fold.test]
    else:
        train, tested = list(data.rows), list(load(test).rows)
    there = {r.situation for r in train}
    asked = {r.situation for r in tested}
    return len(asked & there), len(asked)


def _agents(there: Parts, seed: int, progress: Progress) -> Report | None:
    if there.traces is None or there.answers is None:
        return None
    plan = agent_measure.Plan(there.traces, (there.answers,), official=there.official, rewards=there.rows, seed=seed)

    def told(stage: str, share: float) -> None:
        progress(0.8 * share if stage.startswith("fitting") else 0.8 + 0.2 * share)

    return asyncio.run(agent_measure.measure(plan, Teller(told)))


def _extras() -> None:
    """A missing extra is told now and not after the measuring. Raises ProactiveError."""
    with plainly():
        for name in ("numpy", "sklearn", "matplotlib"):
            importlib.import_module(name)


@contextmanager
def _kept(resume: Path | None) -> Iterator[Path]:
    """The file for finished folds: the user's, or one that is gone afterwards."""
    if resume is not None:
        yield resume
        return
    with tempfile.TemporaryDirectory(prefix="proactive-bench-") as folder:
        yield Path(folder) / "kept.jsonl"
