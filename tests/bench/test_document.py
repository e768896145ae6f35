"""`bench report`: every part of small data of our own in one file, what is missing is said, what cannot be read is refused."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from agent.bench import tried
from agent.bench.document import NAME, text, write
from agent.bench.document_data import parts
from agent.bench.document_measure import SHARES, Measured, measure
from agent.bench.document_results import About
from agent.bench.ideas import ABOUT, gains, variants
from agent.bench.inputs import Data
from agent.bench.markdown import signed, table
from agent.bench.references import ceiling, references
from reward_model.dataset import Row, groups
from reward_model.dataset import write as write_rows
from reward_model.train import Scored
from tests.bench.agent_data import benchmark, published, recording, trace
from tests.cli.test_commands import ROOT, proactive
from tests.reward_model.sittings import invented

ABOUT_RUN = About("2026-03-02", "proactive 0", "abc", "a machine")


def folder_of(home: Path, rows: tuple[Row, ...]) -> Path:
    """The rows and the agent's parts under our names."""
    home.mkdir()
    write_rows(home / "reward_train.jsonl", rows)
    benchmark(home).rename(home / "agent_test")
    (home / "traces").mkdir()
    for model, task in (("apt", "Open the recipe found last."), ("bold", "Make tea."), ("calm", "Sort the list.")):
        recording(home / "traces" / f"{model}.json", trace("cooking", [task], [], [task]), trace("sorting", [], [task]))
        published(home / "official_results", model, {"apt": 0.6, "bold": 0.5, "calm": 0.4}[model])
    return home


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    pytest.importorskip("sklearn", reason="the extra 'train' is not installed")
    home = tmp_path_factory.mktemp("report")
    told: list[float] = []
    found = measure(folder_of(home / "data", invented(5, 5)), 0, home / "kept.jsonl", told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)
    return found


@pytest.mark.slow
def test_the_report_holds_every_section_and_picture_with_the_figures_of_the_run(measured: Measured, tmp_path: Path) -> None:
    files = write(measured, tmp_path, date(2026, 3, 2))
    said = (tmp_path / NAME).read_text(encoding="utf-8")
    pictures = set(re.findall(r"\]\((images/\w+\.png)\)", said))
    assert {str(f.relative_to(tmp_path)) for f in files} == {NAME, *pictures}
    assert len(pictures) == 5
    assert all(f.read_bytes()[:4] == b"\x89PNG" for f in files[1:])
    assert [int(n) for n in re.findall(r"^## (\d)", said, re.MULTILINE)] == [1, 2, 3, 4, 5, 6, 7]
    assert measured.data.sha256 in said
    assert "2026-03-02" in said
    assert measured.rank is not None
    assert f"| {measured.reward['auc_task']:.3f} |" in said
    assert f"{measured.rank['gain']:+.3f} [" in said
    assert "None" not in said
    assert "nan" not in said
    assert all(f"| {name} |" in said for name in variants())
    assert "| apt | 1 /" in said
    assert all(line.idea in said for line in (*tried.SCORER, *tried.PERSON))
    assert str(tmp_path) not in said
    assert json.loads(json.dumps(measured.as_json()))["reward"]["auc_task"] == measured.reward["auc_task"]


@pytest.mark.slow
def test_a_part_without_data_is_left_out_and_said(measured: Measured) -> None:
    less = replace(measured, rank=None, people=None, published=None, agents=None, ceiling=None, missing=("No agents.",))
    said = text(less, ABOUT_RUN)
    assert "- No agents." in said
    for head in ("## 3.", "### Ranking", "### One person", "### Agents", "images/people.png", "AUC of about"):
        assert head in text(measured, ABOUT_RUN)
        assert head not in said


def test_our_names_and_those_of_the_repository_are_found(tmp_path: Path) -> None:
    ours = parts(folder_of(tmp_path / "ours", invented(1, 1)))
    assert [p.name for p in (ours.rows, ours.traces, ours.answers, ours.official) if p] == [
        "reward_train.jsonl",
        "agent_test",
        "traces",
        "official_results",
    ]
    assert (ours.test, ours.missing) == (None, ())
    theirs = tmp_path / "theirs"
    for file in ("dataset/reward_data/train_data.jsonl", "dataset/reward_data/test_data.jsonl"):
        (theirs / file).parent.mkdir(parents=True, exist_ok=True)
        (theirs / file).write_text("")
    for file in ("dataset/test_data/code_1.json", "eval/traces/some.json", "eval/results/some.csv"):
        (theirs / file).parent.mkdir(parents=True, exist_ok=True)
        (theirs / file).write_text("")
    found = parts(theirs)
    assert [str(p.relative_to(theirs)) for p in found[:5] if p] == [
        "dataset/reward_data/train_data.jsonl",
        "dataset/reward_data/test_data.jsonl",
        "dataset/test_data",
        "eval/traces",
        "eval/results",
    ]


def test_parts_that_are_missing_are_named(tmp_path: Path) -> None:
    write_rows(tmp_path / "reward_train.jsonl", invented(1, 1))
    assert parts(tmp_path).missing == ("The agent benchmark is left out: there is no agent_test/ and no traces/.",)
    (tmp_path / "agent_test").mkdir()
    assert "no agent_test/" in parts(tmp_path).missing[0], "an empty folder holds nothing"
    whole = folder_of(tmp_path / "whole", invented(1, 1))
    (whole / "official_results").rename(whole / "elsewhere")
    assert parts(whole).missing == ("Published figures of agents are left out: there is no official_results/.",)


@pytest.mark.parametrize(
    ("folder", "said"),
    [("gone", "gone is no folder"), ("empty", "empty holds no reward_train.jsonl"), ("bad", "line 1: not JSON")],
)
def test_a_folder_that_cannot_be_used_is_refused_before_anything_is_measured(tmp_path: Path, folder: str, said: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "reward_train.jsonl").write_text("{oops\n")
    done = proactive(tmp_path, "bench", "report", "--data", folder, "--out", "docs")
    assert done.returncode == 1
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "docs" / NAME).exists()


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_bench_without_data_says_what_the_data_must_hold(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    done = subprocess.run(["make", "bench"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "make bench DATA=DIR: DIR must hold reward_train.jsonl" in done.stdout
    assert list(tmp_path.iterdir()) == [tmp_path / "Makefile"], "nothing is installed for it"


def of(*rows: Row) -> Data:
    return Data("rows.jsonl", "0", rows, groups(rows))


def turn(name: str, labels: tuple[bool, ...], *, needed: bool) -> list[Row]:
    about = {"situation": f"9:00 event {name}", "trace": name[0], "turn": name, "help_needed": needed}
    return [Row(task=f"task {n}", valid=v, **about) for n, v in enumerate(labels)]


def test_what_leaks_knows_every_need_and_what_is_held_out_knows_none() -> None:
    rows = [
        row
        for trace_name in "abcdefgh"
        for n in range(4)
        for row in turn(f"{trace_name}{n}", (n % 2 == 0, False, False, False), needed=n % 2 == 0)
    ]
    found = references(of(*rows))
    assert found["look-up, LEAKING"]["auc_gate"] == 1.0
    assert found["look-up, LEAKING"]["gate_saved_at_95"] == 0.5
    for name in ("random", "look-up, traces held out"):
        assert found[name]["auc_gate"] == pytest.approx(0.5, abs=0.05)
        assert found[name]["top1"] == pytest.approx(1 / 8, abs=0.03)
    assert found["look-up, traces held out"]["ece"] == pytest.approx(0.5 - 1 / 8)


def voted(*votes: tuple[bool, bool, bool]) -> list[Row]:
    return [Row(situation="x", task=f"task {n}", valid=sum(v) > 1, votes=v) for n, v in enumerate(votes)]


def test_the_ceiling_is_high_where_people_agree_and_near_chance_where_they_do_not() -> None:
    one_mind = ceiling(voted(*[(True, True, True), (False, False, False)] * 50))
    assert one_mind is not None
    assert one_mind.auc > 0.97
    assert (one_mind.mean, one_mind.agree, one_mind.by_chance, one_mind.n) == (0.5, 1.0, 0.5, 100)
    taste = ceiling(voted(*[(True, False, False), (False, True, True)] * 50))
    assert taste is not None
    assert taste.agree == pytest.approx(1 / 3)
    assert taste.auc < 0.6
    assert ceiling(voted((True, True, True))) is None
    assert ceiling([Row(situation="x", task="y", valid=True, votes=(True,))]) is None


def test_a_known_beta_distribution_gives_its_ceiling() -> None:
    # Uniform shares: three votes give 0, 1, 2 or 3 takers equally often, and two votes are alike by 1/3. With the chance
    # y = 3s² - 2s³ that two of three take it, the AUC is 4 ∫ y(s) (s - s³ + s⁴/2) ds = 4 x .225.
    counts = [(False,) * 3, (True, False, False), (True, True, False), (True,) * 3]
    found = ceiling(voted(*[v for v in counts for _ in range(100)]))
    assert found is not None
    assert found.alike == pytest.approx(1 / 3, abs=0.01)
    assert found.auc == pytest.approx(0.9, abs=0.005)


def test_the_gain_of_a_change_is_paired_and_nothing_for_the_same_scores() -> None:
    rows = [row for trace_name in "abcd" for n in range(3) for row in turn(f"{trace_name}{n}", (True, False), needed=n > 0)]
    good = tuple(Scored(r, 0.9 if r.valid else 0.1, 0.9 if r.help_needed else 0.1) for r in rows)
    even = tuple(Scored(r, 0.5, 0.5) for r in rows)
    data = of(*rows)
    assert gains(data, good, good, 0) == {}
    found = gains(data, even, good, 0)
    assert (found["gain_task"], found["gain_gate"]) == (0.5, 0.5)
    assert found["gain_task_ci"] == (0.5, 0.5)


def test_every_idea_is_told_in_words_and_the_shares_of_the_benches_are_a_whole() -> None:
    assert set(ABOUT) == set(variants())
    assert sum(SHARES.values()) == pytest.approx(1.0)


def test_a_table_has_a_cell_for_each_head_and_a_difference_has_its_sign() -> None:
    assert table(("a", "b"), [("x|y", "1")]) == "| a | b |\n| --- | ---: |\n| x\\|y | 1 |"
    assert signed(0.12, (0.1, 0.2)) == "+0.120 [+0.100, +0.200]"
    assert signed(None) == "-"
