"""The report of `bench people`: what one person's own answers add to the scorer, as figures, table and picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.bench import people, plots
from agent.bench.inputs import Data, Kept, Progress, code_version, held_out, load
from agent.bench.people import Vote
from agent.bench.reward_report import span, value
from agent.errors import ProactiveError
from reward_model.personal import Prior

if TYPE_CHECKING:
    from rich.console import Console

    from agent.bench.people import Annotator
    from reward_model.train import Scored

ROUNDS = 500
MEASURES = ("auc", "log_loss", "accuracy")


class Plan(NamedTuple):
    """What to measure; `nested` adds the figure whose prior is chosen on the other traces."""

    data: Path
    seed: int = 0
    rounds: int = ROUNDS
    resume: Path | None = None
    nested: bool = False


def measure(plan: Plan, progress: Progress = lambda _: None) -> dict[str, Any]:
    """The figures by their JSON keys, `_ci` with traces resampled. Raises ProactiveError."""
    data = load(plan.data)
    scored = held_out(data, plan.seed, plan.resume, lambda share: progress(share * 0.5))
    return report(data, scored, plan, lambda share: progress(0.5 + share * 0.5))


def report(data: Data, scored: Sequence[Scored], plan: Plan, progress: Progress = lambda _: None) -> dict[str, Any]:
    """The figures of rows that are scored already. Raises ProactiveError."""
    annotators = people.annotators(scored)
    if not annotators:
        raise ProactiveError(f"No row of {data.name} has a task with votes.", "Give rows that people have voted on.")
    votes = people.replay_all(annotators, Prior())
    progress(0.2)
    shown = people.replay_all(annotators, Prior(), one_shown=True)
    progress(0.3)
    found = {
        "n": len(votes),
        "annotators": len(annotators),
        "traces": len({v.trace for v in votes}),
        "base": sum(v.yes for v in votes) / len(votes),
        **_with_intervals(votes, plan),
        **_renamed(_with_intervals(shown, plan), "_one_shown"),
    }
    progress(0.6)
    if plan.nested:
        found |= _nested(data, annotators, plan, lambda share: progress(0.6 + share * 0.4))
    curve = [{"answers": label, "n": n, **figures} for label, figures, n in people.by_answers(votes)]
    return {**found, "by_answers": curve, "seed": plan.seed, "rounds": plan.rounds, "file": data.name, "sha256": data.sha256}


def render_table(found: Mapping[str, Any], console: Console) -> None:
    """Print the figures with their intervals, and how they grow with the person's answers."""
    from rich.table import Table

    table = Table(
        title=f"{found['file']}: {found['n']} votes on tasks, {found['annotators']} vote columns of {found['traces']} traces"
    )
    for name in ("chance from", "AUC", "95 % by trace", "log-loss", "accuracy"):
        table.add_column(name, justify="left" if name == "chance from" else "right")
    for key, name in _NAMES.items():
        if f"auc_{key}" in found:
            cells = [value(found[f"{m}_{key}"]) for m in MEASURES]
            table.add_row(name, cells[0], span(found.get(f"auc_{key}_ci")), *cells[1:])
    console.print(table)
    console.print(f"Gain in AUC over the population: {value(found['auc_gain'])} {span(found.get('auc_gain_ci'))}", markup=False)
    console.print(_growth(found["by_answers"]))
    console.print(
        "Only strictly earlier turns of the same vote column are known; the population's chances come from scorers that never "
        "saw the trace. It is taken that a column is one person throughout a trace; the file has no names.",
        markup=False,
    )
    console.print(f"Seed {found['seed']}, {found['rounds']} resamples, sha256 {found['sha256']}", markup=False)


def picture(found: Mapping[str, Any], path: Path) -> None:
    """AUC against the number of own answers known, as a picture. Raises ProactiveError."""
    figure, (axis,) = plots.panels(
        1, f"n = {found['n']} votes, {found['annotators']} vote columns, {found['traces']} traces held out"
    )
    rows = found["by_answers"]
    names = {"person": "with own answers", "population": "population", "rate": "own accept rate only"}
    plots.lines(axis, {name: [(i, r[f"auc_{key}"]) for i, r in enumerate(rows)] for key, name in names.items()})
    axis.set_xticks(range(len(rows)), [f"{r['answers']}\n({r['n']})" for r in rows], fontsize=8)
    axis.set(ylim=(0.4, 1.0), xlabel="own answers known before (votes)", ylabel="AUC", title="One person's votes")
    plots.save(figure, path)


_NAMES = {
    "population": "everybody (the scorer)",
    "rate": "the person's own running rate alone",
    "person": "the scorer and the person's own answers",
    "person_nested": "the same, prior chosen on the other traces",
    "rate_one_shown": "own running rate, one task shown a turn",
    "person_one_shown": "scorer and own answers, one task shown a turn",
}


def _growth(rows: Sequence[Mapping[str, Any]]) -> Any:
    from rich.table import Table

    table = Table(title="AUC by the number of own answers known before")
    for name in ("own answers", "votes", "everybody", "own rate", "with own answers"):
        table.add_column(name, justify="right")
    for r in rows:
        table.add_row(r["answers"], str(r["n"]), value(r["auc_population"]), value(r["auc_rate"]), value(r["auc_person"]))
    return table


def _with_intervals(votes: Sequence[Vote], plan: Plan) -> dict[str, Any]:
    around = people.intervals(votes, plan.seed, plan.rounds)
    return {**people.figures(votes), **{f"{name}_ci": bounds for name, bounds in around.items()}}


def _renamed(found: Mapping[str, Any], ending: str) -> dict[str, Any]:
    """The figures of another way of feedback; the population's are the same and left out."""
    renamed = {}
    for name, figure in found.items():
        plain = name.removesuffix("_ci")
        if not plain.endswith("_population"):
            renamed[plain + ending + name[len(plain) :]] = figure
    return renamed


def _nested(data: Data, annotators: Sequence[Annotator], plan: Plan, progress: Progress) -> dict[str, Any]:
    """The figure with the prior of each trace chosen on the others; finished replays are kept in `resume`."""
    kept = Kept(plan.resume, "people", data.sha256, plan.seed, code_version(), code_version("personal"))
    by_prior: dict[Prior, list[Vote]] = {}
    for n, prior in enumerate(people.GRID):
        old = kept.get(repr(prior))
        by_prior[prior] = [Vote(*v) for v in old] if old is not None else people.replay_all(annotators, prior)
        if old is None:
            kept.put(repr(prior), by_prior[prior])
        progress((n + 1) / len(people.GRID))
    votes, chosen = people.nested(by_prior, lambda trace: data.group[trace])
    counts = Counter(map(_changed, chosen.values()))
    return {**_renamed(_with_intervals(votes, plan), "_nested"), "chosen": dict(counts)}


def _changed(prior: Prior) -> str:
    """What a prior has other than the shipped one."""
    shipped = Prior()
    return ", ".join(f"{k}={v}" for k, v in prior._asdict().items() if v != getattr(shipped, k)) or "shipped"
