"""proactive run"""

from __future__ import annotations

import asyncio
import logging
import logging.handlers
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli._ui import say
from agent.paths import data_folder, private_folder

if TYPE_CHECKING:
    from agent.daemon import Daemon

LOG = "proactive.log"
LEAVE_AFTER = 0.3


def command(
    config: Annotated[
        Path | None, typer.Option(help="Configuration file instead of ./private.toml and the user's folder.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log to the terminal as well.")] = False,
) -> None:
    """Watch and offer, in the foreground, until stopped (Ctrl+C, or proactive stop)."""
    from agent.configfile import Watch, find, read, tighten
    from agent.daemon import Daemon

    _without_httpx_commands()
    os.umask(0o077)
    data = private_folder(data_folder())
    path = find(config)
    said = tighten(path) if path else ""
    if said:
        say(said)
    settings = read(path)
    log_to(data / LOG, verbose=verbose)
    daemon = Daemon(Watch(path, settings), data)
    model = settings.alias("agent") or "the offline predictor (no model configured)"
    say(f"Proactive runs with {model}. Offers also wait in: proactive inbox")
    run_loop(daemon)


def _without_httpx_commands() -> None:
    """httpx loads its optional command line, with rich and pygments (5 MiB of 90), wherever those are installed."""
    for name in ("httpx._main", "httpx2._main"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # None: an import of it fails, which httpx expects


def run_loop(daemon: Daemon) -> None:
    """Run the daemon on the platform's event loop: macOS toasts need the CFRunLoop one (rubicon) in the main thread."""
    if sys.platform == "darwin":
        from rubicon.objc.eventloop import EventLoopPolicy

        asyncio.set_event_loop_policy(EventLoopPolicy())
    asyncio.run(_to_the_end(daemon))


async def _to_the_end(daemon: Daemon) -> None:
    """Run it; a thread that hangs in somebody else's code (a browser that stays, a slow disk) must not keep the process."""
    await daemon.run()
    leave = threading.Timer(LEAVE_AFTER, os._exit, (0,))
    leave.daemon = True
    leave.start()


def log_to(path: Path, *, verbose: bool) -> None:
    """Log to a file of at most 3 x 1 MB that only the user can read, and to the terminal if asked."""
    path.touch(mode=0o600, exist_ok=True)
    file = logging.handlers.RotatingFileHandler(path, maxBytes=1_000_000, backupCount=2, encoding="utf-8")
    handlers: list[logging.Handler] = [file, *([logging.StreamHandler()] if verbose else [])]
    logging.basicConfig(level=logging.INFO, handlers=handlers, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for noisy in ("httpx", "httpcore", "httpx2", "httpcore2", "openai", "desktop_notifier"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
