"""proactive stop"""

from __future__ import annotations

import os
import signal
import time

from agent.cli._ui import ask, say
from agent.errors import ControlError
from agent.lock import UNKNOWN, holder
from agent.paths import data_folder

WAIT = 6.0  # twice what a daemon needs at most


def command() -> None:
    """Stop the daemon; open toasts leave the screen and wait in the inbox."""
    pid = holder(data_folder())
    if pid is None:
        say("Proactive is not running.")
        return
    try:
        ask("stop")
    except ControlError:
        _signal(pid, signal.SIGTERM)
    if _gone(pid, WAIT):
        say(f"Proactive (pid {pid or 'unknown'}) has stopped.")
        return
    _signal(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    _gone(pid, WAIT)  # the kernel gives the lock back a moment later; who starts it again at once must not find it
    say(f"Proactive (pid {pid}) did not stop within {WAIT:.0f} s and was killed; nothing answered is lost.")


def _signal(pid: int, number: int) -> None:
    if pid == UNKNOWN:  # to the kernel, 0 would be ourselves
        raise ControlError("Proactive runs, but its lock does not say as which process.", "End 'proactive run' by hand.")
    os.kill(pid, number)


def _gone(pid: int, seconds: float) -> bool:
    """Wait until the process no longer holds the lock."""
    deadline = time.monotonic() + seconds
    while holder(data_folder()) == pid:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
