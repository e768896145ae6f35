"""Files of --resume: nothing kept is lost to a killed run, nobody else's file is written to, only the owner may read them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.bench.agent_resume import Finished
from agent.bench.inputs import Kept
from agent.errors import ProactiveError

OPENERS: dict[str, Callable[[Path], object]] = {
    "rows": lambda path: Kept(path, "data"),
    "agent": lambda path: Finished(path, {"data": "1"}),
}
opened = pytest.mark.parametrize("of", OPENERS)


def test_a_run_killed_in_the_middle_of_a_line_can_be_gone_on_from_again_and_again(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    for name in "ab":
        Kept(path, "data").put(name, [name])
    whole = path.read_bytes()
    for cut in range(len(whole.split(b"\n")[0]) + 2, len(whole)):
        path.write_bytes(whole[:cut])
        second = Kept(path, "data")
        assert (second.get("a"), second.get("b")) == (["a"], None)
        second.put("c", ["c"])
        third = Kept(path, "data")
        assert (third.get("a"), third.get("b"), third.get("c")) == (["a"], None, ["c"])


def test_an_agent_run_killed_in_its_first_line_or_a_later_one_can_be_gone_on_from(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    Finished(path, {"data": "1"}).put("a", {"x": 1})
    whole = path.read_bytes()
    for cut in range(1, len(whole)):
        path.write_bytes(whole[:cut])
        Finished(path, {"data": "1"}).put("b", {"x": 2})
        third = Finished(path, {"data": "1"})
        assert (third.get("a"), third.get("b")) == (None, {"x": 2})


def test_separators_and_halves_of_characters_in_a_task_do_not_break_the_file(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    names = [f"a{sign}b" for sign in "\u2028\u2029\x85\x0b\x0c\x1c\ud800"]
    for name in names:
        Kept(path, "data").put(name, 1)
    assert [Kept(path, "data").get(name) for name in names] == [1] * len(names)


def test_a_file_of_an_earlier_version_with_a_separator_in_a_task_is_read(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    Kept(path, "data").put("x", 1)
    entry = json.loads(path.read_text(encoding="utf-8")) | {"name": "a\u2028b"}
    path.write_text(json.dumps(entry, ensure_ascii=False) + "\n", encoding="utf-8")
    assert Kept(path, "data").get("a\u2028b") == 1


FOREIGN = [
    (b"my only note, one line\n", "line 1"),
    (b"my only note, one line", "line 1"),
    (b"\n\nnotes after blank lines\n", "line 3"),
    (b'{"a": 1}\n', "line 1"),
    (b"1\n", "line 1"),
    (b"[" * 100_000 + b"\n", "line 1"),
    ("schön\nund gut".encode("latin-1"), "line 1: not UTF-8"),
]


@opened
@pytest.mark.parametrize(("text", "said"), FOREIGN, ids=[str(t[:20]) for t, _ in FOREIGN])
def test_a_file_of_something_else_is_refused_with_its_line_and_left_as_it_is(
    tmp_path: Path, of: str, text: bytes, said: str
) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(text)
    with pytest.raises(ProactiveError, match=r"notes\.txt") as e:
        OPENERS[of](path)
    assert said in e.value.title
    assert path.read_bytes() == text


@opened
def test_a_foreign_line_among_kept_ones_is_refused(tmp_path: Path, of: str) -> None:
    path = tmp_path / "kept.jsonl"
    Kept(path, "data").put("a", 1) if of == "rows" else Finished(path, {"data": "1"}).put("a", {"x": 1})
    text = path.read_text(encoding="utf-8") + "a note of mine\n"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProactiveError, match=r"line [23]: not a kept result"):
        OPENERS[of](path)
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
@opened
def test_only_the_owner_may_read_what_is_kept(tmp_path: Path, of: str) -> None:
    path = tmp_path / "kept.jsonl"
    before = os.umask(0o022)
    try:
        Kept(path, "data").put("a", 1) if of == "rows" else Finished(path, {"data": "1"}).put("a", {"x": 1})
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600


@opened
def test_a_folder_or_a_place_that_is_not_there_is_an_error(tmp_path: Path, of: str) -> None:
    with pytest.raises(ProactiveError, match="cannot be"):
        OPENERS[of](tmp_path)
    with pytest.raises(ProactiveError, match="cannot be written"):
        OPENERS[of](tmp_path / "gone" / "kept.jsonl")
