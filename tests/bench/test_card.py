"""The model card and the weights beside it, from small rows of our own."""

from __future__ import annotations

from cProfile import Profile
from datetime import date
from pathlib import Path

import pytest

from agent.bench.card import FIGURES, train
from agent.bench.inputs import load
from agent.bench.reward import Plan
from agent.errors import ProactiveError
from reward_model.dataset import write
from reward_model.scorer import Scorer
from reward_model.train import fit
from tests.reward_model.sittings import invented

pytest.importorskip("sklearn", reason="the extra 'train' is not installed")


@pytest.mark.slow
def test_weights_and_card_are_written_with_the_hash_of_the_data_and_every_figure(tmp_path: Path) -> None:
    data = tmp_path / "rows.jsonl"
    write(data, invented(5, 6))
    told: list[float] = []
    profile = Profile()
    done = profile.runcall(train, Plan(data), tmp_path / "out", date(2026, 3, 2), told.append)
    assert fits(profile) == 5 + 2, "each trace is held out once; the shipped one is fitted for its cost and for its weights"
    scorer = Scorer.load(done.weights)
    assert scorer.about["sha256"] == load(data).sha256
    card = done.card.read_text(encoding="utf-8")
    assert load(data).sha256 in card
    assert "2026-03-02" in card
    assert all(f"| {name} | {done.figures[key]:.3f} |" in card for key, name in FIGURES.items())
    assert told == sorted(told)


def fits(profile: Profile) -> int:
    """How often a scorer was fitted."""
    return sum(e.callcount for e in profile.getstats() if e.code is fit.__code__)


@pytest.mark.slow
def test_rows_of_too_few_tasks_to_rank_are_trained_on_and_the_card_leaves_ranking_out(tmp_path: Path) -> None:
    data = tmp_path / "rows.jsonl"
    rows = invented(4, 6)
    write(data, [r for n, r in enumerate(rows) if n % 5 != 3])
    done = train(Plan(data), tmp_path / "out", date(2026, 3, 2), lambda _: None)
    card = done.card.read_text(encoding="utf-8")
    assert Scorer.load(done.weights).about["sha256"] == load(data).sha256
    assert FIGURES["auc_task"] in card
    assert not any(f"| {FIGURES[key]} |" in card for key in ("top1", "random", "top1_best25"))


def test_a_bad_line_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    data = tmp_path / "rows.jsonl"
    data.write_text('{"situation": "x", "valid": true}\n{"situation": 3}\n', encoding="utf-8")
    with pytest.raises(ProactiveError, match="cannot be used") as caught:
        train(Plan(data), tmp_path / "out", date(2026, 3, 2), lambda _: None)
    assert "line 2" in caught.value.hint
    assert not (tmp_path / "out").exists()
