"""Records as they stand in a row: JSON text, times in UTC with microseconds, so that they sort as they read.

A text of more than LONG bytes is compressed (zlib); `plain` gives it back. What a model read and wrote shrinks to an eighth.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, TypeVar

from pydantic import BaseModel

from agent.core.records import Record
from agent.errors import StoreError

R = TypeVar("R", bound=BaseModel)
LONG = 1000
_UNREADABLE = (ValueError, TypeError, AttributeError, RecursionError, zlib.error)


def text(moment: datetime) -> str:
    """A time as text of fixed width."""
    return moment.astimezone(timezone.utc).isoformat(timespec="microseconds")


def pack(record: Record) -> str | bytes:
    """A record as JSON, compressed if it is long."""
    return squeeze(as_json(record.model_dump()))


def as_json(fields: Mapping[str, Any]) -> str:
    """Fields as JSON without blanks."""
    packed = json.dumps(fields, default=datetime.isoformat, ensure_ascii=False, separators=(",", ":"))
    try:
        packed.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which an LLM's JSON may hold: keep it escaped
        return json.dumps(fields, default=datetime.isoformat, separators=(",", ":"))
    return packed


def squeeze(packed: str) -> str | bytes:
    """The text, or if it is long its bytes compressed."""
    raw = packed.encode() if len(packed) > LONG // 4 else b""
    return zlib.compress(raw) if len(raw) > LONG else packed


def plain(stored: str | bytes) -> str:
    """The text of what `squeeze` made. Raises zlib.error or UnicodeDecodeError if it is damaged."""
    return zlib.decompress(stored).decode() if isinstance(stored, bytes) else stored


def fields_of(stored: str | bytes, kind: str) -> dict[str, Any]:
    """The fields of a stored record; StoreError if it cannot be read."""
    try:
        return dict(json.loads(plain(stored)))
    except _UNREADABLE as error:
        raise unreadable(kind) from error


def unpack(kind: type[R], stored: str | bytes, **fields: Any) -> R:
    """A record from its JSON, with these fields in place of its own; StoreError if it cannot be read."""
    return checked(kind, fields_of(stored, kind.__name__.lower()) | fields)


def checked(kind: type[R], fields: Mapping[str, Any]) -> R:
    """A record from its fields; StoreError if they do not fit."""
    try:
        return kind.model_validate(fields)
    except _UNREADABLE as error:
        raise unreadable(kind.__name__.lower()) from error


def unreadable(kind: str) -> StoreError:
    """What is said of a row that cannot be read."""
    return StoreError(f"A stored {kind} cannot be read.", "Run: proactive doctor")
