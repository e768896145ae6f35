"""How large the database becomes: bytes by kind of row from a simulated week, held against 200 MiB a year; and the state."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from agent.core.basis import basis
from agent.core.decisions import decide, faced, numbers
from agent.core.keep import HELD, LOOKS, cutoffs
from agent.core.pace import facing, idea_of, learn
from agent.core.pace_settings import PaceSettings
from agent.core.records import (
    Answer,
    Answered,
    Candidate,
    EventWindow,
    GateInput,
    LLMCall,
    Observation,
    Offer,
    Operation,
    Pace,
    Prediction,
    Tick,
)
from agent.store import _calls, _ticks
from agent.store.sqlite import SqliteStore
from reward_model.case import Verdict
from tests.conftest import NOW

MIB = 2**20
YEAR = timedelta(days=365)
DAYS = 7
ASKS = 96
"""Of 16 active hours a day with 6 asks each, the most that are made."""
OFFERS = 20
"""The default daily cap."""
HELD_LOOKS = 1440 - ASKS
"""The machine is never switched off."""


class Words:
    """Text of a vocabulary of 3,000 words, some frequent and most rare, as they are in titles and prompts."""

    def __init__(self) -> None:
        self.rng = random.Random(7)
        letters = "etaoinshrdlucmfwypvbgkjqxz"
        self.known = ["".join(self.rng.choices(letters, range(26, 0, -1), k=self.rng.randint(2, 11))) for _ in range(3000)]
        self.share = [1 / (n + 3) for n in range(3000)]
        self.pages = [self.page(NOW) for _ in range(40)]

    def text(self, signs: int) -> str:
        """A text of about so many characters."""
        return " ".join(self.rng.choices(self.known, self.share, k=max(1, signs // 7)))

    def window(self, at: datetime) -> EventWindow:
        """Up to a minute on one of the 40 pages that are worked with."""
        seen = self.rng.choice(self.pages)
        return seen.model_copy(update={"start": at, "end": at + timedelta(seconds=self.rng.random() * 60)})

    def page(self, at: datetime) -> EventWindow:
        """Some page."""
        url = f"https://{self.text(9).replace(' ', '')}.example/{self.text(36).replace(' ', '/')}"
        end = at + timedelta(seconds=self.rng.random() * 60)
        titles = tuple(self.text(45) for _ in range(2))
        return EventWindow(app=self.text(10), titles=titles, urls=(url,), start=at, end=end, dwell=(end - at).total_seconds())


def gate(words: Words, at: datetime, pace: Pace) -> GateInput:
    """Inputs with every figure filled, to the last digit."""
    rng = words.rng
    return GateInput(
        at=at, local_minute=600, afk="here", stale=rng.random() * 90, here_since=at - timedelta(seconds=rng.random() * 9000),
        away_for=rng.random() * 900, moves=rng.randrange(900), context_age=rng.random() * 900, call_ago=rng.random() * 9000,
        private_ago=rng.random() * 9000, fingerprint=rng.randbytes(8).hex(), asked_fingerprint=rng.randbytes(8).hex(),
        asked_at=at - timedelta(seconds=rng.random() * 900), evidence=("repeated_search",), asked_evidence=("long_read",),
        offers_today=7, offers_lately=2, tokens_today=rng.randrange(400_000), breakpoint="switch", price=rng.random(),
        **facing(pace.model_copy(update={"offered_at": at - timedelta(seconds=rng.random() * 9000)}), PaceSettings()),
    )  # fmt: skip


def call(words: Words, at: datetime, prompt: str, answer: int) -> LLMCall:
    """A request with its answer, of the lengths that were measured on played days, and with five candidates."""
    text = words.text(answer)
    return LLMCall(at=at, purpose="predict", host="api.example.com", model="m-large", prompt=prompt, answer=text)


def look(words: Words, at: datetime, pace: Pace, name: str) -> Tick:
    """A look at which predictor and judge were asked: three hours of event windows, five candidates."""
    windows = tuple(words.window(at) for _ in range(120))
    digest = "\n".join(f"{w.end:%H:%M:%S} {w.dwell:.0f} s {w.app}: {w.title} <{w.url}>" for w in windows[-30:])
    candidates = tuple(
        Candidate(
            task=words.text(80), response=words.text(80), because=words.text(100),
            operation=Operation(name="search", arguments={"query": words.text(50)}),
        )
        for _ in range(5)
    )  # fmt: skip
    verdicts = tuple(Verdict(p_accept=words.rng.random(), p_help=0.5, accepted=True, reason=words.text(90)) for _ in candidates)
    asked = call(words, at, words.text(3500) + digest, 2000)
    return Tick(
        id=name, at=at, ending="filtered", reason=words.text(120), gate=gate(words, at, pace), events=1200, basis="0" * 12,
        observation=Observation(at=at, windows=windows, worked=5000.0),
        digest=digest, prediction=Prediction(thoughts=words.text(300), candidates=candidates, calls=(asked,)),
        verdicts=verdicts, judge_calls=(call(words, at, words.text(2500) + digest, 800),),
    )  # fmt: skip


class Week:
    """The rows of a busy week, a kind at a time."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.words = Words()
        self.pace = Pace()
        self.looks = [look(self.words, NOW, self.pace, f"s{n}") for n in range(24)]

    def held(self) -> None:
        """Held looks, with the word of a shadow."""
        one = Tick(id="", at=NOW, ending="held", reason="new_context", gate=gate(self.words, NOW, self.pace), events=1225)
        rows = []
        for n in range(DAYS * HELD_LOOKS):
            at = NOW + timedelta(seconds=60 * n)
            fresh = {"id": self.words.rng.randbytes(16).hex(), "at": at, "basis": "0" * 12, "shadow": "new_context"}
            rows.append(_ticks.row(one.model_copy(update=fresh | {"gate": one.gate.model_copy(update={"at": at})})))
        self.insert(rows)

    def asked(self) -> None:
        """Looks at which models were asked, but for those that ended in an offer."""
        rows = [_ticks.row(_calls.without(t), apart=(1, 1)) for t in self.looks]
        self.insert([(self.words.rng.randbytes(16).hex(), *rows[n % 24][1:]) for n in range(DAYS * (ASKS - OFFERS))])

    def calls(self) -> None:
        """The calls of all asks."""
        for n in range(DAYS * ASKS):
            t = self.looks[n % 24]
            self.store.add_calls([*(t.prediction.calls if t.prediction else ()), *t.judge_calls], t.id)

    def offers(self) -> None:
        """Offers with their looks, slimmed as they are after some weeks, and their answers."""
        for n in range(DAYS * OFFERS):
            at = NOW + timedelta(seconds=n)
            tick = self.looks[n % 24].model_copy(update={"id": f"o{n}", "at": at, "ending": "offer", "choice": 0})
            candidate = tick.prediction.candidates[0] if tick.prediction else None
            assert candidate is not None
            made = Offer(
                id=0, nonce=f"{n:022}", tick=tick.id, at=NOW, expires=NOW + timedelta(hours=2), candidate=candidate, line="l"
            )
            offer = self.store.add_offer(tick, made)
            self.store.add_response(Answer(offer=offer.id, nonce=offer.nonce, kind="ignored", at=NOW, source="desktop"))
        while self.store.prune(cutoffs(NOW).model_copy(update={"looks": NOW + timedelta(days=1), "held": NOW - YEAR})):
            pass

    def bases(self) -> None:
        """A basis for each answer, the pace already full."""
        for n in range(200 + DAYS * OFFERS):
            idea = idea_of(Candidate(task=self.words.text(80), because="", operation=Operation(name="search")))
            given = Answered(offer=n + 1, at=NOW, response="ignored", idea=idea, p=self.words.rng.random())
            self.pace = learn(self.pace, given)
            if n >= 200:
                self.store.put_basis(basis(PaceSettings(), self.pace), NOW)

    def insert(self, rows: list[_ticks.Row]) -> None:
        """Put these looks in the database."""
        with self.store._write("NORMAL") as db:
            db.executemany("INSERT INTO ticks (id, at, ending, record) VALUES (?, ?, ?, ?)", rows)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A new store."""
    made = SqliteStore(tmp_path / "p.db")
    yield made
    made.close()


def grown(store: SqliteStore, fill: Callable[[], None]) -> int:
    """By how many bytes the file, without its free pages, grows."""

    def used() -> int:
        pages, free, size = (
            store._db.execute(f"PRAGMA {p}").fetchone()[0] for p in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    before = used()
    fill()
    return used() - before


@pytest.mark.slow
def test_the_busiest_year_stays_within_200_mib(store: SqliteStore) -> None:
    week = Week(store)
    looks, year = LOOKS.days / DAYS, YEAR.days / DAYS
    size = {
        "offers": grown(store, week.offers) * year,
        "held": grown(store, week.held) * HELD.days / DAYS,
        "asked": grown(store, week.asked) * looks,
        "calls": grown(store, week.calls) * looks,
        "bases": grown(store, week.bases) * looks,
    }
    assert sum(size.values()) < 200 * MIB, {k: round(v / MIB, 1) for k, v in size.items()}


@pytest.mark.slow
def test_a_held_look_takes_less_than_a_kilobyte_and_an_asked_one_less_than_16(store: SqliteStore) -> None:
    week = Week(store)
    held = grown(store, week.held) / (DAYS * HELD_LOOKS)
    asked = grown(store, week.asked) / (DAYS * (ASKS - OFFERS))
    assert held < 1024
    assert asked < 16 * 1024


def full_pace(words: Words) -> Pace:
    """A pace with as many answers as it keeps, of ideas without a kind."""
    pace, kinds = Pace(), ("accepted", "rejected", "dismissed", "ignored")
    for n in range(250):
        candidate = Candidate(task=words.text(200), because="", operation=Operation(name="search"))
        given = {"offer": 10**6 + n, "at": NOW, "response": words.rng.choice(kinds), "idea": idea_of(candidate), "p": 1 / 3}
        pace = learn(pace, Answered.model_validate(given))
    return pace


def test_the_state_stays_within_64_kib() -> None:
    pace = full_pace(Words())
    assert len(pace.answers) == 200
    assert len(pace.model_dump_json()) < 64 * 1024


def test_a_decision_takes_less_than_a_millisecond() -> None:
    words, settings = Words(), PaceSettings()
    pace = full_pace(words)
    tick = look(words, NOW, pace, "t")
    seen = tick.gate.model_copy(
        update={"private_ago": None, "call_ago": None, "here_since": NOW - timedelta(hours=1), "asked_at": None, "price": 0.1}
    )

    def once() -> str:
        faced(seen, pace, numbers(pace, settings, settings), settings)
        return decide(tick, seen, pace, settings)

    assert once() == "filtered" or once().startswith("offer"), "all of it, with five candidates"
    took = []
    for _ in range(50):
        start = time.process_time()
        once()
        took.append(time.process_time() - start)
    assert min(took) < 0.001
