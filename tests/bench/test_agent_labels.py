"""Finding a recorded trace among judgement rows, and what people said of its turns."""

from __future__ import annotations

from pathlib import Path

from agent.bench.agent_labels import known
from agent.bench.agent_traces import Trace, Turn
from reward_model.dataset import Row, read
from tests.bench.agent_data import rewards, row, trace


def rows(tmp_path: Path) -> tuple[Row, ...]:
    """Rows of both traces: help is needed at the search and at the error."""
    made = [
        *(row("cooking", n, "Find a recipe.", valid=n == 1, needed=n == 1) for n in range(3)),
        *(row("sorting", n, None, valid=n == 0, needed=n == 1) for n in range(2)),
    ]
    return read(rewards(tmp_path / "rows.jsonl", *made))


def test_a_trace_is_found_and_each_turn_has_its_label(tmp_path: Path) -> None:
    labelled = rows(tmp_path)
    found = known({"x": trace("cooking"), "y": trace("sorting")}, labelled)
    assert found["x"].traces == {labelled[0].trace}
    assert found["x"].needs == {0: False, 1: True, 2: False}
    assert found["y"].needs == {0: False, 1: True}


def test_a_translated_turn_is_found_by_its_time_and_a_missing_one_shifts_nothing(tmp_path: Path) -> None:
    first, search, recipe = trace("cooking")
    translated: Trace = (search._replace(event="Die Nutzerin sucht 'Pflaumenkuchen ohne Ei'."), recipe)
    assert known({"x": translated}, rows(tmp_path))["x"].needs == {0: True, 1: False}
    assert known({"x": (first, recipe)}, rows(tmp_path))["x"].needs == {0: False, 1: False}


def test_a_wholly_translated_trace_is_still_the_same_trace(tmp_path: Path) -> None:
    foreign = tuple(t._replace(event=f"译文 {n}") for n, t in enumerate(trace("cooking")))
    assert known({"x": foreign}, rows(tmp_path))["x"].traces


def test_strangers_are_not_found_even_with_the_same_times_of_day() -> None:
    own = Row(situation="10:15 The user opens a mail.\n10:16 The user reads it.", valid=True, help_needed=True, trace="t")
    stranger = (Turn("10:15", "The user opens a game."), Turn("10:16", "The user plays."))
    found = known({"x": stranger}, [own])["x"]
    assert (found.traces, found.needs) == (frozenset(), {})


def test_two_events_of_one_time_stay_apart() -> None:
    time = "1700000000.5"
    lines = [f"{time} The user types 'a'.", f"{time} The user types 'b'."]
    labels = [
        Row(situation="\n".join(lines[: n + 1]), valid=True, help_needed=n == 1, trace="t", turn=str(n)) for n in range(2)
    ]
    translated = (Turn(time, "Er tippt 'a'."), Turn(time, "Er tippt 'b'."))
    assert known({"x": translated}, labels)["x"].needs == {0: False, 1: True}


def test_a_trace_of_which_only_the_beginning_was_annotated_is_no_stranger() -> None:
    """Four of twenty turns: less than the share of the recording, but all of the rows."""
    recorded = tuple(Turn(f"{1_700_000_000 + 60 * n}.5", f"The user reads page {n}.") for n in range(20))
    lines = [t.line for t in recorded]
    labels = [Row(situation="\n".join(lines[: n + 1]), valid=True, help_needed=n == 2, trace="t") for n in range(4)]
    found = known({"x": recorded}, labels)["x"]
    assert found.traces == {"t"}
    assert found.needs == {0: False, 1: False, 2: True, 3: False}
