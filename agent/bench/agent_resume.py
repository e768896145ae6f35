"""Finished parts of a long run, kept in a file as they come, so that the next run goes on where this one stopped."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.bench.agent_traces import BenchDataError
from agent.bench.keeping import append, entries


class Finished:
    """JSON lines: what the run is about, then a finished part each. Without a file, it remembers for this run only."""

    def __init__(self, file: Path | None, about: Mapping[str, str]) -> None:
        """Raises BenchDataError if the file is another run's, ProactiveError if it cannot be used or is somebody else's."""
        self._file = file
        self._about = dict(about)
        self._parts: dict[str, dict[str, Any]] = {}
        if file is not None:
            self._open(file)

    def __len__(self) -> int:
        return len(self._parts)

    def get(self, part: str) -> Mapping[str, Any] | None:
        """What was kept of a part, or None."""
        return self._parts.get(part)

    def put(self, part: str, value: Mapping[str, Any]) -> None:
        """Keep a part, on disk when this returns. Raises ProactiveError if it cannot be written."""
        self._parts[part] = dict(value)
        if self._file is not None:
            append(self._file, {"part": part, **value})

    def _open(self, file: Path) -> None:
        found = entries(file, ("about",), ("part",))
        if not found:
            append(file, {"about": self._about})
            return
        if found[0].get("about") != self._about or any("part" not in entry for entry in found[1:]):
            raise BenchDataError(
                f"{file} holds the finished part of another run.",
                "It fits only the same data, model, judge and prompts; name another file for --resume.",
            )
        self._parts = {str(e["part"]): {k: v for k, v in e.items() if k != "part"} for e in found[1:]}
