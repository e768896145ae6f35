"""Spans: unions, overlaps, and the parts of a day that the report speaks of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.bench import spans
from agent.sense.day import day_of
from tests.bench.days import at, event, raw_day, span

some = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda p: (at(min(p)), at(max(p)))), max_size=8)


def ticks(stretches: list[spans.Stretch]) -> set[int]:
    """The whole seconds inside, counted one by one."""
    return {s for s in range(60) if spans.inside(at(s), stretches)}


@given(some, some)
def test_union_and_overlap_are_what_counting_seconds_says(a: list[spans.Stretch], b: list[spans.Stretch]) -> None:
    one, other = spans.union(a), spans.union(b)
    assert ticks(one) == ticks(a)
    assert spans.seconds(one) == len(ticks(a))
    assert ticks(spans.overlap(one, other)) == ticks(a) & ticks(b)


def test_quiet_begins_later_than_the_block_does_because_the_watchers_tell_it_late() -> None:
    truth = {
        "away": [span(1000, 2000)],
        "blocks": [span(1000, 2000, interrupt="away"), span(3000, 3300, interrupt="never"), span(4000, 4100, interrupt="away")],
    }
    day = day_of(raw_day(truth, window=[event(0, 5000)]), "day")
    assert spans.quiet(day) == [(at(1200), at(2000)), (at(3015), at(3300))]


def test_active_time_is_not_afk_time_or_without_an_afk_watcher_window_time() -> None:
    afk = [event(0, 100, status="not-afk"), event(100, 500, status="afk")]
    assert spans.active(day_of(raw_day(afk=afk, window=[event(0, 600)]), "day")) == [(at(0), at(100))]
    assert spans.active(day_of(raw_day(window=[event(0, 600), event(300, 10)]), "day")) == [(at(0), at(600))]


def test_a_help_moment_is_reached_by_a_call_in_its_first_ten_minutes_and_in_itself() -> None:
    truth = {"moments": [span(0, 3600, want="help"), span(0, 3600, want="quiet")]}
    moments = spans.help_moments(day_of(raw_day(truth, window=[event(0, 1)]), "day"))
    assert moments == [(at(0), at(3600))]
    assert spans.reached(moments[0], [at(599)])
    assert not spans.reached(moments[0], [at(601)])
    assert not spans.reached((at(0), at(300)), [at(301)])


def test_a_moment_has_what_its_block_says_of_interruptions() -> None:
    truth = {"blocks": [span(0, 60, interrupt="costly"), span(60, 120)]}
    day = day_of(raw_day(truth, window=[event(0, 300)]), "day")
    assert [spans.interrupt(day, at(s)) for s in (0, 59, 60, 119, 120)] == ["costly", "costly", "ok", "ok", ""]
