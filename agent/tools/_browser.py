"""Opens an address in the user's browser, without a shell and without waiting for the browser to end."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import webbrowser

_WAIT = 5.0  # seconds; xdg-open ends at once, or becomes the browser and stays


async def open_in_browser(url: str) -> bool:
    """True once the browser has the address; False where there is no browser or no display."""
    if sys.platform.startswith("linux") and not os.environ.get("BROWSER"):
        # The webbrowser module would fall back on lynx or w3m in the daemon's own terminal.
        opener = shutil.which("xdg-open")
        shown = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        return bool(opener and shown) and await _launch(str(opener), url)
    try:
        return await asyncio.to_thread(webbrowser.open, url)
    except webbrowser.Error:
        return False


async def _launch(opener: str, url: str) -> bool:
    quiet = asyncio.subprocess.DEVNULL
    try:
        child = await asyncio.create_subprocess_exec(
            opener, url, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
        )
    except OSError:
        return False
    try:
        return await asyncio.wait_for(child.wait(), _WAIT) == 0
    except asyncio.TimeoutError:
        return True
