"""Cycles of a full disk in a process of its own: `full_child.py DATABASE CYCLES`; prints one line, exit code 1 on any fault.

The disk is made full by RLIMIT_FSIZE: no file may be written behind its first 64 KiB, which is what SQLite sees of a disk
without room (EFBIG in place of ENOSPC). In every third cycle the process "dies" while the disk is full.
"""

from __future__ import annotations

import resource
import sqlite3
import sys
import time
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path

from agent.core.records import Answer, Candidate, Execution, GateInput, Offer, Operation, Response, Tick
from agent.errors import StoreError
from agent.store._spill import SIZE
from agent.store.sqlite import SqliteStore

AT = datetime(2026, 3, 2, 14, 0, tzinfo=timezone.utc)
AMPLE = resource.getrlimit(resource.RLIMIT_FSIZE)[1]


def room(limit: int) -> None:
    """Set how large a file may become."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, AMPLE))


def offered(store: SqliteStore, n: int) -> Offer:
    """A new offer."""
    candidate = Candidate(task="x" * 500, because="y", operation=Operation(name="search"))
    tick = Tick(id=f"t{n}", at=AT, ending="offer", reason="r", gate=GateInput(at=AT, local_minute=1))
    expires = AT + timedelta(hours=1)
    offer = Offer(id=0, nonce=f"n{n}", tick=f"t{n}", at=AT, expires=expires, candidate=candidate, line="l")
    return store.add_offer(tick, offer)


def fill(store: SqliteStore, cycle: int) -> int:
    """Write until nothing goes any more; how many writes were refused of 20 further ones."""
    refused = 0
    for n in range(400):
        try:
            gate = GateInput(at=AT, local_minute=1)
            store.add_tick(Tick(id=f"f{cycle}.{n}", at=AT, ending="silent", reason=f"{n} " * 900, gate=gate))
        except StoreError:
            refused += 1
            if refused == 20:
                break
    return refused


def answered(store: SqliteStore, offers: list[Offer]) -> list[Response]:
    """Answer offers while the disk is full; the end of a run that had begun too."""
    found = []
    for n, offer in enumerate(offers):
        kind = ("accepted", "rejected", "dismissed")[n % 3]
        answer = Answer.model_validate({"offer": offer.id, "nonce": offer.nonce, "kind": kind, "at": AT, "source": "t"})
        response = store.add_response(answer)
        assert response is not None
        assert store.add_response(answer) is None, "the same answer does not count twice"
        found.append(response)
    return found


def cycle(path: Path, store: SqliteStore, number: int) -> tuple[SqliteStore, int, float]:
    """One cycle; the store, the answers lost, the seconds until writing worked again."""
    running = offered(store, number * 10)
    store.add_response(Answer(offer=running.id, nonce=running.nonce, kind="accepted", at=AT, source="t"))
    assert store.begin(running.id, AT)
    offers = [offered(store, number * 10 + n) for n in (1, 2, 3)]
    room(SIZE)
    assert fill(store, number) == 20, "the disk is full"
    try:
        store.ready()
        raise AssertionError("nothing can be stored")
    except StoreError:
        pass
    said = answered(store, offers)
    store.finish(Execution(offer=running.id, state="done", at=AT, text="done"))
    assert [store.responses(o.id)[-1:] for o in offers] == [[r] for r in said], "it counts at once"
    if number % 3 == 2:
        store._db.close()  # as a kill would: nothing is tidied up
        room(AMPLE)
        store = SqliteStore(path)
    room(AMPLE)
    began = time.monotonic()
    store.ready()
    took = time.monotonic() - began
    with closing(sqlite3.connect(path)) as db:
        kept = set(db.execute("SELECT offer, kind FROM responses"))
        done = db.execute("SELECT state FROM executions WHERE offer = ?", (running.id,)).fetchone()[0]
    lost = sum((r.offer, r.kind) not in kept for r in said) + (done != "done")
    return store, lost, took


def main() -> int:
    """All cycles."""
    path, cycles = Path(sys.argv[1]), int(sys.argv[2])
    store, lost, slowest = SqliteStore(path), 0, 0.0
    for number in range(cycles):
        store, missing, took = cycle(path, store, number)
        lost, slowest = lost + missing, max(slowest, took)
    whole = store.unsound() == ""
    store.close()
    said = f"{lost} answers or results lost, {'no' if whole else 'SOME'} corruption, writing again in {slowest:.2f} s"
    print(f"R13 n={cycles}: {said}")
    return 0 if whole and not lost and slowest <= 60 else 1


if __name__ == "__main__":
    sys.exit(main())
