"""`bench reward`: figures against cells counted by hand, thresholds that never see the rows they decide, the leak shown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.bench import reward_judges as judges
from agent.bench.inputs import Kept, code_version, held_out, load
from agent.bench.published import TABLE, published_split
from agent.bench.reward import HELD_OUT, LEAKING, Plan, reward
from agent.bench.reward_figures import report, turns_judged
from agent.bench.reward_judges import Cuts, Judged
from agent.bench.reward_llm import Asker, ask, of_alias
from agent.bench.reward_report import gate_line, picture, render_table
from agent.clocks import RealClock
from agent.core.ports import LLMRequest
from agent.core.records import LLMCall
from agent.errors import JudgeError, LLMError, ProactiveError
from reward_model.dataset import Row, category
from reward_model.train import Scored
from tests.reward_model.rows import benchmark_rows, written

KEYS = (
    "n",
    "accuracy",
    "precision",
    "recall",
    "f1",
    "mn",
    "nr",
    "cd",
    "fa",
    "auc_task",
    "auc_null",
    "auc_gate",
    "ece",
    "gate_saved_at_95",
    "p50_ms",
    "p95_ms",
    "rss_mib",
    "seed",
    "sha256",
    "split",
    "judge",
    "traces",
    "groups",
)


def row(turn: str, task: str | None, *, valid: bool, needed: bool, trace: str = "") -> Row:
    return Row(situation=f"10:00 event {turn}", task=task, valid=valid, help_needed=needed, trace=trace or turn[0], turn=turn)


def said(turn: str, task: str | None, p: float, need: float, facts: str) -> Judged:
    """A judged row; facts names what is true of it: valid, needed, accepted."""
    made = row(turn, task, valid="valid" in facts, needed="needed" in facts)
    return Judged(made, p, need, "accepted" in facts, turn[0])


# Three traces (a, b, c), four turns. By hand: tp 3, fp 2, fn 1, tn 3; mn 1/2, nr 1/1, cd 2/3, fa 2/3.
JUDGED = (
    said("a1", None, 0.3, 0.7, "needed"),
    said("a1", "one", 0.8, 0.7, "valid needed accepted"),
    said("a1", "two", 0.9, 0.7, "needed accepted"),
    said("b1", None, 0.9, 0.1, "valid accepted"),
    said("b1", "one", 0.1, 0.1, ""),
    said("b2", None, 0.6, 0.4, "needed accepted"),
    said("b2", "one", 0.4, 0.4, "valid needed"),
    said("c1", "one", 0.7, 0.3, "valid accepted"),
    said("c1", "two", 0.2, 0.3, ""),
)


def test_every_figure_of_nine_rows_by_hand() -> None:
    found = report(JUDGED, seed=0, rounds=100)
    by_hand = {
        "n": 9,
        "accuracy": 6 / 9,
        "precision": 3 / 5,
        "recall": 3 / 4,
        "f1": 6 / 9,
        "mn": 1 / 2,
        "nr": 1.0,
        "cd": 2 / 3,
        "fa": 2 / 3,
        "auc_task": (2 + 2 + 2) / 9,  # .8, .4 and .7 against .9, .1 and .2
        "auc_null": 1.0,
        "auc_gate": 1.0,
        "ece": sum(abs(p - y) for p, y in [(0.8, 1), (0.9, 0), (0.1, 0), (0.4, 1), (0.7, 1), (0.2, 0)]) / 6,
        "gate_saved_at_95": 2 / 4,
        "mn_share": 1 / 4,  # b2
        "nr_share": 1 / 4,  # b1
        "cd_share": 0.0,
        "fa_share": 2 / 4,  # a1 shows the wrong one, c1 shows where no help was needed
    }
    assert {k: found[k] for k in by_hand} == pytest.approx(by_hand)
    for key in ("accuracy", "f1", "mn", "auc_task", "ece", "auc_gate", "mn_share"):
        low, high = found[f"{key}_ci"]
        assert low <= high
        assert f"{key}_ci_row" in found


def test_a_turn_shows_the_best_accepted_task() -> None:
    ends = {t.group + str(n): t.end for n, t in enumerate(turns_judged(JUDGED))}
    assert [(e.needed, e.shown, e.valid) for e in ends.values()] == [
        (True, True, False),
        (False, False, False),
        (True, False, False),
        (False, True, True),
    ]


def scored(group: str, pairs: list[tuple[float, bool]]) -> list[Scored]:
    return [Scored(row(f"{group}{n}", "t", valid=y, needed=y), p, p) for n, (p, y) in enumerate(pairs)]


def test_thresholds_of_a_trace_are_chosen_on_the_other_traces() -> None:
    """Trace a is labelled against its scores: its own best threshold would accept nothing, the others' accepts from .5."""
    usual = [(0.2, False), (0.4, False), (0.6, True), (0.8, True)]
    everything = [*scored("a", [(p, not y) for p, y in usual]), *scored("b", usual), *scored("c", usual)]
    group = [s.row.trace for s in everything]
    found = judges.decided(everything, group, "accuracy")
    assert [j.accepted for j in found[:4]] == [False, False, True, True]
    assert sum(j.accepted == j.row.valid for j in found[:4]) == 0


def test_test_rows_never_choose_their_own_thresholds() -> None:
    usual = [(0.2, False), (0.4, False), (0.6, True), (0.8, True)]
    everything = [*scored("a", usual), *scored("b", usual), *scored("c", [(0.9, False)] * 9), *scored("d", usual)]
    group = [s.row.trace for s in everything]
    tested = [i for i, g in enumerate(group) if g in ("c", "d")]
    found = judges.decided(everything, group, "accuracy", tested)
    assert [j.accepted for j in found[-4:]] == [False, False, True, True], "the nine rows of c are of the test"


def test_thresholds_by_hand() -> None:
    some = scored("a", [(0.1, False), (0.3, True), (0.5, False), (0.6, False), (0.7, False)])
    quiet = [
        Scored(row(f"q{n}", None, valid=y, needed=not y), p, 1 - p) for n, (p, y) in enumerate([(0.2, False), (0.4, True)])
    ]
    assert judges.cuts([*some, *quiet], "accuracy") == Cuts(float("inf"), pytest.approx(0.3))
    assert judges.cuts([*some, *quiet], "balanced") == Cuts(pytest.approx(0.2), pytest.approx(0.3))
    # F1 over all seven rows: accepting from .3 on is 2 of 2 true among 5 accepted; from .4 on 1 of 2 among 4.
    assert judges.cuts([*some, *quiet], "f1") == Cuts(pytest.approx(0.25), pytest.approx(0.25))


def test_the_constants_accept_all_or_nothing() -> None:
    rows = [j.row for j in JUDGED]
    always = report(judges.constant(rows, [r.trace for r in rows], accepted=True), 0, 100)
    never = report(judges.constant(rows, [r.trace for r in rows], accepted=False), 0, 100)
    assert [always[k] for k in ("mn", "nr", "cd", "fa", "recall")] == [0, 1, 1, 0, 1]
    assert [never[k] for k in ("mn", "nr", "cd", "fa", "recall")] == [1, 0, 0, 1, 0]
    assert always["precision"] == pytest.approx(4 / 9)
    assert never["precision"] is None
    assert always["auc_task"] == never["auc_task"] == 0.5


def test_the_look_up_reads_no_word_of_the_task() -> None:
    rows = [j.row for j in JUDGED]
    found = judges.looked_up_by_siblings(rows, [r.trace for r in rows])
    assert [j.accepted for j in found] == [False, True, True, True, False, False, True, False, False]
    assert {j.accepted for j in found if j.row.turn == "a1" and j.row.task} == {True}


def test_the_look_up_knows_nothing_of_a_trace_that_is_held_out() -> None:
    rows = [j.row for j in JUDGED]
    found = judges.looked_up_held_out(rows, [r.trace for r in rows])
    assert {j.p_help for j in found} == {0.5}


def test_the_rules_accept_silence_where_they_refuse_every_task() -> None:
    rows = [row("a1", None, valid=True, needed=False), row("a1", "Go", valid=False, needed=False)]
    rows += [row("b1", "Summarise the open paper", valid=True, needed=True), row("b1", None, valid=False, needed=True)]
    assert [j.accepted for j in judges.ruled(rows, ["a", "a", "b", "b"])] == [True, False, True, False]


def test_the_published_table_is_the_published_one() -> None:
    for column in TABLE:
        assert column.f1 == pytest.approx(2 * column.precision * column.recall / (column.precision + column.recall), abs=2e-3)
        assert column.accuracy == pytest.approx((column.mn + column.nr + column.cd + column.fa) / 4, abs=2e-3)
    assert [c.name for c in TABLE if c.leaks] == ["LLaMA 3.1 8B, theirs"]


def test_the_published_split_takes_so_many_of_each_category_unanimous_first_and_leaks(tmp_path: Path) -> None:
    rows = load(written(tmp_path / "rows.jsonl", benchmark_rows(12, 5))).rows
    fold = published_split(rows, each=6)
    test = [rows[i] for i in fold.test]
    assert Counter(category(r) for r in test) == {"mn": 6, "nr": 6, "cd": 6, "fa": 6}
    assert all(len(set(r.votes)) == 1 for r in test), "enough rows are unanimous here"
    known = {rows[i].situation for i in fold.train}
    assert sum(r.situation in known for r in test) >= 0.9 * len(test)
    assert fold == published_split(rows, each=6)
    assert sorted((*fold.train, *fold.test)) == list(range(len(rows)))


def test_the_report_has_the_keys_of_the_issue_and_marks_the_leak(tmp_path: Path) -> None:
    data = written(tmp_path / "rows.jsonl", benchmark_rows(12, 5))
    held = reward(Plan(data, judge="lookup", rounds=100))
    assert [k for k in KEYS if k not in held] == []
    assert (held["leaking"], held["training"], held["traces"], held["groups"]) == (False, HELD_OUT, 12, 12)
    assert json.loads(json.dumps(held))["n"] == 300
    leaking = next(r for r in held["rows"] if r["training"] == LEAKING)
    assert leaking["mn"] == leaking["nr"] == 1.0
    assert leaking["f1"] > held["f1"]
    published = reward(Plan(data, "published", "lookup", rounds=100))
    assert published["leaking"]
    assert min(published["mn"], published["nr"]) > 0.9


def test_the_published_split_takes_a_test_file(tmp_path: Path) -> None:
    rows = benchmark_rows(6, 5)
    train, test = written(tmp_path / "train.jsonl", rows[::2]), written(tmp_path / "test.jsonl", rows[1::2])
    found = reward(Plan(train, "published", "lookup", test, rounds=100))
    assert (found["n"], found["leaking"], found["mn"]) == (75, True, 1.0)
    assert found["sha256"] == load(train).sha256
    assert found["sha256_test"] == load(test).sha256


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path, Path]:
    """The scorer measured once on small data, its data and its kept results."""
    folder = tmp_path_factory.mktemp("reward")
    data, kept = written(folder / "rows.jsonl", benchmark_rows(4, 4)), folder / "kept.jsonl"
    return reward(Plan(data, rounds=100, resume=kept)), data, kept


@pytest.mark.slow
def test_the_scorer_is_measured_with_traces_held_out(measured: tuple[dict[str, Any], Path, Path]) -> None:
    found, data, _ = measured
    assert [k for k in KEYS if k not in found] == []
    assert (found["n"], found["leaking"], found["judge"]) == (80, False, "scorer")
    assert [r["judge"] for r in found["rows"][:3]] == ["scorer, accuracy", "scorer, balanced", "scorer, f1"]
    assert 0 < found["p50_ms"] <= found["p95_ms"] < 1000
    assert found["rss_mib"] is None or 5 < found["rss_mib"] < 200
    assert found["sha256"] == load(data).sha256


@pytest.mark.slow
def test_kept_chances_are_used_again_and_not_for_other_data(measured: tuple[dict[str, Any], Path, Path]) -> None:
    found, data, kept = measured
    folds = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    assert len(folds) == found["groups"]
    marked = [{**fold, "value": [(0.25, 0.75)] * len(fold["value"])} for fold in folds]
    kept.write_text("".join(json.dumps(fold) + "\n" for fold in marked), encoding="utf-8")
    assert {s.p_accept for s in held_out(load(data), 0, kept, lambda _: None)} == {0.25}, "nothing was fitted again"
    for depends in (("fold", "0" * 64, 0), ("fold", found["sha256"], 1)):
        assert Kept(kept, *depends, code_version()).get(folds[0]["name"]) is None


@pytest.mark.slow
def test_no_chance_of_a_row_depends_on_the_labels_of_its_own_trace(tmp_path: Path) -> None:
    """All labels of one trace are turned round: its own chances stay, to the last digit."""
    data = load(written(tmp_path / "rows.jsonl", benchmark_rows(4, 4)))
    own = data.rows[0].trace
    turned = [r if r.trace != own else _turned(r) for r in data.rows]
    before = held_out(data, 0, None, lambda _: None)
    after = held_out(data._replace(rows=tuple(turned)), 0, None, lambda _: None)
    mine = [(a[1:], b[1:]) for a, b in zip(before, after, strict=True) if a.row.trace == own]
    assert all(a == b for a, b in mine)
    assert any(a[1:] != b[1:] for a, b in zip(before, after, strict=True) if a.row.trace != own), "the labels do count"


def _turned(r: Row) -> Row:
    votes = tuple(not v for v in r.votes)
    return r.model_copy(update={"valid": not r.valid, "help_needed": not r.help_needed, "votes": votes})


@pytest.mark.slow
def test_the_table_and_the_picture_can_be_made(
    measured: tuple[dict[str, Any], Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from rich.console import Console

    render_table(measured[0], Console(width=140))
    shown = capsys.readouterr().out
    for text in ("look-up", LEAKING, "GPT-4o-mini", "0.918", "AUC, help needed", "Seed 0", measured[0]["sha256"][:20]):
        assert text in shown
    picture(measured[0], tmp_path / "bench.png")
    assert (tmp_path / "bench.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ProactiveError, match="cannot be written"):
        picture(measured[0], tmp_path / "bench.nonsense")


def test_the_line_of_a_gate_by_hand() -> None:
    turns = [(0.1, False), (0.2, True), (0.3, False), (0.4, True)]
    assert gate_line(turns, steps=4) == [(0.0, 1.0), (0.25, 1.0), (0.5, 0.5), (0.75, 0.5), (1.0, 0.0)]


def test_one_trace_cannot_be_held_out(tmp_path: Path) -> None:
    with pytest.raises(ProactiveError, match="cannot be split"):
        held_out(load(written(tmp_path / "one.jsonl", benchmark_rows(1, 5))), 0, None, print)


def test_a_kept_file_that_was_cut_short_is_gone_on_from_and_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    Kept(path, "a", 1).put("x", [1, 2])
    with path.open("a", encoding="utf-8") as file:
        file.write('{"key": "ab')
    assert Kept(path, "a", 1).get("x") == [1, 2]
    assert Kept(path, "a", 2).get("x") is None
    path.write_text('{"no": "key"}\n{"key": "k", "name": "n", "value": 1}\n', encoding="utf-8")
    with pytest.raises(ProactiveError, match="line 1: not a kept result"):
        Kept(path, "a", 1)


def test_the_code_version_covers_what_training_imports() -> None:
    assert code_version("train") != code_version("scorer")
    assert code_version("train") == code_version("train")


class Answering:
    """An LLM that judges by a function of the prompt; notes how many asks were under way at once."""

    name = "answering"

    def __init__(self, answer: Callable[[str], str]) -> None:
        self.asked = 0
        self.closed = False
        self._answer = answer

    async def complete(self, request: LLMRequest) -> LLMCall:
        self.asked += 1
        answer = self._answer(request.user)
        return LLMCall(
            at=RealClock().now(), purpose="judge", host="h", model="m", prompt=request.user, answer=answer,
            prompt_tokens=100, completion_tokens=10, cost=0.01, seconds=0.5,
        )  # fmt: skip

    async def close(self) -> None:
        self.closed = True


def accepts_summaries(user: str) -> str:
    """Yes to every offer that says Summarise, and to silence if there is none."""
    offers = [line for line in user.rpartition("<<<offers")[2].splitlines() if line[:1].isdigit()]
    yes = ["Summarise" in line for line in offers]
    verdicts = [
        {"candidate": n, "p_accept": 0.9 if y else 0.2, "p_help": 0.6, "accept": y, "reason": "r"} for n, y in enumerate(yes, 1)
    ]
    return json.dumps({"verdicts": verdicts, "silence": {"accept": not any(yes), "reason": "r"}})


async def test_an_llm_judges_each_turn_once_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    data, kept = load(written(tmp_path / "rows.jsonl", benchmark_rows(3, 4))), tmp_path / "kept.jsonl"
    llm = Answering(accepts_summaries)
    asked = await ask(Asker(llm, "m"), data, data.rows, kept, lambda _: None)
    assert (llm.asked, llm.closed, asked.failed) == (12, True, 0)
    assert (asked.prompt_tokens, asked.completion_tokens) == (1200, 120)
    assert asked.cost == pytest.approx(0.12)
    tasks = [j for j in asked.judged if j.row.task is not None]
    assert all(j.accepted == ("Summarise" in str(j.row.task)) for j in tasks)
    for quiet in (j for j in asked.judged if j.row.task is None):
        assert quiet.accepted == (not any(j.accepted for j in tasks if j.row.turn == quiet.row.turn))
    kept.write_text("\n".join(kept.read_text(encoding="utf-8").splitlines()[:7]) + "\n", encoding="utf-8")
    again = Answering(accepts_summaries)
    assert (await ask(Asker(again, "m"), data, data.rows, kept, lambda _: None)).judged == asked.judged
    assert again.asked == 5


async def test_another_model_or_address_behind_the_same_alias_is_asked_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, kept, config = (
        load(written(tmp_path / "rows.jsonl", benchmark_rows(1, 2))),
        tmp_path / "kept.jsonl",
        tmp_path / "p.toml",
    )
    monkeypatch.setenv("PROACTIVE_CONFIG", str(config))
    asked = []
    for url, model in (("http://127.0.0.1:1/v1", "a"), ("http://127.0.0.1:1/v1", "b"), ("http://127.0.0.1:2/v1", "b")):
        config.write_text(f'[[api_keys.lab]]\nbase_url = "{url}"\nmodel = "{model}"\n', encoding="utf-8")
        config.chmod(0o600)
        llm = Answering(accepts_summaries)
        await ask(of_alias("lab")._replace(llm=llm), data, data.rows, kept, lambda _: None)
        asked.append(llm.asked)
    assert asked == [2, 2, 2]


async def test_a_turn_without_a_verdict_counts_as_rejected(tmp_path: Path) -> None:
    data = load(written(tmp_path / "rows.jsonl", benchmark_rows(2, 2)))
    asked = await ask(Asker(Answering(lambda _: "no idea"), "m"), data, data.rows, None, lambda _: None)
    assert asked.failed == 4
    assert not any(j.accepted for j in asked.judged)


async def test_an_endpoint_that_fails_ends_the_run_and_keeps_what_was_answered(tmp_path: Path) -> None:
    data, kept = load(written(tmp_path / "rows.jsonl", benchmark_rows(3, 4))), tmp_path / "kept.jsonl"
    left = iter(range(3))

    def breaks(user: str) -> str:
        if next(left, None) is None:
            raise LLMError("The key was refused.", "Check it.", kind="refused")
        return accepts_summaries(user)

    llm = Answering(breaks)
    with pytest.raises(JudgeError, match="The key was refused") as e:
        await ask(Asker(llm, "m"), data, data.rows, kept, lambda _: None)
    assert "What was answered is kept" in e.value.hint
    assert llm.closed
    assert len(kept.read_text(encoding="utf-8").splitlines()) == 3
