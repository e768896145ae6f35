"""What a recorded day costs: plays it through a private ActivityWatch server and the daemon's own loop, and measures.

Covered: the real sensor, redaction, gate, predictor, judge, store and log, all in simulated time, with a user who accepts
offers in moments in which help is wanted and ignores the rest. Nothing leaves the machine unless a model is named.
Not covered: carrying operations out (they are answered, not run), the desktop (presence is unknown), real delays.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from agent import plug
from agent.app import App, Given
from agent.bench import leaks, spans
from agent.bench.bystanders import BenchTools, NoDesktop, Watched
from agent.bench.cost_report import CostReport, Proposed
from agent.bench.player import Player
from agent.bench.server import PrivateServer
from agent.bench.stub import Kept, StubLLM
from agent.clocks import SimulatedClock
from agent.config import NotifySettings, RequestSettings, Settings
from agent.configfile import find, read
from agent.core.ports import LLM
from agent.core.records import ResponseKind, Tick, Toast
from agent.core.tokens import tokens
from agent.errors import ConfigError
from agent.loop import Loop
from agent.notify.scripted import ScriptedNotifier
from agent.sense.activitywatch import ActivityWatchSensor
from agent.sense.day import Day, read_day
from agent.senses import Senses

Progress = Callable[[float], None]
"""Told the share of the day that has been played, 0..1."""
NIGHT = timedelta(hours=2)
"""Of a longer sleep of the machine only the first and last minutes are played."""
AFTER = timedelta(seconds=60)
"""The day is played this much beyond its last event, for what the watchers hold back."""


@dataclass
class Run:
    """What was seen while the day was played."""

    ticks: list[Tick] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)
    looks: int = 0
    requests: int = 0
    buckets: int = 0
    hours: float = 0.0
    seen: dict[str, list[spans.Stretch]] = field(default_factory=dict)
    kept: list[bytes] = field(default_factory=list)


async def cost(day: Path, model: str, progress: Progress = lambda _: None) -> CostReport:
    """Play the day in a file with `model`: stub, offline, or an alias of the user's configuration. Raises ProactiveError."""
    began = time.monotonic()
    recorded = await asyncio.to_thread(read_day, day)
    settings = _settings(recorded, model)
    with tempfile.TemporaryDirectory(prefix="proactive-bench-", ignore_cleanup_errors=True) as folder:
        with _log(Path(folder) / "bench.log"):
            run = await _play(recorded, settings, model, Path(folder), progress)
        run.kept = await asyncio.to_thread(leaks.kept, Path(folder))
    report = await asyncio.to_thread(_report, recorded, run)
    found = {"file": day.name, "sha256": hashlib.sha256(day.read_bytes()).hexdigest(), "model": model}
    return CostReport(**report, **found, seconds=round(time.monotonic() - began, 1))
