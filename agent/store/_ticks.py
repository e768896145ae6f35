"""Looks as they stand in a row: id, time and ending in columns, of the rest only what says something.

A day has up to 1,440 held looks. What is none, empty, 0 or 'unknown' and that by default is left out: a default that is
anything else may change in a later version, and an old look must not change with it.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from pydantic import BaseModel

from agent.core.records import Tick
from agent.store._rows import as_json, checked, fields_of, squeeze
from agent.store._rows import text as when
from agent.store._slim import SEEN

COLUMNS = "id, at, ending, record"
"""Of the table ticks, in the order that `read` takes."""
APART = "apart"
"""Key of a stored look whose calls are in their own table: how many are the predictor's and the judge's."""
Row = tuple[str, str, str, "str | bytes"]
_IN_COLUMNS = frozenset({"id", "at", "ending"})


def row(tick: Tick, apart: tuple[int, int] | None = None) -> Row:
    """A look as a row of COLUMNS; `apart` = how many calls of the predictor and the judge are in their own table instead."""
    fields = _record(tick) if apart is None else _record(tick) | {APART: apart}
    return (tick.id, when(tick.at), tick.ending, squeeze(as_json(fields)))


def read(row: Row) -> Tick:
    """The look of a row, without calls that are in their own table; StoreError if it cannot be read."""
    return opened(row)[0]


def opened(row: Row) -> tuple[Tick, tuple[int, int] | None]:
    """The same, and how many calls of predictor and judge are in their own table; None if that has none of them."""
    fields = _fields(row)
    apart = fields.pop(APART, None)
    return checked(Tick, fields), (int(apart[0]), int(apart[1])) if apart else None


def read_decision(row: Row) -> Tick:
    """The look of a row without what was seen; StoreError if it cannot be read."""
    fields = {k: v for k, v in _fields(row).items() if k not in SEEN and k != APART}
    asked = fields.get("prediction")
    if isinstance(asked, dict):
        fields["prediction"] = {k: v for k, v in asked.items() if k not in SEEN}
    return checked(Tick, fields)


def rewrite(db: sqlite3.Connection, rowid: int, tick: Tick) -> None:
    """Put a look in place of the one in that row."""
    db.execute("UPDATE ticks SET record = ? WHERE rowid = ?", (row(tick)[-1], rowid))


def _record(tick: Tick) -> dict[str, Any]:
    fields = {k: v for k, v in lean(tick).items() if k not in _IN_COLUMNS}
    if tick.gate.at == tick.at:
        del fields["gate"]["at"]
    return fields


def _fields(row: Row) -> dict[str, Any]:
    id_, at, ending, stored = row
    fields = fields_of(stored, "tick")
    gate = fields.get("gate")
    if isinstance(gate, dict):
        fields["gate"] = {"at": at} | gate
    return fields | {"id": id_, "at": at, "ending": ending}


def lean(record: BaseModel) -> dict[str, Any]:
    """The fields of a record that must be stored to get it back."""
    found: dict[str, Any] = {}
    for name, field in type(record).model_fields.items():
        value = getattr(record, name)
        if field.exclude or (
            not field.is_required() and _says_nothing(value) and value == field.get_default(call_default_factory=True)
        ):
            continue
        found[name] = _lean(value)
    return found


def _lean(value: object) -> object:
    if isinstance(value, BaseModel):
        return lean(value)
    if isinstance(value, tuple):
        return [_lean(v) for v in value]
    return value


def _says_nothing(value: object) -> bool:
    """Whether it is empty, 0, none or unknown; a record if all its fields are and may be left out."""
    if isinstance(value, BaseModel):
        return not lean(value)
    return not value or value == "unknown"
