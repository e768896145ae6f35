"""What the scorer costs: milliseconds a candidate and memory, measured in a process of its own that holds nothing else.

Covered: one thread, one candidate a call, in the order of the rows, so that a situation's features are computed once or
five times as the scorer pleases; memory is the most the process held. Not covered: the daemon around it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agent.errors import ProactiveError
from reward_model.dataset import Row

if TYPE_CHECKING:
    from reward_model.scorer import Scorer

WARM = 5
"""Candidates scored before the clock is read."""


class Cost(NamedTuple):
    """Milliseconds a candidate (half and 95 % are faster), milliseconds to load the weights, MiB of the process at most."""

    p50_ms: float
    p95_ms: float
    load_ms: float
    rss_mib: float | None


def cost(scorer: Scorer, rows: Sequence[Row]) -> Cost:
    """Time this scorer on the tasks of these rows. Raises ProactiveError if its process fails."""
    cases = [(r.situation, r.task) for r in rows if r.task is not None]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    root = str(Path(__file__).resolve().parent.parent.parent)
    paths = os.pathsep.join(p for p in (root, os.environ.get("PYTHONPATH", "")) if p)
    with tempfile.TemporaryDirectory(prefix="proactive-bench-") as folder:
        weights = Path(folder) / "weights.json"
        weights.write_text(scorer.dump(), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", __name__, str(weights)],
            input=json.dumps(cases),
            capture_output=True,
            encoding="utf-8",
            env={**os.environ, **threads, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"},
            check=False,
        )
    if done.returncode:
        raise ProactiveError("The scorer could not be timed.", done.stderr.strip()[-300:])
    return Cost(**json.loads(done.stdout))


def quantile(values: Sequence[float], q: float) -> float:
    """The value that the share `q` does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def peak_mib() -> float | None:
    """The most memory this process held, MiB; None where the system does not tell."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would count the memory of the parent before exec
        lines = status.read_text(encoding="ascii", errors="replace").splitlines()
        return round(next((int(s.split()[1]) for s in lines if s.startswith("VmHWM")), 0) / 1024, 1) or None
    try:
        import resource
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / (1 << 20 if sys.platform == "darwin" else 1 << 10), 1)


def timed(weights: Path, cases: Sequence[tuple[str, str]]) -> Cost:
    """Load, warm up, and time each case alone."""
    began = time.perf_counter()
    from reward_model.scorer import Scorer

    scorer = Scorer.load(weights)
    load = time.perf_counter() - began
    for situation, task in cases[:WARM]:
        scorer.score(situation, (task,))
    taken = []
    for situation, task in cases:
        began = time.perf_counter()
        scorer.score(situation, (task,))
        taken.append(time.perf_counter() - began)
    p50, p95 = (round(1000 * quantile(taken, q), 3) if taken else 0.0 for q in (0.5, 0.95))
    return Cost(p50, p95, round(1000 * load, 1), peak_mib())


if __name__ == "__main__":
    sys.stdout.write(json.dumps(timed(Path(sys.argv[1]), json.load(sys.stdin))._asdict()))
