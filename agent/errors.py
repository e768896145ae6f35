"""Every error a user can meet: a title that says what happened and a hint that says what to do.

ProactiveError
  ConfigError      private.toml: bad TOML, unknown key, wrong value, unreadable by rights
  SensorError      ActivityWatch or a watched folder does not answer
  LLMError         the endpoint refused, failed, timed out or answered nonsense
  JudgeError       no verdict, so no offer
  NotifierError    the offer could not be shown (it stays in the inbox)
  StoreError       the database cannot be opened, read or written
  ToolError        an accepted operation could not be carried out
  DataflowError    a document task failed
  RecordError      a demonstration could not be recorded
  ControlError     the daemon could not be reached or refused a command
"""

from __future__ import annotations


class ProactiveError(Exception):
    """What happened (`title`) and what to do about it (`hint`); both are shown to the user."""

    def __init__(self, title: str, hint: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.title} {self.hint}".strip()


class ConfigError(ProactiveError):
    """The configuration cannot be used."""


class SensorError(ProactiveError):
    """A sensor cannot be read now; the next tick tries again."""


class LLMError(ProactiveError):
    """A completion could not be had.

    `kind` is one of: refused (401, 403, no credit), missing (404), too_long, busy (429), down (5xx, no connection),
    timeout, garbage (not the answer asked for), open (the breaker holds calls back).
    """

    def __init__(self, title: str, hint: str = "", *, kind: str = "down") -> None:
        super().__init__(title, hint)
        self.kind = kind


class JudgeError(ProactiveError):
    """The judge gave no verdict; a tick without a verdict makes no offer."""


class NotifierError(ProactiveError):
    """A toast could not be shown; the offer is undelivered, never ignored."""


class StoreError(ProactiveError):
    """The database cannot be used."""


class ToolError(ProactiveError):
    """An operation was refused or failed; nothing else was done in its place."""


class DataflowError(ProactiveError):
    """A document task failed."""


class RecordError(ProactiveError):
    """A demonstration could not be recorded."""


class ControlError(ProactiveError):
    """The running daemon could not be reached, or refused the command."""
