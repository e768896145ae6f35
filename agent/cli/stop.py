"""proactive stop"""

from __future__ import annotations

import os
import signal
import time

from agent.cli._ui import ask, say
from agent.errors import ControlError
from agent.lock import holder
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
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + WAIT
    while holder(data_folder()) == pid:
        if time.monotonic() > deadline:
            os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
            say(f"Proactive (pid {pid}) did not stop within {WAIT:.0f} s and was killed; nothing answered is lost.")
            return
        time.sleep(0.05)
    say(f"Proactive (pid {pid}) has stopped.")
