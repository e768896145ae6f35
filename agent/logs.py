"""The daemon's log: a private file of bounded size without keys, and without anything that the redaction hides."""

from __future__ import annotations

import logging
import logging.handlers
import os
from pathlib import Path
from typing import Any

from agent.core.clean import Safe
from agent.core.defence import on
from agent.core.texts import redact_text
from agent.keys import KeylessFormatter

FILE = "proactive.log"
FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
NOISY = ("httpx", "httpcore", "httpx2", "httpcore2", "openai", "desktop_notifier")


class RedactingFormatter(KeylessFormatter):
    """Formats a record with its message and traceback redacted; a text that cannot be is left out."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The line of a record."""
        record.message = _redacted(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """The traceback."""
        return _redacted(super().formatException(ei))


def _redacted(text: str) -> Safe:
    try:
        return redact_text(text) if on("log_redaction") else Safe(text)
    except Exception:  # noqa: BLE001 - fail closed: a line is worth less than what might stand in it
        return Safe("(a text that could not be redacted)")


def log_to(path: Path, *, verbose: bool = False) -> None:
    """Log to a file of at most 3 x 1 MB that only the user can read, and to the terminal if asked."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    file = logging.handlers.RotatingFileHandler(path, maxBytes=1_000_000, backupCount=2, encoding="utf-8")
    handlers: list[logging.Handler] = [file, *([logging.StreamHandler()] if verbose else [])]
    for handler in handlers:
        handler.setFormatter(RedactingFormatter(FORMAT))
    logging.raiseExceptions = False  # a disk without room must not fill the user's terminal with tracebacks
    logging.basicConfig(level=logging.INFO, handlers=handlers)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(logging.ERROR)
