"""The level of readiness, 0 to 5: what each means, and which is in force, the user's or the configuration's."""

from __future__ import annotations

from contextlib import suppress

from pydantic import Field, ValidationError

from agent.core.pace import REST
from agent.core.ports import Store
from agent.core.records import Record
from agent.errors import StoreError

KEY = "level"
"""Of the store's state: the level the user chose, and the configuration's at that time."""
LOWEST, HIGHEST = 0, 5
WORDS = (
    "no offers at all, and the model is not asked",
    "only what you will most probably accept",
    "what you accept about as often as not",
    "what is worth the interruption to most people",
    "also what you will rather refuse",
    "nearly all that the judge lets through",
)
"""What each level means, level 0 first."""


def describe(level: int) -> str:
    """What a level means, in a sentence."""
    if level == LOWEST:
        return f"{WORDS[level]}."
    minutes = REST[level] / 60
    apart = f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:g} h"
    return f"{WORDS[level]}; at first at least {apart} apart."


class Chosen(Record):
    """A level the user chose, and the configuration's level then, which ends the choice when it changes."""

    level: int = Field(ge=LOWEST, le=HIGHEST)
    configured: int


def chosen(store: Store) -> Chosen | None:
    """The user's choice as it is stored; None without one, or if it cannot be read."""
    kept = store.get_state(KEY)
    try:
        return Chosen.model_validate_json(kept) if kept else None
    except ValidationError:
        return None


def choose(store: Store, level: int, configured: int) -> None:
    """Keep the user's choice. Raises StoreError."""
    store.put_state(KEY, Chosen(level=level, configured=configured).model_dump_json())


def settle(store: Store, configured: int) -> int:
    """The level in force; a choice that the configuration's change has ended is dropped, so that it never comes back.

    It stays in a store that is open for reading only, and counts as little there.
    """
    found = chosen(store)
    if found is None or found.configured == configured:
        return configured if found is None else found.level
    with suppress(StoreError):
        store.put_state(KEY, "")
    return configured
