"""A daemon over a damaged history: it starts, mends, says so once, and goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.store.sqlite import FILE
from tests.cli.history import home
from tests.e2e.daemon import Daemon

pytestmark = pytest.mark.e2e
NOBODY = {"port": 9}


async def test_a_damaged_history_is_mended_at_the_start_and_told_once(tmp_path: Path) -> None:
    data = home(tmp_path) / "data"
    with (data / FILE).open("r+b") as file:
        file.write(b"\xff" * 4096)
    damaged = (data / FILE).read_bytes()
    made = Daemon(tmp_path, activitywatch=NOBODY)
    doctor = await made.proactive("doctor", "--config", str(made.config))
    assert "damaged" in doctor.stdout
    with made.running():
        status = await made.until(lambda s: s["problems"])
        assert "damaged and has been mended" in status["problems"][0]
        assert "damaged and has been mended" in (await made.proactive("status")).stdout
        assert [f.read_bytes() for f in data.glob("*.corrupt.*Z")] == [damaged]
        await made.ticked()
    with made.running():
        await made.ticked()
    assert made.log.count("The history was damaged and has been mended") <= 2, "by the store, and by the first start"
    assert "Traceback" not in made.log
