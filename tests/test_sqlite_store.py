"""The file of the SQLite store: who may read it, what it refuses, what is on disk, and how fast it opens."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from agent.core.keep import cutoffs
from agent.core.records import Answer, Candidate, Execution, GateInput, LLMCall, Offer, Operation, Prediction, Tick
from agent.errors import StoreError
from agent.store import _open, _rows, schema
from agent.store.sqlite import SqliteStore, open_readonly
from tests.conftest import NOW

posix = pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX matter")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store may be made, in a folder that does not exist yet."""
    return tmp_path / "data" / "proactive.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    """A fresh store on disk."""
    made = SqliteStore(path)
    yield made
    made.close()


def a_tick(n: int = 1, text: str = "no pattern") -> Tick:
    """The n-th tick."""
    at = NOW + timedelta(seconds=n)
    return Tick(id=f"t{n}", at=at, ending="silent", reason=text, gate=GateInput(at=at, local_minute=1))


def offered(store: SqliteStore, n: int = 1) -> Offer:
    """Commit the n-th offer."""
    candidate = Candidate(task="x", because="y", operation=Operation(name="search", arguments={"query": "x"}))
    expires = NOW + timedelta(hours=1)
    return store.add_offer(
        a_tick(n), Offer(id=0, nonce=f"n{n}", tick=f"t{n}", at=NOW, expires=expires, candidate=candidate, line="Search: x")
    )


def accepted(offer: Offer) -> Answer:
    """The answer that accepts it."""
    return Answer(offer=offer.id, nonce=offer.nonce, kind="accepted", at=NOW, source="test")


@posix
@pytest.mark.parametrize("umask", ["000", "022", "077", "277"])
def test_the_files_are_the_users_alone_from_their_creation(path: Path, umask: str) -> None:
    script = (
        "import os, pathlib, sys\n"
        "from agent.store.sqlite import SqliteStore\n"
        "path = pathlib.Path(sys.argv[1]); path.parent.mkdir(mode=0o755)\n"
        f"os.umask(0o{umask}); store = SqliteStore(path); store.put_state('a', 'b')\n"
        "for f in sorted(path.parent.iterdir()): print(f.name, oct(f.stat().st_mode & 0o777))\n"
    )
    out = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    assert out.stdout.split("\n")[:-1] == [f"proactive.db{end} 0o600" for end in ("", "-shm", "-wal", ".spill")]


@posix
def test_a_missing_folder_is_made_for_the_user_alone_and_an_existing_one_is_left(path: Path) -> None:
    SqliteStore(path).close()
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.parent.chmod(0o750)
    SqliteStore(path).close()
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o750


@posix
def test_a_file_that_others_could_read_is_tightened_and_said_so(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    SqliteStore(path).close()
    path.chmod(0o644)
    SqliteStore(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "could be read by others" in caplog.text


def test_offers_responses_and_runs_are_synced_and_ticks_are_not(store: SqliteStore) -> None:
    said: list[str] = []
    store._db.set_trace_callback(said.append)

    def sync() -> int:
        assert said.count("COMMIT") == 1
        said.clear()
        return int(store._db.execute("PRAGMA synchronous").fetchone()[0])

    normal, full = 1, 2
    store.add_tick(a_tick(9))
    assert sync() == normal
    said.clear()
    offer = offered(store)
    assert sync() == full
    store.put_state("a", "b")
    said.clear()
    store.add_response(accepted(offer))
    assert sync() == full
    store.add_calls([])
    said.clear()
    assert store.begin(offer.id, NOW)
    assert sync() == full
    store.put_documents([])
    said.clear()
    store.finish(Execution(offer=offer.id, state="done", at=NOW))
    assert sync() == full
    assert store._db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_what_is_replaced_is_wiped_from_the_file(store: SqliteStore, path: Path) -> None:
    store.put_state("note", "canary-3141" * 50)
    store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"canary-3141" in path.read_bytes()
    store.put_state("note", "")
    store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"canary-3141" not in path.read_bytes()


def test_all_is_there_after_closing_and_opening(path: Path) -> None:
    first = SqliteStore(path)
    offer = offered(first)
    first.add_response(accepted(offer))
    first.close()
    first.close()
    again = SqliteStore(path)
    assert again.offer(offer.id) == offer
    assert [r.kind for r in again.responses(offer.id)] == ["accepted"]
    again.close()


def test_the_command_line_reads_beside_the_daemon_and_cannot_write(store: SqliteStore, path: Path) -> None:
    offer = offered(store)
    reader = open_readonly(path)
    assert reader.offer(offer.id) == offer
    store.add_response(accepted(offer))
    assert [r.kind for r in reader.responses(offer.id)] == ["accepted"]
    with pytest.raises(StoreError, match="cannot be written"):
        reader.put_state("a", "b")
    with pytest.raises(StoreError):
        reader.begin(offer.id, NOW)
    reader.close()
    assert store.begin(offer.id, NOW)


def test_the_command_line_reads_when_no_daemon_runs(path: Path) -> None:
    writer = SqliteStore(path)
    offer = offered(writer)
    writer.close()
    reader = open_readonly(path)
    assert list(reader.offers()) == [offer]
    reader.close()
    if os.name == "posix":
        assert {stat.S_IMODE(f.stat().st_mode) for f in path.parent.iterdir()} == {0o600}


def test_reading_without_a_history_says_how_to_start_one(path: Path) -> None:
    with pytest.raises(StoreError, match="proactive run"):
        open_readonly(path)
    assert not path.parent.exists()


def test_a_database_of_a_newer_version_is_refused_and_left_alone(path: Path) -> None:
    SqliteStore(path).close()
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    db.close()
    before = path.read_bytes()
    for opening in (SqliteStore, open_readonly):
        with pytest.raises(StoreError, match=r"newer version.*Update Proactive"):
            opening(path)
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE moz_places (url TEXT)")
    db.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        SqliteStore(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_moved_aside_untouched_and_said_so(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.parent.mkdir()
    for junk in (b"not a database at all, not at all" * 100, b"SQLite format 3\x00" + b"\xff" * 4080):
        path.write_bytes(junk)
        with pytest.raises(StoreError, match="damaged"):
            open_readonly(path)
        with closing(SqliteStore(path)) as store:
            assert "damaged and has been mended" in store.notice()
            assert offered(store).id == 1
        aside = max(path.parent.glob("*.corrupt.*Z"))
        assert aside.name in caplog.text
        assert aside.read_bytes() == junk
        path.unlink()


def test_a_folder_that_cannot_be_made_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        SqliteStore(tmp_path / "file" / "proactive.db")


def test_a_failed_migration_leaves_no_trace(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        db.execute("CREATE TABLE calls (x)")  # m001 will stumble over it half-way
    db.close()
    db = sqlite3.connect(path, isolation_level=None)
    with pytest.raises(sqlite3.OperationalError, match="calls"):
        schema.migrate(db)
    assert [row[0] for row in db.execute("SELECT name FROM sqlite_master")] == ["calls"]
    assert schema.version(db) == 0
    db.close()


def test_two_programs_that_open_a_new_store_at_once_make_one_schema(path: Path) -> None:
    errors: list[Exception] = []

    def opened() -> None:
        try:
            SqliteStore(path).close()
        except StoreError as error:
            errors.append(error)

    threads = [threading.Thread(target=opened) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    db = sqlite3.connect(path)
    assert schema.version(db) == schema.VERSION
    db.close()


def test_a_full_disk_is_said_and_what_was_stored_stays(store: SqliteStore) -> None:
    offer = offered(store)
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages + 4}")
    with pytest.raises(StoreError, match="disk is full"):
        any(store.add_tick(a_tick(n, "x" * 2000)) for n in range(10, 200))
    assert store.offer(offer.id) == offer
    store._db.execute("PRAGMA max_page_count = 100000")
    assert store.add_response(accepted(offer)) is not None, "it goes on by itself"


def test_another_programs_lock_is_waited_for_and_then_said(store: SqliteStore, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert store._db.execute("PRAGMA busy_timeout").fetchone()[0] == _open.BUSY * 1000
    store._db.execute("PRAGMA busy_timeout = 20")
    with pytest.raises(StoreError, match="in use by another program"):
        offered(store)
    other.execute("ROLLBACK")
    other.close()
    assert offered(store).id


def test_errors_never_quote_a_stored_text(store: SqliteStore) -> None:
    with pytest.raises(StoreError) as caught:
        store.put_state("key", "secret-2718\ud83d")
    assert "secret-2718" not in str(caught.value)


@pytest.mark.parametrize("migrated", [True, False])
def test_calls_of_an_older_version_count_for_the_tokens_of_the_day(store: SqliteStore, path: Path, *, migrated: bool) -> None:
    call = LLMCall(at=NOW, purpose="p", host="h", model="m", prompt="x" * 3000, prompt_tokens=900, completion_tokens=10)
    store.add_calls([call])
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP INDEX calls_tokens")
        db.execute("ALTER TABLE calls DROP COLUMN tokens")
        db.execute("ALTER TABLE offers DROP COLUMN sum")
        db.execute("ALTER TABLE responses DROP COLUMN sum")
        db.execute("PRAGMA user_version = 2")
    if migrated:
        with closing(SqliteStore(path)) as newer:
            newer.add_calls([call])
            assert newer.tokens(NOW) == 1820
    else:
        with closing(open_readonly(path)) as reader:
            assert reader.tokens(NOW) == 910


def test_the_queries_use_their_indices(store: SqliteStore) -> None:
    said: list[str] = []
    store._db.set_trace_callback(said.append)
    store.ticks(), store.offers(since=NOW), store.calls(), store.documents(), store.recover(NOW)
    store.tick("t1"), store.offer(1), store.responses(1), store.execution(1), store.get_state("a")
    store.tokens(NOW)
    store._db.set_trace_callback(None)
    queries = [query for query in said if query.startswith("SELECT")]
    assert len(queries) == 12
    for query in queries:
        plan = " ".join(row[3] for row in store._db.execute(f"EXPLAIN QUERY PLAN {query}"))
        assert "INDEX" in plan or "PRIMARY KEY" in plan, query
        assert "TEMP B-TREE" not in plan, query


def a_day(store: SqliteStore, day: int) -> None:
    """What one day leaves: held looks, asks with their calls, an offer."""
    at = NOW + timedelta(days=day)
    for n in range(6):
        held = a_tick(0, "pace").model_copy(update={"id": f"h{day}.{n}", "at": at, "ending": "held"})
        store.add_tick(held)
    for n in range(3):
        store.add_tick(a_tick(0, "x" * 6000).model_copy(update={"id": f"s{day}.{n}", "at": at}))
        store.add_calls([LLMCall(at=at, purpose="propose", host="h", model="m", prompt="x" * 6000)])
    candidate = Candidate(task="x", because="y", operation=Operation(name="search", arguments={"query": "x"}))
    offer = Offer(id=0, nonce=f"n{day}", tick=f"o{day}", at=at, expires=at, candidate=candidate, line="Search: x")
    store.add_offer(a_tick(0).model_copy(update={"id": f"o{day}", "at": at, "digest": "x" * 6000}), offer)
    store.put_state(f"seal:{day + 1}", "x" * 64)
    while store.prune(cutoffs(at)):
        pass


def test_the_file_stays_as_small_as_its_kept_days_over_months(store: SqliteStore, path: Path) -> None:
    sizes = {}
    for day in range(281):
        a_day(store, day)
        if day in (100, 280):
            store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            sizes[day] = path.stat().st_size
    grown = (sizes[280] - sizes[100]) / 180
    assert grown < 3000, "bytes a day: what is left of an offer; a day writes 45 kB"
    assert len(store.offers(limit=1000)) == 281
    assert store._db.execute("SELECT count(*) FROM state WHERE key LIKE 'seal:%'").fetchone()[0] <= 1


def test_pruning_a_long_backlog_never_blocks_for_200_ms(store: SqliteStore) -> None:
    with store._write("NORMAL") as db:
        for day in range(200):
            at = _rows.text(NOW + timedelta(days=day))
            db.executemany(
                "INSERT INTO ticks (id, at, ending, record) VALUES (?, ?, ?, ?)",
                [
                    (f"{day}.{n}", at, "silent" if n % 10 == 0 else "held", "x" * (30_000 if n % 10 == 0 else 900))
                    for n in range(50)
                ],
            )
    before, took = cutoffs(NOW + timedelta(days=400)), []
    while True:
        start = time.perf_counter()
        removed = store.prune(before)
        took.append(time.perf_counter() - start)
        if not removed:
            break
    assert len(store.ticks()) == 0
    assert len(took) > 20
    assert max(took) < 0.2


def test_an_existing_store_opens_within_30_ms(path: Path) -> None:
    filled = SqliteStore(path)
    for n in range(300):
        filled.add_tick(a_tick(n, "x" * 3000))
    filled.close()
    took = []
    for _ in range(5):
        start = time.perf_counter()
        opened = SqliteStore(path)
        took.append(time.perf_counter() - start)
        opened.close()
    assert min(took) <= 0.030


def test_a_held_look_keeps_only_what_says_something_and_every_default_that_does(store: SqliteStore) -> None:
    gate = GateInput(at=NOW, local_minute=0, afk="away")
    store.add_tick(Tick(id="h", at=NOW, ending="held", reason="away", gate=gate))
    kept = json.loads(store._db.execute("SELECT record FROM ticks").fetchone()[0])
    assert kept == {"reason": "away", "gate": {"local_minute": 0, "afk": "away", "level": 3, "heard": 1.0}}
    assert store.tick("h") == Tick(id="h", at=NOW, ending="held", reason="away", gate=gate)


def test_the_calls_of_a_look_are_written_once_and_their_prompts_compressed(store: SqliteStore, path: Path) -> None:
    said = " ".join(str(n * n) for n in range(3000))
    call = LLMCall(at=NOW, purpose="predict", host="h", model="m", prompt=said)
    look = a_tick().model_copy(update={"prediction": Prediction(calls=(call,)), "judge_calls": (call,)})
    store.add_tick(look)
    whole = len(store._db.execute("SELECT record FROM ticks").fetchone()[0])
    store.add_calls((call, call), look.id)
    assert len(store._db.execute("SELECT record FROM ticks").fetchone()[0]) < whole / 10
    assert store.tick(look.id) == look
    sizes = [len(r) for (r,) in store._db.execute("SELECT record FROM calls")]
    assert len(sizes) == 2
    assert max(sizes) < len(said) / 2
