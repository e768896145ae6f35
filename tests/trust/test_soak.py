"""The soak: figures from samples, /proc, the script of faults, and a short one of the real daemon."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from pathlib import Path

import pytest

from agent.trust._soak import AWAY, SCRIPT, soak
from agent.trust._soak_figures import MIB, Csv, Sample, figures, lines, picture

ROWS = ("RSS", "growth", "fds, threads", "CPU, at work", "CPU, away", "errors of ours", "disk")
FINE = {"asked": 1, "toasts": 1, "bugs": 0, "tracebacks": 0, "stopped_in": 0.3}


def hour(**at_end: float) -> list[Sample]:
    """An hour of a daemon that does nothing wrong, but for what its last sample says."""
    made = [Sample(10.0 * n, 80.0, 14, 3, 0.02 * n, 1000 * n, AWAY[0] <= n / 360 < AWAY[1], "") for n in range(361)]
    return [*made[:-40], *(s._replace(**at_end) for s in made[-40:])]


def test_an_hour_without_fault_meets_every_limit() -> None:
    found = figures(hour())
    assert (found["minutes"], found["rss_mib"], found["growth_mib"], found["fds_drift"]) == (60.0, 80.0, 0.0, 0)
    assert found["cpu_active"] == pytest.approx(0.2)
    assert found["cpu_afk"] == pytest.approx(0.2)
    assert found["disk_mib_h"] == pytest.approx(360_000 / MIB, abs=0.01)
    made = lines(found | FINE)
    assert [r.id.removeprefix("soak ") for r in made] == list(ROWS)
    assert all(r.ok for r in made)


@pytest.mark.parametrize(
    ("at_end", "missed"),
    [
        ({"rss": 106.0}, ["RSS", "growth"]),
        ({"rss": 88.5}, ["growth"]),
        ({"fds": 17}, ["fds, threads"]),
        ({"threads": 6}, ["fds, threads"]),
        ({"cpu": 60.0}, ["CPU, at work"]),
        ({"written": 6 * MIB}, ["disk"]),
    ],
)
def test_each_limit_that_is_missed_is_said(at_end: dict[str, float], missed: list[str]) -> None:
    made = lines(figures(hour(**at_end)) | FINE)
    assert [r.id.removeprefix("soak ") for r in made if not r.ok] == missed


def test_an_error_of_ours_is_a_limit_too() -> None:
    assert [r.id for r in lines(figures(hour()) | FINE | {"tracebacks": 1}) if not r.ok] == ["soak errors of ours"]


def test_samples_are_on_the_disk_at_once_and_the_picture_is_one(tmp_path: Path) -> None:
    kept = Csv(tmp_path / "soak.csv")
    for sample in hour()[:3]:
        kept.add(sample)
    assert (tmp_path / "soak.csv").read_text(encoding="utf-8").splitlines()[:2] == [
        ",".join(Sample._fields),
        "0.0,80.0,14,3,0.0,0,False,",
    ]
    pytest.importorskip("matplotlib", reason="the extra 'plot' is not installed")
    picture(hour(), "x", tmp_path / "soak.png")
    assert (tmp_path / "soak.png").read_bytes()[:4] == b"\x89PNG"


def test_the_faults_of_the_script_do_not_overlap_and_leave_the_absence_alone() -> None:
    assert all(a.begin < a.end <= b.begin for a, b in itertools.pairwise(SCRIPT))
    assert not [f for f in SCRIPT if f.begin < AWAY[1] and f.end > AWAY[0]]
    kinds = {"model", "ActivityWatch", "configuration", "clock", "no"}
    assert {f.name.split()[0] for f in SCRIPT} == kinds


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_proc_tells_what_a_process_holds() -> None:
    from agent.trust._process import look

    before = look(os.getpid())
    with Path(os.devnull).open("rb"):
        assert look(os.getpid()).fds == before.fds + 1
    assert 5 < before.rss < 4000
    assert before.threads >= 1


@pytest.mark.slow
@pytest.mark.e2e
@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_minute_of_the_real_daemon_with_every_fault(tmp_path: Path) -> None:
    found = asyncio.run(soak(1.0, tmp_path)).found
    assert {f.name for f in tmp_path.iterdir()} == {"soak.csv", "soak.png"}
    assert 30 < found["rss_mib"] < 200
    assert (found["bugs"], found["tracebacks"]) == (0, 0)
    assert found["stopped_in"] < 3
