"""The release rules: nothing is shown before its time, nothing shrinks, everything is whole in the end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.sense.day import Recorded
from agent.sense.release import Awake, Lane, appears, holes, known, visible
from tests.bench.days import at

TRACKS = [("window", ""), ("afk", "afk"), ("afk", "not-afk"), ("web", ""), ("editor", ""), ("input", ""), (None, "")]


def recorded(start: float, duration: float, status: str = "") -> Recorded:
    data = {"status": status} if status else {"app": "x"}
    return Recorded(timestamp=at(start), duration=duration, data=data)


@pytest.mark.parametrize(
    ("track", "status", "duration", "now", "expected"),
    [
        ("window", "", 60, 9.9, None),
        ("window", "", 60, 10, 10),
        ("window", "", 60, 19.9, 10),
        ("window", "", 60, 25, 20),
        ("window", "", 60, 61, 60),
        ("window", "", 3, 3.9, None),
        ("window", "", 3, 4, 3),
        ("window", "", 0, 0.9, None),
        ("window", "", 0, 1, 0),
        ("afk", "afk", 800, 184.9, None),
        ("afk", "afk", 800, 185, 185),
        ("afk", "afk", 800, 200, 195),
        ("afk", "afk", 800, 805, 800),
        ("afk", "afk", 181, 185.9, 181),
        ("afk", "not-afk", 800, 5, None),
        ("afk", "not-afk", 800, 15, 10),
        ("web", "", 150, 0, 0),
        ("web", "", 150, 59, 0),
        ("web", "", 150, 60, 60),
        ("web", "", 150, 149, 120),
        ("web", "", 150, 150, 150),
        ("editor", "", 30, 0, 0),
        ("editor", "", 30, 12, 10),
        ("editor", "", 30, 30, 30),
        ("input", "", 5, 4.9, None),
        ("input", "", 5, 5, 5),
        (None, "", 40, 39, None),
        (None, "", 40, 40, 40),
    ],
)
def test_a_reader_knows_as_much_as_the_watcher_has_sent(
    track: str | None, status: str, duration: float, now: float, expected: float | None
) -> None:
    assert known(recorded(0, duration, status), track, at(now)) == expected


moments = st.floats(0, 2000, allow_nan=False).map(lambda x: round(x, 3))


@given(st.sampled_from(TRACKS), moments, moments, st.lists(moments, min_size=2, max_size=8))
def test_nothing_is_shown_after_now_nothing_shrinks_and_nothing_is_invented(
    kind: tuple[str | None, str], start: float, duration: float, times: list[float]
) -> None:
    event, before = recorded(start, duration, kind[1]), None
    for now in sorted(times):
        shown = visible(event, kind[0], at(now))
        if shown is None:
            assert before is None
            continue
        assert shown.end <= at(now)
        assert shown.timestamp == event.timestamp
        assert shown.data == event.data
        assert shown.duration <= event.duration
        assert before is None or shown.duration >= before.duration
        before = shown


@given(st.sampled_from(TRACKS), moments, moments, moments, st.floats(0, 500))
def test_what_is_known_now_does_not_depend_on_how_long_the_event_goes_on(
    kind: tuple[str | None, str], start: float, duration: float, now: float, more: float
) -> None:
    """No looking ahead: events that were the same up to now and one second on look the same now."""
    longer = duration + round(more, 3)
    if now - start < duration:
        assert known(recorded(start, duration, kind[1]), kind[0], at(now)) == known(
            recorded(start, longer, kind[1]), kind[0], at(now)
        )


@given(st.sampled_from(TRACKS), moments, moments)
def test_everything_is_whole_soon_after_its_end_and_appears_when_said(
    kind: tuple[str | None, str], start: float, duration: float
) -> None:
    event = recorded(start, duration, kind[1])
    assert visible(event, kind[0], event.end + timedelta(seconds=5.001)) == event
    first = appears(event, kind[0])
    assert visible(event, kind[0], first - timedelta(milliseconds=1)) is None
    assert visible(event, kind[0], first + timedelta(milliseconds=1)) is not None


@given(st.lists(st.tuples(moments, moments), max_size=12), st.lists(moments, min_size=1, max_size=12))
def test_a_lane_tells_each_event_once_and_then_only_growth(rows: list[tuple[float, float]], times: list[float]) -> None:
    events = sorted((recorded(s, d) for s, d in rows), key=lambda e: e.timestamp)
    lane, told = Lane(events, "window"), dict[int, float]()
    for now in [*sorted(times), 5000.0]:
        for news in lane.news(at(now)):
            assert news.grown == (news.number in told)
            assert news.event.duration > told.get(news.number, -1.0)
            assert news.complete == (news.event.duration == events[news.number].duration)
            told[news.number] = news.event.duration
    assert told == {n: e.duration for n, e in enumerate(events)}
    assert lane.news(at(6000)) == []


def test_a_clock_that_goes_back_brings_no_news() -> None:
    lane = Lane([recorded(0, 100)], "window")
    assert len(lane.news(at(50))) == 1
    assert lane.news(at(20)) == []


def test_time_stands_still_while_the_machine_sleeps() -> None:
    awake = Awake([(at(0), at(100)), (at(400), at(500)), (at(650), at(700))])
    assert awake.holes == ((at(100), at(400)),)
    shown = [(awake(at(s)) - at(0)).total_seconds() for s in (50, 100, 105, 250, 399, 400, 600, 9000)]
    assert shown == [50, 100, 105, 112, 112, 400, 600, 9000]


@given(st.lists(st.tuples(moments, moments), max_size=8), moments, moments)
def test_the_time_of_a_sleeping_machine_never_goes_back_or_ahead(
    rows: list[tuple[float, float]], one: float, other: float
) -> None:
    awake = Awake((at(start), at(start + length)) for start, length in rows)
    early, late = sorted((one, other))
    assert awake(at(early)) <= awake(at(late)) <= at(late)


def test_an_absence_asleep_is_told_at_its_end() -> None:
    awake, away = Awake([(at(0), at(100)), (at(1000), at(1100))]), recorded(100, 900, "afk")
    assert visible(away, "afk", awake(at(900))) is None
    shown = visible(away, "afk", awake(at(1001)))
    assert shown is not None
    assert shown.duration > 880


def test_events_inside_others_make_no_hole() -> None:
    assert holes([(at(0), at(1000)), (at(10), at(20)), (at(900), at(1001))]) == []
