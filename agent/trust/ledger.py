"""The rows of the ledger: sent == stored == shown, and what is deleted is in no file any more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from agent.trust.row import Row
from agent.trust.store import Trial, tried

TRIALS = (
    Trial(
        "P9",
        "texts received by an endpoint against ledger, file and terminal (there controls as numbers), byte for byte",
        "tests/test_ledger.py::test_many_texts_are_sent_stored_and_shown_word_for_word",
        "PROACTIVE_TEXTS",
        300,
        30,
        "100 % equal",
    ),
    Trial(
        "P9",
        "canaries in every field of a look, deleted one by one, by time, all: files that still hold one",
        "tests/test_ledger.py::test_no_canary_is_left_in_any_file",
        "PROACTIVE_CANARIES",
        60,
        6,
        "0, within 10 s",
    ),
    Trial(
        "P9",
        "the same in a running daemon",
        "tests/e2e/test_ledger_daemon.py",
        "PROACTIVE_TEXTS",
        1,
        1,
        "100 % equal, 0 files",
    ),
)


def rows(full: bool, data: Path | None) -> Iterator[Row]:  # noqa: FBT001 - the contract of every part
    """P9; a report without a goal where there are no tests."""
    return tried(TRIALS, full=full)
