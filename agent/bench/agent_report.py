"""From judged cells to the report of the agent benchmark: figures with intervals, rankings side by side, JSON. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from agent.bench.agent_bench import OURS, Judged
from agent.bench.agent_cells import FIGURES, Cells, figures, interval, intervals, resamples, total
from agent.bench.agent_ranks import Agreement, agreement, kendall, least, ranks, spearman
from agent.bench.agent_run import Usage
from agent.bench.agent_traces import Split

MEASURE = "f1"
"""What the published table ranks by."""

Published = Mapping[str, Mapping[str, Mapping[str, float]]]
"""Model -> split key -> figures."""


@dataclass(frozen=True)
class Source:
    """What was measured with what."""

    judge: str
    about: str
    seed: int
    sha256: str
    resampled: int
    chances: bool = False
    """The judge gives chances, so counts are expected ones."""


@dataclass(frozen=True)
class Report:
    """The whole report. `figures`: model -> split name -> figure, with `_ci` beside each."""

    source: Source
    splits: tuple[Split, ...]
    n: int
    traces: int
    labelled: int
    unjudged: int
    models: tuple[str, ...]
    """The models proper, without the baselines."""
    figures: Mapping[str, Mapping[str, Mapping[str, Any]]]
    nulls: Mapping[str, int]
    official: Mapping[str, Mapping[str, Mapping[str, float]]]
    agreements: Mapping[str, Agreement] = field(default_factory=dict)
    over_traces: Mapping[str, tuple[float, float] | None] = field(default_factory=dict)
    pairs: int = 0
    separated: int = 0
    usage: Mapping[str, Usage] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def first(self) -> str:
        """The name of the first split, the one that is ranked."""
        return self.splits[0].name


def report(judged: Judged, splits: tuple[Split, ...], official: Published, source: Source) -> Report:
    """The report of judged answers; rankings are compared on the first split."""
    ours = judged.cells[OURS.name]
    models = tuple(judged.nulls)
    by_name = {m: {s.name: official[m][s.key] for s in splits if s.key in official[m]} for m in models if m in official}
    ranked = [m for m in models if splits[0].name in by_name.get(m, {})]
    theirs = [by_name[m][splits[0].name][MEASURE] for m in ranked]
    agreements = {
        name: found
        for name, of in judged.cells.items()
        if (found := agreement([_rounded(_value(of[m], splits[0])) for m in ranked], theirs)) is not None
    }
    over_traces, pairs, separated = _stability({m: ours[m] for m in ranked}, splits[0], theirs, source)
    return Report(
        source=source,
        splits=splits,
        n=judged.turns,
        traces=len(next(iter(ours.values()))),
        labelled=judged.labelled,
        unjudged=judged.unjudged,
        models=models,
        figures={m: {s.name: _figures(of, s, source) for s in splits} for m, of in ours.items()},
        nulls=judged.nulls,
        official=by_name,
        agreements=agreements,
        over_traces=over_traces if agreements else {},
        pairs=pairs,
        separated=separated,
    )


def to_json(r: Report) -> str:
    """The report as one JSON object."""
    made: dict[str, Any] = {
        "models": r.figures,
        "official": r.official,
        "rank_correlation": correlation(r),
        "n": r.n,
        "traces": r.traces,
        "splits": {s.name: list(s.traces) for s in r.splits},
        "judge": {
            "name": r.source.judge,
            "about": r.source.about,
            "expected_counts": r.source.chances,
            "turns_with_label": r.labelled,
            "unjudged": r.unjudged,
        },
        "null_words": r.nulls,
        "usage": {name: usage._asdict() for name, usage in r.usage.items()},
        "notes": list(r.notes),
        "seed": r.source.seed,
        "sha256": r.source.sha256,
    }
    return json.dumps(_short(made), ensure_ascii=False, indent=1)


def correlation(r: Report) -> dict[str, Any] | None:
    """The agreement of the two orderings, and under the other readings; None without published figures of three models."""
    if OURS.name not in r.agreements:
        return None
    found = r.agreements[OURS.name]
    reached = least(found.n)
    return {
        **found._asdict(),
        "measure": MEASURE,
        "split": r.first,
        "spearman_ci_traces": r.over_traces.get("spearman"),
        "kendall_ci_traces": r.over_traces.get("kendall"),
        "least_for_p05": None if reached is None else {"spearman": reached[0], "kendall": reached[1]},
        "pairs": r.pairs,
        "pairs_told_apart": r.separated,
        "readings": {name: a._asdict() for name, a in r.agreements.items() if name != OURS.name},
        "says": list(says(r)),
    }


def says(r: Report) -> tuple[str, ...]:
    """What the agreement can and cannot say, in a few sentences."""
    if OURS.name not in r.agreements:
        return ()
    a = r.agreements[OURS.name]
    reached = least(a.n)
    chance = (
        f"Of {a.n} models only a Spearman from {reached[0]:.2f} or a Kendall from {reached[1]:.2f} on is rarer than 1 in 20"
        if reached
        else f"Of {a.n} models no agreement, however close, is shown to be rarer than 1 in 20"
    )
    met = a.spearman_p is not None and a.spearman_p <= 0.05
    related = "this one is, so the two orderings are related"
    verdict = related if met else "this one is not, which shows neither a relation nor none"
    weak = [o for name, o in r.agreements.items() if name != OURS.name and (o.spearman_p or 0) > 0.05]
    others = f" Counted otherwise, {len(weak)} of {len(r.agreements) - 1} times it is not." if met and weak else ""
    return (
        f"{chance}: {verdict}; how closely stays open{_span(a.spearman_ci)}.{others}",
        f"It does not say which neighbours are rightly ordered: resampling the {r.traces} traces, our judge tells "
        f"{r.separated} of the {r.pairs} pairs of models apart.",
        "Nor does it say that either judge is right: both learned from labels of the same people, the published one from "
        "labels of these very turns, and by F1 an agent that always offers loses little.",
    )


def _span(ci: tuple[float, float] | None) -> str:
    return "" if ci is None else f" (Spearman {ci[0]:.2f} to {ci[1]:.2f}, taking the models for a sample)"


def _value(by_trace: Mapping[str, Cells], split: Split) -> float:
    return figures(total(by_trace[t] for t in split.traces))[MEASURE] or 0.0


def _rounded(value: float) -> float:
    return round(value, 9)  # sums of chances in another order must not break a tie


def _figures(by_trace: Mapping[str, Cells], split: Split, source: Source) -> dict[str, Any]:
    parts = [by_trace[t] for t in split.traces]
    whole = total(parts)
    spans = intervals(parts, resamples(len(parts), source.seed, source.resampled)) if len(parts) > 1 else {}
    made: dict[str, Any] = {}
    for name, value in figures(whole).items():
        made[name] = value
        made[f"{name}_ci"] = spans.get(name)
    counts = {"correct_detections": whole.detected, "false_alarms": whole.alarms}
    silent = {"non_responses": whole.quiet, "missed_needs": whole.missed}
    return made | counts | silent | {"proposals": whole.proposals, "events": whole.turns, "unanswered": whole.unanswered}


def _stability(
    ours: Mapping[str, Mapping[str, Cells]], split: Split, theirs: Sequence[float], source: Source
) -> tuple[dict[str, tuple[float, float] | None], int, int]:
    """Intervals of both correlations over resampled traces; pairs of models, and those whose difference leaves zero out."""
    parts = [[of[t] for t in split.traces] for of in ours.values()]
    if len(parts) < 2 or len(split.traces) < 2:
        return {}, 0, 0
    drawn = [
        [_rounded(figures(total(of[i] for i in sample))[MEASURE] or 0.0) for of in parts]
        for sample in resamples(len(split.traces), source.seed, source.resampled)
    ]
    pairs = list(combinations(range(len(parts)), 2))
    told = 0
    for a, b in pairs:
        span = interval([values[a] - values[b] for values in drawn])
        told += span is not None and (span[0] > 0 or span[1] < 0)
    given = ranks(theirs)
    usable = [ranks(values) for values in drawn if len(set(values)) > 1 and len(set(given)) > 1]
    over = {name: interval([f(v, given) for v in usable]) for name, f in (("spearman", spearman), ("kendall", kendall))}
    return over, len(pairs), told


def _short(value: Any) -> Any:
    """Six digits are more than the data bear; tuples as lists, names of figures as they are."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, Mapping):
        return {k: _short(v) for k, v in value.items()}
    return [_short(v) for v in value] if isinstance(value, list | tuple) else value


__all__ = ["FIGURES", "MEASURE", "Report", "Source", "correlation", "report", "says", "to_json"]
