"""Input that makes no sense is answered in words, with the exit code of a failure, and never with a traceback."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.cli import build
from agent.cli._ui import Span, complain, console, span
from agent.cli.init import write
from agent.cli.why import _find
from agent.configfile import read
from agent.core.records import Candidate, GateInput, LLMCall, Offer, Operation, Tick
from agent.errors import ConfigError, ControlError, ProactiveError, StoreError
from agent.lock import holder
from agent.paths import private_folder
from agent.store.memory import MemoryStore
from agent.store.sqlite import FILE, SqliteStore
from tests.cli.test_commands import proactive as process

HUGE = "9" * 30
ABSURD = "9" * 5000  # more digits than int() takes since Python 3.11


@dataclass(frozen=True)
class Said:
    """What a command wrote, and how it ended."""

    returncode: int
    stdout: str
    stderr: str


def proactive(home: Path, *args: str) -> Said:
    """A command in this process (a process of its own takes half a second); anything but an error in words is a failure."""
    env = {"HOME": str(home), "PROACTIVE_DATA": str(home / "data"), "XDG_CONFIG_HOME": str(home / "config")}
    done = CliRunner().invoke(build(), args, env=env)
    if done.exception is not None and not isinstance(done.exception, SystemExit | ProactiveError):
        raise done.exception
    error = done.exception if isinstance(done.exception, ProactiveError) else None
    return Said(done.exit_code, done.stdout, f"{error.title}\n{error.hint}\n" if error else done.stderr)


def look(name: str, at: datetime, reason: str = "away") -> Tick:
    return Tick(id=name, at=at, ending="held", reason=reason, gate=GateInput(at=at, local_minute=0))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose history holds one offer and one look whose id is all digits."""
    folder = tmp_path_factory.mktemp("home")
    store = SqliteStore(private_folder(folder / "data") / FILE)
    at = datetime.now(timezone.utc)
    candidate = Candidate(task="Search", because="four times", operation=Operation(name="search", arguments={"query": "x"}))
    offer = Offer(
        id=0, nonce="n", tick="t1", at=at, expires=at + timedelta(hours=1), candidate=candidate, line='Search the web for "x"'
    )
    store.add_offer(look("t1", at).model_copy(update={"ending": "offer"}), offer)
    store.add_tick(look("1234567890" * 3, at, "typing"))
    store.close()
    return folder


NUMBERS = [
    (("why", HUGE), 1, f"There is no offer {HUGE}."),
    (("why", ABSURD), 1, "There is no offer 9"),
    (("why", "2"), 1, "There is no offer 2."),
    (("why", "0"), 1, "There is no offer 0."),
    (("why", "²"), 1, "There is no look '²'."),
    (("why", "12345679"), 1, "There is no offer 12345679."),
    (("accept", ABSURD), 2, "integer"),
    (("log", "-n", HUGE), 2, "less than or equal to 100000"),
    (("inbox", "--limit", HUGE), 2, "less than or equal to 100000"),
]


@pytest.mark.parametrize(("args", "code", "said"), NUMBERS, ids=["-".join(a)[:20] for a, _, _ in NUMBERS])
def test_numbers_beyond_every_offer_are_no_offers(home: Path, args: tuple[str, ...], code: int, said: str) -> None:
    done = proactive(home, *args)
    assert done.returncode == code, done.stderr
    assert said in " ".join(done.stderr.split())


ANSWERS = [("accept", HUGE), ("accept", "--", "-1"), ("reject", HUGE), ("undo", HUGE)]


@pytest.mark.parametrize("args", ANSWERS, ids=[a[0] + a[-1][:2] for a in ANSWERS])
def test_an_answer_to_such_a_number_is_refused_by_the_command_as_the_user_has_it(home: Path, args: tuple[str, ...]) -> None:
    done = process(home, *args)
    assert (done.returncode, done.stderr.splitlines()[-2:]) == (1, [f"There is no offer {args[-1]}.", "See: proactive inbox"])
    assert "Traceback" not in done.stderr


def test_a_number_is_an_offer_and_eight_digits_are_a_look_where_there_is_one(home: Path) -> None:
    offer = proactive(home, "why", "1")
    assert offer.stdout.startswith("Offer 1, ")
    found = proactive(home, "why", "12345678")
    assert "You were in the middle of typing." in found.stdout, found.stderr


def test_a_time_is_one_of_today() -> None:
    now = datetime(2026, 3, 3, 14, 0).astimezone()
    store = MemoryStore()
    store.add_tick(look("yesterday", (now - timedelta(hours=15)).astimezone(timezone.utc)))
    for what in ("23:59", "13:30", "00:10"):
        with pytest.raises(StoreError, match=f"There was no look today until {what}"):
            _find(store, what, now)
    store.add_tick(look("morning", (now - timedelta(hours=5)).astimezone(timezone.utc)))
    store.add_tick(look("noon", (now - timedelta(hours=2)).astimezone(timezone.utc)))
    assert [_find(store, what, now).id for what in ("09:00", "11:59", "12:00", "13:30", "23:59")] == [
        "morning", "morning", "noon", "noon", "noon",
    ]  # fmt: skip
    with pytest.raises(StoreError, match="until 8:59"):
        _find(store, "8:59", now)


SPANS = [
    ("90s", 90, "90 s"),
    ("1", 60, "1 min"),
    ("30m", 1800, "30 min"),
    ("1.5h", 5400, "1.5 h"),
    ("365d", 31536000, "365 days"),
]
SPANS += [("1d", 86400, "1 day"), (" 2 min ", 120, "2 min")]


@pytest.mark.parametrize(("text", "seconds", "words"), SPANS)
def test_a_span_is_said_with_its_unit(text: str, seconds: float, words: str) -> None:
    assert span(text) == Span(seconds, words)


@pytest.mark.parametrize("text", ["0m", "0", "0.0001s", "366d", "999999999d", "9" * 400, "soon", "", "-5m", "1e3", "²m", "nan"])
def test_a_span_that_is_none_or_too_short_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(ControlError) as caught:
        span(text)
    assert "30m" in caught.value.hint


@pytest.mark.parametrize("command", ["pause", "snooze"])
def test_pausing_for_ever_is_refused_before_the_daemon_is_asked(tmp_path: Path, command: str) -> None:
    done = proactive(tmp_path, command, "999999999d")
    assert (done.returncode, done.stderr.splitlines()[0]) == (1, "'999999999d' is longer than 365 days.")


@pytest.mark.parametrize("args", ["status", "stop", "inbox", "log", "why", "accept 1", "pause", "start"])
def test_a_data_folder_that_is_a_file_is_said_by_every_command(tmp_path: Path, args: str) -> None:
    (tmp_path / "data").write_text("", encoding="utf-8")
    done = proactive(tmp_path, *args.split())
    assert done.returncode == 1
    assert done.stderr.startswith(f"The folder {tmp_path / 'data'} cannot be used: "), done.stderr
    assert "PROACTIVE_DATA" in done.stderr


@pytest.mark.parametrize("folder", ["x" * 5000, "file", "file/below"])
def test_the_lock_of_a_folder_that_cannot_be_is_an_error_in_words(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be used"):
        holder(tmp_path / folder)
    assert holder(tmp_path / "missing") is None


def test_doctor_names_a_data_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("", encoding="utf-8")
    done = proactive(tmp_path, "doctor")
    assert "cannot be used" in done.stdout


URLS = ["localhost:11434/v1", "ftp://host/v1", "http://", "http://[::1", "http://host:99999/v1", "https://u:p@host/v1", "x y"]


@pytest.mark.parametrize("url", URLS)
def test_init_refuses_an_address_that_is_none_before_it_writes(tmp_path: Path, url: str) -> None:
    target = tmp_path / "private.toml"
    done = proactive(tmp_path, "init", "--path", str(target), "--base-url", url, "--model", "m")
    assert done.returncode == 1
    assert "--base-url" in done.stderr
    assert "https://api.openai.com/v1" in done.stderr
    assert "u:p" not in done.stderr
    assert not target.exists()


PATHS = ["folder", "file/private.toml", "x" * 5000, "file/deep/er/private.toml"]


@pytest.mark.parametrize("path", PATHS, ids=[p[:20] for p in PATHS])
def test_init_says_where_it_cannot_write(tmp_path: Path, path: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = proactive(tmp_path, "init", "--force", "--path", str(tmp_path / path))
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "--path" in done.stderr
    assert "PROACTIVE_DATA" not in done.stderr


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\nb", "a\x7fb", "ü", "\udcff"])
def test_init_writes_odd_names_so_that_they_come_back_or_refuses_them(tmp_path: Path, name: str) -> None:
    target = tmp_path / "private.toml"
    if not name.isprintable():
        with pytest.raises(ConfigError, match="cannot be written"):
            write(target, "http://127.0.0.1:9/v1", name, "")
        assert not target.exists()
        return
    write(target, "http://127.0.0.1:9/v1", name, "")
    assert read(target).api_keys["main"][0].model == name


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_init_into_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir(mode=0o500)
    done = proactive(tmp_path, "init")
    assert done.returncode == 1
    assert "cannot be written" in done.stderr


def test_words_of_a_model_do_nothing_to_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from rich.table import Table

    evil = "\x1b]0;owned\x07\x1b[2J\x9b1m\u202e"
    (tmp_path / "data").mkdir(mode=0o700)
    at = datetime.now(timezone.utc)
    store = SqliteStore(tmp_path / "data" / FILE)
    store.add_tick(look("t1", at, evil).model_copy(update={"ending": "failed"}))
    store.add_calls([LLMCall(at=at, purpose="chat", host="h", model=evil, prompt=f"sent {evil}\n\tend", answer=evil)])
    store.close()
    table = Table()
    table.add_column()
    table.add_row(f"cell {evil}")
    console().print(table)
    complain(StoreError(evil, evil))
    printed = capsys.readouterr()
    said = [printed.out, printed.err]
    for args in (["log"], ["why"], ["log", "--json"], ["ledger"], ["ledger", "--last"], ["ledger", "--last", "--json"]):
        done = proactive(tmp_path, *args)
        assert done.returncode == 0, args
        said.append(done.stdout)
    assert not [text for text in said if set("\x1b\x07\x9b\u202e") & set(text)]
    assert "cell \\x1b]0;owned" in said[0]
    assert "sent \\x1b]0;owned\\x07\\x1b[2J\\x9b1m\\u202e\n\tend" in said[-2]
    assert json.loads(said[-1])[0]["text"] == f"sent {evil}\n\tend"
