"""`bench cost` on short days of other people: the figures that must hold do so in other languages and on other systems."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from agent.bench.cost import cost
from agent.bench.cost_report import rows
from tests.bench.other_days import EVERYONE, other_day

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        importlib.util.find_spec("aw_server") is None, reason="the ActivityWatch server is not installed (extra 'demo')"
    ),
]
# Windows and Edge in French, with a telephone call; macOS with the watcher that blanks private windows, in Spanish;
# two browsers and no afk watcher, in Japanese.
SHORT = {
    "nurse-office-fr": "secrets 5, work 6, private 6, write 14, phone 7, work 8",
    "lawyer-es": "private 5, work 8, compare 13, secrets 4, call 10, work 8",
    "clerk-ja": "work 8, call 8, copy 12, away 8, private 5, secrets 4",
}


@pytest.mark.parametrize("name", SHORT)
async def test_every_figure_holds_on_a_short_day_of(name: str, tmp_path: Path) -> None:
    who = next(p for p in EVERYONE if p.name == name)
    file = tmp_path / f"{name}.json"
    file.write_text(json.dumps(other_day(who, plan=SHORT[name])))
    report = await cost(file, "stub")
    assert [(row.name, row.value) for row in rows(report) if not row.ok] == []
    assert report.help_moments == 1
    assert report.secrets > 40
    assert report.offers > 0
    assert report.failed == 0
