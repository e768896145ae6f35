"""What an offer shows beside its first line, and whether a toast can show all of what would run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import JsonValue

from agent.core.defence import on
from agent.core.lines import drawn
from agent.core.records import Answer, Offer, Toast

CUT = "…"
IN_FULL = "In full: "
_LIKE_IN_FULL = re.compile(r"^(?:in full\s*:\s*)+", re.IGNORECASE | re.MULTILINE)
ON_SCREEN = ("toast", "console")
TITLE_CHARS = 80
TOAST_CHARS = 200
"""Of title and body together: what is longer is cut by one desktop or another."""
FIRST_LINE = 40
"""xfce4-notifyd, GNOME and KDE show one line of title and cut the rest; xfce at 45 characters, measured."""


def in_full(offer: Offer) -> str:
    """The arguments of the operation, if the line that says what runs had to be cut: what is accepted must be readable."""
    if CUT not in offer.line:
        return ""
    return IN_FULL + "; ".join(_texts(list(offer.candidate.operation.arguments.values())))


def fits(offer: Offer) -> bool:
    """Whether all that can be seen of what would run stands in a toast: only then may Accept be pressed there."""
    full = in_full(offer)
    room = TOAST_CHARS - FIRST_LINE - 2  # a line feed above it, and below it an ellipsis for what is cut of the model's words
    return _all_drawn(offer.line) and _all_drawn(full) and len(drawn(full)) <= room


def body(offer: Offer) -> str:
    """What stands below the first line: what would run, in full or where to read it, then the model's words."""
    too_long = f"Not all of it is shown here. Read it: proactive inbox. Then: proactive accept {offer.id}"
    words = (_LIKE_IN_FULL.sub("", drawn(said)) for said in (offer.candidate.task, offer.candidate.because))
    parts = (in_full(offer) if fits(offer) else too_long, *words)
    return "\n".join(part for part in parts if part)


def toast(offer: Offer, seconds: float) -> Toast:
    """The offer as a notifier gets it."""
    title = offer.line if on("code_line") else offer.candidate.task
    whole = fits(offer)
    in_body = whole and bool(in_full(offer))
    return Toast(offer=offer.id, nonce=offer.nonce, title=title, body=body(offer), ttl=seconds, whole=whole, in_full=in_body)


def opened(offer: Offer) -> str:
    """What is told of an offer whose toast was clicked: how to accept it, then what stands below its first line."""
    return (f"To accept: proactive accept {offer.id}\n" if fits(offer) else "") + body(offer)


def counts(answer: Answer, offer: Offer) -> bool:
    """Whether an answer may count: not an accept on a screen that could not show all of what would run."""
    return answer.kind != "accepted" or answer.source not in ON_SCREEN or fits(offer)


def _all_drawn(text: str) -> bool:
    """Whether nothing but white space is left out when it is drawn."""
    return drawn(text).split() == text.split()


def _texts(values: list[JsonValue]) -> Iterator[str]:
    for value in values:
        if isinstance(value, list):
            yield from _texts(value)
        else:
            yield str(value)
