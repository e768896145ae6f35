"""What the bundled day brings with it: its pages instead of the web, its files when they arrive, and no browser."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from agent.core.records import NewFile, Reading
from agent.errors import ToolError
from agent.paths import resource
from agent.tools._fetch import Fetched, PageFetcher, host_of

PLAN = "arrivals.json"


def sample() -> Path:
    """The folder of the bundled day."""
    return resource("sample_day")


class SamplePages(PageFetcher):
    """Serves the pages of the bundled day from the bundle; every other page is refused, nothing is fetched."""

    def __init__(self, pages: Mapping[str, Path]) -> None:
        super().__init__()
        self._pages = dict(pages)

    async def fetch(self, url: str) -> Fetched:
        """The bundled page; ToolError for any other address."""
        if url not in self._pages:
            raise ToolError(f"The demo has no page of {host_of(url)}.", "With your own day, real pages are read.")
        return Fetched(url, "html", self._pages[url].read_bytes(), "utf-8")


class SampleBrowser:
    """Stands in for the browser when no person is there to see it."""

    @staticmethod
    async def closed(url: str) -> bool:
        """Never opens anything."""
        return False


class PlantedFiles:
    """Port Sensor: files of the bundled day appear in its home folder at their time, and are reported then."""

    def __init__(self, home: Path) -> None:
        self._home = home
        plan = json.loads((home.parent / PLAN).read_text(encoding="utf-8"))
        self._waiting = [(datetime.fromisoformat(f["at"]), Path(f["path"]), int(f["size"])) for f in plan]

    @staticmethod
    def plan(home: Path, files: Sequence[Mapping[str, Any]]) -> None:
        """Take the files that arrive later out of `home` and keep them until their time."""
        (home.parent / PLAN).write_text(json.dumps(list(files)), encoding="utf-8")
        for file in files:
            path = Path(file["path"])
            if path.exists():
                shutil.move(path, _store(home, path))

    async def read(self, now: datetime) -> Reading:
        """Files whose time has come."""
        found = []
        for at, path, size in [w for w in self._waiting if w[0] <= now]:
            if _store(self._home, path).exists():
                shutil.move(_store(self._home, path), path)
                found.append(NewFile(path=str(path), at=at, size=size))
        self._waiting = [w for w in self._waiting if w[0] > now]
        return Reading(files=tuple(found))

    async def close(self) -> None:
        """Nothing to close."""


def _store(home: Path, path: Path) -> Path:
    return home.parent / f"later-{path.name}"
