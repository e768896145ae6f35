"""What every sensor must do, run on each plug of `agent/sense`."""

from __future__ import annotations

import socket
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from agent import plug
from agent.core.ports import Sensor
from agent.core.records import Reading
from agent.errors import SensorError
from tests.conftest import NOW

KINDS = plug.kinds("sense")


class StillClock:
    """A clock that stands at NOW."""

    factor = 1.0

    def now(self) -> datetime:
        return NOW

    async def sleep(self, seconds: float) -> None:
        return None


def supplies() -> plug.Supplies:
    """What a plug gets when a test builds it."""
    return plug.Supplies(clock=StillClock())


def settings(kind: str, folder: Path) -> dict[str, Any]:
    """The least a sensor of that kind can be built with. A new kind that works without settings needs no line here."""
    if kind == "activitywatch":
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            return {"host": "127.0.0.1", "port": s.getsockname()[1], "timeout": 0.5}
    return {"folders": [str(folder)]} if kind == "files" else {}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sensor(kind: str, tmp_path: Path) -> Sensor:
    built: Sensor = plug.build("sense", kind, settings(kind, tmp_path), supplies())
    return built


def test_the_sensors_that_the_product_promises_are_there() -> None:
    assert {"activitywatch", "files", "replay"} <= set(KINDS)


def test_a_sensor_refuses_a_setting_it_does_not_know(kind: str, tmp_path: Path) -> None:
    model = plug.load("sense", kind).Settings
    assert issubclass(model, BaseModel)
    with pytest.raises(ValidationError):
        model.model_validate({**settings(kind, tmp_path), "no_such_setting": 1})


async def test_a_read_gives_a_reading_or_says_in_words_why_it_cannot(sensor: Sensor) -> None:
    said: Reading | SensorError
    try:
        said = await sensor.read(NOW)
    except SensorError as error:
        said = error
    await sensor.close()
    if isinstance(said, SensorError):
        assert said.title.endswith(".")
        assert said.hint
    else:
        stamps = [e.timestamp for e in said.events]
        assert stamps == sorted(stamps)
        assert all(e.end <= NOW for e in said.events)


async def test_closing_twice_is_fine(sensor: Sensor) -> None:
    await sensor.close()
    await sensor.close()


async def test_a_sensor_that_was_never_read_can_be_closed(sensor: Sensor) -> None:
    await sensor.close()
