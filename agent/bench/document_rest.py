"""The sections of the report after the figures of the scorer: agents, ideas, limits, commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.bench import tried
from agent.bench.agent_ranks import ranks
from agent.bench.agent_report import MEASURE, Report, says
from agent.bench.document_measure import Measured
from agent.bench.ideas import ABOUT
from agent.bench.markdown import blocks, both, bullets, cells, signed, table, value

COMMANDS = (
    ("sections 2 and 4, the scorer and its gate", "proactive bench reward --data reward_train.jsonl"),
    ("section 3, the published split", "proactive bench reward --data reward_train.jsonl --split published"),
    (
        "another judge: rules, always, never, lookup, llm:ALIAS",
        "proactive bench reward --data reward_train.jsonl --judge lookup",
    ),
    ("ranking", "proactive bench rank --data reward_train.jsonl"),
    ("one person", "proactive bench people --data reward_train.jsonl --nested"),
    (
        "agents",
        "proactive bench agent --traces agent_test --recorded traces --official official_results --rewards reward_train.jsonl",
    ),
    ("ideas and learning curve", "proactive bench ideas --data reward_train.jsonl"),
    ("this report", "make bench DATA=DIR"),
)


def agents(found: Measured) -> str:
    """The agent benchmark: recorded answers beside the published figures."""
    r = found.agents
    if r is None:
        return ""
    return blocks(
        "### Agents on the benchmark's traces",
        f"Recorded answers of {len(r.models)} models on {r.n} turns of {r.traces} traces, judged by the scorer. "
        f"{r.source.about} Whether help was needed is a label in {r.labelled} turns and the judge's own view in "
        f"{r.n - r.labelled}. The scorer gives chances, so counts are expected ones; compare the order, not the level. "
        "*Silence* never offers; *always* offers at every turn. Tokens, cost and latency of recorded answers are not known.",
        _agents(r),
        bullets(says(r)),
        f"Agreement of the two orders by F1: {_agreement(r)}" if r.agreements else "",
        "![F1 of each agent, own judge and published](images/agents.png)",
    )


def _agents(r: Report) -> str:
    known = [m for m in r.models if r.first in r.official.get(m, {})]
    theirs = dict(zip(known, ranks([r.official[m][r.first][MEASURE] for m in known]), strict=True))
    ours = dict(zip(known, ranks([r.figures[m][r.first][MEASURE] or 0.0 for m in known]), strict=True))
    rows = []
    for model in sorted(r.figures, key=lambda m: (m not in r.models, theirs.get(m, len(r.figures)))):
        own = r.figures[model][r.first]
        published = r.official[model][r.first][MEASURE] if model in known else None
        places = f"{theirs[model]:g} / {ours[model]:g}" if model in known else ""
        rest = cells(own, "recall", "precision", "accuracy", "false_alarm", "proposals_per_event")
        rows.append((model, places, value(published), both(own, MEASURE), *rest))
    heads = ("agent", "rank published / own", "F1 published", "F1 own (95 % by trace)", "recall", "precision", "accuracy")
    return table((*heads, "false alarm", "offers a turn"), rows)


def _agreement(r: Report) -> str:
    told = (f"{name}: Spearman {a.spearman:.2f}, Kendall {a.kendall:.2f}" for name, a in r.agreements.items())
    return "; ".join(told) + ". The first was decided on beforehand; *decided* takes chances for yes or no."


def ideas(found: Measured) -> str:
    """What each idea gives, the learning curve, and what was tried by hand."""
    made = found.ideas
    rows = [
        (
            name,
            ABOUT.get(name, ""),
            *cells(row, "auc_task"),
            _against(row, "gain_task"),
            *cells(row, "auc_task_chinese", "auc_task_latin", "auc_gate"),
            _against(row, "gain_gate"),
            *cells(row, "top1"),
        )
        for name, row in made["ideas"].items()
    ]
    heads = ("change", "what it is", "task AUC", "against the first", "Chinese situations", "others", "gate AUC")
    curve = [
        (str(size), *(f"{value(point[k])}{_draws(point.get(f'{k}_draws'))}" for k in ("auc_task", "auc_gate")))
        for size, point in made["curve"].items()
    ]
    return blocks(
        "## 5. Ideas",
        "One change at a time; traces held out, the same rows, one forest where three ship, to save time. In brackets 95 % of "
        f"the difference, groups of traces resampled {made['rounds']} times.",
        table((*heads, "against the first", "top-1"), rows, left=2),
        f"Learning curve: each trace judged by scorers of so many other groups of traces, mean of {made['draws']} random "
        "choices (in brackets least and most); the last line has all.",
        table(("groups learnt from", "task AUC", "gate AUC"), curve),
        "![Learning curve, and what each change does](images/ideas.png)",
        "### Tried by hand",
        f"Measured once, by hand, in scratch runs: traces held out, seed 0, data `{tried.SHA256[:8]}`. This report does not "
        "repeat them, and the code around them has moved since, so read each pair of figures by itself. Differences below "
        "about .01 say nothing.",
        table(("for the scorer", "what it gave"), [tuple(t) for t in tried.SCORER], left=2),
        table(("for one person's answers", "what it gave"), [tuple(t) for t in tried.PERSON], left=2),
        "Not tried:",
        bullets(tried.NOT_TRIED),
    )


def _against(row: Mapping[str, Any], key: str) -> str:
    """Empty where the change does not touch the figure."""
    return signed(row[key], row[f"{key}_ci"]) if row.get(key) else ""


def _draws(values: list[float] | None) -> str:
    return f" [{min(values):.3f}, {max(values):.3f}]" if values else ""


def limits(found: Measured) -> str:
    """What the figures cannot say."""
    r, c = found.reward, found.ceiling
    lines = [
        f"{r['traces']} traces of one pool of annotators, mostly coding and writing. The intervals by trace are what counts, "
        "and they are wide; intervals by row would look better and be wrong.",
        "The word lists were written after reading these rows; features, parts and strengths were settled looking at held-out "
        "figures of these same traces. Only what is fitted (weights, calibration, thresholds) never sees the trace that it "
        "judges. New traces may do somewhat worse.",
    ]
    if c is not None:
        lines.append(
            f"Votes are taste. Two people agree on a task in {value(c['agree'])} of the cases, by chance "
            f"{value(c['by_chance'])}. A judge who knew exactly which share of people takes each task, but not the person, "
            f"would reach an AUC of about {value(c['auc'])}: an estimate from the {c['n']} tasks with three votes. It "
            "leaves out that some people take more than others. It is low if the rows of a published test are gone from the "
            "file, since those on which all agree went there first. Above it only knowing the person helps."
        )
    if found.agents is not None:
        n = next((a.n for a in found.agents.agreements.values()), len(found.agents.models))
        lines.append(
            f"{n} agents are few: only a nearly equal order can be told from chance, and not which neighbours are in order. No "
            "judge here asked anybody; the labels that it learnt from are people's views of other proposals."
        )
    lines += [
        "The recordings tell events in sentences; the program sees windows, titles and files. Both are brought to one form, "
        "but how well the figures carry over to real days has not been measured with people.",
        "Replayed votes are not a user: nobody was interrupted.",
    ]
    return blocks("## 6. Limits", bullets(lines))


def commands(seed: int) -> str:
    """How to repeat each figure."""
    rows = [(what, f"`{command}`") for what, command in COMMANDS]
    return blocks(
        "## 7. Repeat it",
        f"Needs the extras `train` and `plot`. Each takes `--seed` (here {seed}), `--json` and `--plot FILE.png`; with "
        "`--resume FILE` fits are kept for the next bench. Times and memory differ from run to run, the rest does not.",
        table(("what", "command"), rows, left=2),
    )
