"""What the gate looks at: calls, leisure, typing, contexts, change, breakpoints."""

from __future__ import annotations

from datetime import timedelta

from agent.core.records import EventWindow
from agent.core.signals import back, context, shifted, signals
from tests.conftest import NOW, event, window


def test_a_meeting_in_focus_or_audible_behind_is_a_call() -> None:
    seen = signals([window("zoom", "Zoom Meeting", 300, 60), window("Code", "a.py", 200, 195)], [], NOW, None)
    assert seen.call_ago == 240
    tab = window("browser", "Meet", 300, 0, url="https://meet.google.com/abc-defg-hij", focused=False, audible=True)
    behind = tab.model_copy(update={"end": NOW - timedelta(seconds=10)})
    assert signals([behind, window("Code", "a.py", 200, 195)], [], NOW, None).call_ago == 10
    assert signals([window("Code", "a.py", 200, 195)], [], NOW, None).call_ago is None


def test_typing_is_a_burst_of_editor_events_or_keys() -> None:
    windows = [window("Code", "a.py", 100, 100)]
    assert signals(windows, [event("editor", 28, 26, file="a.py")], NOW, None).typing
    assert not signals(windows, [event("editor", 28, 5, file="a.py")], NOW, None).typing
    assert signals(windows, [event("input", 8, 5, presses=20)], NOW, None).typing
    assert not signals(windows, [event("input", 60, 5, presses=20)], NOW, None).typing


def test_the_fingerprint_changes_with_what_is_in_front_and_not_with_time() -> None:
    before = signals([window("Code", "a.py", 100, 90)], [], NOW, None).fingerprint
    after = signals([window("Code", "a.py", 90, 90)], [], NOW, None).fingerprint
    other = signals([window("Code", "b.py", 90, 90)], [], NOW, None).fingerprint
    assert before == after != other


def test_a_context_is_an_app_or_a_site_by_address_or_by_title() -> None:
    assert context(window("Google-chrome", "A - Wiki", 10, url="https://wiki.example/a")) == "Google-chrome|wiki.example"
    assert context(window("Google-chrome", "A - Wiki", 10)) == context(window("Google-chrome", "B – Wiki", 10))
    assert context(window("Code", "a.py", 10, project="~/x")) == "Code|~/x"


def test_the_age_of_a_context_counts_from_when_it_came_into_use() -> None:
    windows = [window("Code", "a.py", 900, 700), window("Firefox", "x - Site", 200, 60), window("Code", "b.py", 30, 30)]
    assert signals(windows, [], NOW, None).context_age == 900
    assert signals([*windows, window("Mail", "new", 20, 20)], [], NOW, None).context_age == 20
    forgotten = [window("Code", "a.py", 900, 200), window("Firefox", "x - Site", 700, 670), window("Code", "b.py", 30, 30)]
    assert signals(forgotten, [], NOW, None).context_age == 30


def test_a_chat_kept_in_front_is_a_conversation() -> None:
    assert signals([window("Code", "a.py", 200, 190), window("WhatsApp", "WhatsApp", 20, 15)], [], NOW, None).call_ago == 5
    assert signals([window("Code", "a.py", 200, 190), window("WhatsApp", "WhatsApp", 10, 5)], [], NOW, None).call_ago is None
    assert signals([window("WhatsApp", "WhatsApp", 200, 60), window("Code", "a.py", 140, 130)], [], NOW, None).call_ago == 140
    assert (
        signals([window("Slack", "#shop - Slack", 200, 20), window("Code", "a.py", 140, 130)], [], NOW, None).call_ago is None
    )


def test_an_activity_shifts_when_little_of_it_is_left() -> None:
    assert shifted(("a", "b", "c"), ("x", "y"))
    assert not shifted(("a", "b"), ("a", "b", "c"))
    assert not shifted((), ("a",))


def test_hashes_carry_no_titles() -> None:
    seen = signals([window("Code", "secret-title", 100, 90)], [], NOW, None)
    assert "secret-title" not in seen.model_dump_json()


def breakpoint_of(*windows: EventWindow) -> str:
    return signals(windows, [], NOW, None).breakpoint


def test_leaving_a_place_after_minutes_in_it_is_a_breakpoint_for_some_minutes() -> None:
    writing, reading = window("writer", "thesis", 900, 780), window("evince", "paper", 120, 115)
    assert breakpoint_of(writing, reading) == "switch"
    assert breakpoint_of(window("writer", "thesis", 900, 895)) == ""
    assert breakpoint_of(window("writer", "thesis", 900, 400), window("evince", "paper", 500, 495)) == ""
    flicker = [window("writer", "thesis", 900, 400), window("Mail", "x", 500, 5), window("writer", "thesis", 495, 400)]
    assert breakpoint_of(*flicker, window("evince", "paper", 95, 90)) == "switch"


def test_leaving_a_place_for_seconds_is_a_small_breakpoint() -> None:
    """The loop of one task: test, edit, test; a test of two minutes is a switch."""
    before, coding = window("term", "pytest", 800, 20), window("Code", "a.py", 780, 720)
    assert breakpoint_of(before, coding, window("term", "pytest", 60, 55)) == "pause"
    coding = window("Code", "a.py", 780, 660)
    assert breakpoint_of(before, coding, window("term", "pytest", 120, 115)) == "switch"
    again = window("Code", "b.py", 50, 20), window("term", "pytest", 30, 25)
    assert breakpoint_of(before, coding, window("term", "pytest", 120, 70), *again) == "pause"


def test_coming_to_a_new_place_from_many_short_stays_is_a_breakpoint_but_not_deep_in_writing() -> None:
    loop = [window(("Code", "term")[n % 2], "x", 700 - 30 * n, 28) for n in range(18)]
    assert breakpoint_of(*loop) == ""
    assert breakpoint_of(*loop, window("writer", "report", 150, 145)) == "switch"
    assert breakpoint_of(*loop, window("writer", "report", 150, 145, typed=70.0)) == ""


def test_leaving_a_burst_of_typing_is_a_small_breakpoint() -> None:
    burst = window("Code", "a.py", 120, 60, typed=40.0)
    assert breakpoint_of(burst, window("Firefox", "docs - Site", 60, 55)) == "pause"
    assert breakpoint_of(burst.model_copy(update={"typed": 5.0}), window("Firefox", "docs - Site", 60, 55)) == ""


def test_a_meeting_just_over_is_a_breakpoint_until_the_user_is_deep_in_writing() -> None:
    call, after = window("zoom", "Zoom Meeting", 900, 600), window("Code", "a.py", 300, 295)
    assert breakpoint_of(call, after) == "meeting"
    assert breakpoint_of(call, after.model_copy(update={"typed": 90.0})) == ""


def test_back_from_a_break_is_a_breakpoint_for_ten_minutes() -> None:
    assert back(NOW - timedelta(minutes=5), 400.0, NOW)
    assert not back(NOW - timedelta(minutes=5), 200.0, NOW)
    assert not back(NOW - timedelta(minutes=11), 400.0, NOW)
    assert not back(None, 0.0, NOW)
