"""Judgement rows: both forms are read, bad lines are named, and no division lets the test know the training rows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reward_model.dataset import (
    DatasetError,
    Row,
    SplitError,
    annotated,
    apart,
    category,
    events_of,
    folds,
    groups,
    own,
    read,
    split,
    write,
)
from tests.reward_model.rows import benchmark_rows, rows


def of(trace: str, *events: str, task: str | None = "Do it", valid: bool = True, needed: bool | None = None) -> Row:
    """A row of one turn."""
    text = "\n".join(events)
    return Row(situation=text, task=task, valid=valid, help_needed=needed, trace=trace, turn=f"{trace}/{len(events)}/{text}")


def test_the_published_form_is_read_with_its_traces_and_turns(tmp_path: Path) -> None:
    found = rows(tmp_path, traces=3, turns=2)
    assert len(found) == 3 * 2 * 5
    assert len({r.trace for r in found}) == 3
    assert len({r.turn for r in found}) == 6
    assert found[0].situation.startswith("Day 1, 01:00 PM The maple author")
    assert found[0].task is None
    assert found[1].votes
    assert found[1].share == sum(found[1].votes) / 3


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    found = rows(tmp_path, traces=2, turns=2)
    write(tmp_path / "own.jsonl", found)
    assert read(tmp_path / "own.jsonl") == found


GOOD = json.dumps(benchmark_rows(1, 1)[0])
BAD = [
    ("", "holds no rows"),
    ("{oops", "line 1: not JSON"),
    ("[1]", "line 1: not an object"),
    (f'{GOOD}\n{{"obs": []}}', "line 2: the field 'pred_task' is missing"),
    (f'{GOOD}\n\n{{"situation": "s", "valid": "maybe"}}', "line 3: valid"),
    ('{"situation": "s", "valid": true, "extra": 1}', "line 1: extra"),
    (f'{GOOD}\n{{"obs": [{{"time": "1", "event": "\\ud800"}}], "pred_task": "x", "valid": true}}', "line 2: half a character"),
    (f'{GOOD}\n{{"situation": "\\ud800", "valid": true}}', "line 2: half a character (a lone"),
    (f'{GOOD}\n{{"obs": [], "pred_task": "\\udfffx", "valid": true}}', "line 2: half a character (a lone surrogate"),
    (f'{GOOD}\n{{"situation": "s", "turn": "\\ud800", "valid": true}}', "line 2: half a character (a lone surrogate)"),
    (f"{GOOD}\n" + "[" * 100_000, "line 2: nested too deeply"),
    (f'{GOOD}\n{{"obs": [], "pred_task": "", "valid": true}}', "line 2: the task is empty"),
    (f'{GOOD}\n{{"situation": "s", "task": " ", "valid": true}}', "line 2: the task is empty"),
]


@pytest.mark.parametrize(("text", "said"), BAD, ids=[s for _, s in BAD])
def test_a_bad_file_is_an_error_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DatasetError, match=r"bad\.jsonl") as e:
        read(path)
    assert said in str(e.value)


def test_bytes_that_are_no_text_are_an_error_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(GOOD.encode() + b"\n" + '{"situation": "schön"}'.encode("latin-1"))
    with pytest.raises(DatasetError, match=r"bad\.jsonl, line 2: not UTF-8"):
        read(path)


def test_a_mark_of_the_byte_order_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    path = tmp_path / "marked.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode() + b"\r\n")
    assert len(read(path)) == 1


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="cannot be read"):
        read(tmp_path / "gone.jsonl")


@pytest.mark.parametrize(
    "line",
    [
        "Day 12, 11:05 PM The user types 'abc'.",
        "1717495623.764 The user types 'abc'.",
        "2024-06-04T11:05:00Z The user types 'abc'.",
        "11:05 The user types 'abc'.",
        "13:56:10 1m40s The user types 'abc'.",
        "12m x3 The user types 'abc'.",
        "1h05 The user types 'abc'.",
        "  THE user types “abc” 17!",
    ],
)
def test_an_event_is_the_same_at_another_time(line: str) -> None:
    assert events_of(line) == ("the user types abc",)


def test_headings_and_the_hour_are_no_events() -> None:
    assert events_of("Now Monday 14:00. Working for 42m.\n\nThe last 5 minutes, newest last:\n13:56:10 2m Writer | a.odt") == (
        "writer a odt",
    )


A = ("opens the ledger", "types a sum", "searches for rent law", "reads the page", "writes to the tenant")
B = ("starts the game engine", "edits shader code", "runs the level", "reads the crash report", "restarts")


def test_a_trace_at_another_time_is_in_the_same_group() -> None:
    found = groups([of("a", *(f"09:0{n} {e}" for n, e in enumerate(A))), of("b", *(f"17:3{n} {e}" for n, e in enumerate(A)))])
    assert found["a"] == found["b"]


def test_a_trace_that_shares_two_of_five_events_is_in_the_same_group_and_one_of_five_is_not() -> None:
    assert len(set(groups([of("a", *A), of("b", *A[:2], *B[:3])]).values())) == 1
    assert len(set(groups([of("a", *A), of("b", *A[:1], *B[:4])]).values())) == 2


def test_a_trace_of_the_same_words_is_in_the_same_group() -> None:
    reworded = [f"{e} now" for e in A]
    assert groups([of("a", *A), of("b", *reworded)])["b"] == "a"


def test_groups_join_across_a_trace_that_is_like_both() -> None:
    found = groups([of("a", *A), of("b", *B), of("c", *A[:2], *B[:2])])
    assert len(set(found.values())) == 1


def test_every_row_is_tested_once_and_never_knows_its_group(tmp_path: Path) -> None:
    found = rows(tmp_path)
    for count in (None, 3):
        made = folds(found, count)
        assert len(made) == (count or 6)
        assert sorted(i for f in made for i in f.test) == list(range(len(found)))
        for fold in made:
            assert set(fold.train) | set(fold.test) == set(range(len(found)))
            apart([found[i] for i in fold.train], [found[i] for i in fold.test])


def test_folds_are_of_about_equal_size(tmp_path: Path) -> None:
    assert [len(f.test) for f in folds(rows(tmp_path), 3)] == [50, 50, 50]


def test_too_few_traces_for_the_folds_is_an_error() -> None:
    twins = [of("a", *A), of("b", *A)]
    with pytest.raises(SplitError, match="2 traces in 1 unlike groups"):
        folds(twins)
    with pytest.raises(SplitError, match="too few for 3 folds"):
        folds([of("a", *A), of("b", *B)], 3)
    with pytest.raises(SplitError, match="nothing can be held out"):
        split(twins)


@pytest.mark.parametrize("by", ["row", "random", "turn", ""])
def test_a_split_by_anything_but_traces_is_refused_and_says_why(tmp_path: Path, by: str) -> None:
    with pytest.raises(SplitError, match="look-up of the situation, which reads no word of the task") as e:
        split(rows(tmp_path), by)
    assert "Split by trace" in str(e.value)


def test_a_split_holds_out_whole_groups_and_repeats_with_its_seed(tmp_path: Path) -> None:
    found = rows(tmp_path)
    made = split(found, share=0.3, seed=1)
    assert made == split(found, share=0.3, seed=1)
    assert len({split(found, share=0.3, seed=s).test for s in range(8)}) > 1
    assert 0.3 * len(found) <= len(made.test) < 0.6 * len(found)
    apart([found[i] for i in made.train], [found[i] for i in made.test])


def test_a_split_keeps_near_duplicates_together() -> None:
    data = [of("a", *A), of("b", *B), of("c", *A)]
    for seed in range(6):
        test = set(split(data, seed=seed).test)
        assert test in ({1}, {0, 2})


LEAKS = [
    (of("a", *A), of("a", *A[:3]), "traces"),
    (of("a", *A).model_copy(update={"turn": "t"}), of("b", *B).model_copy(update={"turn": "t"}), "turns"),
    (of("a", "09:00 opens it"), of("b", "10:00 opens it"), "situations"),
    (of("a", *A), of("b", *A[:4]), "near-duplicates"),
]


@pytest.mark.parametrize(("train", "test", "what"), LEAKS, ids=[w for _, _, w in LEAKS])
def test_a_leaking_division_is_caught(train: Row, test: Row, what: str) -> None:
    with pytest.raises(SplitError, match=what):
        apart([train], [test])


def test_a_feature_that_remembers_situations_tells_all_after_a_row_split_and_nothing_after_ours(tmp_path: Path) -> None:
    """The leak that the published figure stands on: help_needed is the same in all rows of a situation."""
    found = rows(tmp_path)

    def known(train: list[Row], test: list[Row]) -> float:
        memory = {r.situation: r.help_needed for r in train}
        return sum(memory.get(r.situation) == r.help_needed for r in test) / len(test)

    assert known(list(found[::2]), list(found[1::2])) == 1.0
    with pytest.raises(SplitError):
        apart(found[::2], found[1::2])
    ours = split(found)
    assert known([found[i] for i in ours.train], [found[i] for i in ours.test]) == 0.0


def test_the_four_categories_are_the_published_ones() -> None:
    table = {
        "mn": of("a", task=None, valid=False, needed=True),
        "nr": of("a", task=None, valid=True, needed=False),
        "cd": of("a", valid=True, needed=False),
        "fa": of("a", valid=False, needed=True),
    }
    assert {k: category(r) for k, r in table.items()} == {k: k for k in table}
    assert category(of("a", task=None, valid=False)) == "mn"


@pytest.mark.parametrize(
    ("response", "valid"),
    [("accepted", True), ("undone", True), ("rejected", False), ("dismissed", False), ("ignored", False)],
)
def test_an_own_answer_becomes_a_row(response: str, valid: bool) -> None:  # noqa: FBT001 - a parameter of the table
    row = own("s", "Do it", response, trace="day", kind="search")
    assert row is not None
    assert (row.valid, row.share, row.kind) == (valid, float(valid), "search")
    assert row.turn
    assert row.help_needed is (True if valid else None)


@pytest.mark.parametrize("response", ["opened", "lost", "undelivered", "withdrawn"])
def test_an_answer_that_says_nothing_makes_no_row(response: str) -> None:
    assert own("s", "Do it", response, trace="day") is None


def test_annotations_become_rows_by_the_published_recipe() -> None:
    needed = annotated("s", ["one", "two"], [[0], [0, 1], [0]], trace="t")
    assert [(r.task, r.valid, r.help_needed, r.votes) for r in needed] == [
        (None, False, True, (False, False, False)),
        ("one", True, True, (True, True, True)),
        ("two", False, True, (False, True, False)),
    ]
    not_needed = annotated("s", ["one", "two"], [[0], [1], []], trace="t")
    assert [(r.task, r.valid, r.help_needed) for r in not_needed] == [
        (None, True, False),
        ("one", False, False),
        ("two", False, False),
    ]
    assert [r.task for r in annotated("s", ["one"], [[], []], trace="t")] == ["one"], "nobody picked anything: no silence row"
    assert [r.task for r in annotated("s", ["one"], [[0], []], trace="t")] == [None], "one against one is no judgement"
