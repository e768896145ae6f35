"""Writes down what a person does and turns it into what four ActivityWatch watchers would have stored.

window   looks once a second: neighbours lie about 1 s apart, what is shorter may go unseen
web      a new tab is seen at once, another page in the same tab at the next full minute; private tabs too (with their flag)
editor   only while typing, in pulses joined over 30 s
afk      after 180 s without input, dated back to the last input
"""

from __future__ import annotations

import math
import random
from datetime import datetime, timedelta, timezone
from typing import Any

Data = dict[str, Any]
Span = tuple[float, float, Data]
PULSE = 30.0
FIREFOX = "firefox"
PERSON, HOST = "/home/nele", "atelier"
BUCKETS = {
    "window": (f"aw-watcher-window_{HOST}", "currentwindow", "aw-watcher-window"),
    "afk": (f"aw-watcher-afk_{HOST}", "afkstatus", "aw-watcher-afk"),
    "web": (f"aw-watcher-web-firefox_{HOST}", "web.tab.current", "aw-client-web"),
    "editor": (f"aw-watcher-obsidian_{HOST}", "app.editor.activity", "aw-watcher-obsidian"),
}


class Person:
    """Moves the clock `t` (seconds since `begin`) by doing things; the watchers' views come out of `events`."""

    def __init__(self, begin: datetime, seed: int) -> None:
        self.begin, self.rng, self.t = begin, random.Random(seed), 0.0
        self.windows: list[Span] = []
        self.tabs: list[tuple[float, Data, bool]] = []
        self.typing: list[Span] = []
        self.quiet: list[tuple[float, float]] = []

    def stamp(self, second: float) -> str:
        """A moment in UTC with milliseconds."""
        return (self.begin + timedelta(seconds=second)).astimezone(timezone.utc).isoformat(timespec="milliseconds")

    def around(self, seconds: float) -> float:
        """A stay of about that long, never below 3 s."""
        return max(3.0, seconds * self.rng.uniform(0.55, 1.45))

    def focus(self, app: str, title: str, seconds: float) -> None:
        """A window in front."""
        self.windows.append((self.t, self.t + seconds, {"app": app, "title": title}))
        self.t += seconds

    def tab(self, page: tuple[str, str], seconds: float, *, same: bool = False, private: bool = False) -> None:
        """A page (address, title) in front in the browser; `same`: reached by a link, not by changing tabs."""
        url, title = page
        self.tabs.append((self.t, {"url": url, "title": title, "audible": False, "incognito": private, "tabCount": 9}, same))
        self.focus(FIREFOX, f"{title} — Mozilla Firefox" + (" Private Browsing" if private else ""), seconds)

    def search(self, words: str, seconds: float, *, same: bool = False) -> None:
        """A page of search results."""
        self.tab((f"https://duckduckgo.com/?q={words.replace(' ', '+')}", f"{words} at DuckDuckGo"), seconds, same=same)

    def note(self, file: str, seconds: float, share: float = 0.6) -> None:
        """A note open in Obsidian, typed into for a share of the time."""
        title = file.rsplit("/", 1)[-1].removesuffix(".md")
        data = {"file": file, "project": "notes", "language": "Markdown", "editor": "obsidian"}
        self.typing.append((self.t + 1, self.t + 1 + seconds * share, data))
        self.focus("obsidian", f"{title} - notes - Obsidian v1.8.9", seconds)

    def away(self, seconds: float) -> None:
        """Nobody there; the last window stays in front."""
        self.still(seconds)
        data = self.windows[-1][2]
        self.focus(data["app"], data["title"], seconds)

    def still(self, seconds: float) -> None:
        """No key or mouse for that long from now on."""
        self.quiet.append((self.t, self.t + seconds))

    def events(self) -> dict[str, list[Data]]:
        """What each watcher stored, oldest first."""
        views = {"window": self._window(), "afk": self._afk(), "web": self._web(), "editor": self._editor()}
        return {track: [self._event(*span) for span in spans] for track, spans in views.items()}

    def _event(self, start: float, end: float, data: Data) -> Data:
        return {"timestamp": self.stamp(start), "duration": round(end - start, 3), "data": data}

    def _window(self) -> list[Span]:
        out: list[Span] = []
        for start, end, data in self.windows:
            first, last = math.ceil(start), math.ceil(end) - 1
            if last < first:
                continue
            if out and out[-1][2] == data and first - out[-1][1] <= 2:
                first = int(out.pop()[0])
            out.append((float(first), float(last), data))
        return out

    def _web(self) -> list[Span]:
        seen: list[tuple[float, Data]] = []
        for k, (at, data, same) in enumerate(self.tabs):
            noticed = (at // 60 + 1) * 60 if same else at
            if k + 1 == len(self.tabs) or self.tabs[k + 1][0] > noticed:
                seen.append((noticed, data))
        ends = [at - 0.001 for at, _ in seen[1:]] + [self.t]
        return [(at, end, data) for (at, data), end in zip(seen, ends, strict=False)]

    def _editor(self) -> list[Span]:
        out: list[Span] = []
        for start, end, data in self.typing:
            joined = bool(out) and out[-1][2] == data and start - out[-1][1] <= PULSE
            out.append((out.pop()[0] if joined else start, end, data))
        return out

    def _afk(self) -> list[Span]:
        out: list[Span] = []
        at = 0.0
        for start, end in self.quiet:
            out += [(at, start, {"status": "not-afk"}), (start + 0.001, end, {"status": "afk"})]
            at = end + 0.001
        return [*out, (at, self.t, {"status": "not-afk"})]
