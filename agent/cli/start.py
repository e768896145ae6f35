"""proactive start"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from agent.cli._ui import ask, say
from agent.errors import ControlError
from agent.lock import holder
from agent.paths import data_folder, private_folder

WAIT = 30.0


def command(
    config: Annotated[Path | None, typer.Option(help="Configuration file to use.")] = None,
) -> None:
    """Start the daemon in the background and wait until it answers."""
    pid = holder(data_folder())
    if pid is not None:
        say(f"Proactive is already running (pid {pid or 'unknown'}).")
        return
    out = private_folder(data_folder()) / "start.log"
    argv = [sys.executable, "-m", "agent", "run", *(["--config", str(config.resolve())] if config else [])]
    out.unlink(missing_ok=True)
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as log:
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise ControlError("Proactive did not start.", out.read_text(encoding="utf-8", errors="replace").strip())
        try:
            say(f"Proactive runs (pid {ask('status')['pid']}).")
        except ControlError:
            time.sleep(0.1)
        else:
            return
    raise ControlError(f"Proactive did not answer within {WAIT:.0f} s.", f"See {out}.")
