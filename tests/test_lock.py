"""One daemon a data folder."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from agent.errors import StoreError
from agent.lock import FILE, UNKNOWN, Lock, holder


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


posix = pytest.mark.skipif(os.name != "posix", reason="Windows removes no open file, and locks otherwise")


@posix
def test_a_lock_whose_file_was_removed_is_noticed_and_a_new_one_is_another(tmp_path: Path) -> None:
    first, second = Lock(tmp_path), Lock(tmp_path)
    first.take()
    assert first.held()
    (tmp_path / FILE).unlink()
    assert not first.held()
    second.take()
    assert second.held()
    assert not first.held()
    second.release()
    first.release()


@posix
def test_a_lock_file_removed_between_opening_and_locking_is_opened_again(tmp_path: Path) -> None:
    class Late(Lock):
        def _open(self) -> None:
            super()._open()
            if not opened:
                (tmp_path / FILE).unlink()
            opened.append(self._file)

    opened: list[int] = []
    late = Late(tmp_path)
    late.take()
    assert len(opened) == 2
    assert late.held()
    assert holder(tmp_path) == os.getpid()
    late.release()


@posix
def test_a_lock_that_does_not_say_who_holds_it_is_held(tmp_path: Path) -> None:
    lock = Lock(tmp_path)
    lock.take()
    lock.path.write_bytes(b"\xffgarbage")
    assert holder(tmp_path) == UNKNOWN
    lock.release()
    assert holder(tmp_path) is None


@posix
def test_a_disk_without_locks_is_not_a_second_daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(StoreError, match="cannot be locked: No locks available"):
        Lock(tmp_path).take()


def test_a_folder_in_the_place_of_the_lock_is_said(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(StoreError, match=FILE):
        Lock(tmp_path).take()


def test_a_file_that_is_another_one_at_each_look_ends_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "samestat", lambda *_: False)
    with pytest.raises(StoreError, match="again and again"):
        Lock(tmp_path).take()
