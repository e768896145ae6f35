"""A nursery: for each line `DATABASE EFFECTS SEED` it forks a child that works on the store until it is killed.

The child says on standard output what the store has acknowledged, one line each, and appends the id of each operation
that it carries out to EFFECTS. `careless` as first argument: it carries out before `begin` (so the test can see that).
"""

from __future__ import annotations

import os
import random
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from agent.core.records import Answer, Candidate, Execution, GateInput, Offer, Operation, Tick
from agent.core.records import ResponseKind as Kind
from agent.store.sqlite import SqliteStore

AT = datetime(2026, 3, 2, 14, 0, tzinfo=timezone.utc)
PATHS: tuple[tuple[Kind, ...], ...] = (
    ("accepted",),
    ("opened", "accepted"),
    ("ignored", "rejected", "accepted"),
    ("dismissed",),
)
CARELESS = "careless" in sys.argv[1:]


def say(*words: object) -> None:
    """One line, in one write, so that no half of it is ever read."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def offer_once(store: SqliteStore, chance: random.Random) -> Offer:
    """Commit a tick and its offer."""
    name = f"{chance.getrandbits(64):x}"
    candidate = Candidate(task="x" * chance.randrange(900), because="y", operation=Operation(name="search"))
    tick = Tick(id=name, at=AT, ending="offer", reason="r", gate=GateInput(at=AT, local_minute=1))
    expires = AT + timedelta(hours=1)
    offer = Offer(id=0, nonce=name, tick=name, at=AT, expires=expires, candidate=candidate, line="Search: x")
    made = store.add_offer(tick, offer)
    say("offer", made.id, name)
    return made


def answer(store: SqliteStore, offer: Offer, chance: random.Random) -> None:
    """Answer it in one of several ways."""
    for kind in chance.choice(PATHS):
        response = store.add_response(Answer(offer=offer.id, nonce=offer.nonce, kind=kind, at=AT, source="t"))
        if response:
            say("response", offer.id, response.seq, kind)


def carry_out(store: SqliteStore, offer: int, effects: Path) -> None:
    """Run an accepted operation as the daemon does: `begin` is on disk before the effect."""
    if CARELESS and store.execution(offer) is None:
        effect(offer, effects)
        time.sleep(0.003)  # what an operation takes at least
    if not store.begin(offer, AT):
        return
    say("begun", offer)
    if not CARELESS:
        effect(offer, effects)
    store.finish(Execution(offer=offer, state="done", at=AT))
    say("done", offer)


def effect(offer: int, effects: Path) -> None:
    """What cannot be taken back: one more line in the file."""
    with effects.open("ab", buffering=0) as file:
        file.write(f"{offer}\n".encode())


def work(database: Path, effects: Path, seed: int) -> None:
    """Open, recover, try everything of before again, then go on until killed."""
    chance = random.Random(seed)
    store = SqliteStore(database)
    for run in store.recover(AT):
        say(run.state, run.offer)
    for old in store.offers(limit=20):
        if [r.kind for r in store.responses(old.id)][-1:] == ["accepted"]:
            carry_out(store, old.id, effects)
    while True:
        offer = offer_once(store, chance)
        answer(store, offer, chance)
        if [r.kind for r in store.responses(offer.id)][-1:] == ["accepted"]:
            carry_out(store, offer.id, effects)


def main() -> None:
    """Fork a child for each line of standard input and say when it is gone."""
    for line in sys.stdin:
        database, effects, seed = line.rstrip("\n").split("\t")
        child = os.fork()
        if not child:
            try:
                work(Path(database), Path(effects), int(seed))
            finally:
                time.sleep(0.01)
                os._exit(3)
        say("pid", child)
        _, status = os.waitpid(child, 0)
        say("gone", os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
