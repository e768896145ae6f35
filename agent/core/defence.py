"""Test-only switches of the defences: the sabotage control turns them off one by one, and the tests must notice.

Nothing in the product turns one off: no setting, variable or argument is read here. Only the tests call `turn_off`, in their
own process (tests/conftest.py, by PROACTIVE_SABOTAGE), and a test sees to it that no file of ours does.
"""

from __future__ import annotations

_off: set[str] = set()


def on(name: str) -> bool:
    """Whether the defence of that name is in force; always true outside of a test that turned it off."""
    return name not in _off


def turn_off(name: str) -> None:
    """Leave a defence out for the rest of this process; for tests/conftest.py alone."""
    _off.add(name)
