"""`bench rank`: the best candidate against a random one, by hand, and when speaking less."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.bench.inputs import Data, Kept, code_version, load, plainly
from agent.bench.rank import Ranked, figures, picture, rank, ranked, render_table
from agent.errors import ProactiveError
from reward_model.dataset import digest, folds
from tests.reward_model.rows import benchmark_rows, written


def test_a_turn_by_hand() -> None:
    assert ranked([(0.2, False), (0.9, True), (0.4, True), (0.1, False)], "g") == Ranked(0.9, 1.0, 0.5, 1.0, "g")
    assert ranked([(0.9, False), (0.9, True), (0.4, False), (0.9, False)], "g") == Ranked(0.9, 1 / 3, 0.25, 1.0, "g")
    assert ranked([(0.5, False)] * 4, "g").oracle == 0.0


def test_the_figures_by_hand() -> None:
    turns = [
        Ranked(0.9, 1.0, 0.50, 1.0, "a"),
        Ranked(0.8, 1.0, 0.25, 1.0, "a"),
        Ranked(0.3, 0.0, 0.25, 1.0, "b"),
        Ranked(0.2, 0.0, 0.00, 0.0, "b"),
    ]
    found = figures(turns)
    assert {k: found[k] for k in ("top1", "random", "oracle", "gain")} == {
        "top1": 0.5,
        "random": 0.25,
        "oracle": 0.75,
        "gain": 0.25,
    }
    assert found["top1_best75"] == pytest.approx(2 / 3)
    assert found["top1_best50"] == 1.0
    assert found["top1_best25"] == found["top1_best10"] == 1.0


def keep(path: Path, data: Data, chances: Sequence[tuple[float, float]]) -> None:
    """Put chances down as a finished run leaves them, fold by fold."""
    kept = Kept(path, "fold", data.sha256, 0, code_version())
    for fold in folds(data.rows):
        kept.put(digest(" ".join(map(str, fold.test))), [chances[i] for i in fold.test])


def kept_chances(folder: Path) -> tuple[Path, Path]:
    """Rows, and chances for them that put the tasks people want first, as a run would have kept them."""
    data = written(folder / "rows.jsonl", benchmark_rows(4, 5))
    loaded, kept = load(data), folder / "kept.jsonl"
    chances = [(r.share, 0.5) if r.task else (0.5, 0.5) for r in loaded.rows]
    keep(kept, loaded, chances)
    return data, kept


def test_the_report_has_the_keys_of_the_issue_with_their_intervals(tmp_path: Path) -> None:
    data, kept = kept_chances(tmp_path)
    found = rank(data, rounds=100, resume=kept)
    for key in ("top1", "random", "oracle", "top1_best75", "top1_best50", "top1_best25", "top1_best10", "gain"):
        low, high = found[f"{key}_ci"]
        assert low <= found[key] <= high
    assert (found["n"], found["traces"], found["groups"], found["seed"]) == (20, 4, 4, 0)
    assert found["top1"] == pytest.approx(found["oracle"]), "sorted by the votes the best is the best possible"
    assert found["gain"] == pytest.approx(found["top1"] - found["random"])
    assert found["gain_ci"][0] > 0


def test_the_table_and_the_picture_can_be_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from rich.console import Console

    data, kept = kept_chances(tmp_path)
    found = rank(data, rounds=100, resume=kept)
    render_table(found, Console(width=120))
    assert "on the best 25 % of the turns" in capsys.readouterr().out
    picture(found, tmp_path / "rank.png")
    assert (tmp_path / "rank.png").read_bytes().startswith(b"\x89PNG")


def test_turns_of_too_few_candidates_cannot_be_ranked(tmp_path: Path) -> None:
    rows = [r for n, r in enumerate(benchmark_rows(4, 5)) if n % 5 in (0, 1)]
    data, kept = written(tmp_path / "rows.jsonl", rows), tmp_path / "kept.jsonl"
    loaded = load(data)
    keep(kept, loaded, [(0.5, 0.5)] * len(rows))
    with pytest.raises(ProactiveError, match="4 tasks or more"):
        rank(data, resume=kept)


@pytest.mark.parametrize(("module", "extra"), [("sklearn.linear_model", "train"), ("numpy", "train"), ("matplotlib", "plot")])
def test_a_missing_extra_is_named_with_the_command_that_installs_it(module: str, extra: str) -> None:
    with pytest.raises(ProactiveError, match="not installed") as e, plainly():
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)
    assert e.value.hint == f"Install it with: pip install 'proactive-agent[{extra}]'"
