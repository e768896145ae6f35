"""Breaks the redaction on purpose, a stage at a time: it raises with the text in its message, times out, or does nothing."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import re2

STAGES = (
    "agent.core.texts.clean", "agent.core.texts.hide_phrases", "agent.core.texts.hide_accounts",
    "agent.core.texts.hide_secrets",
    "agent.core.texts.hide_identifiers", "agent.core.texts._shorten", "agent.core.redact.redact_title",
    "agent.core.redact.redact_url", "agent.core.redact.is_private_window", "agent.core.redact.page",
    "agent.core.redact.excludes_app", "agent.core.redact.is_money", "agent.core.redact._rewrite", "agent.core.redact.Beside",
    "agent.core.redact._look", "agent.core.redact._own_reason", "agent.core.redact._private_until",
    "agent.core.redact.redact_text", "agent.core.redact.shorten_path", "agent.core.canary.broken",
)  # fmt: skip
"""Where a text or an event passes, by the name that the next stage calls it by."""
RULES = (
    "agent.core.secrets._CERTAIN", "agent.core.secrets._LIKELY", "agent.core.secrets._PASSWORD", "agent.core.secrets._KEYWORD",
    "agent.core.secrets._FLAG", "agent.core.secrets._CONNECTION", "agent.core.secrets._TOKEN", "agent.core.secrets._CHOSEN",
    "agent.core.identifiers._EMAIL", "agent.core.identifiers._IBAN", "agent.core.identifiers._CARD",
    "agent.core.identifiers._SSN", "agent.core.identifiers._IPV4", "agent.core.identifiers._PHONE",
    "agent.core.phrases._RUN", "agent.core.texts._URL", "agent.core.private._BROWSERS", "agent.core.exclude._VAULT_APP",
)  # fmt: skip
"""Lists of rules that may come up empty."""
NOTHING: dict[str, Callable[..., Any]] = {
    "is_private_window": lambda *_: False,
    "excludes_app": lambda *_: False,
    "is_money": lambda *_: False,
    "page": lambda *_: "",
    "_shorten": lambda match: match.group(),
}
"""What a stage that does nothing answers, where that is not its input."""
ONLY_FAIL = frozenset({"_rewrite", "Beside", "_look", "_own_reason", "_private_until", "broken", "redact_text", "shorten_path"})
"""Stages that only fail: without them there is no output at all, or what they do is no hiding."""


class Fault(NamedTuple):
    """What is broken, and how: raises, times out, does nothing, or has no rules."""

    place: str
    how: str


def faults() -> Iterator[Fault]:
    """Every fault that is tried."""
    for place in STAGES:
        yield Fault(place, "raises")
        yield Fault(place, "times out")
        if place.rpartition(".")[2] not in ONLY_FAIL:
            yield Fault(place, "does nothing")
    for place in RULES:
        yield Fault(place, "has no rules")


@contextmanager
def injected(fault: Fault) -> Iterator[None]:
    """The redaction with this fault in it, for the time of the block."""
    name, _, attribute = fault.place.rpartition(".")
    module = importlib.import_module(name)
    whole = getattr(module, attribute)
    setattr(module, attribute, _instead(fault.how, attribute, whole))
    try:
        yield
    finally:
        setattr(module, attribute, whole)


def _instead(how: str, attribute: str, whole: Any) -> Any:
    if how == "has no rules":
        return re2.compile(r"\z.") if not isinstance(whole, str) else r"\z."
    if how == "does nothing":
        return NOTHING.get(attribute, lambda text, *_: text)
    error = TimeoutError if how == "times out" else RuntimeError

    def fails(*given: object, **_: object) -> None:
        raise error(f"no answer to {given!r}")

    return fails
