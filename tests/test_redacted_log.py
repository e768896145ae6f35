"""The log holds nothing that the redaction hides, whatever a caller or an error puts into it."""

from __future__ import annotations

import logging

import pytest

from agent.logs import FORMAT, RedactingFormatter

TOKEN = "glpat-" + "q7Zr2Xv9Lm4Kt8Wb3Nc6"


def line(message: str, *args: object, error: BaseException | None = None) -> str:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("agent.loop", logging.INFO, "loop.py", 1, message, args, info)
    return RedactingFormatter(FORMAT).format(record)


def fail(words: str) -> None:
    raise ValueError(words)


def test_a_message_and_a_traceback_are_redacted_and_the_rest_stays() -> None:
    assert line("tick %s", f"failed: {TOKEN}").endswith(" INFO agent.loop tick failed: [secret]")
    with pytest.raises(ValueError, match="mail") as error:
        fail(f"mail mira@firma.example {TOKEN}")
    said = line("a tick failed", error=error.value)
    assert TOKEN not in said
    assert "mira@" not in said
    assert "Traceback" in said
    assert "test_redacted_log.py" in said


def test_a_line_that_cannot_be_redacted_is_left_out() -> None:
    class Broken(str):
        __slots__ = ()

        def __len__(self) -> int:
            raise RuntimeError("broken")

    formatter = RedactingFormatter("%(message)s")
    record = logging.LogRecord("x", logging.INFO, "x", 1, "m", (), None)
    record.message = Broken(TOKEN)
    assert formatter.formatMessage(record) == "(a text that could not be redacted)"
