"""proactive privacy: what is in force, and what would remain of a text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.core.canary import TEXTS, broken
from agent.core.explain import examples, tried, tried_events
from agent.core.redact import Rules
from tests.cli.test_commands import proactive
from tests.conftest import event

TOKEN = "glpat-" + "q7Zr2Xv9Lm4Kt8Wb3Nc6"


def test_every_rule_has_an_example_that_works() -> None:
    assert broken() == ""
    for (name, _, left), (_, _, value) in zip(examples(), TEXTS, strict=True):
        assert value not in left, name


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (TOKEN, "secrets: token shapes"),
        ("password=hunter2", "secrets: after its name"),
        ("postgres://app:hunter2@db.example/prod", "secrets: connection strings"),
        ("+49 151 23456789", "telephone numbers"),
        ("481923 is your sign-in code", "one-time codes"),
        ("a\u202eb", "unseen signs and runs of spaces"),
    ],
)
def test_a_text_says_which_rule_hid_what(text: str, rule: str) -> None:
    found = tried(text)
    assert rule in found.rules
    assert found.left != text
    assert tried("Hacker News").rules == ()


def test_an_event_says_why_it_is_dropped_and_by_whose_rule() -> None:
    vault = [event("window", 50, 1, app="KeePassXC", title="x")]
    assert tried_events(vault, Rules()).dropped.endswith("(built in)")
    own = [event("window", 50, 1, app="Signal", title="x")]
    assert tried_events(own, Rules(excluded_apps=("Signal",))).dropped.endswith("(by your configuration)")
    off = tried_events([event("window", 50, 1, app="gedit", title="plan")], Rules(titles=False))
    assert (off.left, off.rules) == ("app: gedit", ("titles off",))


def test_the_command_shows_what_is_in_force_and_where_it_comes_from(tmp_path: Path) -> None:
    path = tmp_path / "private.toml"
    path.write_text('[privacy]\nexcluded_apps = ["Signal"]\ntitles = false\n', encoding="utf-8")
    path.chmod(0o600)
    done = proactive(tmp_path, "privacy", "--config", str(path))
    assert done.returncode == 0, done.stderr
    for words in ("Signal", str(path), "titles: off", "token shapes", "Not recognised"):
        assert words in done.stdout
    found = json.loads(proactive(tmp_path, "privacy", "--config", str(path), "--json").stdout)
    assert (found["excluded_apps"], found["titles"], found["works"]) == (["Signal"], False, True)


def test_what_is_tried_is_neither_echoed_nor_kept(tmp_path: Path) -> None:
    done = proactive(tmp_path, "privacy", "--try", f"token {TOKEN} end")
    assert done.stdout.startswith("token [secret] end\nHidden by: secrets: token shapes\n")
    assert TOKEN not in done.stdout + done.stderr
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
    done = proactive(tmp_path, "privacy", "--app", "firefox", "--url", f"https://u:p@a.example/x?t={TOKEN}")
    assert "url: https://a.example/x\n" in done.stdout
    assert TOKEN not in done.stdout
    assert "a bank" in proactive(tmp_path, "privacy", "--app", "firefox", "--title", "Sparkasse").stdout
    assert proactive(tmp_path, "privacy", "--try", "x", "--app", "y").returncode == 2
