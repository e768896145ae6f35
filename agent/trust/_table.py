"""The rows of trust as a table on the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from agent.trust.row import Row

if TYPE_CHECKING:
    from rich.console import Console

MET = {True: "yes", False: "NO", None: "report"}


def render(rows: Iterable[Row], console: Console) -> None:
    """One line a row."""
    from rich.table import Table

    table = Table("id", "what", "n", "result", "goal", "met", box=None, pad_edge=False)
    for row in rows:
        table.add_row(row.id, row.what, f"{row.n:,}" if row.n else "-", row.result, row.goal, MET[row.ok])
    console.print(table, markup=False)
