"""The tests that CI's fast tier leaves out, and the sabotage control; both need a checkout."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from agent.errors import ProactiveError
from agent.trust.row import Row
from agent.trust.sabotage import GOAL, checkout, defences, sabotage, summary

SAMPLE = 3
DEADLINE = 3600.0


def rows(full: bool, data: Path | None) -> Iterator[Row]:  # noqa: FBT001 - the contract of every part
    """G0 and the slow tests; a sample is three defences and no slow tests."""
    try:
        root = checkout()
    except ProactiveError as e:
        yield Row("G0", "sabotage control", 0, e.title, f"all, at least {GOAL}", ok=None)
        return
    known = defences(root)
    found = summary(sabotage(root, known if full else known[:SAMPLE]))
    if not full:
        yield found._replace(ok=None)
        return
    yield found
    yield slow(root)


def slow(root: Path) -> Row:
    """The row of the slow tests; those of the sabotage control are left out, it has just run."""
    argv = [sys.executable, "-m", "pytest", "-q", "-m", "slow or e2e", "--tb=no", "-p", "no:cacheprovider"]
    argv += ["--deselect", "tests/trust/test_sabotage.py::test_every_defence_is_noticed_when_it_is_missing"]
    done = subprocess.run(argv, cwd=root, capture_output=True, text=True, check=False, timeout=DEADLINE)
    last = (done.stdout.strip().splitlines() or ["no answer"])[-1]
    counts = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|errors?|skipped)", last)}
    failed = [
        line.split()[1].rpartition("::")[2] for line in done.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))
    ]
    what = "slow tests and tests with real servers, displays and processes"
    result = ", ".join(f"{n} {word}" for word, n in counts.items()) + "".join(f"; {name}" for name in failed[:5])
    return Row("tests", what, sum(counts.values()), result or last, "0 failed", done.returncode == 0)
