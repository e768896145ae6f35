"""Every command answers --help, errors are plain, exit codes mean what they say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from pkgutil import iter_modules

import pytest

from agent.core.records import GateInput, Tick
from agent.paths import private_folder
from agent.store.sqlite import FILE, SqliteStore

ROOT = Path(__file__).resolve().parent.parent.parent
COMMANDS = sorted(m.name for m in iter_modules([str(ROOT / "agent" / "cli")]) if not m.name.startswith("_"))
EXPECTED = [
    "accept",
    "bench",
    "config",
    "demo",
    "doctor",
    "inbox",
    "init",
    "learn",
    "ledger",
    "privacy",
    "level",
    "log",
    "never",
    "pace",
    "pause",
    "reject",
    "replay",
    "resume",
    "run",
    "snooze",
    "start",
    "status",
    "stop",
    "train",
    "undo",
    "why",
]


def proactive(home: Path, *args: str) -> subprocess.CompletedProcess[str]:
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PROACTIVE_DATA": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "PYTHONPATH": str(ROOT),
    }
    argv = [sys.executable, "-m", "agent", *args]
    return subprocess.run(argv, capture_output=True, text=True, env=env, cwd=home, check=False, timeout=60)


def test_every_command_of_the_issue_is_there() -> None:
    assert sorted(EXPECTED) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_says_what_it_does(tmp_path: Path, command: str) -> None:
    done = proactive(tmp_path, command, "--help")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) > 3
    assert done.stderr == ""


FAILURES = [
    (("status",), 1, "Proactive is not running. Start it with: proactive run (or proactive start)"),
    (("inbox",), 1, "There is no history yet."),
    (("accept", "7"), 1, "There is no offer 7."),
    (("why",), 1, "There is no history yet."),
    (("run", "--config", "gone.toml"), 1, "There is no configuration at gone.toml."),
    (("accept", "seven"), 2, "valid integer"),
    (("log", "-n", "0"), 2, "greater than or equal to 1"),
    (("inbox", "--limit", "-1"), 2, "greater than or equal to 1"),
    (("nonsense",), 2, "No such command"),
    (("pause", "soon"), 1, "'soon' is not a span of time."),
    (("bench", "cost", "--day", "gone.json"), 1, "gone.json"),
]


@pytest.mark.parametrize(("args", "code", "said"), FAILURES, ids=["-".join(a) for a, _, _ in FAILURES])
def test_failures_are_plain_and_exit_codes_true(tmp_path: Path, args: tuple[str, ...], code: int, said: str) -> None:
    done = proactive(tmp_path, *args)
    assert done.returncode == code, done.stderr
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_stopping_what_does_not_run_is_no_failure(tmp_path: Path) -> None:
    done = proactive(tmp_path, "stop")
    assert (done.returncode, done.stdout) == (0, "Proactive is not running.\n")


def test_config_shows_what_is_in_force_without_keys(tmp_path: Path) -> None:
    (tmp_path / "private.toml").write_text(
        '[request]\ndefault_completions_model = "a"\n[[api_keys.a]]\napi_key = "hidden-key"\n'
        'base_url = "http://127.0.0.1:9/v1"\nmodel = "m"\n',
        encoding="utf-8",
    )
    for args in (("config",), ("config", "--json")):
        done = proactive(tmp_path, *args)
        assert done.returncode == 0, done.stderr
        assert "127.0.0.1:9" in done.stdout
        assert "hidden-key" not in done.stdout + done.stderr


def test_init_writes_a_private_file_that_is_valid_and_never_overwrites(tmp_path: Path) -> None:
    target = tmp_path / "new" / "private.toml"
    done = proactive(
        tmp_path, "init", "--path", str(target), "--base-url", "http://127.0.0.1:9/v1", "--model", "m", "--api-key-env", "K"
    )
    assert done.returncode == 0, done.stderr
    assert "ActivityWatch" in done.stdout
    if os.name == "posix":
        assert target.stat().st_mode & 0o777 == 0o600
    assert proactive(tmp_path, "config", "--config", str(target)).returncode == 0
    again = proactive(tmp_path, "init", "--path", str(target))
    assert again.returncode == 1
    assert "already" in again.stderr


def test_doctor_names_every_track_its_watcher_and_the_remedy_of_each_problem(tmp_path: Path) -> None:
    (tmp_path / "private.toml").write_text("[activitywatch]\nport = 9\n", encoding="utf-8")
    (tmp_path / "private.toml").chmod(0o644)
    done = proactive(tmp_path, "doctor", "--json")
    found = {f["what"]: f for f in json.loads(done.stdout)}
    assert done.returncode == 1
    assert found["ActivityWatch"]["mark"] == "problem"
    assert "127.0.0.1:9" in found["ActivityWatch"]["found"]
    assert {f"track {t}" for t in ("afk", "window", "web", "editor")} <= set(found)
    assert all("https://" in f["remedy"] for w, f in found.items() if w.startswith("track"))
    assert found["toasts"]["mark"] == "missing"
    assert any(w.startswith("presence") for w in found)
    if os.name == "posix":
        assert found["configuration"]["remedy"].startswith("chmod 600")


@pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX matter")
def test_doctor_sends_no_key_that_others_can_read(tmp_path: Path) -> None:
    key = "[[api_keys.a]]\napi_key = 'sk-lab-0123456789'\nbase_url = 'http://127.0.0.1:9/v1'\nmodel = 'm'\n"
    start = "[activitywatch]\nport = 9\n[request]\ndefault_completions_model = 'a'\n"
    for value, what in ((key, "which holds a key"), (key.replace("-lab", "…"), "a sign that no key has")):
        (tmp_path / "private.toml").write_text(start + value, encoding="utf-8")
        (tmp_path / "private.toml").chmod(0o644 if value == key else 0o600)
        done = proactive(tmp_path, "doctor", "--json")
        found = {f["what"]: f for f in json.loads(done.stdout)}
        assert done.returncode == 1
        assert what in found["model a"]["found"]
        assert "0123456789" not in done.stdout + done.stderr


def test_a_look_is_found_by_the_beginning_of_its_id_and_by_time(tmp_path: Path) -> None:
    store = SqliteStore(private_folder(tmp_path / "data") / FILE)
    at = datetime.now(timezone.utc)
    gate = GateInput(at=at, local_minute=0)
    store.add_tick(Tick(id="52ef5e05aa", at=at, ending="held", reason="away", gate=gate))
    store.close()
    for what in ("52ef5e05", "23:59", ""):
        done = proactive(tmp_path, "why", *([what] if what else []))
        assert "You were away from the machine." in done.stdout, done.stderr
    for what in ("99:99", "12:x", "abc"):
        done = proactive(tmp_path, "why", what)
        assert (done.returncode, done.stderr.splitlines()[0]) == (1, f"There is no look '{what}'.")


def test_a_data_folder_that_is_none_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("", encoding="utf-8")
    done = proactive(tmp_path, "run")
    assert done.returncode == 1
    assert "cannot be used" in done.stderr
    assert "Traceback" not in done.stderr
