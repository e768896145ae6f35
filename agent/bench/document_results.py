"""The sections of the report on the scorer: what was measured, the result in one table, the leak, ranking, gate, people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from agent.bench.document_measure import Measured
from agent.bench.markdown import blocks, both, bullets, cells, signed, span, table, value
from agent.bench.published import TABLE
from agent.bench.rank import SHARES
from agent.bench.references import ECE
from reward_model.metrics import CELLS

REFERENCES = ("random", "look-up, traces held out", "look-up, LEAKING")
MAIN = (
    ("reward", "auc_task", "AUC: will people take this task?"),
    ("reward", "auc_gate", "AUC: is help needed at all? (one row a turn)"),
    ("rank", "top1", "Best of a turn's candidates is accepted"),
    ("rank", "top1_best25", "The same, speaking on the best quarter of the turns"),
    ("reward", "gate_saved_at_95", "Turns a gate skips with .95 of the needed ones kept"),
    ("reward", ECE, "Calibration error of the chances (0 is best)"),
)


class About(NamedTuple):
    """What the run was: date and version as text, hash of the training code, the machine in words."""

    date: str
    version: str
    code: str
    machine: str


def what(found: Measured, about: About) -> str:
    """What is measured and on what."""
    r = found.reward
    rows = [
        ("Rows", f"{r['file']}: {r['n']} human judgements, {r['turns']} turns, {r['traces']} traces in {r['groups']} groups"),
        ("sha256", f"`{r['sha256']}`"),
        ("Split", f"{r['groups']} fits, each without one group of traces; it alone judges that group"),
        ("Intervals", f"95 %, whole groups of traces resampled {r['rounds']} times"),
        ("Seed", str(r["seed"])),
        ("Date, version, training code", f"{about.date}, {about.version}, `{about.code}`"),
        ("Machine", about.machine),
    ]
    return blocks(
        "## 1. What is measured",
        "The program watches what somebody does and now and then offers a task. Its scorer says, before anybody is disturbed, "
        "how likely people are to take the task and how likely they need help at all. It is a small model on text features, "
        "in plain Python, without a network. Here it is put to judgements of people who looked at recorded sittings.",
        bullets(
            (
                "A **trace** is one recorded sitting; a **turn** is a moment in it, with the **tasks** that could be "
                "offered, and silence. A **row** is one of these with people's votes on it.",
                "**AUC** is the chance that an accepted task scores above a rejected one: .5 is guessing, 1 is perfect.",
                "**Held out** means: the scorer that judges a row has seen no row of that trace, nor of one much like it. No "
                "file name, trace or position in it is a feature.",
            )
        ),
        table(("", ""), rows, left=2),
        bullets(found.missing),
    )


def result(found: Measured) -> str:
    """The figures in one table, beside those of judges that know less or cheat."""
    rows = []
    for part, key, name in MAIN:
        of = getattr(found, part)
        if of is not None:
            others = [value(found.references[r].get(key)) for r in REFERENCES]
            rows.append((name, value(of.get(key)), span(of.get(f"{key}_ci")), *others))
    lines = []
    if found.rank is not None:
        gain = signed(found.rank["gain"], found.rank.get("gain_ci"))
        lines.append(f"Best candidate against a random one of the same turn, paired: {gain}.")
    if found.people is not None:
        p = found.people
        lines.append(
            f"One person's own vote, AUC: {both(p, 'auc_person')} with that person's earlier answers; "
            f"{value(p['auc_population'])} by the scorer alone, {value(p['auc_rate'])} by the person's running rate alone."
        )
    r = found.reward
    lines += [
        f"The gate with its threshold chosen on the other traces: {value(r['gate_nested_saved'])} of the turns skipped, "
        f"{value(r['gate_nested_kept'])} of the needed ones kept.",
        f"Time a candidate on one thread: {r['p50_ms']} ms (half), {r['p95_ms']} ms (95 %); {r['load_ms']} ms to load; a "
        f"process of its own holds {r['rss_mib']} MiB at most.",
    ]
    return blocks(
        "## 2. The result",
        table(("Figure, traces held out", "scorer", "95 %", *REFERENCES), rows),
        bullets(lines),
        "*random*: chances drawn at random. *look-up*: a table from situations to whether help was needed, which reads no word "
        "of the task; with traces held out it knows no situation, LEAKING it holds the other rows of the same situation. "
        "Always accepting and never accepting order nothing, so their AUC is that of *random*. A judge that always says the "
        "mean has a calibration error near 0 too: it counts only beside the AUC. Resampling "
        "makes that error larger, so its interval lies mostly above it.",
    )


def leak(found: Measured) -> str:
    """Why the published figures are no measure of quality, and the table beside ours."""
    p = found.published
    if p is None:
        return ""
    by_name = {(row["judge"], row["training"]): row for row in p["rows"]}
    look = by_name["look-up", "LEAKING"]
    quiet = [r for r in found.data.rows if r.task is None and r.help_needed is not None]
    same = sum(r.valid != r.help_needed for r in quiet)
    theirs = next(c for c in TABLE if c.leaks)
    lines = (
        f"All rows of a turn have the same situation and, in {_alike(found)} turns, the same label *help needed*.",
        "The published split deals out rows, not traces, so the rows of one turn fall on both sides.",
        f"Here that gives a test of {p['n']} rows; of its {found.known[1]} situations {found.known[0]} stand word for word in "
        "the training rows.",
        f"For a silence the label is the opposite of *help needed* in {same} of {len(quiet)} rows: it can be looked up.",
        f"For a task it is a hint: {_right(found, needed=True)} of the tasks are right where help was needed, "
        f"{_right(found, needed=False)} elsewhere.",
        f"So a table from situation to *help needed* gets accuracy {value(look['accuracy'])} and F1 {value(look['f1'])} on "
        "this split, without reading a word of the task.",
        "That table says nothing about a situation that it has not seen, and a user's are all new; see section 2.",
        f"The published judge that was trained on such a split has F1 {value(theirs.f1)}. Whether it used the leak cannot be "
        "told from its figures; they do not show that it judges tasks. The other published judges were only asked.",
        "Therefore every other figure here holds out whole traces, and the program refuses to split rows in any other way.",
        "Rows marked LEAKING below are shown for comparison and are no measure of quality.",
    )
    return blocks(
        "## 3. Why the published split is not used",
        "\n".join(f"{n}. {line}" for n, line in enumerate(lines, 1)),
        _decisions(p["rows"], p["n"], published=True),
        f"The rows with n = {p['n']} are of the published recipe (30 rows a category where there are so many, those first on "
        f"which all annotators agree), applied to {p['file']}; the published rows are of their test of 120. MN, NR, CD, FA: "
        "share of right decisions among missed needs, non-responses, correct detections, false alarms.",
    )


def _alike(found: Measured) -> str:
    labels: dict[str, set[bool | None]] = {}
    for row in found.data.rows:
        labels.setdefault(row.turn, set()).add(row.help_needed)
    return f"{sum(len(told) == 1 for told in labels.values())} of {len(labels)}"


def _right(found: Measured, *, needed: bool) -> str:
    labels = [r.valid for r in found.data.rows if r.task is not None and r.help_needed is needed]
    return value(sum(labels) / len(labels) if labels else None)


def _decisions(rows: Sequence[Mapping[str, Any]], n: int, *, published: bool) -> str:
    heads = ("judge", "training", "n", "accuracy", "precision", "recall", "F1", *(c.upper() for c in CELLS))
    shown = [
        (
            r["judge"],
            r["training"],
            str(n),
            both(r, "accuracy"),
            *cells(r, "precision", "recall"),
            both(r, "f1"),
            *cells(r, *CELLS),
        )
        for r in rows
    ]
    if published:
        for c in TABLE:
            numbers = [f"{x:.3f}" for x in (c.accuracy, c.precision, c.recall, c.f1, *(getattr(c, cell) for cell in CELLS))]
            shown.append((f"published: {c.name}", "LEAKING" if c.leaks else "none", "120", *numbers))
    return table(heads, shown, left=2)


def decisions(found: Measured) -> str:
    """Right and wrong decisions of all rows, calibration and the gate."""
    r = found.reward
    gate = [
        ("AUC, help needed", "auc_gate"),
        ("AUC, silence was right", "auc_null"),
        ("calibration error, tasks", "ece"),
        ("calibration error, help needed", "ece_gate"),
        ("turns skipped with .95 of the needed kept", "gate_saved_at_95"),
        *((f"turns that end as {c.upper()} behind the first line", f"{c}_share") for c in CELLS),
    ]
    return blocks(
        "## 4. Further figures",
        "### Decisions and gate",
        _decisions(r["rows"], r["n"], published=False),
        "Each line of the scorer has its thresholds chosen on the other traces: for most right decisions, for the four kinds "
        "of rows weighing the same, and for F1. Always accepting scores well in F1, so AUC is the figure to steer by.",
        table(
            ("figure", "value", "95 % by trace", "95 % by row or turn"),
            [(n, value(r.get(k)), span(r.get(f"{k}_ci")), span(r.get(f"{k}_ci_row"))) for n, k in gate],
        ),
        "![Calibration of the chances, and what a gate skips and keeps](images/calibration.png)",
    )


def ranking(found: Measured) -> str:
    """The best of a turn's candidates, and speaking less."""
    if found.rank is None:
        return ""
    names = {
        "random": "a random candidate of each turn",
        "top1": "the best candidate by score",
        "oracle": "the best possible, all turns",
        **{f"top1_best{s}": f"the best candidate, on the best {s} % of the turns" for s in SHARES},
    }
    k = found.rank
    rows = [(name, value(k[key]), span(k.get(f"{key}_ci")), span(k.get(f"{key}_ci_row"))) for key, name in names.items()]
    rows.insert(2, ("difference, turn by turn", signed(k["gain"]), span(k.get("gain_ci")), span(k.get("gain_ci_row"))))
    return blocks(
        "### Ranking",
        f"n = {k['n']} turns with four tasks or more.",
        table(("what is offered", "accepted", "95 % by trace", "95 % by turn"), rows),
        "![Accepted offers against how often one speaks](images/ranking.png)",
    )


def people(found: Measured) -> str:
    """What one person's own answers add."""
    p = found.people
    if p is None:
        return ""
    names = {
        "population": "everybody (the scorer)",
        "rate": "the person's running rate alone",
        "person": "the scorer and the person's own answers",
        "person_nested": "the same, strengths chosen on the other traces",
        "rate_one_shown": "running rate, one task shown a turn",
        "person_one_shown": "scorer and own answers, one task shown a turn",
    }
    rows = [
        (name, value(p.get(f"auc_{k}")), span(p.get(f"auc_{k}_ci")), *cells(p, f"log_loss_{k}", f"accuracy_{k}"))
        for k, name in names.items()
    ]
    grown = [(b["answers"], str(b["n"]), *cells(b, "auc_population", "auc_rate", "auc_person")) for b in p["by_answers"]]
    return blocks(
        "### One person",
        f"n = {p['n']} single votes on tasks, {p['annotators']} vote columns of {p['traces']} traces. A vote is foretold from "
        "that column's earlier turns only. The file has no names: it is taken that a column is one person throughout a trace.",
        table(("chance from", "AUC", "95 % by trace", "log-loss", "accuracy"), rows),
        f"Gain in AUC over everybody: {signed(p['auc_gain'], p.get('auc_gain_ci'))}; with one task shown a turn "
        f"{signed(p['auc_gain_one_shown'], p.get('auc_gain_one_shown_ci'))}.",
        table(("own answers known before", "votes", "everybody", "running rate", "with own answers"), grown),
        "![AUC against the number of own answers known](images/people.png)",
    )
