"""proactive ledger: what it shows, what it deletes after asking, and what it says when that is not clear."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from agent.cli.ledger import moment
from agent.core.records import LLMCall
from agent.errors import ControlError
from agent.lock import Lock
from agent.store.sqlite import FILE, SqliteStore, open_readonly
from tests.cli.history import home
from tests.cli.test_commands import ROOT, proactive

NOW = datetime(2026, 3, 2, 14, 0, tzinfo=timezone.utc)
TEXT = "[system]\nBe brief.\n\n[user]\nWas <b>ist</b> [red]hier[/red]?\n"


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A home with a history; one of its calls has a text worth looking at."""
    made = home(tmp_path)
    with closing(SqliteStore(made / "data" / FILE)) as store:
        at = datetime.now(timezone.utc) - timedelta(minutes=5)
        call = LLMCall(at=at, purpose="chat", host="llm.example:443", model="big", prompt=TEXT, answer="Ja.", cost=0.25)
        store.add_calls([call.model_copy(update={"prompt_tokens": 700, "completion_tokens": 3})])
    return made


def test_calls_are_listed_with_host_model_tokens_cost_and_outcome(history: Path) -> None:
    done = proactive(history, "ledger")
    assert done.returncode == 0, done.stderr
    for part in ("llm.example:443", "big", "chat", "703", "0.2500", "part of an accepted", "2 calls, 2,203 tokens"):
        assert part in done.stdout
    assert "1 calls" in proactive(history, "ledger", "--since", "10m").stdout.replace("2 calls", "1 calls")
    assert "No LLM call since" in proactive(history, "ledger", "--since", "9s").stdout


def test_the_text_of_a_call_is_shown_word_for_word(history: Path) -> None:
    done = proactive(history, "ledger", "--id", "2")
    assert f"--- sent, word for word ---\n{TEXT}\n--- answered ---\nJa.\n" in done.stdout
    (found,) = json.loads(proactive(history, "ledger", "--id", "2", "--json").stdout)
    assert (found["text"], found["answer"], found["came"]) == (TEXT, "Ja.", "part of an accepted operation")
    assert json.loads(proactive(history, "ledger", "--last", "--json").stdout)[0]["number"] == 1


def test_nothing_is_deleted_without_a_choice_and_a_yes(history: Path) -> None:
    for args in ([], ["--all", "--id", "2"], ["--id", "99", "--yes"], ["--since", "soon"]):
        assert proactive(history, "ledger", "--delete", *args).returncode == 1
    assert proactive(history, "ledger", "--all").returncode == 1, "without --delete"
    env = {"PATH": os.environ["PATH"], "HOME": str(history), "PROACTIVE_DATA": str(history / "data"), "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "-m", "agent", "ledger", "--delete", "--all"]
    asked = subprocess.run(argv, input="", capture_output=True, text=True, env=env, cwd=history, check=False, timeout=30)
    assert "Delete it for good?" in asked.stdout
    assert asked.returncode == 1, "no answer is no"
    assert len(json.loads(proactive(history, "ledger", "--json", "--since", "1d").stdout)) == 2


def test_one_call_is_deleted_and_the_others_stay(history: Path) -> None:
    done = proactive(history, "ledger", "--delete", "--id", "2", "--yes")
    assert done.returncode == 0, done.stderr
    assert "Deleted: 1 calls" in done.stdout
    with closing(open_readonly(history / "data" / FILE)) as store:
        assert [c.purpose for c in store.calls()] == ["propose"]
        assert len(store.offers()) == 8
    assert not any(b"hier[/red]" in f.read_bytes() for f in (history / "data").rglob("*") if f.is_file())


def test_what_came_before_a_moment_is_deleted(history: Path) -> None:
    done = proactive(history, "ledger", "--delete", "--before", "2m", "--yes")
    assert done.returncode == 0, done.stderr
    with closing(open_readonly(history / "data" / FILE)) as store:
        assert [c.purpose for c in store.calls()] == ["propose"]
        assert {o.candidate.task for o in store.offers() if o.at < datetime.now(timezone.utc) - timedelta(days=1)} == {
            "(deleted)"
        }
        assert [r.kind for r in store.responses(1)] == ["accepted"], "what was answered stays"


def test_a_daemon_that_does_not_answer_keeps_it_from_being_done_behind_its_back(history: Path) -> None:
    lock = Lock(history / "data")
    lock.take()
    done = proactive(history, "ledger", "--delete", "--all", "--yes")
    lock.release()
    assert done.returncode == 1
    assert len(json.loads(proactive(history, "ledger", "--json", "--since", "1d").stdout)) == 2


def test_without_a_history_it_says_how_to_start(tmp_path: Path) -> None:
    for args in ([], ["--delete", "--all", "--yes"]):
        done = proactive(tmp_path, "ledger", *args)
        assert done.returncode == 1
        assert "no history yet" in done.stderr


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2h", NOW - timedelta(hours=2)),
        ("3d", NOW - timedelta(days=3)),
        ("2026-03-01T10:00:00+00:00", datetime(2026, 3, 1, 10, tzinfo=timezone.utc)),
        ("2026-03-01", datetime(2026, 3, 1).astimezone(timezone.utc)),
    ],
)
def test_a_moment_is_a_span_or_a_date(said: str, meant: datetime) -> None:
    assert moment(said, NOW) == meant


def test_a_moment_that_is_neither_is_refused() -> None:
    with pytest.raises(ControlError, match="neither"):
        moment("soon", NOW)
