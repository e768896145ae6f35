"""The figures of trust in docs/trust.md, between two marks, and as JSON beside it; the other words are written by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from agent import __version__
from agent.bench.document import machine
from agent.bench.markdown import blocks, table
from agent.errors import ProactiveError
from agent.trust._table import MET
from agent.trust.run import Ask, Part, code, corpora

NAME = "trust.md"
BEGIN, END = "<!-- figures: written by proactive bench trust -->", "<!-- end of the figures -->"
HEADS = ("id", "what was tried", "n", "result", "goal", "met")


def write(parts: Sequence[Part], ask: Ask, out: Path, today: date) -> tuple[Path, Path]:
    """Put the figures into the page and write trust.json beside it. Raises ProactiveError."""
    page, data = out / NAME, out / "trust.json"
    try:
        out.mkdir(parents=True, exist_ok=True)
        before = page.read_text(encoding="utf-8") if page.exists() else f"# Trust\n\n{BEGIN}\n{END}\n"
        page.write_text(between(before, text(parts, ask, today)), encoding="utf-8")
        data.write_text(json.dumps(as_json(parts, ask, today), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as e:
        raise ProactiveError(f"{out} cannot be written: {e.strerror}.", "Give --out another folder.") from e
    return page, data


def between(page: str, figures: str) -> str:
    """The page with other figures between its marks. Raises ProactiveError for a page without them."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ProactiveError(f"{NAME} has no place for figures.", f"Put these two lines into it: {BEGIN} and {END}")
    return f"{head}{BEGIN}\n\n{figures}\n\n{END}{tail}"


def text(parts: Sequence[Part], ask: Ask, today: date) -> str:
    """The figures as Markdown: how many are met, then a table a part, each with its command."""
    rows = [r for p in parts for r in p.rows]
    met, judged = sum(r.ok is True for r in rows), sum(r.ok is not None for r in rows)
    size = "everything" if ask.full else "a sample"
    head = f"{met} of {judged} goals are met; {len(rows) - judged} rows are reports only. Run of {size}, {today.isoformat()}, "
    head += (
        f"proactive {__version__}, code `{code()}`, "
        + (f"corpora `{corpora(ask.data)}`, " if ask.data else "")
        + f"{machine()}."
    )
    return blocks(head, *(section(p, ask) for p in parts if p.rows))


def section(part: Part, ask: Ask) -> str:
    """One part: what it is about, its command, its table."""
    rows = [(r.id, r.what, f"{r.n:,}" if r.n else "-", r.result, r.goal, MET[r.ok]) for r in part.rows]
    command = (
        f"proactive bench trust --only {part.name}" + (" --data DIR" if ask.data else "") + ("" if ask.full else " --sample")
    )
    return blocks(
        f"### {part.name.replace('_', ' ').capitalize()}",
        f"{part.about} `{command}`, {part.seconds:,.0f} s.",
        table(HEADS, [[_plain(cell) for cell in row] for row in rows], left=2),
    )


def as_json(parts: Sequence[Part], ask: Ask, today: date) -> dict[str, Any]:
    """Every row, with its part, under what it was measured."""
    rows = [{"part": p.name, **r._asdict()} for p in parts for r in p.rows]
    return {
        "date": today.isoformat(),
        "version": __version__,
        "code": code(),
        "corpora": corpora(ask.data),
        "full": ask.full,
        "missed": [r["id"] for r in rows if r["ok"] is False],
        "rows": rows,
    }


def _plain(cell: str) -> str:
    """No line break and no HTML in a cell."""
    return " ".join(cell.split()).replace("<", "&lt;")
