"""The pure parts of the ActivityWatch sensor: choosing buckets, checking events, finding host and key."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.private import is_private_window
from agent.sense._access import access
from agent.sense._buckets import MAX_BUCKETS, Bucket, choose, same_computer
from agent.sense._events import MAX_EVENTS, MAX_TEXT, Parsed, Span, parse
from agent.sense._http import RequestError
from agent.sense._words import gone
from agent.sense.activitywatch import Settings, access_of
from tests.conftest import NOW

SPAN = Span(start=NOW - timedelta(minutes=35), now=NOW)
WINDOW = Bucket(id="aw-watcher-window_lab", track="window")


def bucket(kind: str, hostname: Any = "lab", **fields: Any) -> dict[str, Any]:
    return {"type": kind, "hostname": hostname, "client": "x", **fields}


def chosen(listed: object, hostname: str = "lab") -> dict[str, str]:
    return {b.id: b.track for b in choose(listed, hostname)[0]}


def raw(ago: float = 60.0, duration: Any = 5.0, data: Any = None, number: Any = 1) -> dict[str, Any]:
    stamp = (NOW - timedelta(seconds=ago)).isoformat()
    return {"id": number, "timestamp": stamp, "duration": duration, "data": {"app": "Code"} if data is None else data}


def only(*items: Any, source: Bucket = WINDOW) -> Parsed:
    return parse(list(items), source, SPAN)


def test_type_decides_the_track_and_words_in_the_id_do_not() -> None:
    listed = {
        "aw-watcher-web-chrome_windows-pc": bucket("web.tab.current", "windows-pc"),
        "aw-watcher-input_windows-pc": bucket("os.hid.input", "windows-pc"),
        "aw-watcher-afk_windows-pc": bucket("afkstatus", "windows-pc"),
        "aw-watcher-webcam_windows-pc": bucket("webcam", "windows-pc"),
        "mine": bucket("currentwindow", "windows-pc"),
        "aw-watcher-intellij-idea_windows-pc": bucket("app.editor.activity", "windows-pc"),
    }
    assert chosen(listed, "windows-pc") == {
        "aw-watcher-web-chrome_windows-pc": "web",
        "aw-watcher-input_windows-pc": "input",
        "aw-watcher-afk_windows-pc": "afk",
        "mine": "window",
        "aw-watcher-intellij-idea_windows-pc": "editor",
    }


def test_other_computers_and_synced_copies_are_left_out_and_named() -> None:
    listed = {
        "aw-watcher-window_lab": bucket("currentwindow"),
        "aw-watcher-window_desk": bucket("currentwindow", "desk"),
        "aw-watcher-window_lab-synced-from-lab": bucket("currentwindow"),
        "copy": bucket("currentwindow", data={"$aw.sync.origin": "desk"}),
    }
    found, others = choose(listed, "lab")
    assert [b.id for b in found] == ["aw-watcher-window_lab"]
    assert others == ["desk"]


@pytest.mark.parametrize(
    ("name", "hostname", "taken"),
    [
        ("aw-watcher-web-firefox", "unknown", True),
        ("aw-watcher-web-firefox_lab", "", True),
        ("aw-watcher-web-firefox_unknown", None, True),
        ("aw-watcher-web-firefox_desk", "unknown", False),
        ("aw-watcher-my_editor_lab", "unknown", True),
    ],
)
def test_a_browser_that_does_not_know_its_computer_is_ours_unless_its_id_names_another(
    name: str, hostname: str | None, *, taken: bool
) -> None:
    assert bool(chosen({name: bucket("web.tab.current", hostname)})) is taken


def test_a_window_bucket_without_a_computer_is_not_ours() -> None:
    assert chosen({"aw-watcher-window_lab": bucket("currentwindow", "unknown")}) == {}


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("Miras-Mac.local", "miras-mac.fritz.box", True),
        ("lab", "LAB.local", True),
        ("lab.corp.example", "lab", True),
        ("lab.corp.example", "lab.other.example", False),
        ("lab", "lab2", False),
        ("pc", "windows-pc", False),
    ],
)
def test_a_computer_keeps_its_identity_when_a_network_adds_to_its_name(a: str, b: str, *, same: bool) -> None:
    assert same_computer(a, b) is same


def test_the_newest_buckets_are_kept_when_there_are_too_many() -> None:
    listed = {f"b{i}": bucket("currentwindow", last_updated=f"2026-03-01T00:00:{i:02d}Z") for i in range(60)}
    found = choose(listed, "lab")[0]
    assert len(found) == MAX_BUCKETS
    assert found[0].id == "b59"


@pytest.mark.parametrize("entry", [None, [], 3, {"type": ["x"]}, {"type": "currentwindow", "hostname": {}}, {}])
def test_an_entry_that_makes_no_sense_is_passed_over(entry: object) -> None:
    assert chosen(
        {"bad": entry, "half \ud800": bucket("currentwindow"), "good": bucket("currentwindow", last_updated="nonsense")}
    ) == {"good": "window"}


def test_the_rust_server_tells_the_newest_event_in_its_metadata() -> None:
    found = choose({"b": bucket("afkstatus", metadata={"end": "2026-03-02T13:00:00.123456789Z"})}, "lab")[0]
    assert found[0].updated is not None
    assert found[0].updated.hour == 13


def test_a_list_where_the_buckets_should_be_is_garbage() -> None:
    with pytest.raises(RequestError):
        choose([], "lab")
    with pytest.raises(RequestError):
        parse({}, WINDOW, SPAN)


@pytest.mark.parametrize(
    "item",
    [
        None,
        "x",
        {},
        raw(data=[]),
        raw(duration=-1),
        raw(duration=None),
        raw(duration="5"),
        raw(duration=float("nan")),
        raw(duration=float("inf")),
        raw(ago=-121),
        {**raw(), "timestamp": 5},
        {**raw(), "timestamp": "yesterday"},
        {**raw(), "timestamp": "0001-01-01T00:00:00+14:00"},
        {**raw(), "timestamp": "9" * 5000},
        {"id": 1, "timestamp": NOW.isoformat(), "duration": 1},
    ],
)
def test_a_bad_event_is_counted_and_the_good_one_beside_it_kept(item: Any) -> None:
    found = only(item, raw(number=7))
    assert [e.id for e in found.events] == [7]
    assert found.skipped == 1


def test_a_fast_clock_is_pulled_back_to_now() -> None:
    found = only(raw(ago=-95, duration=10)).events[0]
    assert (found.timestamp, found.duration) == (NOW, 0.0)
    assert only(raw(ago=20, duration=500)).events[0].end == NOW


def test_of_an_absurdly_long_event_the_last_day_is_kept() -> None:
    found = only(raw(ago=134 * 3600, duration=134 * 3600)).events[0]
    assert found.end == NOW
    assert found.duration == 24 * 3600


def test_an_event_that_ended_before_the_range_is_not_ours_and_no_fault() -> None:
    found = only(raw(ago=36 * 60, duration=30))
    assert found == Parsed()


def test_an_event_without_a_zone_is_in_utc() -> None:
    found = only({**raw(), "timestamp": NOW.replace(tzinfo=None).isoformat()})
    assert found.events[0].timestamp == NOW


def test_text_is_cut_and_half_characters_are_replaced() -> None:
    found = only(raw(data={"app": "a\ud800b\x00", "title": "x" * 200_000})).events[0]
    assert found.data["app"] == "a\ufffdb\ufffd"
    assert len(found.data["title"]) == MAX_TEXT


def test_of_a_long_title_both_ends_are_kept_for_browsers_name_their_mode_last() -> None:
    title = f"{'a very long page ' * 1000}— Mozilla Firefox Private Browsing"
    found = only(raw(data={"app": "firefox", "title": title})).events[0]
    assert is_private_window("firefox", found.data["title"])


def test_only_the_fields_the_agent_uses_are_taken_and_only_of_their_kind() -> None:
    data = {"url": "https://a.example/", "title": None, "incognito": 1, "audible": True, "tabCount": 3, "innerText": "page"}
    found = only(raw(data=data), source=Bucket(id="w", track="web")).events[0]
    assert found.data == {"url": "https://a.example/", "audible": True, "tabCount": 3}


def test_counts_that_are_no_numbers_are_left_out() -> None:
    data = {"presses": float("nan"), "clicks": float("inf"), "deltaX": True, "scrollY": 4}
    assert only(raw(data=data), source=Bucket(id="i", track="input")).events[0].data == {"scrollY": 4}


def test_a_name_from_the_server_is_short_and_printable_in_a_message() -> None:
    said = gone(Bucket(id="x\u202e\n" + "y" * 150, track="window"))
    assert "x??yyy" in said
    assert len(said) < 150


def test_of_one_id_twice_the_longer_is_kept_and_events_without_id_all_stay() -> None:
    found = only(
        raw(duration=5, number=3),
        raw(duration=9, number=3),
        raw(duration=2, number=3),
        raw(number=None),
        raw(number=True),
        raw(number="x"),
    )
    assert sorted((e.id or 0, e.duration) for e in found.events) == [(0, 5), (0, 5), (0, 5), (3, 9)]


def test_the_newest_ten_thousand_events_are_kept_oldest_first() -> None:
    found = only(*(raw(ago=i / 10, duration=0, number=i) for i in range(MAX_EVENTS + 5)))
    assert len(found.events) == MAX_EVENTS
    assert found.events[-1].id == 0
    assert found.events == tuple(sorted(found.events, key=lambda e: e.timestamp))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
EVENTISH = st.fixed_dictionaries(
    {}, optional={"id": JSON, "timestamp": JSON | st.datetimes().map(str), "duration": JSON, "data": JSON}
)


@given(st.lists(EVENTISH | JSON, max_size=4), st.dictionaries(st.text(max_size=9), JSON, max_size=3))
def test_whatever_a_server_says_parses_without_an_exception(items: list[Any], listed: dict[str, Any]) -> None:
    for event in parse(items, WINDOW, SPAN).events:
        assert event.end <= NOW
        assert event.duration <= 24 * 3600
    choose(listed, "lab")


def config(home: Path, folder: str, name: str, text: str) -> None:
    target = home / "activitywatch" / folder
    target.mkdir(parents=True, exist_ok=True)
    (target / name).write_text(text, encoding="utf-8")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    from platformdirs import user_config_path

    root = user_config_path("activitywatch").parent
    if not root.is_relative_to(tmp_path):
        pytest.skip("the configuration folder of this system cannot be moved by the environment")
    return root


def test_without_settings_the_port_is_the_one_in_aw_client_toml(home: Path) -> None:
    config(home, "aw-client", "aw-client.toml", '[server]\nport = "5601"\n')
    assert access_of(Settings()).where == "127.0.0.1:5601"
    assert access_of(Settings(port=5600)).where == "127.0.0.1:5600"


def test_the_key_of_the_server_on_that_port_is_used_and_not_shown(home: Path) -> None:
    config(home, "aw-server-rust", "config.toml", 'port = 5602\n[auth]\napi_key = "key-of-5602"\n')
    config(home, "aw-server-rust", "config-testing.toml", '[auth]\napi_key = "key-of-testing"\n')
    assert access(None, 5602, "").key == "key-of-5602"
    assert access("localhost", 5666, "").key == "key-of-testing"
    assert access(None, 5600, "").key == ""
    assert access(None, 5602, "mine").key == "mine"
    assert "key-of-5602" not in repr(access(None, 5602, ""))


def test_a_key_found_here_is_never_sent_to_another_computer(home: Path) -> None:
    config(home, "aw-server-rust", "config.toml", '[auth]\napi_key = "local"\n')
    assert access("192.168.1.9", 5600, "").key == ""


def test_broken_configuration_of_activitywatch_is_left_out(home: Path) -> None:
    config(home, "aw-client", "aw-client.toml", "[server\nport =")
    config(home, "aw-server-rust", "config.toml", "auth = 3\nport = []\n")
    assert access(None, None, "").where == "127.0.0.1:5600"


def test_looking_for_the_server_creates_no_file(home: Path, tmp_path: Path) -> None:
    access(None, None, "")
    assert list(tmp_path.rglob("*")) == []


def test_an_address_of_six_is_bracketed() -> None:
    assert access("::1", 5600, "x").where == "[::1]:5600"


def test_jetbrains_files_and_projects_come_with_their_whole_path() -> None:
    source = Bucket(id="aw-watcher-intellij-idea_lab", track="editor")
    data = {"file": "A.java", "fileFullPath": "/home/x/p/A.java", "project": "p", "projectPath": "/home/x/p", "sourceUrl": "u"}
    (event,) = only(raw(data=data), source=source).events
    assert event.data == {"file": "/home/x/p/A.java", "project": "/home/x/p"}
