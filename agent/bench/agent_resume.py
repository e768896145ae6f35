"""Finished parts of a long run, kept in a file as they come, so that the next run goes on where this one stopped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.bench.agent_traces import BenchDataError


class Finished:
    """JSON lines: what the run is about, then a finished part each. Without a file, it remembers for this run only."""

    def __init__(self, file: Path | None, about: Mapping[str, str]) -> None:
        """Raises BenchDataError if the file is another run's or cannot be written."""
        self.file = file
        self._about = dict(about)
        self._parts: dict[str, dict[str, Any]] = {}
        if file is not None:
            try:
                self._open(file)
            except OSError as e:
                raise BenchDataError(f"{file} cannot be used: {e.strerror}.", "Name another file for --resume.") from e

    def __len__(self) -> int:
        return len(self._parts)

    def get(self, part: str) -> Mapping[str, Any] | None:
        """What was kept of a part, or None."""
        return self._parts.get(part)

    def put(self, part: str, value: Mapping[str, Any]) -> None:
        """Keep a part, on disk when this returns."""
        self._parts[part] = dict(value)
        if self.file is not None:
            with self.file.open("a", encoding="utf-8") as out:
                out.write(json.dumps({"part": part, **value}, ensure_ascii=False) + "\n")

    def _open(self, file: Path) -> None:
        lines = file.read_text(encoding="utf-8").split("\n") if file.exists() else []
        if not lines or not lines[0]:
            file.write_text(json.dumps({"about": self._about}) + "\n", encoding="utf-8")
            return
        whole = [read for line in lines if (read := _read(line)) is not None]
        if not whole or whole[0].get("about") != self._about:
            raise BenchDataError(
                f"{file} holds the finished part of another run.",
                "It fits only the same data, model, judge and prompts; name another file for --resume.",
            )
        for line in whole[1:]:
            self._parts[str(line.pop("part"))] = line
        if lines[-1]:  # a run that was killed while it wrote leaves half a line
            kept = "".join(json.dumps(w, ensure_ascii=False) + "\n" for w in (whole[0], *self._lines()))
            file.write_text(kept, encoding="utf-8")

    def _lines(self) -> list[dict[str, Any]]:
        return [{"part": part, **value} for part, value in self._parts.items()]


def _read(line: str) -> dict[str, Any] | None:
    try:
        read = json.loads(line)
    except ValueError:
        return None
    return read if isinstance(read, dict) else None
