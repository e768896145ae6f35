"""kill -9 at named points: every line of store, belt, rename, backup and migration that runs between an offer and its undo."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agent.store import _backup, schema
from agent.store.sqlite import SqliteStore
from tests.conftest import NOW
from tests.test_store_damage import fill, kept

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(os.name != "posix", reason="fork and SIGKILL are a POSIX matter")]

KILLS = int(os.environ.get("PROACTIVE_POINT_KILLS", "150"))
MIGRATIONS = int(os.environ.get("PROACTIVE_MIGRATION_KILLS", "20"))
"""Kills while each older version is brought up to date."""
CHILD = Path(__file__).with_name("points_child.py")
ROOT = CHILD.parents[2]


class Nursery:
    """The process that forks the children."""

    def __init__(self) -> None:
        argv = [sys.executable, str(CHILD)]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)

    def work(self, mode: str, database: Path, point: str = "-", occurrence: int = 1) -> tuple[int, list[list[str]]]:
        """Let a child work; its exit code (-9: killed at the point) and what it said."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{mode}\t{database}\t{point}\t{occurrence}\n")
        self._process.stdin.flush()
        said = []
        for line in iter(self._process.stdout.readline, ""):
            if line.startswith("gone "):
                return int(line.split()[1]), said
            said.append(line.split())
        raise AssertionError("the nursery ended")

    def points(self, mode: str, database: Path) -> dict[str, int]:
        """The points a child passes that works to the end, and how often."""
        code, said = self.work(mode, database)
        assert code == 0
        return {words[1]: int(words[2]) for words in said if words[0] == "point"}

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=5)


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    """A nursery."""
    made = Nursery()
    yield made
    made.close()


def wrong(database: Path, said: list[list[str]]) -> list[str]:
    """What of a database contradicts what its children said, or the files."""
    found: list[str] = []
    files = {f.name for f in (database.parent / "files").iterdir()}
    with closing(SqliteStore(database)) as store:
        store.recover(NOW)
        for kind, number, *more in (words for words in said if words[0] not in ("point", "shown")):
            found += _claim(store, kind, int(number), more)
        for offer in store.offers(limit=100_000):
            found += _explained(store, offer.id, offer.nonce, files)
        found += [store.unsound()] if store.unsound() else []
    with closing(sqlite3.connect(database)) as db:
        found += ["foreign key"] if db.execute("PRAGMA foreign_key_check").fetchall() else []
        twice = db.execute("SELECT offer FROM responses WHERE kind = 'accepted' GROUP BY offer HAVING count(*) > 1").fetchall()
        found += [f"accepted twice: {twice}"] if twice else []
    return found


def _claim(store: SqliteStore, kind: str, number: int, more: list[str]) -> list[str]:
    if kind == "offer":
        offer = store.offer(number)
        return [] if offer is not None and offer.nonce == more[0] else [f"offer {number} lost"]
    if kind == "response":
        return [] if more[1] in [r.kind for r in store.responses(number)] else [f"response of {number} lost"]
    run = store.execution(number)
    ends = {"done": ("done", "undone"), "unknown": ("unknown",), "failed": ("failed",), "undone": ("undone",)}
    return [] if run is not None and run.state in ends[kind] else [f"run of {number} is {run and run.state}, said {kind}"]


def _explained(store: SqliteStore, number: int, name: str, files: set[str]) -> list[str]:
    """The one file of each offer has one of its two names, and the run says why."""
    new, old = f"{name}.new.txt" in files, f"{name}.old.txt" in files
    kinds, run = [r.kind for r in store.responses(number)], store.execution(number)
    if new == old:
        return [f"offer {number}: the file is {'there twice' if new else 'gone'}"]
    if run is None:
        return [f"offer {number}: nothing says what became of it"] if "accepted" in kinds or new else []
    fits = {"done": new or number % 2 == 0, "unknown": True, "failed": old, "undone": old}
    return [] if fits.get(run.state, False) else [f"offer {number} is {run.state}, its file {'new' if new else 'old'}"]


@pytest.mark.slow
def test_no_kill_at_a_named_point_runs_anything_twice_or_leaves_it_unexplained(nursery: Nursery, tmp_path: Path) -> None:
    start = time.perf_counter()
    database = tmp_path / "proactive.db"
    points = nursery.points("offer", database)
    points = nursery.points("offer", database)  # the first one made the database
    chance, codes, said = random.Random(20260302), Counter[int](), list[list[str]]()
    names = sorted(points)
    chance.shuffle(names)
    found: list[str] = []
    met_at: set[str] = set()
    for n in range(2 * KILLS):
        if codes[-signal.SIGKILL] == KILLS:
            break
        name = names[n % len(names)]
        code, words = nursery.work("offer", database, name, chance.randint(1, points[name]))
        codes[code] += 1
        met_at |= {name} if code == -signal.SIGKILL else set()
        said += words
        if n % 50 == 49:
            found += wrong(database, said)
            said = []
    found += wrong(database, said)
    met = codes[-signal.SIGKILL]
    took = time.perf_counter() - start
    print(f"\nR2 n={met} at {len(met_at)} points in {took:.0f} s: {len(found)} problems")
    assert found == []
    assert set(codes) <= {-signal.SIGKILL, 0}, "0: the point was not passed as often this time"
    assert met == KILLS
    assert len(names) >= 40


@pytest.mark.slow
def test_a_kill_at_any_step_of_a_mend_loses_nothing_more(nursery: Nursery, tmp_path: Path) -> None:
    before = tmp_path / "before" / "proactive.db"
    with closing(SqliteStore(before)) as store:
        fill(store, 0, 40)
        _backup.make(before)
    wanted = kept(before)
    with before.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(os.urandom(4096))
    damaged = before.read_bytes()
    trial = tmp_path / "trial" / "proactive.db"

    def again() -> None:
        shutil.rmtree(trial.parent, ignore_errors=True)
        shutil.copytree(before.parent, trial.parent)

    again()
    points = nursery.points("open", trial)
    steps = sorted(name for name in points if name.split(":")[0] in ("_whole", "_salvage"))
    assert len(steps) >= 60
    chance = random.Random(4)
    chosen = chance.sample(steps, min(len(steps), MIGRATIONS))
    for name in chosen:
        again()
        code, _ = nursery.work("open", trial, name, chance.randint(1, points[name]))
        assert code == -signal.SIGKILL, name
        with closing(SqliteStore(trial)) as store:
            assert store.unsound() == ""
        assert kept(trial) == wanted, name
        aside = [f.read_bytes() for f in trial.parent.glob("*.corrupt.*Z")]
        assert damaged in aside, name
        assert not list(trial.parent.glob("*.mend*")), name
    print(f"\nR4 n={len(chosen)}: 0 rows lost, old file kept")


def old_database(path: Path, version: int) -> None:
    """A database as that version of the schema left it, with offers and answers."""
    with closing(SqliteStore(path)) as store:
        fill(store, 0, 12)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        if version < 4:
            db.execute("ALTER TABLE offers DROP COLUMN sum")
            db.execute("ALTER TABLE responses DROP COLUMN sum")
        if version < 3:
            db.execute("DROP INDEX calls_tokens")
            db.execute("ALTER TABLE calls DROP COLUMN tokens")
        if version < 2:
            db.execute("DROP TABLE bases")
            db.execute("DROP TABLE answers")
        db.execute(f"PRAGMA user_version = {version}")
        db.execute("PRAGMA journal_mode = DELETE")
    Path(f"{path}.spill").unlink(missing_ok=True)


def shape(path: Path) -> set[tuple[str, str]]:
    """Tables and indices with their words, without blanks."""
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
    return {(name, re.sub(r"\s", "", sql or "")) for name, sql in rows}


def all_rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of what an older version held."""
    tables = ("ticks", "offers", "responses", "executions", "calls", "documents", "state")
    with closing(sqlite3.connect(path)) as db:
        held = {t: [c[1] for c in db.execute(f"PRAGMA table_info({t})") if c[1] not in ("sum", "tokens")] for t in tables}
        return {t: db.execute(f"SELECT {', '.join(names)} FROM {t} ORDER BY 1, 2").fetchall() for t, names in held.items()}


@pytest.mark.slow
@pytest.mark.parametrize("version", range(1, schema.VERSION))
def test_a_kill_at_any_step_of_a_migration_loses_nothing(nursery: Nursery, tmp_path: Path, version: int) -> None:
    before = tmp_path / "before" / "proactive.db"
    old_database(before, version)
    fresh = tmp_path / "fresh.db"
    SqliteStore(fresh).close()
    rows = all_rows(before)
    assert len(kept(before)) > 12
    trial = tmp_path / "trial" / "proactive.db"

    def again() -> None:
        shutil.rmtree(trial.parent, ignore_errors=True)
        trial.parent.mkdir()
        shutil.copyfile(before, trial)

    again()
    points = nursery.points("open", trial)
    chance = random.Random(version)
    steps = [name for name in points if name.split(":")[0] in ("schema", "_backup", "_sums", "_open")]
    assert len(steps) >= 20
    chosen = (chance.sample(steps, len(steps)) * (MIGRATIONS // len(steps) + 1))[:MIGRATIONS]
    for name in chosen:
        again()
        code, _ = nursery.work("open", trial, name, chance.randint(1, points[name]))
        assert code == -signal.SIGKILL, name
        SqliteStore(trial).close()
        assert all_rows(trial) == rows, name
        assert shape(trial) == shape(fresh), name
        copies = [c for c in _backup.all_of(trial) if all_rows(c) == rows]
        assert copies, f"{name}: there is a backup of before"
    print(f"\nR19 n={len(chosen)} from version {version} to {schema.VERSION}: 0 rows lost")
