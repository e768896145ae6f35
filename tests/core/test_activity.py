"""Who is there, since when: from times alone."""

from __future__ import annotations

from datetime import timedelta

from agent.core.activity import activity
from tests.conftest import NOW, event


def test_a_fresh_word_of_the_afk_watcher_counts() -> None:
    assert activity([event("afk", 600, 595, status="not-afk")], NOW).afk == "here"
    assert activity([event("afk", 300, 295, status="afk")], NOW).afk == "away"


def test_a_stale_or_missing_afk_watcher_is_unknown_never_away() -> None:
    assert activity([event("afk", 600, 300, status="not-afk"), event("window", 20, 15, app="A")], NOW).afk == "unknown"
    assert activity([event("window", 20, 15, app="A")], NOW).afk == "unknown"
    assert activity([], NOW).afk == "unknown"


def test_presence_begins_where_the_last_absence_ends() -> None:
    a = activity(
        [
            event("afk", 3000, 1000, status="not-afk"),
            event("afk", 2000, 1500, status="afk"),
            event("afk", 500, 495, status="not-afk"),
        ],
        NOW,
    )
    assert a.here_since == NOW - timedelta(seconds=500)
    assert a.away_for == 1500
    assert a.worked == 500


def test_a_hole_in_all_tracks_ends_what_was_known() -> None:
    a = activity([event("window", 3000, 1000, app="A"), event("window", 900, 890, app="B")], NOW)
    assert a.here_since == NOW - timedelta(seconds=900)
    assert a.worked == 900


def test_a_short_absence_is_not_a_break() -> None:
    a = activity(
        [
            event("afk", 5000, 2000, status="not-afk"),
            event("afk", 3000, 200, status="afk"),
            event("afk", 2800, 2795, status="not-afk"),
        ],
        NOW,
    )
    assert a.worked == 5000
    assert a.away_for == 200


def test_staleness_is_the_age_of_the_newest_event_of_somebody_present() -> None:
    assert activity([event("window", 100, 60, app="A"), event("afk", 300, 299, status="afk")], NOW).stale == 40


def test_without_an_afk_watcher_a_screen_that_does_not_change_means_away() -> None:
    still = [event("window", 400, 60, app="A", title="x"), event("window", 339, 335, app="B", title="y")]
    assert activity(still, NOW).afk == "away"
    assert activity([*still, event("editor", 60, 30, file="a.py")], NOW).afk == "unknown"
    assert activity([*still, event("afk", 600, 595, status="not-afk")], NOW).afk == "here"
    assert activity([event("window", 900, 100, app="A", title="x")], NOW).stale == 800


def test_without_an_afk_watcher_five_minutes_without_a_change_are_an_absence() -> None:
    back = [event("window", 900, 500, app="A", title="x"), event("window", 400, 395, app="B", title="y")]
    assert activity(back, NOW).here_since == NOW - timedelta(seconds=400)


def test_idle_counts_from_the_last_input_that_the_afk_watcher_knows_of() -> None:
    typing = event("window", 600, 595, app="A", title="x")
    assert activity([event("afk", 600, 520, status="not-afk"), typing], NOW).idle == 80
    assert activity([event("afk", 600, 300, status="not-afk"), event("afk", 300, 295, status="afk"), typing], NOW).idle == 300
    assert activity([typing], NOW).idle == 0
