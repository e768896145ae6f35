"""What patterns read off titles and addresses of any kind, hostile ones too."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.records import EventWindow, NewFile
from agent.patterns import (
    comparing_pages,
    copying_between_windows,
    long_read,
    long_stretch,
    many_tabs_one_topic,
    meaningless_file,
    repeated_search,
    research_while_writing,
    unfinished_document,
)
from agent.patterns._engines import query
from agent.patterns._language import language
from agent.patterns._roles import public, role
from agent.patterns._text import clip, overlap, subject, words
from tests.conftest import NOW, observation, window
from tests.core.test_patterns import CHROME, CODE
from tests.core.test_patterns_over_days import HANDOUT


def test_one_mail_in_another_language_does_not_change_the_users() -> None:
    assert language(["会议纪要：退款流程", "Invoice for May", "Hours of the week", "Plan"]) == "en"
    assert language(["会议纪要", "退款流程", "周报", "Excel"]) == "zh"


@pytest.mark.parametrize(
    ("title", "url", "asked"),
    [
        ("pdf merge - Google Search", "", "pdf merge"),
        ("pdf merge - Google-Suche", "", "pdf merge"),
        ("pdf merge - Recherche Google", "", "pdf merge"),
        ("pdf merge - Поиск в Google", "", "pdf merge"),
        ("pdf merge at DuckDuckGo", "", "pdf merge"),
        ("pdf merge bei DuckDuckGo", "", "pdf merge"),
        ("pdf merge - Bing", "", "pdf merge"),
        ("pdf merge - Ecosia - Web", "", "pdf merge"),
        ("pdf merge - Startpage Search Results", "", "pdf merge"),
        ("pdf merge - Brave Search", "", "pdf merge"),
        ("pdf merge - Qwant", "", "pdf merge"),
        ("合并 pdf_百度搜索", "", "合并 pdf"),
        ("pdf 합치기 : 네이버 검색", "", "pdf 합치기"),
        ("pdf merge - Suche", "https://www.bing.com/search", "pdf merge"),
        ("Google Search Console", "", ""),
        ("Plan - Google Docs", "", ""),
        ("pdf merge - Stack Overflow", "https://stackoverflow.com/questions/1", ""),
    ],
)
def test_what_was_searched_is_read_off_the_title(title: str, url: str, asked: str) -> None:
    assert query(title, url) == asked


@pytest.mark.parametrize(
    ("url", "fetched"),
    [
        ("https://docs.python.org/3/library/asyncio.html", True),
        ("https://example.org/", False),
        ("https://www.google.com/search", False),
        ("https://github.com/search", False),
        ("http://localhost:8000/docs/x", False),
        ("http://192.168.1.1/status", False),
        ("https://acme.atlassian.net/browse/A-1", False),
        ("https://docs.google.com/document/d/1", False),
        ("https://shop.example.org/login", False),
        ("file:///home/a/x.pdf", False),
        ("http://[broken/x", False),
    ],
)
def test_only_public_pages_with_a_path_are_read(url: str, *, fetched: bool) -> None:
    assert public(url) is fetched


def test_words_are_compared_without_endings_and_in_pairs_where_there_are_no_spaces() -> None:
    assert overlap(words("blank pages between records"), words("blank page after each record")) >= 0.7
    assert overlap(words("固态电池价格"), words("固态电池的原理")) >= 0.5
    assert not words("the 2026 of")
    assert subject("Re: Plan | Museum - Site") == "Plan Museum"
    assert clip("a" * 100, 80) == "a" * 79 + "…"


TEXT = st.text(max_size=60)
STAY = st.builds(
    lambda app, title, ago, url, file: window(app, title, ago, min(ago, 200.0), url=url, file=file),
    st.sampled_from([CHROME, CODE, "libreoffice-writer", "thunderbird", "zoom", "Alacritty", "org.gnome.Evince", ""]),
    TEXT,
    st.floats(min_value=0, max_value=1800),
    st.sampled_from(["", "https://a.org/x", "http://[", "about:blank"]) | TEXT,
    st.sampled_from(["", "/a/b.md", "C:\\x\\y.docx"]) | TEXT,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(STAY, max_size=12), st.lists(TEXT, max_size=2), st.floats(min_value=0, max_value=20000))
def test_no_title_address_or_file_name_breaks_a_pattern(stays: list[EventWindow], paths: list[str], worked: float) -> None:
    seen = observation(*stays, files=tuple(NewFile(path=p, at=NOW) for p in paths), documents=(HANDOUT,), worked=worked)
    for module in (repeated_search, long_read, research_while_writing, copying_between_windows, comparing_pages):
        module.find(seen)
    for module in (many_tabs_one_topic, unfinished_document, long_stretch, meaningless_file):
        module.find(seen)


def test_a_role_is_given_without_any_address() -> None:
    assert role(CHROME, "pdf merge - Google Search", "", "") == "search"
    assert role(CHROME, "Budget - Google Tabellen", "", "") == "sheet"
    assert role(CHROME, "Kapitel 2 - Google Dokumente", "", "") == "document"
    assert role("EXCEL.EXE", "hours.xlsx - Excel", "", "") == "sheet"
    assert role(CODE, "notes.md - vault - Visual Studio Code", "", "") == "document"
