"""How good a judge is on judgement rows: with traces held out, or on the published split, which leaks and is marked so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from agent.bench import reward_judges as judges
from agent.bench.inputs import Data, Progress, held_out, load, plainly, trainable
from agent.bench.published import published_split
from agent.bench.reward_figures import ROUNDS, report, short, turns_judged
from agent.bench.reward_judges import AIMS, Judged
from agent.bench.reward_time import cost, quantile
from agent.errors import ProactiveError
from reward_model.dataset import Fold, Row, groups
from reward_model.metrics import curve

LEAKING = "LEAKING"
"""Rows of the test's situations were in the training."""
HELD_OUT = "held out"
"""Training rows are of other traces."""
NO_TRAINING = "none"
JUDGES = ("scorer", "rules", "always", "never", "lookup")


class Plan(NamedTuple):
    """What to measure. `judge` is one of JUDGES or llm:ALIAS; `test` holds the test rows of the published split."""

    data: Path
    split: Literal["trace", "published"] = "trace"
    judge: str = "scorer"
    test: Path | None = None
    seed: int = 0
    resume: Path | None = None
    rounds: int = ROUNDS


class Line(NamedTuple):
    """One line of the table: a judge, how it was trained (LEAKING, HELD_OUT, NO_TRAINING), what it said."""

    name: str
    training: str
    judged: tuple[Judged, ...]


class Bench(NamedTuple):
    """What is measured on: rows, their groups, and which are for training and which for the test (all, if by trace)."""

    plan: Plan
    data: Data
    group: tuple[str, ...]
    fold: Fold

    @property
    def tested(self) -> list[Row]:
        """The rows of the test."""
        return [self.data.rows[i] for i in self.fold.test]

    @property
    def tested_group(self) -> list[str]:
        """The group of each row of the test."""
        return [self.group[i] for i in self.fold.test]


def reward(plan: Plan, progress: Progress = lambda _: None) -> dict[str, Any]:
    """The figures of the judge by their JSON keys, and under `rows` the lines beside it. Raises ProactiveError."""
    bench = _bench(plan)
    lines, extra = _judge(bench, lambda share: progress(share * 0.6))
    lines += _beside(bench)
    figures = report(lines[0].judged, plan.seed, plan.rounds)
    table = []
    for n, line in enumerate(lines):
        progress(0.7 + 0.3 * n / len(lines))
        table.append({"judge": line.name, "training": line.training, **short(line.judged, plan.seed, plan.rounds)})
    return {**figures, **_curves(lines[0].judged), **extra, **_about(bench, lines[0]), "rows": table}


def _bench(plan: Plan) -> Bench:
    data = load(plan.data)
    if plan.split == "trace":
        every = tuple(range(len(data.rows)))
        return Bench(plan, data, tuple(map(data.group_of, data.rows)), Fold(every, every))
    if plan.test is None:
        fold = published_split(data.rows)
        if not fold.train:
            raise ProactiveError("The file is too small for the published split.", "It takes 30 rows a category for the test.")
    else:
        test = load(plan.test)
        rows = (*data.rows, *test.rows)
        fold = Fold(tuple(range(len(data.rows))), tuple(range(len(data.rows), len(rows))))
        data = Data(f"{data.name} + {test.name}", f"{data.sha256}+{test.sha256}", rows, groups(rows))
    return Bench(plan, data, tuple(map(data.group_of, data.rows)), fold)


def _judge(bench: Bench, progress: Progress) -> tuple[list[Line], dict[str, Any]]:
    """The lines of the judge that was asked for, the first being the one reported, and what it costs."""
    name = bench.plan.judge
    if name.startswith("llm:"):
        return _llm(bench, name.removeprefix("llm:"), progress)
    nothing = {"p50_ms": None, "p95_ms": None, "rss_mib": None}
    if name == "scorer":
        return _scorer(bench, progress)
    if name == "rules":
        return [Line("rules", NO_TRAINING, judges.ruled(bench.tested, bench.tested_group))], nothing
    if name == "lookup":
        return [_lookup(bench)], nothing
    return [_constant(bench, name)], nothing


def _scorer(bench: Bench, progress: Progress) -> tuple[list[Line], dict[str, Any]]:
    """The scorer refitted on the other traces; on the published split before that the one fitted on the training rows."""
    scored = held_out(bench.data, bench.plan.seed, bench.plan.resume, progress)
    with plainly():
        from reward_model.train import fit
        from reward_model.train import scored as score

        with trainable():
            fitted = fit([bench.data.rows[i] for i in bench.fold.train], bench.plan.seed)
    price = cost(fitted, bench.tested)._asdict()
    if bench.plan.split == "trace":
        lines = [Line(f"scorer, {aim}", HELD_OUT, judges.decided(scored, bench.group, aim)) for aim in AIMS]
        return lines, price
    at = judges.cuts([scored[i] for i in bench.fold.train], "balanced")
    leaking = tuple(judges.judged(score(fitted, row), at, g) for row, g in zip(bench.tested, bench.tested_group, strict=True))
    honest = judges.decided(scored, bench.group, "balanced", bench.fold.test)
    return [Line("scorer, published split", LEAKING, leaking), Line("scorer, same rows", HELD_OUT, honest)], price


def _llm(bench: Bench, alias: str, progress: Progress) -> tuple[list[Line], dict[str, Any]]:
    from agent.bench.reward_llm import ask, of_alias

    asked = asyncio.run(ask(of_alias(alias), bench.data, bench.tested, bench.plan.resume, progress))
    price = {f"p{q}_ms": round(1000 * quantile(asked.seconds, q / 100), 1) if asked.seconds else None for q in (50, 95)}
    spent = {k: getattr(asked, k) for k in ("prompt_tokens", "completion_tokens", "cost", "failed")}
    return [Line(f"llm:{alias}", NO_TRAINING, asked.judged)], {**price, "rss_mib": None, **spent}


def _beside(bench: Bench) -> list[Line]:
    """What every judge is shown beside: the look-up, which reads no word of the task, and the two constants."""
    found: list[tuple[str, Callable[[], Line]]] = [
        ("lookup", lambda: _lookup(bench)),
        ("always", lambda: _constant(bench, "always")),
        ("never", lambda: _constant(bench, "never")),
    ]
    lines = [make() for name, make in found if name != bench.plan.judge]
    if bench.plan.split == "trace":
        siblings = judges.looked_up_by_siblings(bench.tested, bench.tested_group)
        lines.insert(1, Line("look-up", LEAKING, siblings))
    return lines


def _lookup(bench: Bench) -> Line:
    if bench.plan.split == "trace":
        return Line("look-up", HELD_OUT, judges.looked_up_held_out(bench.tested, bench.tested_group))
    known = judges.table([bench.data.rows[i] for i in bench.fold.train])
    found = judges.looked_up(bench.tested, bench.tested_group, known, judges.prior(known))
    return Line("look-up", LEAKING, found)


def _constant(bench: Bench, name: str) -> Line:
    accepted = name == "always"
    return Line(f"{name} accept", NO_TRAINING, judges.constant(bench.tested, bench.tested_group, accepted=accepted))


def _curves(judged: Sequence[Judged]) -> dict[str, Any]:
    """The calibration curves of tasks and gate, and for each turn the chance and whether help was needed."""
    tasks = [j for j in judged if j.row.task is not None]
    turns = turns_judged(judged)
    return {
        "curve": [b._asdict() for b in curve([j.p for j in tasks], [j.row.valid for j in tasks])],
        "curve_gate": [b._asdict() for b in curve([t.p_help for t in turns], [t.end.needed for t in turns])],
        "turns": len(turns),
        "gate": sorted((round(t.p_help, 6), t.end.needed) for t in turns),
    }


def _about(bench: Bench, first: Line) -> dict[str, Any]:
    hashes = bench.data.sha256.split("+")
    return {
        "seed": bench.plan.seed,
        "rounds": bench.plan.rounds,
        "file": bench.data.name,
        "sha256": hashes[0],
        **({"sha256_test": hashes[1]} if len(hashes) > 1 else {}),
        "split": bench.plan.split,
        "judge": bench.plan.judge,
        "training": first.training,
        "leaking": first.training == LEAKING,
        "traces": len({g for r in bench.tested if (g := r.trace or r.turn)}),
        "groups": len(set(bench.tested_group)),
    }
