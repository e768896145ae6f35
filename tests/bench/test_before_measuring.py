"""What a bench refuses before it measures for minutes: pictures it cannot write, seeds, rows that cannot be trained on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agent.bench.ideas import ABOUT, CURVE, figures, ideas, variants
from agent.bench.inputs import Kept, code_version, held_out, load
from agent.bench.reward_llm import of_alias
from agent.cli.bench import agent_ as of_agent
from agent.cli.bench import app
from agent.cli.bench import ideas as of_ideas
from agent.cli.bench import people as of_people
from agent.cli.bench import rank as of_rank
from agent.cli.bench import reward as of_reward
from agent.errors import ConfigError, ProactiveError
from reward_model.train import Scored
from tests.reward_model.rows import benchmark_rows, written

GONE = Path("gone.jsonl")
BENCHES: dict[str, Callable[[Path], Any]] = {
    "reward": lambda plot: of_reward.command(GONE, plot=plot),
    "rank": lambda plot: of_rank.command(GONE, plot=plot),
    "people": lambda plot: of_people.command(GONE, plot=plot),
    "ideas": lambda plot: of_ideas.command(GONE, plot=plot),
    "agent": lambda plot: of_agent.command(GONE, recorded=[GONE], plot=plot),
}
NO_PICTURES = ["no/x.png", "x.nonsense", "x", "."]


@pytest.mark.parametrize("plot", NO_PICTURES)
@pytest.mark.parametrize("bench", BENCHES)
def test_a_picture_that_cannot_be_written_is_refused_before_the_data_is_read(tmp_path: Path, bench: str, plot: str) -> None:
    pytest.importorskip("matplotlib")
    with pytest.raises(ProactiveError, match=r"picture .* cannot be written") as e:
        BENCHES[bench](tmp_path / plot)
    assert "--plot" in e.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_figures_are_printed_even_if_the_picture_fails_at_last(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = written(tmp_path / "rows.jsonl", benchmark_rows(3, 2))
    (tmp_path / "x.png").symlink_to("/dev/full")
    with pytest.raises(ProactiveError, match="cannot be written"):
        of_reward.command(data, judge="always", rounds=100, as_json=True, plot=tmp_path / "x.png")
    assert '"f1"' in capsys.readouterr().out


@pytest.mark.parametrize("bench", BENCHES)
@pytest.mark.parametrize("seed", ["-1", "9999999999"])
def test_a_seed_that_cannot_be_used_is_wrong_usage(bench: str, seed: str) -> None:
    args = ["--traces", "gone", "--recorded", "gone"] if bench == "agent" else ["--data", "gone"]
    done = CliRunner().invoke(app, [bench, *args, "--seed", seed])
    assert done.exit_code == 2
    assert "--seed" in done.output


def refused(folder: Path, rows: list[dict[str, Any]]) -> str:
    """What is said of rows that cannot be trained on."""
    with pytest.raises(ProactiveError) as e:
        held_out(load(written(folder / "rows.jsonl", rows)), 0, None, lambda _: None)
    return str(e.value)


def test_two_traces_are_told_to_be_one_too_few(tmp_path: Path) -> None:
    said = refused(tmp_path, benchmark_rows(2, 5))
    assert "2 unlike traces" in said
    assert "three" in said
    assert "both outcomes" not in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"help_needed": None}, "no row has help_needed"),
        ({"help_needed": True}, "all rows with help_needed say the same"),
        ({"pred_task": None}, "no row has a task"),
        ({"valid": False}, "all rows with a task say the same"),
    ],
)
def test_what_the_rows_lack_is_named(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    assert said in refused(tmp_path, [r | change for r in benchmark_rows(4, 4)])


def test_a_seed_below_zero_is_named_and_not_taken_for_a_fault_of_the_rows(tmp_path: Path) -> None:
    with pytest.raises(ProactiveError, match="seed"):
        held_out(load(written(tmp_path / "rows.jsonl", benchmark_rows(4, 2))), -1, None, lambda _: None)


def test_without_a_model_the_hint_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "private.toml").write_text("")
    monkeypatch.setenv("PROACTIVE_CONFIG", str(tmp_path / "private.toml"))
    with pytest.raises(ConfigError, match="no model 'none'") as e:
        of_alias("none")
    assert "Use one of" not in e.value.hint
    assert "proactive init" in e.value.hint


def test_what_the_trees_stand_alone_without_is_the_ridge_regression() -> None:
    assert ABOUT["trees only"] == "no ridge regression"


def test_a_finished_run_of_the_ideas_adds_nothing_to_its_file(tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason="the extra 'train' is not installed")
    path, kept = written(tmp_path / "rows.jsonl", benchmark_rows(5, 3)), tmp_path / "kept.jsonl"
    data = load(path)
    keep = Kept(kept, "ideas", data.sha256, 0, code_version())
    scores = [Scored(r, r.share, float(bool(r.help_needed))) for r in data.rows]
    for name in variants():
        keep.put(name, [s[1:] for s in scores])
    keep.put("curve 3", {k: figures(scores)[k] for k in CURVE})
    before = kept.read_bytes()
    found = ideas(path, 0, kept)
    assert found["curve"][3]["auc_task"] == figures(scores)["auc_task"]
    assert kept.read_bytes() == before
