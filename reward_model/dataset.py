"""Judgement rows: what a person did, what was proposed, what people said of it; read, written, and split by trace only.

Two forms of JSON lines are read. ProactiveBench: `{obs: [{time, event}], pred_task, valid, help_needed, annotation, category}`.
Our own: the fields of `Row`, as `write` leaves them; own ticks and annotations take this form.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

SHARED_EVENTS = 0.4
"""Traces of which one repeats this share of the other's events count as one. In the published rows no two share over .05."""
SHARED_WORDS = 0.6
"""The same for their words (Jaccard), against small rewordings. In the published rows no two share over .33."""
HALF = "half a character (a lone surrogate)"
"""What JSON can spell and no text can hold."""
_TIME = re.compile(
    r"^(?:Day \d+, [\d:]+ ?[AP]M|\d{9,}[\d.]*|\d{4}-\d\d-\d\d[T ][\d:.+Z]*|\d\d:\d\d(?::\d\d)?)\s*", re.IGNORECASE
)
_SPAN = re.compile(r"^(?:\d+h\d*|\d+m\d*s?|\d+s)\s+(?:x\d+\s+)?")
_WORD = re.compile(r"[a-z]+|[^\W\d_a-z]")
_LIKED = ("accepted", "done", "undone")
_PASSED = ("rejected", "dismissed", "ignored")


class DatasetError(Exception):
    """A data file cannot be used; the text names file and line, says what is wrong and what to do."""


class SplitError(DatasetError):
    """Rows cannot be split so, or were split so that the test knows the training rows; the text says why."""


class Row(BaseModel):
    """One judged proposal. A trace is one sitting of one person; a turn is one situation of it, with several candidates."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    situation: str
    """What the person did, a line an event, the newest last: the text that the judge reads."""
    task: str | None = None
    """The proposal; None stands for saying nothing."""
    valid: bool
    """Was it right to offer this task, or to say nothing?"""
    help_needed: bool | None = None
    """Did the person need help in this situation?"""
    votes: tuple[bool, ...] = ()
    """One vote an annotator, always in the same order within a trace."""
    trace: str = ""
    turn: str = ""
    kind: str = ""
    """The kind of an own offer, as the daemon names it."""

    @property
    def share(self) -> float:
        """The share of annotators who wanted it, 0..1; the label itself where there are no votes."""
        return sum(self.votes) / len(self.votes) if self.votes else float(self.valid)


def read(path: Path) -> tuple[Row, ...]:
    """Every row of a file of either form, traces and turns named. Raises DatasetError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as e:
        raise DatasetError(f"{path} cannot be read: {e}. Give a file of JSON lines.") from e
    except UnicodeDecodeError as e:
        raise DatasetError(f"{path}, {not_utf8(e)}. Give a file of JSON lines in UTF-8.") from e
    rows = tuple(_row(line, f"{path}, line {n}") for n, line in enumerate(text.split("\n"), 1) if line.strip())
    if not rows:
        raise DatasetError(f"{path} holds no rows. Give a file of JSON lines.")
    return rows


def write(path: Path, rows: Iterable[Row]) -> None:
    """The rows in our own form, one JSON object a line."""
    path.write_text("".join(r.model_dump_json() + "\n" for r in rows), encoding="utf-8")


class Fold(NamedTuple):
    """One division of rows: the indices of the training rows and of the test rows, ascending."""

    train: tuple[int, ...]
    test: tuple[int, ...]


def groups(rows: Sequence[Row]) -> dict[str, str]:
    """For each trace the group it belongs to, named by its first trace; near-duplicate traces share one."""
    events: dict[str, set[str]] = {}
    for row in rows:
        events.setdefault(trace_of(row), set()).update(events_of(row.situation))
    words = {trace: {w for e in found for w in _WORD.findall(e)} for trace, found in events.items()}
    group = {trace: trace for trace in events}
    for one, other in combinations(events, 2):
        if group[one] != group[other] and _alike(events, words, (one, other)):
            old, new = group[other], group[one]
            group.update({t: new for t, g in group.items() if g == old})
    return group


def folds(rows: Sequence[Row], count: int | None = None) -> list[Fold]:
    """Each group of traces left out once, or `count` folds of whole groups of about equal size; every row is tested once.

    Raises SplitError if there are fewer groups than folds, or only one.
    """
    group = groups(rows)
    members: dict[str, list[int]] = {}
    for i, row in enumerate(rows):
        members.setdefault(group[trace_of(row)], []).append(i)
    wanted = len(members) if count is None else count
    if wanted < 2 or len(members) < wanted:
        raise SplitError(
            f"The rows hold {len(group)} traces in {len(members)} unlike groups, too few for {max(wanted, 2)} folds. "
            "Traces cannot be cut: rows of one trace tell about each other. Add rows of other sittings."
        )
    tests: list[list[int]] = [[] for _ in range(wanted)]
    for rows_of in sorted(members.values(), key=lambda m: (-len(m), m)):
        min(tests, key=len).extend(rows_of)
    return [_fold(len(rows), test) for test in sorted(map(sorted, tests))]


def split(rows: Sequence[Row], by: str = "trace", share: float = 0.2, seed: int = 0) -> Fold:
    """Whole groups of traces, drawn by `seed`, as the test: `share` of the rows or more. SplitError for any other `by`."""
    if by != "trace":
        raise SplitError(
            f"Rows are not split by {by}. The six rows of a situation would fall on both sides, and help_needed is the same "
            "in all of them: a look-up of the situation, which reads no word of the task, then scores F1 0.93. Split by trace."
        )
    group = groups(rows)
    names = sorted(set(group.values()))
    if len(names) < 2:
        raise SplitError(f"All {len(group)} traces are one or near-duplicates: nothing can be held out. Add other sittings.")
    random.Random(seed).shuffle(names)  # noqa: S311 - a draw that must repeat
    test: list[int] = []
    for name in names[:-1]:
        if len(test) >= share * len(rows):
            break
        test += [i for i, row in enumerate(rows) if group[trace_of(row)] == name]
    return _fold(len(rows), test)


def apart(train: Sequence[Row], test: Sequence[Row]) -> None:
    """Nothing if the test rows are unknown to the training rows; SplitError if they share a trace, turn or situation."""
    checks: dict[str, Callable[[Row], str]] = {
        "traces": trace_of,
        "turns": lambda r: r.turn,
        "situations": lambda r: "\n".join(events_of(r.situation)),
    }
    for name, key in checks.items():
        known = {key(r) for r in train} - {""}
        leaking = sum(1 for r in test if key(r) in known)
        if leaking:
            raise SplitError(f"{leaking} of {len(test)} test rows have {name} that training rows have too. Split by trace.")
    group = groups([*train, *test])
    near = {group[trace_of(r)] for r in train} & {group[trace_of(r)] for r in test}
    if near:
        raise SplitError(f"{len(near)} traces of the test are near-duplicates of training traces. Split by trace group.")


def trace_of(row: Row) -> str:
    """The trace that a row belongs to; a row without one stands alone."""
    return row.trace or row.turn


def events_of(situation: str) -> tuple[str, ...]:
    """The event texts of a situation without their times, spans, headings, numbers, case and signs, in order."""
    lines = (_SPAN.sub("", _TIME.sub("", line.strip())) for line in situation.split("\n"))
    kept = (line for line in lines if line and not line.endswith(":") and not line.startswith("Now "))
    texts = (re.sub(r"[\W\d_]+", " ", unicodedata.normalize("NFKC", line).casefold()).strip() for line in kept)
    return tuple(t for t in texts if t)


def category(row: Row) -> str:
    """The published category: mn, nr (silence, help was needed or not), cd, fa (a task that was right or not).

    Source: dataset/annotation/convert_annotations.py of thunlp/ProactiveAgent, where nr is named Correct-Rejection.
    """
    if row.task is not None:
        return "cd" if row.valid else "fa"
    needed = not row.valid if row.help_needed is None else row.help_needed
    return "mn" if needed else "nr"


def own(situation: str, task: str, response: str, *, trace: str, kind: str = "") -> Row | None:
    """An own offer and what became of it as a row; None where the response tells nothing (lost, withdrawn, opened, ...)."""
    if response not in (*_LIKED, *_PASSED):
        return None
    liked = response in _LIKED
    row = Row(situation=situation, task=task, valid=liked, help_needed=liked or None, votes=(liked,), trace=trace, kind=kind)
    return _named(row)


def annotated(situation: str, tasks: Sequence[str], picks: Sequence[Iterable[int]], *, trace: str) -> tuple[Row, ...]:
    """The rows of one turn from what each annotator picked (indices of tasks; none = nothing), by the published recipe.

    Help is needed if some task was picked by all. A task is right or wrong by at least two votes; silence gets a row
    from two annotators on, of whom one picked something: it is right if help is not needed.
    Source: dataset/annotation/convert_annotations.py of thunlp/ProactiveAgent.
    """
    chosen = [set(p) for p in picks]
    votes = [tuple(n in c for c in chosen) for n in range(len(tasks))]
    needed = any(all(v) for v in votes) if chosen else False
    made: list[tuple[str | None, bool, tuple[bool, ...]]] = []
    if len(chosen) >= 2 and any(chosen):
        made.append((None, not needed, tuple(not c for c in chosen)))
    made += [(t, sum(v) >= 2, v) for t, v in zip(tasks, votes, strict=True) if max(sum(v), len(v) - sum(v)) >= 2]
    return tuple(
        _named(Row(situation=situation, task=t, valid=right, help_needed=needed, votes=v, trace=trace)) for t, right, v in made
    )


def not_utf8(error: UnicodeDecodeError) -> str:
    """Where a file that was decoded as a whole is not UTF-8: 'line 3: not UTF-8 text'."""
    line = error.object[: error.start].count(b"\n") + 1
    return f"line {line}: not UTF-8 text"


def digest(text: str) -> str:
    """A short name for a text, the same on every machine."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _alike(events: Mapping[str, set[str]], words: Mapping[str, set[str]], pair: tuple[str, str]) -> bool:
    (a, b), (v, w) = (events[t] for t in pair), (words[t] for t in pair)
    same = len(a & b) / min(len(a), len(b)) if a and b else 0.0
    return same >= SHARED_EVENTS or (len(v & w) / len(v | w) >= SHARED_WORDS if v and w else False)


def _fold(count: int, test: Sequence[int]) -> Fold:
    held = set(test)
    return Fold(tuple(i for i in range(count) if i not in held), tuple(sorted(held)))


def _row(line: str, where: str) -> Row:
    try:
        raw = json.loads(line)
    except ValueError as e:
        raise DatasetError(f"{where}: not JSON ({e}). Each line must be one object.") from e
    except RecursionError as e:
        raise DatasetError(f"{where}: nested too deeply. Each line must be one flat object.") from e
    if not isinstance(raw, Mapping):
        raise DatasetError(f"{where}: not an object. Each line must be one JSON object.")
    try:
        row = _benchmark(raw) if "obs" in raw else _named(Row.model_validate(raw))
        " ".join((row.situation, row.task or "", row.trace, row.turn, row.kind)).encode()
    except (ValidationError, KeyError, TypeError, UnicodeEncodeError, RecursionError) as e:
        raise DatasetError(f"{where}: {_fault(e)}. See reward_model/dataset.py for the two forms.") from e
    if row.task is not None and not row.task.strip():
        raise DatasetError(f"{where}: the task is empty. Write null for saying nothing.")
    return row


def _benchmark(raw: Mapping[str, Any]) -> Row:
    steps: Sequence[Mapping[str, str]] = raw["obs"]
    lines = ["{} {}".format(s["time"], " ".join(str(s["event"]).split())) for s in steps]
    row = Row(
        situation="\n".join(lines),
        task=raw["pred_task"],
        valid=raw["valid"],
        help_needed=raw.get("help_needed"),
        votes=tuple(raw.get("annotation") or ()),
        trace=digest(lines[0]) if lines else "",
    )
    return _named(row)


def _named(row: Row) -> Row:
    return row if row.turn else row.model_copy(update={"turn": digest(f"{row.trace}\n{row.situation}")})


def _fault(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    if isinstance(error, UnicodeEncodeError):
        return HALF
    return f"the field {error} is missing" if isinstance(error, KeyError) else str(error)
