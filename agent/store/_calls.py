"""LLM calls in rows, each once: a look whose calls are in their own table does not keep them a second time.

Prompts are most of what a year of looks would take, and the calls of a day are read far more often than those of a look.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from agent.core.keep import OPERATION
from agent.core.records import Execution, LLMCall, Tick
from agent.core.responses import IN_FLIGHT
from agent.errors import StoreError
from agent.store import _ticks
from agent.store._rows import pack, text, unpack
from agent.store.schema import version

_SENDING = "sending "
"""With the moment, what such a call has in the place of the id of its look."""
_RUNS = timedelta(seconds=60)
"""How long an operation may run."""
# The state `numbered` keeps the highest number up to a deletion: none is given twice.
_HIGHEST = """max(coalesce((SELECT max(id) FROM calls), 0),
    coalesce((SELECT min(CAST(value AS INTEGER), 1 << 50) FROM state WHERE key = 'numbered'), 0))"""
_INSERT = f"INSERT INTO calls (id, tick, at, record, tokens) VALUES (1 + {_HIGHEST}, ?, ?, ?, ?)"  # noqa: S608 - our own words
_RETIRE = f"INSERT OR REPLACE INTO state (key, value) VALUES ('numbered', CAST({_HIGHEST} AS TEXT))"  # noqa: S608 - the same
COUNTED = 3
"""The version of the schema from which on the tokens of a call stand beside it."""


def sending(db: sqlite3.Connection, call: LLMCall) -> None:
    """Write a call that is about to be sent, in the open transaction."""
    at, record = text(call.at), pack(call.model_copy(update={"error": IN_FLIGHT}))
    db.execute(_INSERT, (_SENDING + at, at, record, call.tokens))


def retire(db: sqlite3.Connection) -> None:
    """Give none of the numbers up to now again, before calls are deleted."""
    db.execute(_RETIRE)


def look_of(tick: str) -> str:
    """The id of the look a row is of, '' if of none."""
    return "" if tick.startswith((_SENDING, OPERATION)) else tick


def operations_of(db: sqlite3.Connection, tick: str, at: str) -> list[int]:
    """The offers whose operation a row may be of, by what stands in the place of its look, and by when it was sent."""
    if not tick.startswith(_SENDING):
        return [int(tick.removeprefix(OPERATION))] if tick.startswith(OPERATION) else []
    sent, runs = datetime.fromisoformat(at), []
    for number, record in db.execute("SELECT offer, record FROM executions WHERE state = 'executing'"):
        with suppress(StoreError):
            if timedelta() <= sent - unpack(Execution, record).at <= _RUNS:
                runs.append(number)
    return runs


def put(db: sqlite3.Connection, calls: Sequence[LLMCall], tick: str) -> None:
    """Write calls in the open transaction, in the place of what was kept before they were sent.

    They are taken out of the look that they are all of.
    """
    db.executemany("DELETE FROM calls WHERE tick = ?", [(_SENDING + text(call.at),) for call in calls])
    rows = [(tick, text(call.at), pack(call), call.tokens) for call in calls]
    db.executemany(_INSERT, rows)
    found = db.execute(f"SELECT {_ticks.COLUMNS} FROM ticks WHERE id = ?", (tick,)).fetchone() if tick and calls else None  # noqa: S608
    if found is None:
        return
    look, _ = _ticks.opened(found)
    if of(look) == tuple(calls):
        row = _ticks.row(without(look), apart=(len(_asked(look)), len(look.judge_calls)))
        db.execute("UPDATE ticks SET record = ? WHERE id = ?", (row[-1], tick))


def tokens(db: sqlite3.Connection, since: str) -> int:
    """What the calls from then on cost; only those of an older version are read for it."""
    if version(db) < COUNTED:
        return _read(db.execute("SELECT record FROM calls WHERE at >= ?", (since,)))
    query = "SELECT total(tokens), count(*) - count(tokens) FROM calls WHERE at >= ?"
    counted, others = db.execute(query, (since,)).fetchone()
    old = "SELECT record FROM calls WHERE at >= ? AND tokens IS NULL"
    return int(counted) + (_read(db.execute(old, (since,))) if others else 0)


def _read(rows: Iterable[tuple[str | bytes]]) -> int:
    return sum(unpack(LLMCall, record).tokens for (record,) in rows)


def whole(db: sqlite3.Connection, row: _ticks.Row) -> Tick:
    """The look of a row with its calls, as far as they are still kept."""
    look, apart = _ticks.opened(row)
    if apart is None:
        return look
    rows = db.execute("SELECT record FROM calls WHERE tick = ? ORDER BY id", (row[0],)).fetchall()
    calls = tuple(unpack(LLMCall, record) for (record,) in rows[: sum(apart)])
    prediction = look.prediction and look.prediction.model_copy(update={"calls": calls[: apart[0]]})
    return look.model_copy(update={"prediction": prediction, "judge_calls": calls[apart[0] :]})


def without(look: Tick) -> Tick:
    """The look without its calls."""
    prediction = look.prediction and look.prediction.model_copy(update={"calls": ()})
    return look.model_copy(update={"prediction": prediction, "judge_calls": ()})


def of(look: Tick) -> tuple[LLMCall, ...]:
    """The calls of a look, of the predictor and of the judge."""
    return (*_asked(look), *look.judge_calls)


def _asked(look: Tick) -> tuple[LLMCall, ...]:
    return look.prediction.calls if look.prediction else ()
