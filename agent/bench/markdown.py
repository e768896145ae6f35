"""Figures as Markdown: tables, numbers with their intervals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agent.bench.reward_report import span, value


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """A table; the first `left` columns to the left, the rest to the right."""
    marks = ["---" if n < left else "---:" for n in range(len(heads))]
    lines = [heads, marks, *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def both(found: Mapping[str, Any], key: str) -> str:
    """A figure and its interval by trace."""
    return f"{value(found.get(key))} {span(found.get(f'{key}_ci'))}".strip()


def cells(found: Mapping[str, Any], *keys: str) -> list[str]:
    """Figures without intervals."""
    return [value(found.get(key)) for key in keys]


def signed(number: float | None, around: Sequence[float] | None = None) -> str:
    """A difference with its sign and interval."""
    if number is None:
        return "-"
    return f"{number:+.3f}" + (f" [{around[0]:+.3f}, {around[1]:+.3f}]" if around else "")


def bullets(lines: Iterable[str]) -> str:
    """A list."""
    return "\n".join(f"- {line}" for line in lines)


def blocks(*parts: str) -> str:
    """Paragraphs with an empty line between them; empty ones fall out."""
    return "\n\n".join(p for p in parts if p)


__all__ = ["blocks", "both", "bullets", "cells", "signed", "span", "table", "value"]
