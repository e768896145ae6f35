"""What the benches on judgement rows take in: a file with its hash, results kept from an earlier run, held-out chances."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.errors import ProactiveError
from reward_model.dataset import DatasetError, Row, SplitError, digest, folds, groups, read, trace_of

if TYPE_CHECKING:
    from reward_model.train import Scored

Progress = Callable[[float], None]
"""Told the share that is done, 0..1."""
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


class Kept:
    """Results in a file, one JSON line each, found again under the same key; without a file nothing is kept.

    A key says what the result depends on (data, seed, code), so a changed input never finds an old result.
    """

    def __init__(self, path: Path | None, *depends: object) -> None:
        self._path = path
        self._key = hashlib.sha256(json.dumps([str(d) for d in depends]).encode()).hexdigest()[:16]
        self._found: dict[str, Any] = {}
        if path is not None and path.exists():
            self._found = dict(self._read(path))

    def get(self, name: str) -> Any:
        """The result of that name, or None."""
        return self._found.get(name)

    def put(self, name: str, value: object) -> None:
        """Keep a result, on disk at once. Raises ProactiveError if it cannot be written."""
        self._found[name] = value
        if self._path is None:
            return
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"key": self._key, "name": name, "value": value}, ensure_ascii=False) + "\n")
        except OSError as e:
            raise ProactiveError(f"{self._path} cannot be written: {e.strerror}.", "Give --resume another file.") from e

    def _read(self, path: Path) -> Iterator[tuple[str, Any]]:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as e:
            raise ProactiveError(f"{path} cannot be read: {e}.", "Give --resume another file.") from e
        for n, line in enumerate(lines, 1):
            try:
                entry = json.loads(line)
                if entry["key"] == self._key:
                    yield entry["name"], entry["value"]
            except (ValueError, KeyError, TypeError) as e:
                if n < len(lines):  # the last line may have been cut short when the run was stopped
                    raise ProactiveError(f"{path}, line {n}: not a kept result.", "Give --resume another file.") from e


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


def held_out(data: Data, seed: int, resume: Path | None, progress: Progress) -> tuple[Scored, ...]:
    """Each row with the chances of a scorer fitted on rows of other trace groups alone. Raises ProactiveError.

    Finished folds are kept in `resume`. `reward_model.train.crossfit` gives the same to about .003; it prepares all rows at
    once, where this hands `fit` nothing but the training rows.
    """
    kept = Kept(resume, "fold", data.sha256, seed, code_version())
    found: dict[int, Scored] = {}
    with plainly():
        from reward_model.train import Scored, fit, scored

        parts = folds(data.rows)
        for n, fold in enumerate(parts, 1):
            name = digest(" ".join(map(str, fold.test)))
            if kept.get(name) is None:
                with trainable():
                    scorer = fit([data.rows[i] for i in fold.train], seed)
                kept.put(name, [scored(scorer, data.rows[i])[1:] for i in fold.test])
            found |= {i: Scored(data.rows[i], *chances) for i, chances in zip(fold.test, kept.get(name), strict=True)}
            progress(n / len(parts))
    return tuple(found[i] for i in range(len(data.rows)))
