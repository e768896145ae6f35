"""Fits the scorer that ships and writes its model card, with figures of traces held out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from agent.bench.inputs import Data, Progress, code_version, kept_for, load, plainly, trainable
from agent.bench.rank import RankingError, rank
from agent.bench.reward import Plan, reward
from agent.bench.reward_report import span, value
from agent.errors import ProactiveError

WEIGHTS, CARD = "scorer.json", "CARD.md"
FIGURES = {
    "auc_task": "AUC, would this task be accepted?",
    "auc_gate": "AUC, is help needed? (one row a turn)",
    "auc_null": "AUC, was silence right?",
    "ece": "calibration error of the chances of acceptance, 10 bins of equal mass",
    "top1": "acceptance of the best of a turn's candidates",
    "random": "acceptance of a random one",
    "top1_best25": "acceptance of the best, on the best quarter of the turns",
    "gate_saved_at_95": "turns skipped with .95 of the needed ones kept",
}


class Fitted(NamedTuple):
    """Where the weights and the card were written, and the figures on it."""

    weights: Path
    card: Path
    figures: Mapping[str, Any]


def train(plan: Plan, out: Path, today: date, progress: Progress) -> Fitted:
    """Measure as planned, with traces held out, fit on all rows, write both files. Raises ProactiveError."""
    data, seed = load(plan.data), plan.seed
    with kept_for(plan.resume) as kept:
        found = reward(plan._replace(resume=kept), lambda share: progress(share * 0.8)) | _ranked(plan.data, seed, kept)
    progress(0.95)
    with plainly(), trainable():
        from reward_model.train import fit

        about = {"data": data.name, "sha256": data.sha256, "seed": str(seed), "code": code_version()}
        scorer = fit(data.rows, seed).model_copy(update={"about": about})
    try:
        out.mkdir(parents=True, exist_ok=True)
        _replace(out / WEIGHTS, scorer.dump() + "\n")
        _replace(out / CARD, card(data, found, seed, today))
    except OSError as e:
        raise ProactiveError(f"{out} cannot be written: {e.strerror}.", "Give --out another folder.") from e
    return Fitted(out / WEIGHTS, out / CARD, found)


def card(data: Data, found: Mapping[str, Any], seed: int, today: date) -> str:
    """The model card as Markdown."""
    groups = len(set(data.group.values()))
    return f"""# Model card: the embedded scorer

Says, from the text of what somebody did and of a proposed task, how likely people are to accept the task, and how likely
they need help at all. A linear part and small boosted trees on text features, calibrated; plain Python at run time.

| | |
|---|---|
| Trained on | {data.name}: {len(data.rows)} human judgements, {len(data.group)} traces in {groups} groups |
| sha256 of the data | {data.sha256} |
| Seed, code | {seed}, {code_version()} |
| Date of the fit | {today.isoformat()} |
| Weights | `{WEIGHTS}`, JSON; no pickle, nothing in it is executed |

Figures, each trace scored by a scorer that was fitted and calibrated on the other traces (leave one trace group out); in
brackets 95 %, trace groups resampled. The shipped weights are fitted on all rows and were not measured themselves.

| Figure | Value | 95 % |
|---|---|---|
{_rows(found)}

## Use

A default judge that needs no key and no network. It ranks candidates and keeps weak ones back; the user's own answers move
its chances (`reward_model/personal.py`). It does not tell whether a task is safe, true or allowed: other parts do that.

## Limits

- The data is small: one pool of annotators, mostly coding and writing. Votes are taste; people agree little with each other.
- The word lists were written after reading the rows of all traces, and some words of the Chinese bridge occur in one trace
  only: a mild leak of design that holding traces out cannot remove.
- Tasks in the data are in English, situations in English and Chinese. A list of words bridges Chinese to English; a task in
  another language is judged by its length, form and the words it shares with the situation, and is near the mean.
- The data tells events in sentences; our digest tells windows. `reward_model/steps.py` brings both to one form. How well
  that carries over to real days has not been measured with people.

Repeat: `proactive train --data FILE --out DIR`
"""


def _rows(found: Mapping[str, Any]) -> str:
    told = {key: name for key, name in FIGURES.items() if key in found}
    return "\n".join(f"| {name} | {value(found[key])} | {span(found.get(f'{key}_ci'))} |" for key, name in told.items())


def _ranked(path: Path, seed: int, kept: Path) -> dict[str, Any]:
    """The figures of ranking; nothing if no turn has candidates enough, which is no reason not to train."""
    try:
        found = rank(path, seed, resume=kept)
    except RankingError:
        return {}
    return {k: v for k, v in found.items() if k.removesuffix("_ci") in FIGURES}


def _replace(path: Path, text: str) -> None:
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
