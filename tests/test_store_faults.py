"""A torn write-ahead log, a full disk, a lock, copies of every day: nothing that was acknowledged is lost."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from agent.core.keep import cutoffs
from agent.core.records import Execution, GateInput, LLMCall, Response, Tick
from agent.errors import StoreError
from agent.store import _backup, _open, _spill, sqlite
from agent.store.sqlite import SqliteStore
from tests.conftest import NOW
from tests.test_sqlite_store import accepted, offered
from tests.test_store_damage import fill, kept

TORN = int(os.environ.get("PROACTIVE_TORN", "300"))
"""Torn logs of the slow run."""
CYCLES = int(os.environ.get("PROACTIVE_FULL_DISKS", "12"))
CHILD = Path(__file__).with_name("e2e") / "full_child.py"
posix = pytest.mark.skipif(os.name != "posix", reason="limits of file sizes are a POSIX matter")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store is made."""
    return tmp_path / "data" / "proactive.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    """A store that makes its daily copy."""
    made = SqliteStore(path, daily=True)
    yield made
    made.close()


def torn(folder: Path, whole: Path, seed: int) -> tuple[bool, bool]:
    """Tear a copy's log, open it: whether that went well, whether the answers in it are the first so many."""
    chance = random.Random(seed)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    path = folder / "proactive.db"
    shutil.copyfile(whole, path)
    shutil.copyfile(f"{whole}-wal", f"{path}-wal")
    with Path(f"{path}-wal").open("r+b") as log:
        at = chance.randrange(Path(f"{path}-wal").stat().st_size)
        if seed % 2:
            log.truncate(at)
        else:
            log.seek(at)
            log.write(chance.randbytes(chance.choice((1, 16, 512, 4096))))
    try:
        SqliteStore(path).close()
    except StoreError:
        return False, False
    found = commits(path)
    return True, found == commits(whole)[: len(found)]


def commits(path: Path) -> list[tuple[int, int]]:
    """Offers (as answer 0) and answers, in the order in which `fill` commits them."""
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT id, 0 FROM offers UNION ALL SELECT offer, seq FROM responses ORDER BY 1, 2").fetchall()


def tears(tmp_path: Path, count: int) -> str:
    """Many torn logs: the line that says what came of them."""
    whole = tmp_path / "whole" / "proactive.db"
    with closing(SqliteStore(whole)) as store:
        store._db.execute("PRAGMA wal_autocheckpoint = 0")
        fill(store, 0, 60)
        results = [torn(tmp_path / "torn", whole, seed) for seed in range(count)]
    failed, mixed = sum(not opened for opened, _ in results), sum(not order for _, order in results)
    assert (failed, mixed) == (0, 0)
    return f"{failed} open failures, {mixed} that are no prefix"


def test_a_torn_log_leaves_the_first_so_many_answers(tmp_path: Path) -> None:
    tears(tmp_path, 20)


@pytest.mark.slow
def test_no_torn_log_keeps_the_store_from_opening(tmp_path: Path) -> None:
    print(f"\nR3 n={TORN}: {tears(tmp_path, TORN)}")


@posix
@pytest.mark.slow
def test_a_full_disk_loses_no_answer_and_no_result(tmp_path: Path) -> None:
    argv = [sys.executable, str(CHILD), str(tmp_path / "p.db"), str(CYCLES)]
    root = str(CHILD.parents[2])
    done = subprocess.run(
        argv, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": root}, timeout=280
    )
    print(f"\n{done.stdout}")
    assert done.returncode == 0, done.stderr


def full(store: SqliteStore) -> None:
    """From now on the database cannot grow."""
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match="disk is full"):
        any(store.add_tick(big(n)) for n in range(200))


def big(n: int) -> Tick:
    """A look that takes room."""
    at = NOW + timedelta(seconds=n)
    return Tick(id=f"big{n}", at=at, ending="silent", reason=f"{n} " * 900, gate=GateInput(at=at, local_minute=1))


def roomy(store: SqliteStore) -> None:
    """There is room again."""
    store._db.execute("PRAGMA max_page_count = 1000000")


def locked(path: Path) -> sqlite3.Connection:
    """Another program that holds the database."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


def test_an_answer_given_while_the_database_is_locked_counts_and_is_stored_later(store: SqliteStore, path: Path) -> None:
    offer = offered(store)
    store._db.execute("PRAGMA busy_timeout = 20")
    with closing(locked(path)):
        assert store.add_response(accepted(offer)) is not None
        assert [r.kind for r in store.responses(offer.id)] == ["accepted"]
        assert store.add_response(accepted(offer)) is None, "once"
        assert kept(path) == set()
        assert "in use by another program" in store.notice()
        with pytest.raises(StoreError):
            store.begin(offer.id, NOW)
    assert store.begin(offer.id, NOW), "the first write that succeeds stores it too"
    assert [(r[0], r[2]) for r in kept(path)] == [(offer.id, "accepted")]
    assert store.notice() == ""
    assert [r.kind for r in store.responses(offer.id)] == ["accepted"]


def test_a_lock_is_waited_for_once_and_not_at_each_write(store: SqliteStore, path: Path) -> None:
    offer = offered(store)
    store._db.execute("PRAGMA busy_timeout = 20")
    with closing(locked(path)):
        store.add_response(accepted(offer))
        assert store._db.execute("PRAGMA busy_timeout").fetchone() == (sqlite.IMPATIENT,)
        began = time.perf_counter()
        with pytest.raises(StoreError):
            store.ready()
        assert time.perf_counter() - began < 1
    store.ready()
    assert store._db.execute("PRAGMA busy_timeout").fetchone() == (_open.BUSY * 1000,)


def test_an_answer_kept_beside_a_full_disk_survives_a_kill(store: SqliteStore, path: Path) -> None:
    offer, running = offered(store, 1), offered(store, 2)
    store.add_response(accepted(running))
    store.begin(running.id, NOW)
    store._db.execute("PRAGMA busy_timeout = 20")
    with closing(locked(path)):
        store.add_response(accepted(offer))
        store.finish(Execution(offer=running.id, state="done", at=NOW, text="found"))
        files = {f.name: f.read_bytes() for f in path.parent.iterdir() if f.is_file()}
    for name, data in files.items():
        (path.parent.parent / name).write_bytes(data)
    again = SqliteStore(path.parent.parent / path.name)
    assert [r.kind for r in again.responses(offer.id)] == ["accepted"]
    assert again.execution(running.id) == Execution(offer=running.id, state="done", at=NOW, text="found")
    again.close()
    assert b"accepted" not in Path(f"{again.path}.spill").read_bytes(), "it is wiped there"


def test_what_waits_for_an_offer_that_is_gone_is_stored_with_a_stand_in_and_blocks_nothing(path: Path) -> None:
    SqliteStore(path).close()
    waiting = _spill.Spill(path.with_name(f"{path.name}.spill"))
    waiting.add(Response(offer=777, seq=1, kind="accepted", at=NOW, source="toast"))
    waiting.add(Execution(offer=778, state="done", at=NOW, text="found"))
    for _ in range(2):
        with closing(SqliteStore(path)) as store:
            store.put_state("asked", "{}")
            store.recover(NOW)
            states = [getattr(store.execution(n), "state", "") for n in (777, 778)]
            assert (states, [r.kind for r in store.responses(777)]) == (["failed", "done"], ["accepted"])
            assert store.unsound() == store.notice() == ""
            assert [o.id for o in store.offers()][-2:] == [778, 777]
            assert {777, 778} == {o.id for o in store.offers() if o.line == "Lost"}


def test_a_torn_line_of_the_room_set_aside_is_left_out_and_those_before_it_are_kept(tmp_path: Path) -> None:
    spill = _spill.Spill(tmp_path / "s")
    runs = [Execution(offer=n, state="done", at=NOW, text="x" * 50) for n in range(3)]
    assert all(spill.add(run) for run in runs)
    data = bytearray((tmp_path / "s").read_bytes())
    data[spill._used - 10] ^= 255
    (tmp_path / "s").write_bytes(data)
    assert _spill.Spill(tmp_path / "s").waiting == runs[:2]
    assert (tmp_path / "s").stat().st_size == _spill.SIZE
    assert not spill.add(Execution(offer=9, state="done", at=NOW, text="x" * _spill.SIZE)), "no room"


def test_calls_made_while_the_disk_was_full_are_in_the_ledger_afterwards(store: SqliteStore) -> None:
    full(store)
    call = LLMCall(at=NOW, purpose="predict", host="h", model="m", prompt="x" * 9000)
    store.add_calls([call], "t")
    roomy(store)
    store.ready()
    assert list(store.calls()) == [call]


def test_a_full_disk_is_told_once_and_no_look_is_made_in_vain(store: SqliteStore, caplog: pytest.LogCaptureFixture) -> None:
    full(store)
    for n in range(3):
        with pytest.raises(StoreError):
            store.add_tick(big(1000 + n))
    with pytest.raises(StoreError):
        store.ready()
    assert caplog.text.count("nothing can be stored") == 1
    roomy(store)
    store.ready()
    assert store.notice() == ""
    assert caplog.text.count("can be written again") == 1


def wait(store: SqliteStore) -> None:
    """Until the copy is made."""
    while any(t.name == "backup" for t in threading.enumerate()):
        time.sleep(0.01)


def test_a_copy_a_day_is_made_when_nothing_is_left_to_forget_and_seven_are_kept(store: SqliteStore, path: Path) -> None:
    offered(store)
    for _ in range(3):
        assert store.prune(cutoffs(NOW)) == 0
        wait(store)
    (first,) = _backup.all_of(path)
    assert _backup.sound(first)
    folder = _backup.folder(path)
    for days in range(1, 9):
        made = datetime.now(timezone.utc) - timedelta(days=days)
        shutil.copyfile(first, folder / f"proactive.{made.strftime(_backup.STAMP)}.db")
    first.unlink()
    store.prune(cutoffs(NOW))
    wait(store)
    copies = _backup.all_of(path)
    assert len(copies) == _backup.KEEP
    assert (datetime.now(timezone.utc).strftime("proactive.%Y%m%d")) == copies[0].name[:18]


def test_a_damaged_database_never_takes_the_place_of_a_good_copy(store: SqliteStore, path: Path) -> None:
    offer = offered(store)
    store.add_response(accepted(offer))
    good = _backup.make(path)
    store._db.execute("UPDATE responses SET kind = 'rejected'")
    with pytest.raises(_backup.Unsound):
        _backup.make(path)
    assert _backup.all_of(path) == [good]
    assert [f.name for f in _backup.folder(path).iterdir()] == [good.name]


def test_an_answer_that_was_changed_is_not_handed_out_and_comes_back_from_the_backup(store: SqliteStore, path: Path) -> None:
    offer = offered(store)
    store.add_response(accepted(offer))
    _backup.make(path)
    store._db.execute("UPDATE responses SET kind = 'rejected'")
    with pytest.raises(StoreError, match="damaged"):
        store.responses(offer.id)
    store.close()
    with closing(SqliteStore(path)) as again:
        assert [r.kind for r in again.responses(offer.id)] == ["accepted"]
        assert "1 rows came from a backup, 1 damaged rows were left out" in again.news()
        assert again.news() == "", "it is told once"
        assert "mended" in again.notice(), "and stays in sight"
