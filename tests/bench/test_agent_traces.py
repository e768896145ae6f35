"""Files of the agent benchmark: what is read, what counts as silence, and errors that name the place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.bench.agent_traces import (
    BenchDataError,
    Turn,
    read_official,
    read_recorded,
    read_splits,
    read_traces,
    recordings,
    sha256,
    situation,
)
from tests.bench.agent_data import COOKING, EVENTS, benchmark, published, recording, trace, when


def test_the_traces_of_a_folder_hold_events_and_no_answers(tmp_path: Path) -> None:
    traces = read_traces(benchmark(tmp_path))
    assert [len(traces[n]) for n in ("cooking", "sorting")] == [3, 2]
    assert all(t.answers is None for one in traces.values() for t in one)
    assert situation(traces["cooking"], 1) == f"{when('cooking', 0)} {COOKING[0]}\n{when('cooking', 1)} {COOKING[1]}"


def test_a_recording_is_read_packed_and_plain(tmp_path: Path) -> None:
    cooking, sorting = trace("cooking", ["Bake."], [], [None]), trace("sorting", ["null"])
    packed = recording(tmp_path / "m.json.gz", cooking, sorting)
    assert read_recorded(packed) == read_recorded(recording(tmp_path / "m.json", cooking, sorting))
    assert [t.answers for t in read_recorded(packed)["cooking"]] == [("Bake.",), (), (None,)]
    assert read_recorded(packed)["sorting"][1].answers is None


@pytest.mark.parametrize("word", [None, "null", "None", " NULL. ", "", "'null'"])
def test_null_in_any_spelling_is_silence(word: str | None) -> None:
    assert Turn("1", "e", (word, "Find nulls.")).tasks == ("Find nulls.",)


def test_splits_have_the_names_of_their_themes(tmp_path: Path) -> None:
    home = benchmark(tmp_path)
    splits = read_splits(None, home, EVENTS)
    assert [(s.key, s.name, s.traces) for s in splits] == [
        ("average", "All", ("cooking", "sorting")),
        ("code", "Coding", ("sorting",)),
    ]
    (home / "splits.json").unlink()
    assert [s.name for s in read_splits(None, home, EVENTS)] == ["All"]


def test_a_split_of_an_unknown_trace_is_an_error_that_names_it(tmp_path: Path) -> None:
    home = benchmark(tmp_path)
    with pytest.raises(BenchDataError, match="'average' names cooking"):
        read_splits(None, home, ["sorting"])
    with pytest.raises(BenchDataError, match=r"missing\.json cannot be read"):
        read_splits(tmp_path / "missing.json", home, EVENTS)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "line 1"),
        ("[]", "no recorded answers"),
        ('{"a": 3}', "trace a: no list of turns"),
        ('{"a": [{"observation": {"time": "1", "event": "x"}}, {"observation": 4}]}', "trace a, turn 2: no observation"),
        ('{"a": [{"observation": {"time": "1", "event": "\\ud800"}}]}', "trace a, turn 1: half a character"),
        ('{"a": [{"observation": {"event": "x"}, "agent_response": ["\\udfff"]}]}', "trace a, turn 1: half a character"),
        ('{"a": ' * 100_000, "nested too deeply"),
    ],
)
def test_a_bad_recording_says_where(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "m.json"
    file.write_text(text)
    with pytest.raises(BenchDataError, match=says):
        read_recorded(file)


def test_a_recording_that_is_no_text_says_where(tmp_path: Path) -> None:
    file = tmp_path / "m.json"
    file.write_bytes('{\n"schön": []}'.encode("latin-1"))
    with pytest.raises(BenchDataError, match=r"m\.json cannot be read: line 2: not UTF-8"):
        read_recorded(file)


@pytest.mark.parametrize("tail", ["average,schön".encode("latin-1"), b"average,much"])
def test_published_figures_that_cannot_be_read_say_where(tmp_path: Path, tail: bytes) -> None:
    (tmp_path / "bad.csv").write_bytes(b"Category,Recall\n" + tail + b"\n")
    with pytest.raises(BenchDataError, match=r"bad\.csv, line 2: "):
        read_official(tmp_path, "bad")


def test_a_file_that_is_not_packed_says_so(tmp_path: Path) -> None:
    file = tmp_path / "m.json.gz"
    file.write_text("{}")
    with pytest.raises(BenchDataError, match="cannot be read"):
        read_recorded(file)


def test_a_folder_stands_for_its_recordings_and_two_of_one_name_are_refused(tmp_path: Path) -> None:
    for name in ("b.json", "a.json.gz", "notes.txt"):
        (tmp_path / name).write_text("")
    assert [f.name for f in recordings([tmp_path])] == ["a.json.gz", "b.json"]
    with pytest.raises(BenchDataError, match="called b"):
        recordings([tmp_path, tmp_path / "b.json"])


def test_published_figures_are_found_by_the_name_of_the_model(tmp_path: Path) -> None:
    published(tmp_path, "one", 0.66666664)
    found = read_official(tmp_path, "one")
    assert found is not None
    assert (found["average"]["f1"], found["average"]["turns"]) == (0.6667, 5)
    assert read_official(tmp_path, "other") is None
    (tmp_path / "bad.csv").write_text("Category,Recall\naverage,much\n")
    with pytest.raises(BenchDataError, match=r"bad\.csv"):
        read_official(tmp_path, "bad")


def test_the_hash_is_of_the_contents_not_of_the_order(tmp_path: Path) -> None:
    one, other = tmp_path / "1", tmp_path / "2"
    one.write_text("a")
    other.write_text("b")
    before = sha256([one, other])
    assert before == sha256([other, one])
    other.write_text(json.dumps("c"))
    assert sha256([one, other]) != before
