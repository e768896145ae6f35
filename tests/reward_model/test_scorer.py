"""The embedded scorer: the shipped weights, damaged ones, speed, and what it says of clear cases."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reward_model.scorer import Scorer, ScorerFailure, Tree, sigmoid

WEIGHTS = Path(__file__).resolve().parents[2] / "resources" / "reward_model" / "scorer.json"
ERROR = (
    "The user runs the script in the terminal.\nThe terminal shows an error message 'data.csv not found'.\n"
    "The user searches for 'pandas read_csv file not found error' on Google."
)
IDLE = "The user switches to another application.\nThe user moves the mouse several times without any specific action."


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer.load(WEIGHTS)


def test_the_weights_are_small_and_load_fast() -> None:
    assert WEIGHTS.stat().st_size <= 1024 * 1024
    best = min(_seconds(lambda: Scorer.load(WEIGHTS)) for _ in range(5))
    assert best <= 0.05


def test_a_candidate_takes_about_a_millisecond(scorer: Scorer) -> None:
    times = [_seconds(lambda n=n: scorer.score(f"{ERROR}\nThe user reads line {n}.", ["Explain the error"])) for n in range(60)]
    assert sorted(times)[6] <= 0.001


def test_help_on_an_error_is_likelier_than_a_break_and_than_idleness(scorer: Scorer) -> None:
    concrete, vague = scorer.score(
        ERROR, ["Explain the file not found error and how to set the path of data.csv", "Take a break"]
    )[0]
    assert concrete > vague + 0.2
    assert scorer.score(ERROR, []).p_help > scorer.score(IDLE, []).p_help + 0.2


def test_the_same_holds_in_chinese(scorer: Scorer) -> None:
    seen = "用户在终端运行脚本\n终端显示错误 '找不到 data.csv'\n用户在百度搜索 'pandas read_csv 错误'"
    concrete, vague = scorer.score(seen, ["解释这个错误并给出修复 data.csv 路径的代码示例", "休息一下"]).p_accept
    assert concrete > vague + 0.2


def test_scores_are_chances_for_any_input(scorer: Scorer) -> None:
    found = scorer.score("", ["", "x" * 10000, "\ud800 half a sign", "?"])
    assert len(found.p_accept) == 4
    assert all(0 <= p <= 1 for p in (*found.p_accept, found.p_help))


def test_the_same_input_gives_the_same_chance_to_the_last_digit(scorer: Scorer) -> None:
    assert scorer.score(ERROR, ["Explain the error"]) == Scorer.load(WEIGHTS).score(ERROR, ["Explain the error"])


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}', "\x00\xff"])
def test_damaged_weights_are_refused_with_the_path(tmp_path: Path, text: str) -> None:
    path = tmp_path / "scorer.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScorerFailure, match=r"scorer\.json"):
        Scorer.load(path)


def _broken(change: str) -> str:
    state = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    linear = next(p for p in state["parts"] if p["kind"] == "linear")
    tree = next(p for p in state["parts"] if p["kind"] == "forest")["trees"][0]
    if change == "loop":
        tree["left"][0] = 0
    elif change == "unnamed feature":
        tree["feature"][0] = 10_000
    elif change == "no parts":
        state["parts"] = []
    else:
        linear["scale"][0] = {"zero scale": 0.0, "no number": float("nan")}[change]
    return json.dumps(state)


@pytest.mark.parametrize("change", ["loop", "unnamed feature", "no parts", "zero scale", "no number"])
def test_weights_that_could_not_score_are_refused_at_once(tmp_path: Path, change: str) -> None:
    path = tmp_path / "scorer.json"
    path.write_text(_broken(change), encoding="utf-8")
    with pytest.raises(ScorerFailure):
        Scorer.load(path)


def test_weights_of_another_version_are_refused(tmp_path: Path, scorer: Scorer) -> None:
    path = tmp_path / "scorer.json"
    path.write_text(scorer.model_copy(update={"version": 99}).dump(), encoding="utf-8")
    with pytest.raises(ScorerFailure, match="version 99"):
        Scorer.load(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScorerFailure, match="cannot be read"):
        Scorer.load(tmp_path / "none.json")


def test_scoring_needs_neither_numpy_nor_sklearn() -> None:
    code = f"""
import sys
from pathlib import Path
from reward_model.scorer import Scorer
Scorer.load(Path({str(WEIGHTS)!r})).score("The user searches.", ["Search it"])
assert not [m for m in sys.modules if m.split(".")[0] in ("numpy", "sklearn", "scipy", "torch")]
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_tree_goes_left_at_its_threshold() -> None:
    tree = Tree(feature=(0, -1, -1), threshold=(0.5, 0, 0), left=(1, 0, 0), right=(2, 0, 0), value=(0, -1, 1))
    assert [tree.leaf([x]) for x in (0.5, 0.50001)] == [-1, 1]


def test_the_logistic_function_does_not_overflow() -> None:
    assert sigmoid(1e6) == 1
    assert sigmoid(-1e6) == 0
    assert sigmoid(0) == 0.5


def _seconds(work: object) -> float:
    start = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - start
