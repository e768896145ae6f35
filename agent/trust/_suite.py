"""R11 and R14: figures that tests make with stand-ins of their own, a notification server and a whole life; in a checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from agent.trust.row import Row


def rows(full: bool) -> Iterator[Row]:  # noqa: FBT001 - as the contract has it
    """Both; nothing where the tests are not."""
    root = Path(__file__).resolve().parents[2]
    if not (root / "tests" / "test_machine.py").is_file():
        return
    times = 1000 if full else 60
    said, good = _tried(root, "tests/test_toast_ids.py", {"PROACTIVE_TIMES": str(times)})
    what = f"offers with foreign toasts under ids of ours, the server restarted about {times // 10} times"
    yield Row("R11", what, times, said, "0 misattributed, 0 crashes", good)
    name = "fifty_lives" if full else "a_few_lives"
    said, good = _tried(root, "tests/test_machine.py", {}, name)
    steps = 50 * 50 if full else 4 * 20
    yield Row("R14", "steps of lives: servers, model, clock, answers, restarts, edits", steps, said,
              "no effect without accept, none twice, store whole", good)  # fmt: skip


def _tried(root: Path, file: str, more: Mapping[str, str], name: str = "") -> tuple[str, bool | None]:
    """What pytest says of a file of tests, and whether they passed (None: skipped)."""
    argv = [sys.executable, "-m", "pytest", "-q", "--tb=line", "-p", "no:cacheprovider", file, *(["-k", name] if name else [])]
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")} | dict(more)
    done = subprocess.run(argv, cwd=root, env=env, capture_output=True, text=True, check=False, timeout=900)
    last = (done.stdout.strip().splitlines() or ["no answer"])[-1]
    if done.returncode == 0 and "passed" not in last:
        return f"not tried: {last}", None
    return ("none" if done.returncode == 0 else last), done.returncode == 0
