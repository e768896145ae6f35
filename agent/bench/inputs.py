"""What the benches on judgement rows take in: a file with its hash, results kept from an earlier run, held-out chances."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.bench.keeping import append, entries
from agent.errors import ProactiveError
from reward_model.dataset import DatasetError, Row, SplitError, digest, folds, groups, read, trace_of

if TYPE_CHECKING:
    from reward_model.train import Scored

Progress = Callable[[float], None]
"""Told the share that is done, 0..1."""
FORM = ("key", "name", "value")
"""An entry of a file of results."""
SEEDS = 1_000_000_000
"""The greatest seed; what scikit-learn is given is a few times as large and must stay below 2^32."""
EXTRAS = {"numpy": "train", "sklearn": "train", "scipy": "train", "matplotlib": "plot"}


class Data(NamedTuple):
    """The rows of a file, its hash, and the group of each trace."""

    name: str
    sha256: str
    rows: tuple[Row, ...]
    group: Mapping[str, str]

    def group_of(self, row: Row) -> str:
        """The group of near-duplicate traces that a row belongs to."""
        return self.group[trace_of(row)]


def load(path: Path) -> Data:
    """The rows of a file. Raises ProactiveError with file and line."""
    with plainly():
        rows = read(path)
        return Data(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), rows, groups(rows))


@contextmanager
def plainly() -> Iterator[None]:
    """What goes wrong with rows or a missing extra, as an error the user can act on."""
    try:
        yield
    except SplitError as e:
        raise ProactiveError("The rows cannot be split.", str(e)) from e
    except DatasetError as e:
        raise ProactiveError("The data cannot be used.", str(e)) from e
    except ModuleNotFoundError as e:
        extra = EXTRAS.get((e.name or "").split(".")[0])
        if extra is None:
            raise
        raise ProactiveError(f"{e.name} is not installed.", f"Install it with: pip install 'proactive-agent[{extra}]'") from e


@contextmanager
def trainable() -> Iterator[None]:
    """Training that fails on these rows (too few traces, only one outcome), as an error the user can act on."""
    try:
        yield
    except ValueError as e:
        raise ProactiveError(
            f"These rows cannot be trained on: {str(e).rstrip('.')}.", "Add rows of more traces, with both outcomes."
        ) from e


def enough(data: Data, train: Sequence[int]) -> None:
    """Nothing if these rows can be trained on. Raises ProactiveError that says what they lack, or what all rows lack."""
    lacking = _lacking(data, range(len(data.rows)))
    if lacking:
        hint = "Training needs tasks and help_needed, either with both outcomes, of at least three unlike traces."
        raise ProactiveError(f"{data.name} cannot be trained on: {lacking}.", hint)
    lacking = _lacking(data, train)
    if lacking:
        count = len(set(data.group.values()))
        raise ProactiveError(
            f"{data.name} is too small to hold traces out: without one of its {count} unlike traces, {lacking}.",
            "Each trace is judged by a scorer fitted on the others; three unlike traces are the least. Add other sittings.",
        )


def _lacking(data: Data, chosen: Sequence[int]) -> str:
    rows = [data.rows[i] for i in chosen]
    tasks = [(data.group_of(r), r.valid) for r in rows if r.task is not None]
    needs = [(data.group_of(r), r.help_needed) for r in rows if r.help_needed is not None]
    for name, found in (("a task", tasks), ("help_needed", needs)):
        if not found:
            return f"no row has {name}"
        if len({group for group, _ in found}) < 2:
            return f"only one trace has rows with {name}"
        if len({outcome for _, outcome in found}) < 2:
            return f"all rows with {name} say the same"
    return ""


class Kept:
    """Results in a file, one JSON line each, found again under the same key; without a file nothing is kept.

    A key says what the result depends on (data, seed, code), so a changed input never finds an old result.
    """

    def __init__(self, path: Path | None, *depends: object) -> None:
        """Raises ProactiveError if the file cannot be read or is somebody else's."""
        self._path = path
        self._key = hashlib.sha256(json.dumps([str(d) for d in depends]).encode()).hexdigest()[:16]
        kept = [] if path is None else entries(path, FORM)
        self._found: dict[str, Any] = {str(e["name"]): e["value"] for e in kept if e["key"] == self._key}

    def get(self, name: str) -> Any:
        """The result of that name, or None."""
        return self._found.get(name)

    def put(self, name: str, value: object) -> None:
        """Keep a result, on disk at once. Raises ProactiveError if it cannot be written."""
        self._found[name] = value
        if self._path is not None:
            append(self._path, {"key": self._key, "name": name, "value": value})


@contextmanager
def kept_for(resume: Path | None) -> Iterator[Path]:
    """The user's file for results, or one that is gone afterwards: what several benches need is fitted once either way."""
    if resume is not None:
        yield resume
        return
    with tempfile.TemporaryDirectory(prefix="proactive-bench-") as folder:
        yield Path(folder) / "kept.jsonl"


def code_version(module: str = "train") -> str:
    """A hash of a module of reward_model and of all it imports there, so that results of other code are not used again."""
    folder = Path(__file__).resolve().parent.parent.parent / "reward_model"
    texts: dict[str, str] = {}
    left = [module]
    while left:
        name = left.pop()
        if name not in texts:
            texts[name] = (folder / f"{name}.py").read_text(encoding="utf-8")
            left += re.findall(r"^\s*from reward_model\.(\w+) import", texts[name], re.MULTILINE)
    return hashlib.sha256("".join(texts[name] for name in sorted(texts)).encode()).hexdigest()[:16]


def seeded(seed: int) -> None:
    """Nothing for a seed that training takes; ProactiveError for any other."""
    if not 0 <= seed <= SEEDS:
        raise ProactiveError(f"{seed} is no seed.", f"Give --seed a whole number from 0 to {SEEDS}.")


def held_out(data: Data, seed: int, resume: Path | None, progress: Progress) -> tuple[Scored, ...]:
    """Each row with the chances of a scorer fitted on rows of other trace groups alone. Raises ProactiveError.

    Finished folds are kept in `resume`. `reward_model.train.crossfit` gives the same to about .003; it prepares all rows at
    once, where this hands `fit` nothing but the training rows.
    """
    seeded(seed)
    kept = Kept(resume, "fold", data.sha256, seed, code_version())
    found: dict[int, Scored] = {}
    with plainly():
        from reward_model.train import Scored, fit, scored

        parts = folds(data.rows)
        for n, fold in enumerate(parts, 1):
            name = digest(" ".join(map(str, fold.test)))
            if kept.get(name) is None:
                enough(data, fold.train)
                with trainable():
                    scorer = fit([data.rows[i] for i in fold.train], seed)
                kept.put(name, [scored(scorer, data.rows[i])[1:] for i in fold.test])
            found |= {i: Scored(data.rows[i], *chances) for i, chances in zip(fold.test, kept.get(name), strict=True)}
            progress(n / len(parts))
    return tuple(found[i] for i in range(len(data.rows)))
