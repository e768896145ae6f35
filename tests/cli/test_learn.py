"""`proactive learn`: what it says with too few answers, what it writes, going back."""

from __future__ import annotations

from pathlib import Path

from agent.paths import private_folder
from agent.store.sqlite import FILE, SqliteStore
from tests.cli.test_commands import proactive
from tests.test_learning import stored


def some_history(folder: Path) -> Path:
    """A data folder with three answered offers."""
    data = private_folder(folder / "data")
    store = SqliteStore(data / FILE)
    for n, kind in enumerate(("accepted", "rejected", "dismissed")):
        stored(store, n, kind)  # type: ignore[arg-type]
    store.close()
    return data


def test_without_a_history_it_says_where_to_begin(tmp_path: Path) -> None:
    done = proactive(tmp_path, "learn")
    assert done.returncode == 1
    assert "There is no history yet." in done.stderr


def test_too_few_answers_change_nothing_and_can_be_exported(tmp_path: Path) -> None:
    data = some_history(tmp_path)
    done = proactive(tmp_path, "learn", "--export", "mine.jsonl")
    assert done.returncode == 0, done.stderr
    assert "3 answers written to mine.jsonl." in done.stdout
    assert "Your answers: 3 on 1 days, 1 accepted." in done.stdout
    assert "Too few to learn from" in done.stdout
    assert len((tmp_path / "mine.jsonl").read_text(encoding="utf-8").splitlines()) == 3
    assert not (data / "learned.json").exists()


def test_a_bad_annotation_file_is_named_with_its_line(tmp_path: Path) -> None:
    some_history(tmp_path)
    (tmp_path / "bad.jsonl").write_text("{oops\n", encoding="utf-8")
    done = proactive(tmp_path, "learn", "--annotations", "bad.jsonl")
    assert done.returncode == 1
    assert "bad.jsonl, line 1" in done.stderr
    assert "Traceback" not in done.stderr


def test_forgetting_goes_back_to_the_shipped_scorer(tmp_path: Path) -> None:
    data = some_history(tmp_path)
    (data / "learned.json").write_text("{}", encoding="utf-8")
    assert "What was learnt is gone" in proactive(tmp_path, "learn", "--forget").stdout
    assert not (data / "learned.json").exists()
    assert "nothing to forget" in proactive(tmp_path, "learn", "--forget").stdout
