"""The rows of the store: kills, named points, torn logs, overwrites, full disks, a year, migrations.

The tests are the measurement: each is run with the number of the plan, and the line it prints is the result.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from agent.trust.row import Row

DEADLINE = 3600.0


class Trial(NamedTuple):
    """A row of the plan: its test, the variable that says how often, how often at full and in a sample, and the goal."""

    id: str
    what: str
    test: str
    variable: str
    full: int
    sample: int
    goal: str


TRIALS = (
    Trial(
        "R1",
        "kill -9 at random instants of a process that uses store and belt (the whole daemon: R12, R17)",
        "tests/e2e/test_kill.py::test_no_kill_loses_an_answer_or_runs_an_operation_twice",
        "PROACTIVE_KILLS",
        2000,
        40,
        "0 lost, 0 twice, 0 unexplained",
    ),
    Trial(
        "R2",
        "kill -9 at named points of store, belt, rename, backup and close",
        "tests/e2e/test_kill_points.py::test_no_kill_at_a_named_point_runs_anything_twice_or_leaves_it_unexplained",
        "PROACTIVE_POINT_KILLS",
        1000,
        40,
        "0 lost, 0 twice, 0 unexplained",
    ),
    Trial(
        "R3",
        "write-ahead logs cut or overwritten",
        "tests/test_store_faults.py::test_no_torn_log_keeps_the_store_from_opening",
        "PROACTIVE_TORN",
        3000,
        40,
        "0 open failures, 0 that are no prefix",
    ),
    Trial(
        "R4",
        "overwrites of the database",
        "tests/test_store_damage.py::test_no_overwrite_changes_an_answer_unseen",
        "PROACTIVE_OVERWRITES",
        1000,
        20,
        "99.9 % of damaged answers noticed, start <= 5 s, old file kept",
    ),
    Trial(
        "R4",
        "kill -9 at steps of a mend",
        "tests/e2e/test_kill_points.py::test_a_kill_at_any_step_of_a_mend_loses_nothing_more",
        "PROACTIVE_MIGRATION_KILLS",
        100,
        10,
        "0 rows lost, old file kept",
    ),
    Trial(
        "R13",
        "full disks (RLIMIT_FSIZE), a third of them with a kill",
        "tests/test_store_faults.py::test_a_full_disk_loses_no_answer_and_no_result",
        "PROACTIVE_FULL_DISKS",
        50,
        3,
        "0 lost, 0 corruption, writing again <= 60 s",
    ),
    Trial(
        "R15",
        "a store a year old: start, lists, forgetting, size",
        "tests/test_old_store.py::test_a_year_old_store_starts_lists_and_forgets_in_time",
        "PROACTIVE_YEARS",
        1,
        1,
        "start <= 2 s, lists <= 200 ms, lock <= 50 ms, <= 200 MiB",
    ),
    Trial(
        "R19",
        "kill -9 while each older schema is migrated",
        "tests/e2e/test_kill_points.py::test_a_kill_at_any_step_of_a_migration_loses_nothing",
        "PROACTIVE_MIGRATION_KILLS",
        60,
        10,
        "0 rows lost, backup first",
    ),
    Trial(
        "R19",
        "a damaged file of each older schema",
        "tests/test_store_damage.py::test_a_damaged_database_of_an_older_version_is_mended_and_migrated",
        "PROACTIVE_MIGRATION_KILLS",
        3,
        3,
        "0 readable rows lost, old file kept",
    ),
)


def rows(full: bool, data: Path | None) -> Iterator[Row]:  # noqa: FBT001 - the contract of every part
    """R1 to R4, R13, R15 and R19; a report without a goal where there are no tests."""
    return tried(TRIALS, full=full)


def tried(trials: Sequence[Trial], *, full: bool) -> Iterator[Row]:
    """The rows of these trials."""
    root = Path(__file__).resolve().parents[2]
    return (run(root, trial, trial.full if full else trial.sample) for trial in trials)


def run(root: Path, trial: Trial, count: int) -> Row:
    """One row: the test run that often. The printed line `ID n=N: RESULT` is its result, several are added up."""
    if not (root / trial.test.split("::")[0]).exists():
        return Row(trial.id, trial.what, 0, "needs a checkout with tests", trial.goal, ok=None)
    argv = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", f"--timeout={DEADLINE:.0f}", trial.test]
    env = {**os.environ, trial.variable: str(count)}
    done = subprocess.run(argv, cwd=root, env=env, capture_output=True, text=True, check=False, timeout=DEADLINE)
    said = re.findall(rf"^\.*{trial.id} n=(\d+)(.*)$", done.stdout, re.MULTILINE)
    results = [line.strip(" :") for _, line in said] or [_failure(done.stdout)]
    good = done.returncode == 0 and bool(said)
    return Row(trial.id, trial.what, sum(int(n) for n, _ in said), "; ".join(results), trial.goal, good)


def _failure(out: str) -> str:
    """The first line that says what went wrong."""
    return next((line for line in out.splitlines() if line.startswith(("E ", "FAILED"))), "it printed no result")[:200]
