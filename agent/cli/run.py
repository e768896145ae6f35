"""proactive run"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli._ui import say
from agent.errors import ControlError, ProactiveError
from agent.paths import data_folder, private_folder
from agent.seclusion import close_umask, tighten_below

if TYPE_CHECKING:
    from agent.daemon import Daemon

log = logging.getLogger(__name__)

LEAVE_AFTER = 0.3
# From the signal on: a stop that hangs all the same ends here, and what was answered is on disk.
LEAVE_WITHIN = 2.9


def command(
    config: Annotated[
        Path | None, typer.Option(help="Configuration file instead of ./private.toml and the user's folder.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log to the terminal as well.")] = False,
) -> None:
    """Watch and offer, in the foreground, until stopped (Ctrl+C, or proactive stop)."""
    from agent.configfile import Watch, find, read, secluded
    from agent.daemon import Daemon
    from agent.logs import FILE, log_to

    _without_httpx_commands()
    close_umask()
    data = private_folder(data_folder())
    path = find(config)
    settings = read(path)
    for said in (secluded(path, settings) if path else "", _tightened(data)):
        if said:
            say(said)
    log_to(data / FILE, verbose=verbose)
    daemon = Daemon(Watch(path, settings), data)
    model = settings.alias("agent") or "the offline predictor (no model configured)"
    say(f"Proactive runs with {model}. Offers also wait in: proactive inbox")
    _again_and_again(daemon)


def _tightened(data: Path) -> str:
    """Files of an earlier version, or put back from elsewhere, may be open to others."""
    loose = tighten_below(data)
    return f"Others could read {', '.join(loose)} in {data}; now you alone can." if loose else ""


def _again_and_again(daemon: Daemon) -> None:
    """Run the daemon; after a failure that nobody foresaw, start afresh in its place, but not for ever."""
    from agent.watchdog import failed, forget, gave_up, restart

    try:
        run_loop(daemon)
        forget(daemon.data)
    except (ProactiveError, KeyboardInterrupt):
        raise
    except Exception as e:
        log.exception("the daemon failed")
        if failed(daemon.data, f"{type(e).__name__}: {e}"[:300]):
            restart()
        hint = f"Its log has more: {daemon.data}. Start it again with: proactive run"
        raise ControlError(gave_up(daemon.data), hint) from None


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
    limit = asyncio.create_task(_in_time(daemon))
    try:
        await daemon.run()
    finally:
        limit.cancel()
    _leave(LEAVE_AFTER)


async def _in_time(daemon: Daemon) -> None:
    await daemon.stopping()
    _leave(LEAVE_WITHIN)


def _leave(after: float) -> None:
    leave = threading.Timer(after, os._exit, (0,))
    leave.daemon = True
    leave.start()
