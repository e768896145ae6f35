"""Row checksums: SQLite does not notice a byte that changes inside a value, and an answer must never change unseen.

Covered: rows of offers and responses, CRC-32 over every column (a random change passes with a chance of 2^-32).
Not covered: deliberate changes by a program of the same user, which can write the sum as well.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator

from agent.core.defence import on

SUMMED = 4
"""The version of the schema from which on rows carry their sum."""
COLUMNS = {
    "offers": ("id", "nonce", "tick", "at", "expires", "record"),
    "responses": ("offer", "seq", "kind", "at", "source"),
}
"""What is summed, by table, in this order."""


def of(*values: object) -> int:
    """The sum of a row's values."""
    return zlib.crc32(repr(values).encode("utf-8", "surrogatepass"))


def right(values: tuple[object, ...], found: object) -> bool:
    """Whether a row still has the values that its sum was made of."""
    return not on("row_checksums") or of(*values) == found


def fill(db: sqlite3.Connection, table: str) -> None:
    """Give each row without a sum its own, in the open transaction."""
    names = COLUMNS[table]
    key = " AND ".join(f"{name} = ?" for name in names[: 1 if table == "offers" else 2])
    for row in db.execute(f"SELECT {', '.join(names)} FROM {table} WHERE sum IS NULL").fetchall():  # noqa: S608 - our own names
        db.execute(f"UPDATE {table} SET sum = ? WHERE {key}", (of(*row), *row[: 1 if table == "offers" else 2]))  # noqa: S608


def damaged(db: sqlite3.Connection, table: str) -> Iterator[tuple[object, ...]]:
    """The rows of that table whose sum is wrong. Raises sqlite3.DatabaseError where the file cannot be read."""
    for *values, found in db.execute(f"SELECT {', '.join(COLUMNS[table])}, sum FROM {table}"):  # noqa: S608 - our own names
        if not right(tuple(values), found):
            yield tuple(values)
