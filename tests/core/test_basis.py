"""The number of the rules changes with the rules, so that a replay can tell an older policy from a fault."""

from __future__ import annotations

import hashlib
import random
from datetime import timedelta
from typing import Any

from agent.core.basis import RULES, Basis, basis
from agent.core.decisions import decide, faced, numbers
from agent.core.pace import idea_of, learn
from agent.core.pace_settings import PaceSettings
from agent.core.records import Answered, Candidate, GateInput, Operation, Pace, Prediction, Tick
from reward_model.case import Verdict
from tests.conftest import NOW

DIGESTS = {2: "29548284422f", 3: "52d5016fc0c1"}
"""The rules' number -> the first signs of the hash of their decisions on 2,000 drawn looks. If this fails, the rules decide
otherwise: raise RULES in agent/core/basis.py and write the new digest down here, beside the old ones."""
KINDS = ("accepted", "rejected", "dismissed", "ignored")


def drawn(rng: random.Random) -> dict[str, Any]:
    """The inputs of a gate, mostly open."""
    ago = lambda most: NOW - timedelta(seconds=rng.randrange(most))  # noqa: E731
    rare = lambda value, else_: value if rng.random() < 0.06 else else_  # noqa: E731
    return {
        "at": NOW, "local_minute": rng.randrange(1440), "afk": rare("away", "here"), "stale": rng.randrange(96),
        "here_since": ago(3000), "away_for": rng.randrange(1200), "moves": rng.randrange(5), "context_age": rng.randrange(600),
        "shifted": rng.random() < 0.2, "private_ago": rare(100.0, None), "call_ago": rare(100.0, None),
        "typing": rng.random() < 0.06, "leisure": rng.random() < 0.06, "fingerprint": rng.choice("abcdefgh"),
        "asked_fingerprint": rng.choice("abcdefgh"), "asked_at": ago(3600), "evidence": rng.choice([(), ("x",)]),
        "open_offer": rng.random() < 0.06, "offers_today": rng.randrange(22), "offers_lately": rng.randrange(6),
        "tokens_today": rng.randrange(420_000), "breakpoint": rng.choice(["", "", "switch", "back"]),
        "waiting": rng.choice([None, None, 60.0, 900.0]), "offered_at": rng.choice([None, ago(40_000)]),
    }  # fmt: skip


def paces(rng: random.Random) -> list[Pace]:
    """Paces after some answers."""
    found = []
    for length in range(0, 60, 3):
        pace = Pace(level=length // 3 % 6, muted=rng.choice([(), ("kind1",)]))
        for n in range(length):
            at = NOW - timedelta(hours=length - n)
            pace = learn(pace, Answered(offer=n, at=at, response=rng.choice(KINDS), idea=f"kind{rng.randrange(4)}", p=0.4))
        found.append(pace)
    return found


def looked(rng: random.Random, seen: GateInput) -> Tick:
    """A look with three judged candidates, one of them without a kind."""
    words = " ".join(rng.choices(["report", "train", "tickets", "error", "pool"], k=3))
    ideas = [Candidate(task=words, because="", operation=Operation(name="search"), kind=k) for k in ("kind1", "kind2", "")]
    verdicts = tuple(Verdict(p_accept=rng.random(), p_help=0.5, accepted=rng.random() < 0.8, reason="") for _ in ideas)
    return Tick(
        id="t",
        at=NOW,
        ending="filtered",
        reason="",
        gate=seen,
        prediction=Prediction(candidates=tuple(ideas)),
        verdicts=verdicts,
    )


def decisions() -> str:
    """A digest of what the rules decide."""
    rng, settings, said = random.Random(20260302), PaceSettings(quiet_hours="23:00-05:00"), []
    for n, pace in enumerate(paces(rng) * 100):
        seen = faced(GateInput(**drawn(rng)), pace, numbers(pace, settings, settings), settings)
        word = decide(looked(rng, seen), seen, pace, settings)
        idea = idea_of(Candidate(task=f"Search for pool {n}", because="", operation=Operation(name="search")))
        said.append(f"{word} {seen.price:.9f} {seen.interval:.6f} {seen.rest:.6f} {idea}")
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:12]


def test_other_rules_have_another_number() -> None:
    assert decisions() == DIGESTS[RULES]


def test_a_basis_has_the_same_id_whenever_the_last_ask_was() -> None:
    one = basis(PaceSettings(), Pace())
    later = basis(PaceSettings(), Pace(asked_at=NOW, offered_at=NOW))
    assert (one, one.id) == (later, later.id)
    assert Basis.model_validate_json(one.model_dump_json()).id == one.id
    others = [
        basis(PaceSettings(poll=30), Pace()),
        basis(PaceSettings(), Pace(muted=("x",))),
        one.model_copy(update={"rules": 1}),
    ]
    assert len({one.id, *(o.id for o in others)}) == 4
