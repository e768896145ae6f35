"""Where the parts of the benchmark lie in a folder: by our names, or as ProactiveBench's repository has them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from agent.bench.agent_traces import ENDINGS
from agent.errors import ProactiveError

# thunlp/ProactiveAgent; its eval/traces.zip is to be unpacked to eval/traces.
ROWS = ("reward_train.jsonl", "dataset/reward_data/train_data.jsonl", "reward_data/train_data.jsonl", "train_data.jsonl")
TEST = ("reward_test.jsonl", "dataset/reward_data/test_data.jsonl", "reward_data/test_data.jsonl", "test_data.jsonl")
TRACES = ("agent_test", "dataset/test_data", "test_data")
ANSWERS = ("traces", "eval/traces")
OFFICIAL = ("official_results", "eval/results", "results")
HOLDS = (
    "It must hold reward_train.jsonl (judgement rows) and, if there, reward_test.jsonl, agent_test/ (traces), traces/ "
    "(recorded answers) and official_results/ (MODEL.csv); or be ProactiveBench's repository."
)


class Parts(NamedTuple):
    """The rows, and what else there is; `missing` says in words what is not."""

    rows: Path
    test: Path | None = None
    traces: Path | None = None
    answers: Path | None = None
    official: Path | None = None
    missing: tuple[str, ...] = ()


def parts(folder: Path) -> Parts:
    """The parts of a folder. Raises ProactiveError if it is none or holds no rows."""
    if not folder.is_dir():
        raise ProactiveError(f"{folder} is no folder.", HOLDS)
    rows = _file(folder, ROWS)
    if rows is None:
        raise ProactiveError(f"{folder} holds no {ROWS[0]}.", HOLDS)
    traces, answers, official = (_folder(folder, names) for names in (TRACES, ANSWERS, OFFICIAL))
    missing = []
    if traces is None or answers is None:
        names = [name for name, part in ((TRACES[0], traces), (ANSWERS[0], answers)) if part is None]
        missing.append(f"The agent benchmark is left out: there is no {' and no '.join(n + '/' for n in names)}.")
    elif official is None:
        missing.append(f"Published figures of agents are left out: there is no {OFFICIAL[0]}/.")
    return Parts(rows, _file(folder, TEST), traces, answers, official, tuple(missing))


def _file(folder: Path, names: tuple[str, ...]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _folder(folder: Path, names: tuple[str, ...]) -> Path | None:
    """The first of these folders that holds data; `traces` of the one form may be another thing in the other."""
    endings = (*ENDINGS, ".csv")
    found = (folder / name for name in names if (folder / name).is_dir())
    return next((f for f in found if any(p.name.endswith(endings) for p in f.iterdir())), None)
