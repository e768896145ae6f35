"""One daemon a data folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.errors import StoreError
from agent.lock import Lock, holder


def test_a_second_lock_is_refused_and_names_the_first(tmp_path: Path) -> None:
    first, second = Lock(tmp_path), Lock(tmp_path)
    first.take()
    with pytest.raises(StoreError, match=rf"already running \(pid {os.getpid()}\)"):
        second.take()
    assert holder(tmp_path) == os.getpid()
    first.release()
    second.take()
    second.release()
    assert holder(tmp_path) is None
