"""Builders and fixed times that every test shares."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from agent.core.defence import turn_off
from agent.core.records import Event, EventWindow, Observation, Track
from tests.egress import nothing_leaves_this_machine  # noqa: F401 - a fixture of every test

NOW = datetime(2026, 3, 2, 14, 0, tzinfo=timezone.utc)

# The sabotage control leaves one defence out of this test process; see agent/trust/sabotage.py.
if _sabotaged := os.environ.get("PROACTIVE_SABOTAGE"):
    turn_off(_sabotaged)


def event(
    track: Track,
    ago: float,
    duration: float = 10.0,
    *,
    bucket: str = "",
    id: int | None = None,  # noqa: A002 - ActivityWatch's word
    **data: Any,
) -> Event:
    """An event that began `ago` seconds before NOW."""
    return Event(
        bucket=bucket or f"aw-watcher-{track}_lab",
        track=track,
        id=id,
        timestamp=NOW - timedelta(seconds=ago),
        duration=duration,
        data=data,
    )


def window(app: str, title: str, ago: float, dwell: float = 10.0, **fields: Any) -> EventWindow:
    """An event window that began `ago` seconds before NOW."""
    start = NOW - timedelta(seconds=ago)
    urls = (fields.pop("url"),) if "url" in fields else ()
    files = (fields.pop("file"),) if "file" in fields else ()
    return EventWindow(
        app=app,
        titles=(title,) if title else (),
        urls=urls,
        files=files,
        start=start,
        end=start + timedelta(seconds=dwell),
        dwell=dwell,
        **fields,
    )


def observation(*windows: EventWindow, **fields: Any) -> Observation:
    """An observation at NOW of these event windows, oldest first."""
    return Observation(at=NOW, windows=tuple(sorted(windows, key=lambda w: w.start)), **fields)


@pytest.fixture
def now() -> datetime:
    """The fixed time of all tests."""
    return NOW
