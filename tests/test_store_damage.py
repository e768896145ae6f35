"""A damaged database is noticed, moved aside, mended and told of; what it held of answers is never silently another."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import time
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

import pytest

from agent.core.pace_settings import PaceSettings
from agent.core.records import Answer, Candidate, GateInput, LLMCall, Offer, Operation, ResponseKind, Tick
from agent.core.redact import Rules
from agent.errors import StoreError
from agent.state import Asked, load, unreadable
from agent.store import _backup, schema
from agent.store.sqlite import SqliteStore, open_readonly
from tests.conftest import NOW

TRIES = int(os.environ.get("PROACTIVE_OVERWRITES", "1000"))
"""Overwrites of the slow run."""
OFFERS = 150
WAYS: tuple[tuple[ResponseKind, ...], ...] = (("accepted",), ("opened", "rejected"), ("ignored", "rejected", "accepted"))
Kept = set[tuple[int, int, str, str, str]]


def fill(store: SqliteStore, first: int, last: int) -> None:
    """Offers with looks, calls and answers."""
    for n in range(first, last):
        at = NOW + timedelta(minutes=n)
        candidate = Candidate(task=f"Task {n} " + "x" * (n % 7) * 90, because="y", operation=Operation(name="search"))
        tick = Tick(id=f"t{n}", at=at, ending="offer", reason="r" * 300, gate=GateInput(at=at, local_minute=1))
        offer = Offer(id=0, nonce=f"n{n}", tick=tick.id, at=at, expires=at + timedelta(hours=1), candidate=candidate, line="S")
        made = store.add_offer(tick, offer)
        for kind in WAYS[n % 3]:
            store.add_response(Answer(offer=made.id, nonce=made.nonce, kind=kind, at=at, source="t"))
        store.add_calls([LLMCall(at=at, purpose="p", host="h", model="m", prompt=f"{n} " * 400)], tick.id)


def kept(path: Path) -> Kept:
    """Every response in the file."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return set(db.execute("SELECT offer, seq, kind, at, source FROM responses"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed database with a backup of its first half, in a folder of its own."""
    path = tmp_path_factory.mktemp("made") / "proactive.db"
    with closing(SqliteStore(path)) as store:
        fill(store, 0, OFFERS // 2)
        _backup.make(path)
        fill(store, OFFERS // 2, OFFERS)
    return path


@pytest.fixture
def whole(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(made.parent, tmp_path / "whole")
    return tmp_path / "whole" / made.name


class Trial(NamedTuple):
    """One overwrite: seconds to open, whether it was mended, answers that are there no more, answers that are others."""

    took: float
    mended: bool
    lost: int
    altered: int

    @property
    def unseen(self) -> int:
        """Answers that are gone or others although nothing was said."""
        return self.altered + (0 if self.mended else self.lost)


def overwrite(whole: Path, folder: Path, seed: int, *, backup: bool) -> Trial:
    """Damage a copy, open it and compare."""
    chance = random.Random(seed)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    path = folder / "proactive.db"
    shutil.copyfile(whole, path)
    if backup:
        shutil.copytree(_backup.folder(whole), _backup.folder(path))
    size = chance.choice((1, 8, 64, 512, 4096, 16384))
    with path.open("r+b") as file:
        file.seek(chance.randrange(max(1, path.stat().st_size - size)))
        file.write(chance.randbytes(size))
    damaged, before = path.read_bytes(), kept(whole)
    began = time.perf_counter()
    with closing(SqliteStore(path)) as store:
        took = time.perf_counter() - began
        said = store.notice()
        for n in range(1, OFFERS + 1):
            store.responses(n)
    aside = list(folder.glob("*.corrupt.*Z"))
    assert len(aside) == bool(said), "moved aside when mended, and only then"
    assert all(f.stat().st_size == len(damaged) for f in aside), "and never deleted"
    after = kept(path)
    return Trial(took, bool(said), len(before - after), len({r[:2] for r in after - before} & {r[:2] for r in before}))


def run(whole: Path, folder: Path, tries: int, *, backup: bool) -> str:
    """Many overwrites: the line that says what came of them."""
    trials = [overwrite(whole, folder, seed, backup=backup) for seed in range(tries)]
    mended, lost = sum(t.mended for t in trials), sum(t.lost for t in trials)
    unseen, slowest = sum(t.unseen for t in trials), max(t.took for t in trials)
    said = f"{mended} mended, {lost} of {tries * 2 * OFFERS} answers lost, {unseen} unseen, slowest start {slowest:.2f} s"
    assert unseen == 0, said
    assert slowest <= 5, said
    return said


def test_a_few_overwrites_change_no_answer_unseen(whole: Path, tmp_path: Path) -> None:
    run(whole, tmp_path / "d", 4, backup=True)


def test_without_its_first_page_the_rest_is_still_read_and_nothing_is_lost(whole: Path) -> None:
    before = kept(whole)
    with whole.open("r+b") as file:
        file.write(b"\xff" * 4096)
    with closing(SqliteStore(whole)) as store:
        assert "mended" in store.notice()
        assert len(store.calls(limit=1000)) == OFFERS
        assert store.unsound() == ""
    assert kept(whole) == before


def test_without_a_backup_and_its_first_page_it_starts_afresh_and_keeps_the_damaged_file(whole: Path) -> None:
    shutil.rmtree(_backup.folder(whole))
    with whole.open("r+b") as file:
        file.write(b"\xff" * 4096)
    damaged = whole.read_bytes()
    with closing(SqliteStore(whole)) as store:
        assert "0 answers and 0 offers" in store.notice()
    assert [f.read_bytes() for f in whole.parent.glob("*.corrupt.*Z")] == [damaged]


def gone(whole: Path, *statements: str) -> None:
    """Change rows as no program of ours would."""
    with closing(sqlite3.connect(whole, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)


def test_an_answer_whose_offer_is_lost_is_kept_with_a_stand_in_that_cannot_be_accepted(whole: Path) -> None:
    shutil.rmtree(_backup.folder(whole))
    before = kept(whole)
    gone(whole, "UPDATE offers SET record = record || ' ' WHERE id = 149", "UPDATE ticks SET id = 'lost' WHERE id = 't3'")
    with closing(SqliteStore(whole)) as store:
        offer = store.offer(149)
        assert offer is not None
        assert (offer.candidate.task, offer.expires == offer.at) == ("An offer that was lost", True)
        assert not store._db.execute("PRAGMA foreign_key_check").fetchall()
    assert kept(whole) == before


def test_what_may_have_been_accepted_and_run_is_not_run_again_after_a_lossy_mend(whole: Path) -> None:
    now = datetime.now(timezone.utc)
    with closing(SqliteStore(whole)) as store:
        candidate = Candidate(task="x", because="y", operation=Operation(name="search"))
        tick = Tick(id="now", at=now, ending="offer", reason="", gate=GateInput(at=now, local_minute=1))
        until = now + timedelta(hours=1)
        made = Offer(id=0, nonce="now", tick="now", at=now, expires=until, candidate=candidate, line="S")
        offer = store.add_offer(tick, made)
        accept = Answer(offer=offer.id, nonce="now", kind="accepted", at=now, source="t")
        store.add_response(accept)
        store.begin(offer.id, now)
    gone(whole, f"UPDATE responses SET source = 'x' WHERE offer = {offer.id}", "DELETE FROM executions")
    with closing(SqliteStore(whole)) as store:
        assert store.responses(offer.id) == []
        assert store.add_response(accept) is not None
        assert not store.begin(offer.id, now)
        run = store.execution(offer.id)
        assert run is not None
        assert (run.state, "not run again" in run.text) == ("unknown", True)
        another = made.model_copy(update={"nonce": "n", "tick": "n"})
        assert store.add_offer(tick.model_copy(update={"id": "n"}), another).id > 1000


def test_a_look_that_cannot_be_read_does_not_hide_the_others(whole: Path) -> None:
    gone(whole, "UPDATE ticks SET record = '{' WHERE id = 't5'", "UPDATE calls SET record = x'78' WHERE id = 4")
    with closing(open_readonly(whole)) as store:
        assert len(store.ticks(limit=1000)) == OFFERS - 1
        assert len(store.calls(limit=1000)) == OFFERS - 1


def test_another_programs_database_is_never_mended(whole: Path) -> None:
    gone(whole, "PRAGMA application_id = 7", "DROP TABLE responses")
    before = whole.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        SqliteStore(whole)
    assert whole.read_bytes() == before


@pytest.mark.slow
def test_no_overwrite_changes_an_answer_unseen(whole: Path, tmp_path: Path) -> None:
    half = TRIES // 2
    without = run(whole, tmp_path / "d", half, backup=False)
    with_one = run(whole, tmp_path / "d", TRIES - half, backup=True)
    print(f"\nR4 n={TRIES}: without a backup {without}; with one of the first half {with_one}")


STATE = ("asked", "paused_until", "forgotten", "mended", "pace", "level", "pruned", "told")


@pytest.mark.parametrize("value", [b'{"at":"2026-11-21T10:00:00+00:0x"}', b"2026-11-21T1", b"\xff\xfe", b"[" * 3000, b"null"])
def test_a_damaged_value_of_the_state_keeps_nothing_from_starting_and_falls_to_silence(whole: Path, value: bytes) -> None:
    with closing(SqliteStore(whole)) as store:
        for key in STATE:
            store._db.execute("INSERT OR REPLACE INTO state (key, value) VALUES (?, CAST(? AS TEXT))", (key, value))
    with closing(SqliteStore(whole)) as store:
        store.news()
        found = load(store, PaceSettings(), Rules(), NOW)
        assert (found.asked, found.forgotten) == (Asked(), NOW)
        assert found.paused_until is not None
        assert found.paused_until > NOW
        assert {"asked", "paused_until", "forgotten"} <= set(unreadable(store))


@pytest.mark.parametrize(
    "record", ['{"offer":2,"state":"exec', "{}", None, b"\x78\x9cxx", '{"offer":3,"state":"executing","at":"x"}']
)
@pytest.mark.parametrize("mend", [True, False])
def test_a_run_that_cannot_be_read_is_unknown_and_never_one_that_did_not_begin(
    whole: Path, record: object, *, mend: bool
) -> None:
    with closing(SqliteStore(whole)) as store:
        store._db.execute("PRAGMA ignore_check_constraints = ON")
        store._db.execute("INSERT INTO executions (offer, state, record) VALUES (1, 'executing', ?)", (record or "",))
        if mend:
            assert "executions" in store.unsound()
        else:
            assert next(run.offer for run in store.recover(NOW)) == 1
    with closing(SqliteStore(whole)) as store:
        store.recover(NOW)
        run = store.execution(1)
        assert run is not None
        assert run.state == "unknown"
        assert bool(store.notice()) == mend


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_damaged_database_of_an_older_version_is_mended_and_migrated(tmp_path: Path, version: int) -> None:
    path = tmp_path / "proactive.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for migration in schema.MIGRATIONS[:version]:
            migration(db)
        db.execute(f"PRAGMA user_version = {version}")
        for n in range(300):
            db.execute(
                "INSERT INTO ticks VALUES (?, ?, 'held', '{\"reason\":\"x\"}')", (f"t{n}", f"2026-11-01T00:00:00.{n:06d}+00:00")
            )
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ticks_at'").fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * 4096 + 8)
        file.write(bytes(range(100, 152)))
    with closing(SqliteStore(path)) as store:
        assert "mended" in store.notice()
        assert store._db.execute("SELECT count(*) FROM ticks").fetchone() == (300,)
    assert len(list(tmp_path.glob("*.corrupt.*Z"))) == 1
    print(f"R19 n=1: version {version}, 0 of 300 rows lost")
