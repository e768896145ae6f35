"""The digest: newest in full, older added up, never more than its budget."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.records import Document, NewFile
from agent.core.render import BUDGET, render, span, tokens
from tests.conftest import NOW, observation, window


def test_the_newest_five_minutes_are_told_line_by_line_and_the_rest_is_added_up() -> None:
    text = render(
        observation(
            window("Code", "a.py", 1500, 60),
            window("Code", "a.py", 1300, 60),
            window("Firefox", "Docs", 200, 20, url="https://docs.example/page"),
            window("Code", "b.py", 100, 40, file="~/x/b.py", typed=12.0),
            worked=3900.0,
        ),
        timezone.utc,
    )
    assert text.splitlines() == [
        "Now Monday 14:00. Working for 1h05 since the last break.",
        "",
        "The last 5 minutes, newest last:",
        "13:56:40 20s Firefox | Docs | docs.example/page",
        "13:58:20 40s Code | b.py | ~/x/b.py [typed 12s]",
        "",
        "Earlier in the last 30 minutes, by app and document, longest first:",
        "2m x2 Code | a.py",
    ]


def test_new_files_background_tabs_and_earlier_documents_have_their_place() -> None:
    document = Document(
        key="~/t.odt", app="soffice", title="t.odt", first=NOW - timedelta(days=1), last=NOW - timedelta(days=1), dwell=1980
    )
    text = render(
        observation(
            window("Code", "a.py", 100, 90),
            window("browser", "Radio", 900, 0, url="https://radio.example/", focused=False, audible=True).model_copy(
                update={"end": NOW}
            ),
            files=(NewFile(path="~/Downloads/scan.pdf", at=NOW),),
            documents=(document,),
        )
    )
    assert "- scan.pdf in ~/Downloads" in text
    assert "browser | Radio | radio.example/ [audible]" in text
    assert "- t.odt (soffice), 33m in all, last yesterday" in text


@pytest.mark.parametrize(("hours", "last"), [(0, "today"), (7, "today"), (10, "yesterday"), (-12, "yesterday")])
def test_days_are_those_of_the_place(hours: int, last: str) -> None:
    """From 01:00 to 14:00 UTC: one day in London and Bangkok, two in Sydney and on the other side of the date line."""
    at = NOW - timedelta(hours=13)
    zone = timezone(timedelta(hours=hours))
    document = Document(key="k", app="a", title="t", first=at, last=at, dwell=60)
    assert f"last {last}" in render(observation(documents=(document,)), zone)


@given(
    st.integers(0, 400),
    st.text(min_size=1, max_size=300),
    st.sampled_from(["", "会议纪要：退款流程", "Ошибка подключения", "🎉" * 40]),
)
@settings(max_examples=40, deadline=None)
def test_no_observation_makes_a_digest_over_budget(count: int, title: str, more: str) -> None:
    windows = [
        window("App", f"{title} {more} {i}", 1790 - i * 4, 4, url=f"https://h.example/{i}/{title[:50]}") for i in range(count)
    ]
    assert tokens(render(observation(*windows))) <= BUDGET


def test_a_busy_half_hour_keeps_room_for_what_came_before() -> None:
    text = render(observation(*(window("App", f"Document number {i} of many", 1790 - i * 4, 4) for i in range(440))))
    assert "Earlier in the last 30 minutes" in text
    assert text.index("Document number 439") < text.index("Earlier in")


def test_spans_read_fast() -> None:
    assert [span(s) for s in (0.4, 59, 60, 200, 600, 3599, 3900)] == ["0s", "59s", "1m", "3m20s", "10m", "59m", "1h05"]
