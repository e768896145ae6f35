"""What an offer shows beside its first line."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from agent.core.records import Offer

CUT = "…"
IN_FULL = "In full: "


def in_full(offer: Offer) -> str:
    """The arguments of the operation, if the line that says what runs had to be cut: what is accepted must be readable."""
    if CUT not in offer.line:
        return ""
    return IN_FULL + "; ".join(_texts(list(offer.candidate.operation.arguments.values())))


def _texts(values: list[JsonValue]) -> Iterator[str]:
    for value in values:
        if isinstance(value, list):
            yield from _texts(value)
        else:
            yield str(value)
