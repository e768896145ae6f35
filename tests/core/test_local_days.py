"""Days are the user's own: what is named after a day or counted in days follows the local midnight."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest

from agent.core.documents import join, remember
from agent.core.records import Document, NewFile, Observation
from agent.patterns import meaningless_file, unfinished_document
from tests.conftest import window

pytestmark = pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process can be set on POSIX only")


@pytest.fixture(params=["Asia/Tokyo", "America/Los_Angeles"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """This process lives in another time zone, without summer time on the days used here."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of March 2026 by the local clock, in UTC."""
    naive = datetime(2026, 3, day, hour, minute)  # noqa: DTZ001 - the local clock is what is meant
    return naive.astimezone().astimezone(timezone.utc)


def at(moment: datetime, app: str, title: str, dwell: float) -> dict[str, object]:
    """Fields that move an event window to begin then."""
    return {"start": moment, "end": moment + timedelta(seconds=dwell), "app": app, "titles": (title,), "dwell": dwell}


@pytest.mark.parametrize("hour", [1, 8, 15, 23])
def test_a_file_is_named_after_the_local_day(zone: str, hour: int) -> None:
    now = local(3, hour, 30)
    mail = window("thunderbird", "", 0).model_copy(
        update=at(now - timedelta(seconds=90), "thunderbird", "Signed contract Museum - Mozilla Thunderbird", 60)
    )
    scan = NewFile(path="/home/ada/Downloads/scan0012.pdf", at=now - timedelta(seconds=45))
    found = meaningless_file.find(Observation(at=now, windows=(mail,), files=(scan,)))
    assert found is not None
    assert found.operation.arguments["new_name"] == "2026-03-03 Signed contract Museum.pdf"


@pytest.mark.parametrize(("last", "days"), [((2, 23), "1 day"), ((2, 1), "1 day"), ((1, 23), "2 days"), ((1, 1), "2 days")])
@pytest.mark.parametrize("hour", [8, 15, 23])
def test_a_document_was_begun_so_many_local_days_ago(zone: str, last: tuple[int, int], days: str, hour: int) -> None:
    now, begun = local(3, hour), local(*last)
    title = "thesis chapter two.odt - LibreOffice Writer"
    back = window("libreoffice-writer", "", 0).model_copy(
        update=at(now - timedelta(seconds=120), "libreoffice-writer", title, 115)
    )
    thesis = Document(key=title, app="libreoffice-writer", title=title, first=begun, last=begun, dwell=3600)
    found = unfinished_document.find(Observation(at=now, windows=(back,), documents=(thesis,), worked=3000))
    assert found is not None
    assert f"begun {days} ago" in found.because


def test_work_is_on_another_day_after_the_local_midnight(zone: str) -> None:
    title = "thesis.odt - LibreOffice Writer"
    day_before, evening, morning = local(2, 9), local(2, 23, 30), local(3, 0, 30)
    since, known = local(1, 0), ()
    days = []
    for moment in (day_before, local(2, 15), local(2, 17), evening, morning, local(3, 8), local(3, 16), local(3, 23)):
        w = window("libreoffice-writer", "", 0).model_copy(update=at(moment, "libreoffice-writer", title, 60))
        known = remember(known, [w], since, moment + timedelta(minutes=5))  # type: ignore[assignment]
        days.append(known[0].days)
    assert days == [1, 1, 1, 1, 2, 2, 2, 2]


@pytest.mark.parametrize(("earlier", "later", "days"), [((2, 15), (2, 17), 1), ((2, 1), (2, 23), 1), ((2, 23), (3, 1), 2)])
def test_two_memories_of_one_local_day_count_it_once(
    zone: str, earlier: tuple[int, int], later: tuple[int, int], days: int
) -> None:
    def worked(day: int, hour: int) -> Document:
        return Document(key="k", app="a", title="t", first=local(day, hour), last=local(day, hour), dwell=60)

    (joined,) = join([worked(*later)], [worked(*earlier)])
    assert joined.days == days
