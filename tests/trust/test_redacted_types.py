"""A way around the redaction is a type error: at the model, at the store, and on the way from the sensors."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import pytest

from agent.core.clean import Safe
from agent.core.ports import LLMRequest
from agent.core.records import LLMCall, Tick

ROOT = Path(__file__).resolve().parent.parent.parent
HEAD = """
from datetime import datetime
from agent.core.fold import fold
from agent.core.ports import LLMRequest, Store
from agent.core.records import Event, LLMCall, Tick, GateInput
from agent.core.redact import Rules, redact
from agent.core.texts import composed, redact_text

title: str = "a raw title"
"""
RIGHT = """
def right(events: list[Event], store: Store, now: datetime) -> None:
    safe = redact_text(title)
    fold(redact(events, Rules()).events, now)
    LLMRequest(purpose="p", system=composed("ours"), user=safe)
    store.add_calls([LLMCall(at=now, purpose="p", host="h", model="m", prompt=safe)])
    store.add_tick(Tick(id="1", at=now, ending="held", reason="r", gate=GateInput(at=now, local_minute=0), digest=safe))
"""
WRONG = {
    "fold": "def wrong(events: list[Event], now: datetime) -> None:\n    fold(events, now)\n",
    "user": 'LLMRequest(purpose="p", system=composed("ours"), user=title)\n',
    "system": 'LLMRequest(purpose="p", system=f"ours {title}", user=composed("x"))\n',
    "prompt": (
        'def wrong(now: datetime) -> LLMCall:\n    return LLMCall(at=now, purpose="p", host="h", model="m", prompt=title)\n'
    ),
    "digest": (
        "def wrong(now: datetime, gate: GateInput) -> Tick:\n"
        '    return Tick(id="1", at=now, ending="held", reason="r", gate=gate, digest=title)\n'
    ),
}


def test_what_is_sent_and_stored_is_of_the_redacted_type() -> None:
    assert get_type_hints(LLMRequest)["system"] is get_type_hints(LLMRequest)["user"] is Safe
    assert get_type_hints(LLMCall)["prompt"] is get_type_hints(Tick)["digest"] is Safe


@pytest.mark.slow
def test_mypy_refuses_every_way_around_the_redaction(tmp_path: Path) -> None:
    settings = tmp_path / "mypy.ini"
    settings.write_text(
        "[mypy]\nstrict = True\nplugins = pydantic.mypy\nignore_missing_imports = True\nfollow_imports = silent\n"
        f"mypy_path = {ROOT}\n[pydantic-mypy]\ninit_typed = True\n",
        encoding="utf-8",
    )
    files = {"right": HEAD + RIGHT} | {name: HEAD + wrong for name, wrong in WRONG.items()}
    for name, text in files.items():
        (tmp_path / f"{name}_way.py").write_text(text, encoding="utf-8")
    argv = [sys.executable, "-m", "mypy", "--config-file", str(settings), "--cache-dir", str(tmp_path / "cache")]
    done = subprocess.run([*argv, *(f"{n}_way.py" for n in files)], cwd=tmp_path, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if "error:" in line]
    assert {line.partition("_way.py")[0] for line in lines} == set(WRONG), done.stdout + done.stderr
    assert all("Safe" in line for line in lines), done.stdout
