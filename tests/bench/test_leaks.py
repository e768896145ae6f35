"""What is private in a day, and that it is found wherever and however it was written down."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from agent.bench import leaks
from agent.core.records import LLMCall
from agent.sense.day import Day, day_of
from agent.store.sqlite import SqliteStore
from tests.bench.days import event, raw_day
from tests.conftest import NOW

CLINIC = "https://clinic.example/book?who=me"


def private_day() -> Day:
    """A private tab from second 100 to 200, a password manager, and public pages around it."""
    return day_of(
        raw_day(
            {"secrets": [{"value": "sk-live-12345"}, {"value": "sk-live-12345"}, {"value": "x"}]},
            window=[
                event(0, 90, app="Code", title="main.py"),
                event(100, 50, app="Google-chrome", title="My rash – Clinic - Google Chrome (Incognito)"),
                event(150, 20, app="Slack", title="Seen beside the clinic"),
                event(199.5, 0, app="Slack", title="Seen for no time"),
                event(170, 20, app="Code", title="main.py"),
                event(300, 5, app="org.keepassxc.KeePassXC", title="Prod DB / hunter"),
                event(400, 5, app="firefox", title="How private browsing works — Mozilla Firefox"),
            ],
            web=[
                event(0, 90, url="https://news.example/", title="News", incognito=False),
                event(100, 100, url=CLINIC, title="My rash – Clinic", incognito=True),
                event(210, 5, url="https://news.example/", title="News", incognito=True),
            ],
        ),
        "day",
    )


def test_private_is_what_is_flagged_marked_beside_it_or_a_password_managers_unless_it_is_public_too() -> None:
    assert set(leaks.private(private_day())) == {
        "My rash – Clinic - Google Chrome (Incognito)",
        "My rash – Clinic",
        CLINIC,
        "Seen beside the clinic",
        "Seen for no time",
        "Prod DB / hunter",
    }


@pytest.mark.parametrize(
    "title",
    [
        "Rash - Google Chrome (Incognito)",
        "Rash – Google Chrome (Inkognito)",
        "Rash - [InPrivate] - Microsoft\u200b Edge",
        "Rash — Mozilla Firefox Private Browsing",
        "Rash — Mozilla Firefox — Privates Fenster",
        "Rash — Navigation privée",
        "发疹 - Google Chrome（无痕模式）"[:-1].replace("（", " (") + ")",
    ],
)
def test_private_windows_are_known_by_the_mark_of_their_title(title: str) -> None:
    day = day_of(raw_day(window=[event(0, 5, app="browser", title=title)]), "day")
    assert title in leaks.private(day)


@pytest.mark.parametrize(
    "written",
    [
        "I saw My rash – Clinic there",
        json.dumps({"title": "My rash – Clinic"}),
        "GET https://clinic.example/book",
        "09:00 clinic.example/book",
        json.dumps(["Seen beside the clinic"]),
    ],
)
def test_a_leak_is_found_as_it_is_escaped_and_without_its_query(written: str) -> None:
    forms = leaks.private(private_day()).values()
    assert any(leaks.leaked(f, [b"nothing", written.encode()]) for f in forms)


@pytest.mark.parametrize("written", ["main.py", "https://news.example/", "news", "How private browsing works", "Slack"])
def test_public_text_is_no_leak(written: str) -> None:
    assert not any(leaks.leaked(f, [written.encode()]) for f in leaks.private(private_day()).values())


def test_secrets_count_once_and_only_if_they_can_be_told_from_other_text() -> None:
    assert leaks.secrets(private_day()) == ["sk-live-12345"]


def test_texts_that_a_database_cut_up_into_pages_or_kept_in_its_log_are_found(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("CREATE TABLE t (x TEXT)")
    long = "".join(f"{n:05}," for n in range(3000))
    db.execute("INSERT INTO t VALUES (?)", (long,))
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "day.log").write_text("the log says hunter22")
    found = leaks.kept(tmp_path)
    db.close()
    assert leaks.leaked([long], found)
    assert leaks.leaked(["hunter22"], found)
    assert not leaks.leaked(["hunter23"], found)


def test_texts_that_the_store_keeps_compressed_are_found(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "p.db")
    said = " ".join(f"word {n}" for n in range(400)) + " hunter22"
    store.add_calls([LLMCall(at=NOW, purpose="p", host="h", model="m", prompt=said)])
    found = leaks.kept(tmp_path)
    store.close()
    assert not any(b"hunter22" in p.read_bytes() for p in tmp_path.iterdir()), "it is compressed"
    assert leaks.leaked(["hunter22"], found)


def test_a_code_within_a_random_id_is_no_leak_but_alone_it_is() -> None:
    ident = b"c24843513887428ab861a4840aaa84ac"
    assert not leaks.leaked(["388742"], [b"tick " + ident + b" held"])
    assert leaks.leaked(["388742"], [b"tick " + ident + b" code388742"])
