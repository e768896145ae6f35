"""Records as they stand in a row: JSON text, times in UTC with microseconds, so that they sort as they read."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any, TypeVar

from pydantic import BaseModel

from agent.core.records import Record
from agent.errors import StoreError

R = TypeVar("R", bound=BaseModel)


def text(moment: datetime) -> str:
    """A time as text of fixed width."""
    return moment.astimezone(timezone.utc).isoformat(timespec="microseconds")


def pack(record: Record) -> str:
    """A record as JSON."""
    fields = record.model_dump()
    packed = json.dumps(fields, default=datetime.isoformat, ensure_ascii=False)
    try:
        packed.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which an LLM's JSON may hold: keep it escaped
        return json.dumps(fields, default=datetime.isoformat)
    return packed


def unpack(kind: type[R], packed: str, **fields: Any) -> R:
    """A record from its JSON, with these fields in place of its own; StoreError if it cannot be read."""
    try:
        return kind.model_validate(json.loads(packed) | fields)
    except (ValueError, RecursionError) as error:
        raise StoreError(f"A stored {kind.__name__.lower()} cannot be read.", "Run: proactive doctor") from error
