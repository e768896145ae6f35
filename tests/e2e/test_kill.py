"""kill -9 at random instants: nothing that the store acknowledged is lost, and no operation is carried out twice."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import pytest

from agent.store.sqlite import SqliteStore
from tests.conftest import NOW

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(os.name != "posix", reason="fork and SIGKILL are a POSIX matter")]

KILLS = int(os.environ.get("PROACTIVE_KILLS", "300"))
FRESH = 10  # every tenth kill meets a database that is being made
ROUNDS = 8  # of kills until one met its moment: on a busy machine most children die before they did anything
LONGEST = 0.09  # seconds a child lives at most
CHILD = Path(__file__).with_name("kill_child.py")


@dataclass
class Ledger:
    """What the children of one database have said."""

    database: Path
    offers: dict[int, str] = field(default_factory=dict)
    responses: dict[tuple[int, int], str] = field(default_factory=dict)
    begun: set[int] = field(default_factory=set)
    ended: dict[int, str] = field(default_factory=dict)

    @property
    def effects(self) -> Path:
        """Where the operations leave their mark."""
        return self.database.with_suffix(".effects")

    def note(self, words: list[str]) -> None:
        """Take down one acknowledgement."""
        kind, offer = words[0], int(words[1])
        if kind == "offer":
            self.offers[offer] = words[2]
        elif kind == "response":
            self.responses[offer, int(words[2])] = words[3]
        elif kind == "begun":
            self.begun.add(offer)
        else:
            self.ended[offer] = kind


class Nursery:
    """The process that forks the children, so that each costs milliseconds and not the start of Python."""

    def __init__(self, *mode: str) -> None:
        root = str(CHILD.parents[2])
        self._process = subprocess.Popen(
            [sys.executable, str(CHILD), *mode],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": root},
        )

    def kill_one(self, ledger: Ledger, seed: int, after: float) -> int:
        """Let a child work for `after` seconds, kill it, note what it said; returns its exit code (-9: killed at work)."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{ledger.database}\t{ledger.effects}\t{seed}\n")
        self._process.stdin.flush()
        said = iter(self._process.stdout.readline, "")
        early = []
        for line in said:
            if line.startswith("pid "):
                break
            early.append(line)
        time.sleep(after)
        os.kill(int(line.split()[1]), signal.SIGKILL)
        for word in chain(early, said):
            if word.startswith("gone "):
                return int(word.split()[1])
            ledger.note(word.split())
        raise AssertionError("the nursery ended")

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=5)


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    """A careful nursery."""
    made = Nursery()
    yield made
    made.close()


def problems(ledger: Ledger) -> list[str]:
    """All that is wrong with a database after its kills; what was written but not yet acknowledged is not wrong."""
    store = SqliteStore(ledger.database)
    store.recover(NOW)
    found = [f"offer {n} lost" for n, nonce in ledger.offers.items() if (o := store.offer(n)) is None or o.nonce != nonce]
    for (offer, seq), kind in ledger.responses.items():
        kept = {r.seq: r.kind for r in store.responses(offer)}
        found += [] if kept.get(seq) == kind else [f"response {offer}.{seq} {kind} lost"]
    for offer in ledger.begun:
        run = store.execution(offer)
        wanted = ledger.ended.get(offer)
        in_order = run is not None and run.state in ({wanted} if wanted else {"done", "unknown"})
        found += [] if in_order else [f"run of {offer} is {run and run.state}, said {wanted}"]
    found += _unexplained(ledger, store)
    store.close()
    return found + _in_the_file(ledger) + _twice(ledger)


def _unexplained(ledger: Ledger, store: SqliteStore) -> list[str]:
    """Accepted offers of which nothing says what became of them, and those that were run although it says they were not."""
    runs = {offer: store.execution(offer) for (offer, _), kind in ledger.responses.items() if kind == "accepted"}
    silent = [f"nothing says what became of accepted offer {offer}" for offer, run in runs.items() if run is None]
    effects = set(ledger.effects.read_text().split()) if ledger.effects.exists() else set()
    denied = [n for n, run in runs.items() if run is not None and run.state == "failed" and str(n) in effects]
    return silent + [f"offer {offer} was carried out although it says it was not" for offer in denied]


def _in_the_file(ledger: Ledger) -> list[str]:
    with closing(sqlite3.connect(ledger.database)) as db:
        checks = {
            "quick_check": (db.execute("PRAGMA quick_check").fetchone()[0] == "ok"),
            "foreign_key_check": not db.execute("PRAGMA foreign_key_check").fetchall(),
            "offers have their ticks": db.execute("SELECT count(*) FROM offers").fetchone()
            == db.execute("SELECT count(*) FROM ticks").fetchone(),
            "one accept an offer": not db.execute(
                "SELECT offer FROM responses WHERE kind = 'accepted' GROUP BY offer HAVING count(*) > 1"
            ).fetchall(),
            "seq without gaps": not db.execute(
                "SELECT offer FROM responses GROUP BY offer HAVING max(seq) <> count(*)"
            ).fetchall(),
        }
    return [name for name, good in checks.items() if not good]


def _twice(ledger: Ledger) -> list[str]:
    lines = ledger.effects.read_text().split() if ledger.effects.exists() else []
    return [f"{offer} carried out {n} times" for offer, n in Counter(lines).items() if n > 1]


def _kill(nursery: Nursery, folder: Path, kills: int, seed: int) -> tuple[list[Ledger], Counter[int]]:
    chance = random.Random(seed)
    main = Ledger(folder / "main.db")
    ledgers, codes = [main], Counter[int]()
    for n in range(kills):
        ledger = main
        if n % FRESH == FRESH - 1:
            ledger = Ledger(folder / f"fresh{n}.db")
            ledgers.append(ledger)
        codes[nursery.kill_one(ledger, n, chance.uniform(0, LONGEST if ledger is main else LONGEST / 5))] += 1
    return ledgers, codes


def _folder(parent: Path, attempt: int) -> Path:
    made = parent / str(attempt)
    made.mkdir()
    return made


@pytest.mark.slow
def test_no_kill_loses_an_answer_or_runs_an_operation_twice(nursery: Nursery, tmp_path: Path) -> None:
    start = time.perf_counter()
    ledgers, codes = _kill(nursery, tmp_path, KILLS, seed=20260302)
    found = [problem for ledger in ledgers for problem in problems(ledger)]
    main = ledgers[0]
    unknown = sum(state == "unknown" for state in main.ended.values())
    not_run = sum(state == "failed" for state in main.ended.values())
    print(
        f"\nR1 n={KILLS}: in {time.perf_counter() - start:.0f} s on {len(ledgers)} databases: "
        f"{sum(len(x.offers) for x in ledgers)} offers, {sum(len(x.responses) for x in ledgers)} responses, "
        f"{sum(len(x.begun) for x in ledgers)} runs acknowledged; {unknown} runs in doubt, "
        f"{not_run} never begun; {len(found)} problems"
    )
    assert codes == {-signal.SIGKILL: KILLS}, "each child was at work when it was killed"
    assert found == []
    assert len(main.offers) > KILLS // 5, "enough was at stake, even on a slow disk"
    assert unknown > 0, "some kills met an operation half-way"
    assert not_run > 0, "some kills came between an accept and its start"


def test_the_check_sees_an_operation_that_runs_before_it_is_committed(tmp_path: Path) -> None:
    careless = Nursery("careless")
    found: list[str] = []
    for attempt in range(ROUNDS):
        ledgers, _ = _kill(careless, _folder(tmp_path, attempt), 60, seed=7 + attempt)
        found = [problem for ledger in ledgers for problem in problems(ledger) if "carried out" in problem]
        if found:
            break
    careless.close()
    assert found


def test_the_check_sees_what_is_lost(nursery: Nursery, tmp_path: Path) -> None:
    for attempt in range(ROUNDS):
        (ledger, *_), _ = _kill(nursery, _folder(tmp_path, attempt), 5, seed=1 + attempt)
        assert problems(ledger) == []
        if ledger.responses:
            break
    acknowledged = max(ledger.responses)  # not the last that is stored: the kill may have come before its word
    with closing(sqlite3.connect(ledger.database, isolation_level=None)) as db:
        db.execute("DELETE FROM responses WHERE offer = ? AND seq = ?", acknowledged)
    assert [p for p in problems(ledger) if "lost" in p]
