"""Sets text from the screen apart in a prompt, so that it reads as data."""

from __future__ import annotations


def fence(name: str, text: str) -> str:
    """The text between the markers `<<<name` and `name>>>`; markers that the text itself contains are made harmless."""
    harmless = text.replace("<<<", "‹‹‹").replace(">>>", "›››")
    return f"<<<{name}\n{harmless}\n{name}>>>"
