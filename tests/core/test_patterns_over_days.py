"""Patterns over hours and days, new files, and what earlier responses change."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agent.core.records import Document, Earlier, NewFile
from agent.patterns import (
    long_read,
    long_stretch,
    meaningless_file,
    repeated_search,
    unfinished_document,
)
from agent.patterns._language import SAYINGS
from tests.conftest import NOW, observation, window
from tests.core.test_patterns import CHROME, CODE, STUCK, row


def earlier(kind: str, task: str, operation: str, response: str, minutes: float = 20) -> Earlier:
    return Earlier(kind=kind, task=task, operation=operation, response=response, at=NOW - timedelta(minutes=minutes))


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
    windows = row((CHROME, "Reading plain texts", 400.0, "https://a.org/one"))
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
