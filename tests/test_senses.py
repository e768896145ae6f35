"""Sensors together: pieces of one event become one, the past is forgotten, one failing sensor does not blind the rest."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from agent.core.records import Event, NewFile, Reading
from agent.errors import SensorError
from agent.senses import Senses
from tests.conftest import NOW, event


class Gives:
    """A sensor that gives these readings in turn, or raises."""

    def __init__(self, *readings: Reading | SensorError) -> None:
        self.readings = list(readings)
        self.closed = 0

    async def read(self, now: datetime) -> Reading:
        given = self.readings.pop(0)
        if isinstance(given, SensorError):
            raise given
        return given

    async def close(self) -> None:
        self.closed += 1


def reading(*events: Event) -> Reading:
    return Reading(events=events)


async def test_a_growing_event_is_one_event() -> None:
    senses = Senses([Gives(reading(event("window", 60, 10, id=1, app="A")), reading(event("window", 55, 50, id=1, app="A")))])
    await senses.read(NOW)
    (merged,) = (await senses.read(NOW)).events
    assert (merged.timestamp, merged.duration) == (NOW - timedelta(seconds=60), 55)


async def test_the_same_id_with_other_data_is_another_event() -> None:
    senses = Senses([Gives(reading(event("window", 60, 10, id=8, app="A")), reading(event("window", 40, 10, id=8, app="B")))])
    await senses.read(NOW)
    assert [e.data["app"] for e in (await senses.read(NOW)).events] == ["A", "B"]


async def test_an_id_used_again_after_a_restart_is_another_event() -> None:
    senses = Senses([Gives(reading(event("window", 3000, 10, id=1, app="A")), reading(event("window", 60, 10, id=1, app="A")))])
    await senses.read(NOW)
    assert len((await senses.read(NOW)).events) == 2


async def test_a_day_goes_by_without_growing() -> None:
    late = NOW + timedelta(hours=5)
    fresh = event("window", 60, 10, id=2, app="B").model_copy(update={"timestamp": late - timedelta(seconds=60)})
    senses = Senses([Gives(reading(event("window", 60, 10, id=1, app="A")), reading(fresh), reading())])
    await senses.read(NOW)
    await senses.read(late)
    assert [e.id for e in (await senses.read(late)).events] == [2]


async def test_one_failing_sensor_is_a_problem_and_all_failing_is_an_error() -> None:
    down = SensorError("A folder is gone.", "Name another.")
    senses = Senses([Gives(down, down), Gives(reading(event("window", 60, 10, id=1, app="A")), SensorError("AW is down."))])
    found = await senses.read(NOW)
    assert len(found.events) == 1
    assert found.problems == ("A folder is gone. Name another.",)
    with pytest.raises(SensorError, match="folder"):
        await senses.read(NOW)


async def test_new_files_are_told_for_half_an_hour() -> None:
    file = NewFile(path="/x/scan.pdf", at=NOW)
    senses = Senses([Gives(Reading(files=(file,)), Reading(), Reading())])
    assert (await senses.read(NOW)).files == (file,)
    assert (await senses.read(NOW + timedelta(minutes=29))).files == (file,)
    assert (await senses.read(NOW + timedelta(minutes=31))).files == ()
