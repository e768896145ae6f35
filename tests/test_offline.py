"""The offline predictor: every pattern file is run, the best comes first, silence where there is nothing."""

from __future__ import annotations

import time
from pathlib import Path

from agent import offline, patterns
from agent.core.ports import Predictor
from tests.conftest import observation, window
from tests.core.test_patterns import FORM, SHEET, STUCK, TALK, row


async def test_a_quiet_desk_gets_no_candidates() -> None:
    predictor: Predictor = offline.OfflinePredictor()
    made = await predictor.predict(observation(window("Code", "main.py - app", 60, 60)), "")
    assert made.candidates == ()
    assert made.calls == ()


async def test_the_best_pattern_comes_first_and_its_numbers_fit_a_toast() -> None:
    made = await offline.OfflinePredictor().predict(observation(*STUCK, worked=9000.0), "")
    assert [c.kind for c in made.candidates] == ["repeated_search", "long_stretch"]
    assert all(len(c.task) <= 80 and len(c.because) <= 160 and c.operation.arguments for c in made.candidates)


async def test_copying_is_asked_of_the_chat_where_there_is_one() -> None:
    seen = observation(*row(*[SHEET, FORM] * 7))
    alone = await offline.OfflinePredictor().predict(seen, "")
    with_chat = await offline.OfflinePredictor(chat=True).predict(seen, "")
    assert alone.candidates[0].operation.name == "search"
    assert with_chat.candidates[0].operation.name == "chat"
    assert set(with_chat.candidates[0].operation.arguments) == {"question"}


def test_every_pattern_file_is_found_by_its_name_and_named_like_its_kind() -> None:
    files = {p.stem for p in Path(patterns.__path__[0]).glob("[!_]*.py")}
    assert {m.__name__.rsplit(".", 1)[-1] for m in offline.modules()} == files
    assert {m.KIND for m in offline.modules()} == files
    assert len({m.RANK for m in offline.modules()}) == len(files)


def test_evidence_names_the_kinds_in_sight() -> None:
    assert offline.evidence(observation(*row(*TALK))) == ("research_while_writing",)


def test_evidence_is_cheap_on_three_hundred_windows() -> None:
    seen = observation(
        *row(*[(app, f"{title} {k % 40}", 6.0) for k in range(50) for app, title, *_ in (*TALK[:4], SHEET, FORM)])
    )
    offline.evidence(seen)
    best = min(_timed(seen) for _ in range(5))
    assert len(seen.windows) == 300
    assert best < 0.05, "ten milliseconds on an idle machine; five times that on a busy one"


def _timed(seen: object) -> float:
    start = time.perf_counter()
    offline.evidence(seen)  # type: ignore[arg-type]
    return time.perf_counter() - start
