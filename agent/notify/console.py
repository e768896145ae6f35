"""Prints offers to a terminal and, where it is one, reads the answer without holding up the loop.

Covered: a POSIX terminal (a line: a, s or empty), a Windows console (one key), output without a terminal (nothing is asked).
Not covered: several programs reading the same terminal. What was typed before an offer appeared never answers it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from pydantic import BaseModel, ConfigDict

from agent.core.offers import TITLE_CHARS
from agent.core.records import Answer, ResponseKind, Toast
from agent.notify._moved import ToastSeconds
from agent.notify._plain import plain, plain_lines
from agent.plug import Supplies

if TYPE_CHECKING:
    from rich.console import Console

BODY_CHARS = 2000  # a terminal has room for a result
KEYS: dict[str, ResponseKind] = {"a": "accepted", "s": "rejected", "": "ignored"}
KEY_SECONDS = 0.05
LINE_BYTES = 1024


class Settings(BaseModel):
    """Settings of offers in the terminal."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    ask: bool = True
    """Read answers from the terminal; without a terminal nothing is asked."""
    ttl: ToastSeconds = None
    """Not to be set: how long an offer waits for an answer is toast_seconds under [pace]."""


@dataclass
class Open:
    """The offer that waits for an answer."""

    toast: Toast
    timer: asyncio.TimerHandle | None = field(default=None)


class ConsoleNotifier:
    """The port Notifier on a rich console and an input that may be a terminal."""

    def __init__(self, settings: Settings, supplies: Supplies, console: Console, source: TextIO | None) -> None:
        self.settings = settings
        self._supplies = supplies
        self._console = console
        self._source = source
        self._open: Open | None = None
        self._used: set[str] = set()
        self._reading = False
        self._typed = b""
        self._keys: asyncio.Task[None] | None = None
        self._over = False

    @property
    def asks(self) -> bool:
        """Whether somebody can answer here."""
        return self.settings.ask and self._source is not None and _answerable(self._source)

    async def probe(self) -> str:
        """'' if this terminal can be asked."""
        return "" if self.asks else "Nobody can be asked on this terminal. Answer offers with 'proactive accept ID'."

    async def show(self, toast: Toast) -> bool:
        """Print an offer in place of the open one; True once it is printed."""
        if self._over or toast.nonce in self._used:
            return False
        self._used.add(toast.nonce)
        self._end("withdrawn")
        how = (
            ("a accept, " * toast.whole + "s something else, Enter ignore") if self.asks else f"proactive accept {toast.offer}"
        )
        if not self._print(f"Offer {toast.offer}: {plain(toast.title, TITLE_CHARS)}", toast.body, how):
            return False
        self._open = Open(toast, asyncio.get_running_loop().call_later(toast.ttl, self._end, "ignored"))
        if self.asks:
            self._listen()
        return True

    async def tell(self, title: str, body: str) -> bool:
        """Print a message; True once it is printed."""
        return not self._over and self._print(plain(title, TITLE_CHARS), body, "")

    async def withdraw(self, offer: int) -> None:
        """Stop waiting for an answer to this offer and answer 'withdrawn'."""
        if self._open is not None and self._open.toast.offer == offer:
            self._end("withdrawn")

    async def close(self) -> None:
        """Withdraw the open offer and leave the terminal alone."""
        self._over = True
        self._end("withdrawn")
        self._deafen()

    def _print(self, title: str, body: str, how: str) -> bool:
        from rich.text import Text

        lines = [Text(title, style="bold"), Text(plain_lines(body, BODY_CHARS)), Text(how, style="dim")]
        try:
            for line in lines:
                if line:
                    self._console.print(line)
        except (OSError, ValueError):  # the terminal is gone, or the stream was closed
            return False
        return True

    def _end(self, kind: ResponseKind) -> None:
        waiting, self._open = self._open, None
        if waiting is None:
            return
        if waiting.timer is not None:
            waiting.timer.cancel()
        toast, at = waiting.toast, self._supplies.clock.now()
        self._supplies.answers.put_nowait(Answer(offer=toast.offer, nonce=toast.nonce, kind=kind, at=at, source="console"))

    def _heard(self, word: str) -> None:
        """`word` is what was typed; anything but the three answers is left unanswered."""
        kind = KEYS.get(word.strip().lower()[:1])
        if self._open is None or kind is None or (kind == "accepted" and not self._open.toast.whole):
            return
        self._end(kind)

    def _listen(self) -> None:
        self._typed = b""
        if sys.platform == "win32":
            self._drain_keys()
            if self._keys is None:
                self._keys = asyncio.ensure_future(self._poll_keys())
            return
        self._flush()
        if not self._reading and self._source is not None:
            asyncio.get_running_loop().add_reader(self._source.fileno(), self._readable)
            self._reading = True

    def _deafen(self) -> None:
        if self._keys is not None:
            self._keys.cancel()
        if self._reading and self._source is not None:
            asyncio.get_running_loop().remove_reader(self._source.fileno())
            self._reading = False

    def _readable(self) -> None:
        if self._source is None or not _answerable(self._source):
            self._deafen()
            return
        try:
            got = os.read(self._source.fileno(), LINE_BYTES)
        except OSError:  # the terminal was closed under us
            got = b""
        if not got:
            self._deafen()
            return
        self._typed = (self._typed + got)[-LINE_BYTES:]
        while b"\n" in self._typed:
            line, self._typed = self._typed.split(b"\n", 1)
            self._heard(line.decode("utf-8", "replace"))

    def _flush(self) -> None:
        """Forget what was typed before: it was not meant for this offer."""
        if sys.platform != "win32" and self._source is not None:
            import termios

            with contextlib.suppress(termios.error):
                termios.tcflush(self._source.fileno(), termios.TCIFLUSH)

    def _drain_keys(self) -> None:
        if sys.platform == "win32":
            import msvcrt

            while msvcrt.kbhit():
                msvcrt.getwch()

    async def _poll_keys(self) -> None:
        if sys.platform == "win32":
            import msvcrt

            while True:
                while msvcrt.kbhit():
                    key = msvcrt.getwch()
                    if key in "\x00\xe0":  # a function key comes as two: Delete is '\xe0S', and no answer
                        msvcrt.getwch()
                        continue
                    self._heard(key.strip("\r\n"))
                await asyncio.sleep(KEY_SECONDS)


def _answerable(source: TextIO) -> bool:
    """Whether `source` is a terminal that is ours now: a background process that reads its terminal is stopped by it."""
    if source.closed or not source.isatty():
        return False
    if sys.platform == "win32":
        return True
    try:
        return os.tcgetpgrp(source.fileno()) == os.getpgrp()
    except OSError:  # a terminal that is not our controlling one has no foreground of ours, and stops nobody
        return True


def build(settings: Settings, supplies: Supplies) -> ConsoleNotifier:
    """Build the plug on standard output and input."""
    from rich.console import Console

    return ConsoleNotifier(settings, supplies, Console(), sys.stdin)
