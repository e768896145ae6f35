"""Each pattern: found where it is, silent where it is not, on titles alone and in other scripts too."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.records import Document, Earlier, EventWindow, NewFile, Observation
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
from agent.patterns._language import SAYINGS, language
from agent.patterns._roles import public, role
from agent.patterns._text import clip, overlap, subject, words
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


def earlier(kind: str, task: str, operation: str, response: str, minutes: float = 20) -> Earlier:
    return Earlier(kind=kind, task=task, operation=operation, response=response, at=NOW - timedelta(minutes=minutes))


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
    assert found.because == "3 look-ups on Audio guides in 2 minutes while writing Audio guides talk.odt" or (
        "look-ups on audio guides" in found.because
    )
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


@pytest.mark.parametrize(("worked", "found"), [(7100.0, False), (7300.0, True)])
def test_a_long_stretch_starts_at_two_hours(*, worked: float, found: bool) -> None:
    made = long_stretch.find(observation(*row((CODE, "main.py", 60.0)), worked=worked))
    assert (made is not None) is found


def test_a_long_stretch_is_not_pointed_out_during_a_call() -> None:
    assert long_stretch.find(observation(*row(("zoom", "Zoom Meeting", 60.0)), worked=9000.0)) is None


def test_a_break_is_searched_in_the_users_language() -> None:
    titles = [
        ("WINWORD.EXE", t, 60.0) for t in ("Bericht für die Messe", "Die Liste der Gäste", "Brief an das Amt und die Bank")
    ]
    found = long_stretch.find(observation(*row(*titles), worked=9000.0))
    assert found is not None
    assert found.operation.arguments == {"query": SAYINGS["stretch"]["de"]}


def test_one_mail_in_another_language_does_not_change_the_users() -> None:
    assert language(["会议纪要：退款流程", "Invoice for May", "Hours of the week", "Plan"]) == "en"
    assert language(["会议纪要", "退款流程", "周报", "Excel"]) == "zh"


HANDOUT = Document(
    key="/home/a/handout.md",
    path="/home/a/handout.md",
    app="obsidian",
    title="handout - notes - Obsidian",
    first=NOW - timedelta(hours=23),
    last=NOW - timedelta(hours=22),
    dwell=1900,
)


def test_a_document_of_yesterday_that_is_open_again_is_offered() -> None:
    here = window("obsidian", "handout - notes - Obsidian", 90, 90, file="/home/a/handout.md")
    found = unfinished_document.find(observation(here, documents=(HANDOUT,), worked=300.0))
    assert found is not None
    assert found.operation.arguments == {"sources": ["/home/a/handout.md"]}
    assert found.because.startswith("32 minutes on handout notes, begun 1 day ago; back in it")


def test_a_document_not_opened_is_named_only_when_the_day_starts_beside_it() -> None:
    beside = window("obsidian", "plan - notes - Obsidian", 90, 90, file="/home/a/plan.md")
    elsewhere = window("obsidian", "plan - Obsidian", 90, 90, file="/srv/b/plan.md")
    assert unfinished_document.find(observation(beside, documents=(HANDOUT,), worked=300.0)) is not None
    assert unfinished_document.find(observation(elsewhere, documents=(HANDOUT,), worked=300.0)) is None
    assert unfinished_document.find(observation(beside, documents=(HANDOUT,), worked=9000.0)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"dwell": 300.0},
        {"last": NOW - timedelta(hours=2)},
        {"first": NOW - timedelta(days=31), "last": NOW - timedelta(days=30)},
    ],
)
def test_short_recent_or_old_work_is_not_unfinished(change: dict[str, object]) -> None:
    here = window("obsidian", "handout - notes - Obsidian", 90, 90, file="/home/a/handout.md")
    document = HANDOUT.model_copy(update=change)
    assert unfinished_document.find(observation(here, documents=(document,), worked=300.0)) is None


@pytest.mark.parametrize(
    "stem",
    [
        "scan0001",
        "document(3)",
        "IMG_20260302",
        "untitled",
        "Neues Dokument",
        "新建文档",
        "无标题",
        "DSC01234",
        "download (2)",
        "3f2b8c1d9e0a4b7c",
        "2026-03-02_14-05",
        "Screenshot 2026-03-02 at 14.05.11",
        "Ohne Titel 2",
        "Unbenannt",
        "IMG-20260302-WA0003",
    ],
)
def test_names_that_say_nothing_are_told(stem: str) -> None:
    assert meaningless_file.is_meaningless(stem)


@pytest.mark.parametrize(
    "stem", ["Invoice May 2026", "thesis", "合同 最终版", "docker-compose", "scandinavia", "document design", "photosynthesis"]
)
def test_names_that_say_something_are_left_alone(stem: str) -> None:
    assert not meaningless_file.is_meaningless(stem)


def test_a_scan_is_named_after_the_mail_in_front() -> None:
    mail = window("thunderbird", "Re: Signed contract Museum - Mozilla Thunderbird", 200, 150)
    scan = NewFile(path="/home/a/Scans/scan0007.pdf", at=NOW - timedelta(seconds=120))
    found = meaningless_file.find(observation(mail, files=(scan,)))
    assert found is not None
    assert found.operation.name == "rename_file"
    assert found.operation.arguments == {"path": scan.path, "new_name": "2026-03-02 Signed contract Museum.pdf"}


def test_no_name_is_invented_and_none_is_taken_twice() -> None:
    chat = window("Slack", "Ana and Ben - Acme - Slack", 200, 190)
    mail = window("thunderbird", "Signed contract Museum - Mozilla Thunderbird", 200, 190)
    scan = NewFile(path="/a/scan1.pdf", at=NOW - timedelta(seconds=60))
    taken = NewFile(path="/a/2026-03-02 Signed contract Museum.pdf", at=NOW - timedelta(seconds=50))
    assert meaningless_file.find(observation(chat, files=(scan,))) is None
    assert meaningless_file.find(observation(mail, files=(scan, taken))) is None


def test_a_suggested_name_stays_in_its_folder() -> None:
    page = window(CHROME, '../../etc/passwd: a "guide" | Site', 100, 90)
    found = meaningless_file.find(observation(page, files=(NewFile(path="/a/download.pdf", at=NOW - timedelta(seconds=30)),)))
    assert found is not None
    assert not set(str(found.operation.arguments["new_name"])) & set('\\/:*?"<>|')


def test_a_rejected_idea_is_tried_another_way_and_then_not_again() -> None:
    windows = row(
        *[(a, t, s, "https://a.org/one") if "Read" in t else (a, t, s) for a, t, s in [(CHROME, "Reading plain texts", 400.0)]]
    )
    first = long_read.find(observation(*windows))
    assert first is not None
    assert first.operation.name == "summarise"
    refused = [earlier("long_read", first.task, first.operation.name, "rejected")]
    second = long_read.find(observation(*windows, earlier=tuple(refused)))
    assert second is not None
    assert second.operation.name != first.operation.name
    refused.append(earlier("long_read", second.task, second.operation.name, "dismissed", 5))
    assert long_read.find(observation(*windows, earlier=tuple(refused))) is None


@pytest.mark.parametrize(("response", "again"), [("accepted", False), ("ignored", False), ("undelivered", True)])
def test_the_same_subject_is_not_offered_twice_in_two_hours(response: str, *, again: bool) -> None:
    first = repeated_search.find(observation(*STUCK))
    assert first is not None
    before = earlier(first.kind, first.task, "search", response)
    assert (repeated_search.find(observation(*STUCK, earlier=(before,))) is not None) is again
    other = earlier(first.kind, "Search the exact words: tomato soup", "search", response)
    assert repeated_search.find(observation(*STUCK, earlier=(other,))) is not None


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
    assert not words("the 2026 of") or overlap(words("the 2026"), words("and 2026")) == 0.0
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


def test_silence_without_event_windows() -> None:
    assert repeated_search.find(Observation(at=NOW)) is None
