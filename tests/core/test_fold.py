"""Folding events of four tracks into event windows."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.fold import fold
from agent.core.records import Event, EventWindow
from agent.core.titles import normalise
from tests.conftest import NOW, event


def focused(*events: Event) -> list[EventWindow]:
    return [w for w in fold(events, NOW) if w.focused]


def test_one_stretch_of_focus_is_one_event_window() -> None:
    (w,) = focused(event("window", 60, 40, app="Code", title="a.py - x - Visual Studio Code"))
    assert (w.app, w.title, w.dwell) == ("Code", "a.py - x - Visual Studio Code", 40)


def test_an_unsaved_mark_and_a_spinner_do_not_make_another_window() -> None:
    (w,) = focused(
        event("window", 60, 9, app="Code", title="a.py - x"),
        event("window", 50, 9, app="Code", title="● a.py - x"),
        event("window", 40, 9, app="Code", title="⠹ a.py - x"),
    )
    assert w.dwell == 29


def test_a_flicker_below_two_seconds_joins_what_came_before() -> None:
    windows = focused(
        event("window", 60, 20, app="Code", title="a.py"),
        event("window", 39, 0, app="Slack", title="#random"),
        event("window", 38, 20, app="Code", title="a.py"),
    )
    assert [(w.app, w.switches) for w in windows] == [("Code", 1)]
    assert windows[0].dwell == 42


def test_a_gap_of_a_poll_is_filled_and_a_longer_one_is_not() -> None:
    windows = focused(
        event("window", 100, 10, app="A", title="a"),
        event("window", 88, 10, app="B", title="b"),
        event("window", 30, 10, app="C", title="c"),
    )
    assert [w.dwell for w in windows] == [12, 10, 10]


def test_overlapping_events_are_cut_where_the_later_one_starts() -> None:
    windows = focused(event("window", 100, 60, app="A", title="a"), event("window", 80, 60, app="B", title="b"))
    assert [w.dwell for w in windows] == [20, 60]


def test_what_a_short_window_interrupts_goes_on_after_it() -> None:
    windows = focused(event("window", 100, 90, app="zoom", title="Zoom Meeting"), event("window", 60, 5, app="B", title="b"))
    assert [(w.app, w.dwell) for w in windows] == [("zoom", 40), ("B", 5), ("zoom", 45)]


def test_a_tab_belongs_to_the_browser_window_with_its_title() -> None:
    (w,) = focused(
        event("window", 60, 50, app="Google-chrome", title="Docs - Google Chrome"),
        event("web", 60, 50, url="https://docs.example/a", title="Docs"),
    )
    assert w.url == "https://docs.example/a"


def test_a_tab_with_another_title_is_not_taken_for_the_page_in_focus() -> None:
    (w,) = focused(
        event("window", 60, 50, app="Google-chrome", title="New page - Google Chrome"),
        event("web", 60, 50, url="https://docs.example/old", title="Old page"),
    )
    assert w.url == ""


def test_a_tab_that_stays_open_behind_another_app_is_unfocused() -> None:
    windows = fold(
        [
            event("window", 600, 590, app="Code", title="a.py"),
            event("web", 600, 590, url="https://docs.example/a", title="Docs"),
        ],
        NOW,
    )
    assert [(w.app, w.focused) for w in windows] == [("Code", True), ("browser", False)]


def test_editor_events_give_file_project_and_typing_time() -> None:
    (w,) = focused(
        event("window", 60, 50, app="Code", title="a.py"),
        event("editor", 50, 8, file="~/x/a.py", project="~/x", language="python"),
    )
    assert (w.file, w.project, w.typed) == ("~/x/a.py", "~/x", 8)


def test_untitled_browser_windows_take_the_titles_of_their_tabs() -> None:
    windows = focused(
        event("window", 60, 50, app="Google Chrome"),
        event("web", 60, 20, bucket="aw-watcher-web-chrome_lab", url="https://a.example/", title="A"),
        event("web", 40, 30, bucket="aw-watcher-web-chrome_lab", url="https://b.example/", title="B"),
    )
    assert [(w.title, w.url) for w in windows] == [("A", "https://a.example/"), ("B", "https://b.example/")]


def test_windows_without_titles_or_tabs_still_count() -> None:
    (w,) = focused(event("window", 60, 50, app="Preview"))
    assert (w.app, w.title, w.dwell) == ("Preview", "", 50)


def test_without_a_window_watcher_web_and_editor_stand_in() -> None:
    windows = focused(
        event("web", 60, 20, url="https://a.example/", title="A"), event("editor", 40, 30, file="/x/a.py", project="/x")
    )
    assert [(w.app, w.title, w.url, w.file) for w in windows] == [
        ("browser", "A", "https://a.example/", ""),
        ("editor", "a.py", "", "/x/a.py"),
    ]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 600), st.integers(0, 90), st.sampled_from(["A", "B", "Code"]), st.sampled_from(["x", "y", ""])
        ),
        max_size=40,
    )
)
@settings(max_examples=100, deadline=None)
def test_focus_time_never_exceeds_the_time_that_passed(rows: list[tuple[int, int, str, str]]) -> None:
    windows = focused(*(event("window", ago, d, app=app, title=title) for ago, d, app, title in rows))
    span = timedelta(seconds=max((ago for ago, *_ in rows), default=0)).total_seconds()
    assert sum(w.dwell for w in windows) <= span + 0.01
    assert all(a.end <= b.start for a, b in pairwise(windows))
    assert all(w.end <= NOW for w in windows)


@given(st.text(max_size=60))
def test_normalising_a_title_twice_changes_nothing(title: str) -> None:
    assert normalise(normalise(title)) == normalise(title)


def test_browser_names_counters_and_marks_leave_the_title() -> None:
    cases = {
        "Inbox (3) - Google Chrome": "Inbox (3)",
        "(3) Inbox - Gmail - Mozilla Firefox": "Inbox - Gmail",
        "draft.md*": "draft.md",
        "Doc — Mozilla Firefox": "Doc",
        "★ 5 - Google Chrome - Anna": "★ 5",
        "-5 degrees": "-5 degrees",
    }
    assert {t: normalise(t) for t in cases} == cases
