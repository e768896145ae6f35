"""The whole redaction: no private event passes, no unknown field, nothing when it fails."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.records import Event, NewFile
from agent.core.redact import Rules, redact, redact_file
from tests.conftest import NOW, event

RULES = Rules()


def texts(events: tuple[Event, ...]) -> str:
    return json.dumps([e.data for e in events], ensure_ascii=False)


def tab(ago: float, duration: float, title: str, *, private: bool = False, **data: Any) -> Event:
    return event(
        "web", ago, duration, url="https://example.org/p", title=title, incognito=private, audible=False, tabCount=3, **data
    )


def view(ago: float, duration: float, title: str, app: str = "Google-chrome") -> Event:
    return event("window", ago, duration, app=app, title=title)


def test_a_private_tab_takes_all_windows_with_it_that_overlap() -> None:
    kept = redact(
        [
            view(400, 50, "Before - Google Chrome"),
            view(340, 20, "migraine - Google Chrome"),
            view(300, 10, "#general - Slack", app="Slack"),
            view(200, 50, "After - Google Chrome"),
            tab(340, 60, "migraine", private=True),
            tab(279, 40, "After"),
        ],
        RULES,
    )
    assert [e.data["title"] for e in kept.events] == ["Before - Google Chrome", "After - Google Chrome", "After"]
    assert kept.dropped == {"beside_private": 2, "incognito": 1}
    assert kept.private_until == NOW - timedelta(seconds=280)


def test_a_private_tab_lasts_80_seconds_past_its_known_end_or_until_the_next_tab() -> None:
    window = view(100, 10, "Slack", app="Slack")
    assert redact([tab(250, 60, "x", private=True), window], RULES).events == (window,)
    assert redact([tab(240, 60, "x", private=True), window], RULES).events == ()
    assert len(redact([tab(240, 60, "x", private=True), tab(150, 100, "y"), window], RULES).events) == 2


def test_the_last_window_may_still_grow_into_a_private_tab() -> None:
    assert redact([view(60, 10, "mail"), tab(45, 5, "x", private=True)], RULES).events == ()
    later = [view(60, 10, "mail"), view(49, 3, "y"), tab(45, 5, "x", private=True)]
    assert [e.data["title"] for e in redact(later, RULES).events] == ["mail"]


def test_tabs_beside_a_private_window_go_and_editors_stay() -> None:
    code = event("editor", 80, 20, file="/home/mira/a.py", language="python")
    out = redact([view(90, 30, "x — Mozilla Firefox Private Browsing", app="firefox"), tab(80, 10, "x and y"), code], RULES)
    assert [e.track for e in out.events] == ["editor"]
    assert out.private_until == NOW - timedelta(seconds=60)


def test_a_title_of_a_private_moment_goes_wherever_it_is_seen_again() -> None:
    seen = [tab(900, 30, "divorce lawyer cost", private=True), view(300, 30, "divorce lawyer cost - Google Chrome")]
    edge = view(200, 30, "divorce lawyer cost - Personal - Microsoft\u200b Edge", app="msedge.exe")
    assert redact([*seen, edge, tab(100, 30, "divorce lawyer cost")], RULES).events == ()
    generic = [tab(900, 30, "New Tab", private=True), view(300, 30, "New Tab - Google Chrome")]
    assert len(redact(generic, RULES).events) == 1


@pytest.mark.parametrize("flag", [True, 1, "true", "yes", [1]])
def test_any_flag_but_no_means_private(flag: Any) -> None:
    assert redact([event("web", 50, 10, title="x", url="https://a.example", incognito=flag)], RULES).events == ()


def test_a_window_without_app_and_title_is_dropped() -> None:
    assert redact([view(50, 10, "", app="")], RULES).dropped == {"blank": 1}


def test_a_window_without_title_stays_without_one() -> None:
    assert redact([event("window", 50, 10, app="Safari")], RULES).events[0].data == {"app": "Safari"}


def test_a_bank_goes_with_the_window_of_its_tab() -> None:
    page = event("web", 60, 30, url="https://meine.deutsche-bank.de/x", title="Übersicht aller Konten", incognito=False)
    out = redact([page, view(61, 30, "Übersicht aller Konten - Google Chrome"), view(20, 5, "Mail - Google Chrome")], RULES)
    assert [e.data["title"] for e in out.events] == ["Mail - Google Chrome"]
    assert out.dropped == {"bank": 1, "beside_excluded": 1}
    assert out.private_until == page.end


def test_password_managers_and_the_users_rules_go() -> None:
    rules = Rules(excluded_apps=("Signal",), excluded_titles=("falcon",), excluded_urls=("intra.example",))
    events = [
        view(90, 5, "vault.kdbx - KeePassXC", app="KeePassXC"),
        view(80, 5, "Mira", app="Signal"),
        view(70, 5, "Project Falcon - Editor", app="gedit"),
        event("web", 60, 5, url="https://x.intra.example/a", title="Salaries", incognito=False),
        view(60, 5, "Salaries - Google Chrome"),
    ]
    assert redact(events, rules).events == ()


def test_only_known_fields_pass_and_only_redacted() -> None:
    out = redact(
        [
            tab(90, 5, "Inbox", innerText="my bank balance", diffText="x", cookies="a=b"),
            event("window", 80, 5, app="Chrome", title="t", url="https://u:p@a.example/x?q=1", command="rm -rf /"),
            event(
                "editor",
                70,
                5,
                file="/home/mira/a.py",
                project="/home/mira/p",
                language="python",
                sourceUrl="https://t@g.example",
                branch="b",
            ),
            event("afk", 60, 5, status="not-afk", extra="x"),
            event("input", 50, 5, presses=7, clicks=2, keys="secret"),
        ],
        RULES,
    )
    assert [e.data for e in out.events] == [
        {"title": "Inbox", "url": "https://example.org/p", "audible": False, "incognito": False},
        {"app": "Chrome", "title": "t", "url": "https://a.example/x"},
        {"file": "~/a.py", "project": "~/p", "language": "python", "branch": "b"},
        {"status": "not-afk"},
        {"presses": 7, "clicks": 2},
    ]
    assert "bank balance" not in texts(out.events)


def test_without_titles_only_names_of_apps_are_left() -> None:
    code = event("editor", 50, 5, file="/a/b.py", project="/a", branch="b", language="python")
    out = redact(
        [view(90, 5, "secret plan"), tab(60, 5, "other plan"), code],
        Rules(titles=False),
    )
    assert [e.data for e in out.events] == [
        {"app": "Google-chrome", "title": ""},
        {"title": "", "url": "", "audible": False, "incognito": False},
        {"file": "", "project": "", "language": "", "branch": ""},
    ]
    assert redact_file(NewFile(path="/home/mira/Downloads/plan.pdf", at=NOW), Rules(titles=False)) is None


@pytest.mark.parametrize("value", [None, 7, [], {}, ["x"], "\ud800", "\x00", "x" * 200_000, "\u202e" * 5000, float("nan")])
def test_any_value_in_any_field_is_taken(value: Any) -> None:
    fields = dict.fromkeys(("app", "title", "url", "file", "project", "language", "status", "presses", "audible"), value)
    for track in ("window", "web", "editor", "afk", "input"):
        out = redact([event(track, 50, 10, **fields)], RULES)
        assert len(texts(out.events)) < 5000


class Broken(str):
    """A text that cannot be read."""

    __slots__ = ()

    def strip(self, *_: Any) -> str:
        raise RuntimeError("broken")

    def isascii(self) -> bool:
        raise RuntimeError("broken")

    def casefold(self) -> str:
        raise RuntimeError("broken")


def broken(track: Any, **fields: Any) -> Event:
    return Event.model_construct(
        bucket="b", track=track, timestamp=NOW - timedelta(seconds=50), duration=10.0, data=fields, id=1
    )


def test_what_fails_is_dropped_and_counted() -> None:
    out = redact([broken("window", app="a", title=Broken("raw secret")), view(500, 5, "fine")], RULES)
    assert out.dropped == {"failed": 1}
    assert [e.data["title"] for e in out.events] == ["fine"]
    assert redact([broken("editor", language=Broken("another secret"))], RULES).dropped == {"failed": 1}
    assert redact([broken("elsewhere", title="x")], RULES).dropped == {"failed": 1}


def test_a_tab_that_fails_counts_as_private() -> None:
    window = view(45, 5, "beside")
    assert redact([broken("web", title=Broken("x"), url="https://a.example"), window], RULES).events == ()


def test_endless_events_do_not_raise() -> None:
    out = redact([event("window", 50, 1e300, app="a", title="b"), tab(40, 1e12, "x", private=True)], RULES)
    assert out.events == ()


MOMENT = st.integers(0, 300)
TITLES = ("divorce lawyer cost", "migraine symptoms", "job openings")


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(MOMENT, st.integers(0, 60), st.sampled_from(TITLES), st.booleans()), min_size=1, max_size=6),
    st.lists(st.tuples(MOMENT, st.integers(0, 60), st.sampled_from(["Slack", "Code", "Mail"])), max_size=8),
    st.randoms(use_true_random=False),
)
def test_no_private_event_and_no_window_beside_one_ever_passes(tabs: list[Any], windows: list[Any], random: Any) -> None:
    web = [tab(400 - at, length, title, private=True) for at, length, title, _ in tabs]
    named = [view(400 - at, length, f"{title} - Google Chrome") for at, length, title, shown in tabs if shown]
    other = [view(400 - at, length, f"{title} {i}", app=title) for i, (at, length, title) in enumerate(windows)]
    events = [*web, *named, *other]
    random.shuffle(events)
    out = redact(events, RULES)
    assert not any(title in texts(out.events) for title in TITLES)
    for passed in out.events:
        assert not any(passed.timestamp < t.end and t.timestamp < passed.end for t in web)
    again = redact(out.events, RULES)
    assert again.events == out.events
    assert again.dropped == {}


def test_a_banks_tab_left_open_behind_other_windows_does_not_keep_the_moment_private() -> None:
    bank = event("web", 900, 880, url="https://meine.deutsche-bank.de/x", title="Konten der Bank", incognito=False)
    windows = [view(900, 60, "Konten der Bank - Google Chrome"), view(830, 800, "plan.odt", app="soffice.bin")]
    assert redact([bank, *windows], RULES).private_until == NOW - timedelta(seconds=838)


def test_nothing_passes_while_the_redaction_fails_its_self_test(monkeypatch: pytest.MonkeyPatch) -> None:
    from agent.core import redact as module

    try:
        monkeypatch.setattr(module, "redact_title", lambda text: text)
        module._unsound.cache_clear()
        out = redact([view(50, 5, "fine")], RULES)
    finally:
        monkeypatch.undo()
        module._unsound.cache_clear()
    assert out.events == ()
    assert "does not work" in out.problems[0]
    assert redact([view(50, 5, "fine")], RULES).problems == ()


def test_what_could_not_be_redacted_is_told_without_a_word_of_it() -> None:
    out = redact([broken("window", app="a", title=Broken("raw secret"))], RULES)
    assert out.problems == ("1 events could not be redacted and were left out.",)


def test_an_endless_title_is_judged_by_its_ends_and_by_the_users_rules_in_full() -> None:
    endless = "word " * 200_000
    start = time.thread_time()
    assert redact([view(50, 5, f"{endless} — Mozilla Firefox Private Browsing", app="firefox")], RULES).events == ()
    assert len(redact([view(50, 5, endless, app=endless)], RULES).events) == 1
    assert time.thread_time() - start < 0.5
    assert redact([view(50, 5, f"{endless} falcon {endless}")], Rules(excluded_titles=("falcon",))).events == ()


def test_a_file_keeps_neither_its_owner_nor_a_secret_and_a_broken_one_is_left_out() -> None:
    file = NewFile(path="/home/mira/glpat-" + "q7Zr2Xv9Lm4Kt8Wb3Nc6", at=NOW)
    assert redact_file(file, RULES) == NewFile(path="[secret]", at=NOW)
    plan = redact_file(NewFile(path="/home/mira/Downloads/plan.pdf", at=NOW), RULES)
    assert plan == NewFile(path="~/Downloads/plan.pdf", at=NOW)
    assert redact_file(NewFile.model_construct(path=Broken("x"), at=NOW, size=0), RULES) is None


def test_excluded_titles_hold_for_new_files_and_for_the_files_projects_and_branches_of_editors() -> None:
    rules = Rules(excluded_titles=("falcon",))
    assert redact_file(NewFile(path="/home/mira/Downloads/Falcon-offer.pdf", at=NOW), rules) is None
    work = {"file": "/home/mira/a.py", "project": "/home/mira/p", "branch": "main", "language": "python"}
    for name in ("file", "project", "branch"):
        code = event("editor", 50, 10, **(work | {name: "/home/mira/falcon"}))
        assert redact([code, view(50, 10, "a.py - Visual Studio Code", app="Code")], rules).events == ()
    assert len(redact([event("editor", 50, 10, **(work | {"project": "secrets"}))], rules).events) == 1


def test_an_excluded_editor_goes_with_what_its_watcher_says() -> None:
    code = event("editor", 50, 10, file="/home/mira/a.py", language="python")
    window = view(60, 30, "a.py - Visual Studio Code", app="Code")
    assert redact([code, window], Rules(excluded_apps=("code",))).events == ()
    later = event("editor", 20, 10, file="/home/mira/a.py", language="python")
    kept = redact([window, view(29, 20, "Slack", app="Slack"), later], Rules(excluded_apps=("code",))).events
    assert [e.track for e in kept] == ["window", "editor"]
