"""Reading a recorded day: both shapes, odd times, and errors that name file and place."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from agent.errors import SensorError
from agent.sense.day import Day, day_of, read_day
from tests.bench.days import at, bucket, event, raw_day, span


def test_a_day_is_read_with_its_events_in_order(tmp_path: Path) -> None:
    file = tmp_path / "day.json"
    file.write_text(json.dumps(raw_day(window=[event(60, 5, app="b"), event(0, 5, app="a")])))
    day = read_day(file)
    assert [e.data["app"] for e in day.events["aw-watcher-window_lab"]] == ["a", "b"]
    assert (day.begin, day.end, day.host) == (at(0), at(65), "lab")


def test_what_activitywatch_exports_is_a_day_too() -> None:
    day = day_of({"buckets": {"w": {**bucket("window"), "id": "w", "events": [{"id": 7, **event(0, 5, app="a")}]}}}, "export")
    assert day.events["w"][0].timestamp == at(0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02T09:00:00Z", at(0)),
        ("2026-03-02T09:00:00", at(0)),
        ("2026-03-02T18:00:00.5+09:00", at(0.5)),
        ("2026-03-02T09:00:00.1239999+00:00", at(0.123)),
        ("2026-03-02 05:30:00-03:30", at(0)),
    ],
)
def test_times_are_read_as_activitywatch_reads_them(text: str, expected: datetime) -> None:
    day = day_of(raw_day(window=[{**event(0, 1), "timestamp": text}]), "day")
    read = day.begin
    assert read == expected
    assert read.utcoffset() == timedelta(0)


def test_a_negative_duration_counts_as_none_at_all() -> None:
    assert day_of(raw_day(window=[event(5, -3)]), "day").end == at(5)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[]", "no object 'buckets'"),
        ("{", "is not JSON"),
        ("\xff", "is not JSON"),
        (json.dumps({"buckets": {}, "events": []}), "'events' is not an object"),
        (json.dumps({"buckets": {}, "events": {}}), "has no events"),
        (json.dumps({"buckets": {}, "events": {"w": []}}), "events of 'w', which is not under 'buckets'"),
        (json.dumps({"buckets": {"w": {}}, "events": {"w": []}}), "bucket 'w', type"),
        (json.dumps({"buckets": {"w": bucket("window")}, "events": {"w": {}}}), "events of 'w': not a list"),
        (
            json.dumps(raw_day(window=[event(0, 1), {"data": {}, "duration": 1}])),
            "'aw-watcher-window_lab', number 2: 'timestamp'",
        ),
        (json.dumps(raw_day(window=[{**event(0, 1), "timestamp": "noon"}])), "number 1: 'timestamp' is no time: 'noon'"),
        (json.dumps(raw_day(window=[{**event(0, 1), "duration": "5"}])), "number 1: 'duration'"),
        (json.dumps(raw_day(window=[{**event(0, 1), "duration": float("nan")}])), "number 1: 'duration'"),
        (json.dumps(raw_day(window=[{**event(0, 1), "data": None}])), "number 1: 'data'"),
        (json.dumps(raw_day({"blocks": [{"start": "x", "end": "y"}]}, window=[event(0, 1)])), "truth, blocks.0.start"),
        (json.dumps(raw_day({"secrets": [{}]}, window=[event(0, 1)])), "truth, secrets.0.value"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_place(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "day.json"
    file.write_text(content, encoding="latin-1")
    with pytest.raises(SensorError) as error:
        read_day(file)
    assert said in error.value.title
    assert "day.json" in error.value.title
    assert error.value.hint


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SensorError, match=r"gone\.json cannot be read: No such file"):
        read_day(tmp_path / "gone.json")


def test_the_truth_may_be_missing_partial_or_of_several_days() -> None:
    events = [event(0, 1)]
    assert day_of(raw_day(window=events), "day").truth.moments == ()
    partial = day_of(raw_day({"secrets": ["hunter22"], "unheard_of": 1}, window=events), "day").truth
    assert [s.value for s in partial.secrets] == ["hunter22"]
    raw: dict[str, Any] = raw_day(window=events)
    raw["truth"] = [{"host": "lab", "away": [span(0, 1)]}, {"host": "lab", "away": [span(2, 3)]}]
    both = day_of(raw, "day").truth
    assert (both.host, len(both.away)) == ("lab", 2)


def two_machines() -> Day:
    raw = raw_day(window=[event(0, 9)], afk=[event(0, 9, status="not-afk")])
    raw["buckets"]["aw-watcher-window_desk"] = bucket("window", "desk")
    raw["buckets"]["aw-watcher-window_lab-synced-from-desk"] = bucket("window", "lab")
    raw["buckets"]["aw-watcher-web-firefox"] = bucket("web", "unknown")
    raw["buckets"]["aw-watcher-spotify_lab"] = bucket("currently-playing", "lab")
    raw["events"] |= {name: [event(0, 9)] for name in raw["buckets"] if name not in raw["events"]}
    return day_of(raw, "day")


def test_only_the_days_own_computer_and_known_kinds_are_chosen() -> None:
    assert {b.id for b in two_machines().own()} == {"aw-watcher-window_lab", "aw-watcher-afk_lab", "aw-watcher-web-firefox"}


def test_the_truth_decides_which_computer_it_is() -> None:
    day = two_machines()
    other = day.model_copy(update={"truth": day.truth.model_copy(update={"host": "desk"})})
    assert {b.id for b in other.own()} == {"aw-watcher-window_desk", "aw-watcher-web-firefox"}


def test_a_day_of_another_time_zone_has_the_same_moments() -> None:
    tokyo = at(0).astimezone(timezone(timedelta(hours=9))).isoformat()
    assert day_of(raw_day(window=[{**event(0, 1), "timestamp": tokyo}]), "day").begin == at(0)
