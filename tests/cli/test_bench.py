"""The benches on the command line: every one says what it does, wrong usage is 2, a bad file is 1 with its line."""

from __future__ import annotations

import json
from pathlib import Path
from pkgutil import iter_modules

import pytest

from tests.cli.test_commands import ROOT, proactive
from tests.reward_model.rows import benchmark_rows, written

BENCHES = sorted(m.name.removesuffix("_") for m in iter_modules([str(ROOT / "agent" / "cli" / "bench")]))


def test_the_benches_of_the_issue_are_there() -> None:
    assert {"cost", "reward", "rank"} <= set(BENCHES)


@pytest.mark.parametrize("bench", BENCHES)
def test_a_bench_says_what_it_does(tmp_path: Path, bench: str) -> None:
    done = proactive(tmp_path, "bench", bench, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "--json" in done.stdout


FAILURES = [
    (("reward", "--data", "gone.jsonl"), 1, "gone.jsonl cannot be read"),
    (("rank", "--data", "bad.jsonl"), 1, "bad.jsonl, line 2: not JSON"),
    (("reward", "--data", "bad.jsonl", "--split", "row"), 2, "'row' is not one of"),
    (("reward", "--data", "good.jsonl", "--judge", "oracle"), 2, "'oracle' is not one of scorer, rules"),
    (("reward", "--data", "good.jsonl", "--judge", "llm:"), 2, "llm:ALIAS"),
    (("reward", "--data", "good.jsonl", "--test", "good.jsonl"), 2, "--split published only"),
    (("reward", "--data", "good.jsonl", "--judge", "llm:none"), 1, "There is no model 'none'"),
    (("reward", "--data", "good.jsonl", "--judge", "rules", "--rounds", "100", "--plot", "no/x.png"), 1, "cannot be written"),
]  # fmt: skip


@pytest.mark.parametrize(("args", "code", "said"), FAILURES, ids=[" ".join(a) for a, _, _ in FAILURES])
def test_a_bench_that_cannot_run_says_why(tmp_path: Path, args: tuple[str, ...], code: int, said: str) -> None:
    written(tmp_path / "good.jsonl", benchmark_rows(3, 2))
    (tmp_path / "bad.jsonl").write_text(json.dumps(benchmark_rows(1, 1)[0]) + "\n{oops\n", encoding="utf-8")
    done = proactive(tmp_path, "bench", *args)
    assert done.returncode == code, done.stderr
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_json_is_all_that_is_printed_and_a_table_is_the_default(tmp_path: Path) -> None:
    data = written(tmp_path / "rows.jsonl", benchmark_rows(6, 3))
    done = proactive(tmp_path, "bench", "reward", "--data", str(data), "--judge", "always", "--rounds", "100", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["n"], found["recall"], found["judge"], found["split"]) == (90, 1.0, "always", "trace")
    assert len(found["f1_ci"]) == 2
    done = proactive(tmp_path, "bench", "reward", "--data", str(data), "--judge", "rules", "--rounds", "100")
    assert done.returncode == 0, done.stderr
    assert "LEAKING" in done.stdout
    assert found["sha256"][:30] in done.stdout.replace("\n", "")
