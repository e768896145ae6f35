"""Whether a picture can be written, asked before anything is measured: a run of minutes must not end at its picture."""

from __future__ import annotations

import os
from pathlib import Path

from agent.bench.inputs import plainly
from agent.errors import ProactiveError

HINT = "Give --plot a file such as bench.png in a folder that is there."


def drawable(path: Path | None) -> None:
    """Nothing if a picture can be written there, or none is wanted. Raises ProactiveError, also without matplotlib."""
    if path is None:
        return
    with plainly():
        from matplotlib.backend_bases import FigureCanvasBase

        endings = FigureCanvasBase.get_supported_filetypes()
    why = _objection(path, tuple(endings))
    if why:
        raise ProactiveError(f"The picture {path} cannot be written: {why}.", HINT)


def _objection(path: Path, endings: tuple[str, ...]) -> str:
    folder = path.absolute().parent
    if path.is_dir():
        return "it is a folder"
    if not folder.is_dir():
        return "there is no such folder"
    if path.suffix.removeprefix(".").lower() not in endings:
        return "its ending names no kind of picture"
    there = path if path.exists() else folder
    return "" if os.access(there, os.W_OK) else "it is not yours to write"
