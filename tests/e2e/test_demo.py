"""The demo, as a new user runs it: no display, no key, an empty home; and a wheel that misses no file."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from agent.bench.demo import Receipt, Shown, Stage, demo
from agent.sense.day import read_day

ROOT = Path(__file__).resolve().parent.parent.parent
DAY = ROOT / "resources" / "sample_day" / "day.json"


@pytest.mark.e2e
async def test_offers_name_patterns_of_the_day_run_when_accepted_and_spare_the_hour_without_one() -> None:
    seen: list[Shown] = []
    progress: list[float] = []
    receipt: Receipt = await demo(Stage(None, lambda share, _: progress.append(share), lambda _, shown: seen.append(shown)))
    day = read_day(DAY)
    wanted = [m for m in day.truth.moments if m.want == "help"]
    quiet = next(m for m in day.truth.moments if m.kind == "no-pattern")
    kinds = {s.offer.candidate.kind for s in seen}
    assert len(seen) >= 3
    assert len(kinds) >= 3
    assert {"repeated_search", "comparing_pages"} <= kinds
    assert not [s for s in seen if quiet.start <= s.offer.at < quiet.end]
    assert all(any(m.start <= s.offer.at < m.end for m in wanted) for s in seen if s.offer.candidate.kind != "long_stretch")
    accepted = [s for s in seen if s.response == "accepted"]
    assert len(accepted) >= 3
    assert all(s.run is not None and s.run.state == "done" for s in accepted), [s.run for s in accepted]
    assert receipt.minutes > 180
    assert progress[-1] > 0.99
    assert receipt.calls == []


@pytest.mark.e2e
def test_the_command_ends_in_a_receipt_without_a_display(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "-m", "agent", "demo"]
    done = subprocess.run(argv, capture_output=True, text=True, env=env, cwd=tmp_path, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "A scripted user answers" in done.stdout
    assert "Why it stayed quiet" in done.stdout
    assert re.search(r"\d+ minutes of activity seen in \d+ looks; \d+ offers, \d+ accepted; 0 LLM calls, 0 tokens", done.stdout)
    assert "proactive init" in done.stdout
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_the_wheel_holds_every_resource(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        packed = set(wheel.namelist())
    resources = ROOT / "resources"
    wanted = {f"agent/_resources/{p.relative_to(resources).as_posix()}" for p in resources.rglob("*") if p.is_file()}
    assert wanted <= packed
    assert "agent/_resources/example_config.toml" in packed
    assert not [n for n in packed if n.startswith("tests/")]
