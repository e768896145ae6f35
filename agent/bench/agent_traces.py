"""Reads what the agent benchmark needs: traces of events, its splits, recorded answers and published figures.

The form is ProactiveBench's (thunlp/ProactiveAgent, dataset/test_data and eval/): a trace is a JSON list of
`{observation: {time, event}, agent_response: [task, ...]}`, a recording one such list a trace.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from agent.errors import ProactiveError
from reward_model.dataset import HALF, not_utf8

SPLITS = "splits.json"
ENDINGS = (".json.gz", ".json")
_FIGURES = {
    "recall": "Recall",
    "precision": "Precision",
    "accuracy": "Accuracy",
    "false_alarm": "False-Alarm",
    "f1": "F1-Score",
    "accept_rate": "Accept Rate",
}
# What LLMs write instead of JSON's null, in small letters.
_NULLS = {"", "null", "none", "nil", "n/a", "no task", "no assistance needed"}


class BenchDataError(ProactiveError):
    """A file of the benchmark cannot be used; says which, where in it, and what to do."""


class Turn(NamedTuple):
    """One event. `answers` are the tasks proposed after it, as written; empty is silence, None an answer that is missing."""

    time: str
    event: str
    answers: tuple[str | None, ...] | None = None

    @property
    def line(self) -> str:
        """The event as a line of a situation, as `reward_model.dataset` writes it."""
        return f"{self.time} {' '.join(self.event.split())}"

    @property
    def tasks(self) -> tuple[str, ...]:
        """The proposals that are some: not null, and not the word 'null' either."""
        return tuple(a for a in self.answers or () if a is not None and a.strip().strip(".`\"'").casefold() not in _NULLS)


Trace = tuple[Turn, ...]
Traces = Mapping[str, Trace]


class Split(NamedTuple):
    """A part of the benchmark: its key in the published figures, its name for people, its traces."""

    key: str
    name: str
    traces: tuple[str, ...]


def situation(trace: Trace, turn: int) -> str:
    """What a judge reads at a turn: a line an event up to this one, the newest last."""
    return "\n".join(t.line for t in trace[: turn + 1])


def read_traces(folder: Path) -> dict[str, Trace]:
    """Every trace of a folder, by file name without its ending. Raises BenchDataError."""
    if not folder.is_dir():
        raise BenchDataError(f"{folder} is no folder.", "Give the folder with the benchmark's traces and its splits.json.")
    files = sorted(f for f in folder.iterdir() if f.name.endswith(ENDINGS) and f.name != SPLITS)
    if not files:
        raise BenchDataError(f"{folder} holds no traces.", "Give the folder with the benchmark's trace files (.json).")
    return {stem(f): _trace(_load(f), str(f)) for f in files}


def read_recorded(file: Path) -> dict[str, Trace]:
    """The recorded answers of one model: `{trace: [turn, ...]}`. Raises BenchDataError."""
    raw = _load(file)
    if not isinstance(raw, Mapping) or not raw:
        raise BenchDataError(f"{file} holds no recorded answers.", "It must be one JSON object: trace name -> list of turns.")
    return {str(name): _trace(turns, f"{file}, trace {name}") for name, turns in raw.items()}


def recordings(given: Iterable[Path]) -> tuple[Path, ...]:
    """The files themselves; a folder stands for every recording in it. Raises BenchDataError."""
    found: list[Path] = []
    for path in given:
        inside = sorted(f for f in path.iterdir() if f.name.endswith(ENDINGS)) if path.is_dir() else [path]
        if not inside:
            raise BenchDataError(f"{path} holds no recordings.", "Give .json or .json.gz files of recorded answers.")
        found += inside
    double = {stem(f) for f in found if [stem(g) for g in found].count(stem(f)) > 1}
    if double:
        raise BenchDataError(
            f"Two recordings are called {min(double)}.", "A recording's file name names its model; rename one."
        )
    return tuple(found)


def read_splits(file: Path | None, folder: Path, known: Iterable[str]) -> tuple[Split, ...]:
    """The splits of a file, else of the folder's splits.json, else one of all traces. Raises BenchDataError."""
    file = file or folder / SPLITS
    names = set(known)
    if file.parent == folder and not file.exists():
        return (Split("all", "All", tuple(sorted(names))),)
    raw = _load(file)
    if not isinstance(raw, Mapping) or not raw:
        raise BenchDataError(f"{file} holds no splits.", 'It must be an object: {"name": {"theme": "All", "files": [...]}}.')
    return tuple(_split(str(key), value, file, names) for key, value in raw.items())


def read_official(folder: Path, model: str) -> dict[str, dict[str, float]] | None:
    """The published figures of a model, split key -> figures; None if there are none of that name. Raises BenchDataError."""
    if not folder.is_dir():
        raise BenchDataError(f"{folder} is no folder.", "Give the folder with the published figures, one MODEL.csv each.")
    file = folder / f"{model}.csv"
    if not file.exists():
        return None
    hint = f"It must be a table of published figures; its columns: Category, {', '.join(_FIGURES.values())}, Total Events."
    found: dict[str, dict[str, float]] = {}
    lines: Any = None
    try:
        lines = csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline=""))
        for line in lines:
            found[line["Category"]] = _figures(line)
    except OSError as e:
        raise BenchDataError(f"{file} cannot be read: {e.strerror}.", hint) from e
    except UnicodeDecodeError as e:
        raise BenchDataError(f"{file}, {not_utf8(e)}.", hint) from e
    except KeyError as e:
        raise BenchDataError(f"{file}, line {lines.line_num}: there is no column {e}.", hint) from e
    except (TypeError, ValueError, csv.Error) as e:
        raise BenchDataError(f"{file}, line {lines.line_num}: {e}.", hint) from e
    return found


def stem(file: Path) -> str:
    """A file's name without its ending."""
    return next((file.name.removesuffix(e) for e in ENDINGS if file.name.endswith(e)), file.name)


def sha256(files: Iterable[Path]) -> str:
    """One hash of the contents of files, the order of which does not matter."""
    parts = sorted(hashlib.sha256(f.read_bytes()).hexdigest() for f in files)
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def _figures(line: Mapping[str, str]) -> dict[str, float]:
    """The published code adds 1e-8 to each denominator; four digits are what the tables show."""
    return {name: round(float(line[column]), 4) for name, column in _FIGURES.items()} | {"turns": float(line["Total Events"])}


def _load(file: Path) -> Any:
    try:
        raw = file.read_bytes()
        return json.loads(gzip.decompress(raw) if file.name.endswith(".gz") else raw)
    except OSError as e:
        why = e.strerror or str(e)
    except (EOFError, zlib.error) as e:
        why = str(e)
    except UnicodeDecodeError as e:
        why = not_utf8(e)
    except RecursionError:
        why = "nested too deeply"
    except json.JSONDecodeError as e:
        why = f"not JSON: line {e.lineno}: {e.msg}"
    raise BenchDataError(f"{file} cannot be read: {why}.", "Give a .json or .json.gz file of the benchmark's form.")


def _trace(raw: Any, where: str) -> Trace:
    if not isinstance(raw, Sequence) or isinstance(raw, str) or not raw:
        raise BenchDataError(f"{where}: no list of turns.", "A trace is a JSON list of turns.")
    return tuple(_turn(turn, f"{where}, turn {n}") for n, turn in enumerate(raw, 1))


def _turn(raw: Any, where: str) -> Turn:
    try:
        seen = raw["observation"]
        turn = Turn(str(seen.get("time", "")), str(seen["event"]), _answers(raw))
        " ".join((turn.line, *turn.tasks)).encode()
    except UnicodeEncodeError as e:
        raise BenchDataError(f"{where}: {HALF}.", "Text must be Unicode: remove it, or write the character whole.") from e
    except (KeyError, TypeError, AttributeError) as e:
        raise BenchDataError(f"{where}: no observation with an event.", "See the form in agent/bench/agent_traces.py.") from e
    return turn


def _answers(raw: Mapping[str, Any]) -> tuple[str | None, ...] | None:
    """The benchmark's own trace files hold the annotators' candidates in an object of this name: no answers of a model."""
    if "agent_response" not in raw or isinstance(raw["agent_response"], Mapping):
        return None
    said = raw["agent_response"]
    listed = said if isinstance(said, list) else [said]
    return tuple(None if a is None else str(a) for a in listed)


def _split(key: str, raw: Any, file: Path, known: set[str]) -> Split:
    files = raw.get("files") if isinstance(raw, Mapping) else None
    if not isinstance(files, list) or not files:
        raise BenchDataError(f"{file}: the split '{key}' names no files.", 'Each split holds "files": [...].')
    traces = tuple(stem(Path(str(f))) for f in files)
    missing = [t for t in traces if t not in known]
    if missing:
        raise BenchDataError(f"{file}: the split '{key}' names {missing[0]}, which is not among the traces.", "Check --traces.")
    return Split(key, str(raw.get("theme", key)), traces)
