"""The rows of faults: answers that are no answers, servers that hang, endpoints that refuse, edits, clocks, floods, ends."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from agent.trust import _answers, _clocks, _edits, _ends, _slow, _statuses, _suite
from agent.trust.row import Row


def rows(full: bool, data: Path | None) -> Iterator[Row]:  # noqa: FBT001 - the contract of every part
    """R5 to R12, R14, R17 and R18 but for the store's; `data` holds the corpora, without it our own small samples serve."""
    yield from asyncio.run(_answers.rows(full, data))
    yield from asyncio.run(_slow.rows(full))
    yield from asyncio.run(_statuses.rows())
    yield from _edits.rows(full, data)
    yield from _clocks.rows(full)
    yield from _ends.rows(full)
    yield from _suite.rows(full)
