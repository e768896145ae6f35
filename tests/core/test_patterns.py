"""Each pattern: found where it is, silent where it is not, on titles alone and in other scripts too."""

from __future__ import annotations

import pytest

from agent.core.records import EventWindow, Observation
from agent.patterns import (
    comparing_pages,
    copying_between_windows,
    long_read,
    many_tabs_one_topic,
    repeated_search,
    research_while_writing,
)
from tests.conftest import NOW, observation, window

CHROME, CODE = "Google-chrome", "Code"


def row(*stays: tuple[str, str, float] | tuple[str, str, float, str]) -> list[EventWindow]:
    """Event windows one after another that end at NOW; (app, title, seconds[, url])."""
    ago = sum(stay[2] for stay in stays)
    out = []
    for app, title, seconds, *url in stays:
        out.append(window(app, title, ago, seconds, **({"url": url[0]} if url else {})))
        ago -= seconds
    return out


STUCK = row(
    (CODE, "main.py - app - Visual Studio Code", 60),
    (CHROME, "QueuePool limit of size 5 reached - Google Search", 10),
    (CODE, "main.py - app - Visual Studio Code", 120),
    (CHROME, "QueuePool limit size 5 overflow reached sqlalchemy - Google Search", 10),
    (CODE, "main.py - app - Visual Studio Code", 90),
    (CHROME, "sqlalchemy QueuePool limit reached - Google Search", 12),
    (CODE, "main.py - app - Visual Studio Code", 30),
)


def test_the_same_question_searched_three_times_is_found_with_count_and_time() -> None:
    found = repeated_search.find(observation(*STUCK))
    assert found is not None
    assert found.because.startswith("Searched 3 times in 4 minutes: QueuePool")
    assert found.operation.name == "search"
    assert "QueuePool" in str(found.operation.arguments["query"])


@pytest.mark.parametrize(
    "titles",
    [
        ["react 闪烁 问题 怎么解决 - 百度搜索", "react 闪烁 问题_百度搜索", "react 闪烁 怎么解决_百度搜索"],
        [
            "LibreOffice Serienbrief leere Seite - Google Suche",
            "Serienbrief leere Seiten bei DuckDuckGo",
            "leere Seite Serienbrief - Bing",
        ],
        ["как убрать пустую страницу word — Яндекс: нашлось 2 млн результатов"] * 3,
        ["ワード 空白ページ 削除 - Google 検索"] * 3,
        ["워드 빈 페이지 삭제 : 네이버 검색"] * 3,
    ],
)
def test_a_repeated_search_is_found_in_any_language(titles: list[str]) -> None:
    stays = [stay for t in titles for stay in ((CHROME, t, 10.0), ("WINWORD.EXE", "Brief.docx - Word", 60.0))]
    assert repeated_search.find(observation(*row(*stays))) is not None


def test_going_back_to_the_results_of_one_search_is_no_repetition() -> None:
    stays = [
        s for k in range(5) for s in ((CHROME, "tea kettle - Google Search", 8.0), (CHROME, f"Kettle {k} - Shop{k}", 30.0))
    ]
    assert repeated_search.find(observation(*row(*stays))) is None


def test_different_searches_are_no_repetition() -> None:
    stays = [(CHROME, f"{t} - Google Search", 10.0) for t in ("rust lifetime error", "berlin weather", "pdf merge linux")]
    assert repeated_search.find(observation(*row(*stays))) is None


def test_an_error_that_comes_back_in_the_terminal_is_found() -> None:
    stays = [
        s
        for _ in range(3)
        for s in (("Alacritty", "TypeError: x is undefined — ana@pc: ~/src", 8.0), (CODE, "a.ts - web", 70.0))
    ]
    found = repeated_search.find(observation(*row(*stays)))
    assert found is not None
    assert found.because == "This error came back 3 times in 3 minutes: TypeError: x is undefined"


def test_a_long_read_is_summarised_by_its_address_or_searched_by_its_title() -> None:
    page = (CHROME, "Plain language in museum texts - Wortwerk", 330.0)
    by_url = long_read.find(observation(*row((*page, "https://wortwerk.org/plain-language"))))
    by_title = long_read.find(observation(*row(page)))
    assert by_url is not None
    assert by_url.operation.arguments == {"sources": ["https://wortwerk.org/plain-language"]}
    assert by_url.because == "Reading for 6 minutes in the last 15: Plain language in museum texts"
    assert by_title is not None
    assert by_title.operation.arguments == {"query": "Plain language in museum texts"}


@pytest.mark.parametrize(
    ("app", "title", "url"),
    [
        (CHROME, "Inbox - ana@example.org - Gmail", ""),
        (CHROME, "Some film - YouTube", ""),
        (CHROME, "Report - Google Docs", ""),
        (CHROME, "New Tab", ""),
        (CHROME, "Orders today - Shop admin", "https://admin.shop.example/orders"),
        (CHROME, "PAY-1 refunds · Pull Request #7", "https://github.com/a/b/pull/7"),
        ("zoom", "Zoom Meeting", ""),
        (CODE, "main.py - app", ""),
    ],
)
def test_what_is_not_reading_is_no_long_read(app: str, title: str, url: str) -> None:
    assert long_read.find(observation(*row((app, title, 600.0, url) if url else (app, title, 600.0)))) is None


def test_reading_before_a_break_does_not_count() -> None:
    windows = row((CHROME, "Plain language in museum texts - Wortwerk", 800.0))
    assert long_read.find(observation(*windows, worked=120.0)) is None


TALK = [
    stay
    for what in ("visitor study", "script length", "accessibility")
    for stay in (
        ("libreoffice-writer", "Audio guides talk.odt — LibreOffice Writer", 50.0),
        (CHROME, f"audio guides {what} - Google Search", 12.0),
    )
] + [("libreoffice-writer", "Audio guides talk.odt — LibreOffice Writer", 40.0)]


def test_research_while_writing_names_document_and_topic() -> None:
    found = research_while_writing.find(observation(*row(*TALK)))
    assert found is not None
    assert found.because == "3 look-ups on audio guides in 2 minutes while writing Audio guides talk.odt"
    assert found.operation.name == "search"


def test_one_question_for_a_document_is_no_research() -> None:
    stays = [
        s
        for k in range(4)
        for s in (("WINWORD.EXE", "Brief.docx - Word", 50.0), (CHROME, f"mail merge blank page {k}{k}{k} - Google Search", 9.0))
    ]
    both = observation(*row(*stays, ("WINWORD.EXE", "Brief.docx - Word", 20.0)))
    assert research_while_writing.find(both) is None
    assert repeated_search.find(both) is not None


def test_look_ups_between_code_are_no_writing() -> None:
    stays = [(CODE if app.startswith("libre") else app, "main.py" if app.startswith("libre") else t, s) for app, t, s in TALK]
    assert research_while_writing.find(observation(*row(*stays))) is None


FORM = (CHROME, "Add participant · Course registry", 9.0, "https://registry.example.org/participants/new")
SHEET = ("libreoffice-calc", "participants.ods — LibreOffice Calc", 6.0)


def test_copying_rows_into_a_form_is_found_after_five_round_trips() -> None:
    assert copying_between_windows.find(observation(*row(*[SHEET, FORM] * 5))) is None
    found = copying_between_windows.find(observation(*row(*[SHEET, FORM] * 6)))
    assert found is not None
    assert found.because == "5 round trips in 2 minutes between participants.ods and Add participant"
    assert found.operation.arguments == {"query": "LibreOffice Calc fill web form from spreadsheet automatically"}


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((CODE, "main.py - app", 8.0), ("Alacritty", "pytest — ana@pc", 6.0)),
        ((CODE, "main.py - app", 8.0), (CHROME, "asyncio - Python docs", 6.0)),
        (SHEET, ("Slack", "#team - Acme - Slack", 6.0)),
        (SHEET, ("thunderbird", "Re: list - Mozilla Thunderbird", 6.0)),
        ((CHROME, "Shoe A - Shop", 8.0), (CHROME, "Shoe B - Shop", 8.0)),
    ],
)
def test_alternation_that_is_no_copying_stays_silent(a: tuple[str, str, float], b: tuple[str, str, float]) -> None:
    assert copying_between_windows.find(observation(*row(*[a, b] * 8))) is None


def test_long_stays_are_no_copying() -> None:
    slow = [(SHEET[0], SHEET[1], 40.0), (FORM[0], FORM[1], 45.0)]
    assert copying_between_windows.find(observation(*row(*slow * 8))) is None


def test_comparing_the_same_pages_is_found_on_titles_alone_too() -> None:
    one, two = (CHROME, "Hotel Karmel, Ghent - Stayfinder", 20.0), (CHROME, "Huis Erasmus, Ghent - Stayfinder", 25.0)
    found = comparing_pages.find(observation(*row(*[one, two] * 3)))
    assert found is not None
    assert found.operation.name == "search"
    assert "(3x)" in found.because
    urls = [(*one, "https://stay.example.org/karmel"), (*two, "https://stay.example.org/erasmus")]
    with_urls = comparing_pages.find(observation(*row(*urls * 3)))
    assert with_urls is not None
    assert with_urls.operation.arguments == {"sources": ["https://stay.example.org/erasmus", "https://stay.example.org/karmel"]}


def test_pages_visited_between_other_work_are_references_not_compared() -> None:
    one, two, work = (CHROME, "Pools - Docs", 20.0), (CHROME, "Sessions - Docs", 25.0), (CODE, "main.py - app", 40.0)
    assert comparing_pages.find(observation(*row(*[one, work, two, work] * 4))) is None


def test_pages_with_nothing_in_common_are_not_compared() -> None:
    one, two = (CHROME, "Deploy · infra@main - GitHub", 20.0), (CHROME, "API latency - Grafana", 25.0)
    assert comparing_pages.find(observation(*row(*[one, two] * 5))) is None


def test_many_pages_of_several_sites_on_one_topic_are_found() -> None:
    pages = [(CHROME, f"Solid state batteries: part {k}x - Site{k % 4}", 30.0) for k in range(7)]
    found = many_tabs_one_topic.find(observation(*row(*pages)))
    assert found is not None
    assert found.because.startswith("7 pages of 4 sites in 4 minutes on: Solid state")


def test_many_pages_in_chinese_are_found() -> None:
    pages = [
        (CHROME, f"固态电池{c} - 网站{k % 3}", 30.0) for k, c in enumerate(["价格", "原理", "厂家", "寿命", "缺点", "前景"])
    ]
    assert many_tabs_one_topic.find(observation(*row(*pages))) is not None


def test_many_pages_of_one_site_or_of_many_topics_are_silent() -> None:
    one_site = [(CHROME, f"Pull Request refunds #{k}00 · acme", 30.0, f"https://github.com/a/b/{k}00") for k in range(8)]
    topics = [(CHROME, f"{t} - Site{k}", 30.0) for k, t in enumerate(["tea", "rust", "pdf", "cats", "tax", "bike"])]
    assert many_tabs_one_topic.find(observation(*row(*one_site))) is None
    assert many_tabs_one_topic.find(observation(*row(*topics))) is None


def test_silence_without_event_windows() -> None:
    assert repeated_search.find(Observation(at=NOW)) is None
