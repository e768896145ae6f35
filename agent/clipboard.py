"""Puts text on the clipboard through the system's own program; says why when it cannot.

Covered: control signs (but tab and line feed), bidi overrides and a last line feed, which would run a pasted command, are
removed; the text goes to stdin, never into an argument. Not covered: bringing back what was on the clipboard before;
clipboard histories, which keep a copy. Run for real on X11 only; Wayland, macOS and Windows by their documentation.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.core import defence
from agent.core.lines import clean


@dataclass(frozen=True)
class Program:
    """A command that takes the clipboard's text on stdin, and the encoding it expects."""

    argv: tuple[str, ...]
    encoding: str = "utf-8"


_WAYLAND = Program(("wl-copy", "--type", "text/plain;charset=utf-8"))
_X11 = (Program(("xclip", "-selection", "clipboard", "-in")), Program(("xsel", "--clipboard", "--input")))


def programs(platform: str, environ: Mapping[str, str]) -> tuple[Program, ...]:
    """The programs that could reach the clipboard of this session, the best first; () without a display."""
    if platform == "darwin":
        return (Program(("pbcopy",)),)
    if platform == "win32":
        # clip.exe reads the console's code page unless the text begins with a UTF-16 byte order mark.
        return (Program(("clip",), "utf-16"),)
    wayland = (_WAYLAND,) if environ.get("WAYLAND_DISPLAY") else ()
    return (*wayland, *(_X11 if environ.get("DISPLAY") else ()))


async def copy(text: str, candidates: Sequence[Program] | None = None, *, wait: float = 5.0) -> str:
    """Copy a text; '' if it is on the clipboard, else one sentence that says why not. Never raises."""
    if candidates is None:
        candidates = programs(sys.platform, os.environ)
    if not candidates:
        return "Not copied: there is no display, so no clipboard."
    present = [p for p in candidates if shutil.which(p.argv[0])]
    if not present:
        names = " or ".join(p.argv[0] for p in candidates)
        return f"Not copied: install {names} to have results on the clipboard."
    for program in present:
        if await _feed(program, payload(text), wait):
            return ""
    return f"Not copied: {present[-1].argv[0]} failed."


def payload(text: str) -> str:
    """The text as it is copied: no control sign but tab and line feed, no line feed at the end, nothing hidden."""
    return clean(text).rstrip("\n") if defence.on("clipboard_strip") else text


async def _feed(program: Program, text: str, wait: float) -> bool:
    quiet = asyncio.subprocess.DEVNULL  # xclip and wl-copy stay behind to serve the text and would hold a pipe open
    locale = {"LC_CTYPE": "UTF-8"} if sys.platform == "darwin" else {}
    try:
        child = await asyncio.create_subprocess_exec(
            *program.argv, stdin=asyncio.subprocess.PIPE, stdout=quiet, stderr=quiet, env={**os.environ, **locale}
        )
    except OSError:
        return False
    try:
        await asyncio.wait_for(child.communicate(text.encode(program.encoding, "replace")), wait)
    except (asyncio.TimeoutError, OSError):
        return False
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return child.returncode == 0
