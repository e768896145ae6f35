"""Days of other people, languages and systems, in the shape a day file has; the same seed always gives the same day.

The watchers' habits are imitated: window looks each second and joins what is equal within 2 s, web tells an activation and then
once a minute, editors tell pulses while typing, afk comes after 180 s and is dated back, a touched mouse interrupts it.
Every planted secret is made at run time, so that none stands in a file; titles of private pages are planted as secrets too.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from tests.bench.habits import Run, afk_runs, joined, web_runs, window_runs
from tests.bench.more_people import MORE
from tests.bench.other_people import PEOPLE
from tests.bench.person import Browser, Person
from tests.bench.planted import plant

EVERYONE = (*PEOPLE, *MORE)
KINDS = {"private": "never", "call": "never", "phone": "never", "away": "away", "secrets": "costly"}
HELP = {"debug": "stuck-on-error", "write": "research-while-writing", "copy": "repetitive-copying", "compare": "comparing"}
HELP |= {"read": "reading-long"}
SHORT, MEDIUM, LONG = (1.0, 0.75), (1.95, 0.75), (3.1, 0.7)
Span = tuple[float, float, dict[str, Any]]


class Composer:
    """Writes one day as runs; each act of the user moves the clock `t`."""

    def __init__(self, who: Person, seed: int) -> None:
        self.who, self.pc = who, who.machine
        self.rng = random.Random(f"{who.name}/{seed}")
        self.t = 0.0
        self.window: list[Run] = []
        self.tabs: dict[str, list[tuple[float, dict[str, Any], bool]]] = {b.app: [] for b in self.pc.browsers}
        self.edits: list[Run] = []
        self.away: list[tuple[float, float, bool]] = []
        self.idle: list[tuple[float, float]] = []
        self.blocks: list[tuple[float, float, str]] = []
        self.secrets: list[str] = []
        self.hidden: list[str] = []

    def spell(self, size: tuple[float, float]) -> float:
        return min(600.0, max(1.0, self.rng.lognormvariate(*size)))

    def secret(self, value: str) -> str:
        self.secrets.append(value)
        return value

    def focus(self, app: str, title: str, seconds: float, **more: Any) -> None:
        self.window.append(Run(self.t, self.t + seconds, {"app": app, "title": title if self.pc.titles else "", **more}))
        self.t += seconds

    def browse(self, page: tuple[str, str], seconds: float, browser: Browser | None = None, **how: bool) -> None:
        """Show a page; how: same (tab), private, audible."""
        b, private = browser or self.pc.browsers[-1], how.get("private", False)
        if b.bucket and (b.flagged or not private):
            data = {"url": page[0], "title": page[1], "audible": how.get("audible", False), "incognito": private, "tabCount": 9}
            self.tabs[b.app].append((self.t, data, not how.get("same", False)))
        if private and self.pc.swift:
            self.window.append(Run(self.t, self.t + seconds, {"app": "", "title": ""}))
            self.t += seconds
            return
        more = {"url": page[0]} if self.pc.swift else {}
        self.focus(b.app, page[1] + (b.private if private else b.suffix), seconds, **more)

    def show(self, line: str | tuple[str, str], seconds: float) -> None:
        app, title = line.split(" ::", 1) if isinstance(line, str) else line
        self.focus(app.strip(), title.strip(), seconds)

    def type(self, file: str, seconds: float) -> None:
        """Typing pulses beside the window, if there is an editor watcher."""
        data = {"file": f"/home/u/src/{file}", "project": "/home/u/src", "language": "x"}
        if "intellij" in self.pc.editor:
            data = {"file": file, "fileFullPath": f"/Users/u/src/{file}", "project": "src", "projectPath": "/Users/u/src"}
        at = self.t
        while at < self.t + seconds:
            burst = min(self.t + seconds - at, self.rng.expovariate(1 / 6))
            self.edits.append(Run(at, at + burst, data))
            at += burst + self.rng.choice([3.0, 7.0, 12.0, 26.0])

    def ask(self, words: str, seconds: float) -> None:
        url, title = self.who.engine
        self.browse((url.format(quote(words)), title.format(words)), seconds)

    # -- blocks

    def mail(self, stop: float) -> None:
        while self.t < stop:
            self.show(self.rng.choice(self.who.mail if self.rng.random() < 0.6 else self.who.chat), self.spell(MEDIUM))

    def work(self, stop: float) -> None:
        while self.t < stop:
            kind = self.rng.random()
            if kind < 0.55:
                line, stay = self.rng.choice(self.who.work), self.spell(LONG)
                self.type("main.py", stay)
                self.show(line, stay)
            elif kind < 0.85:
                self.browse(self.rng.choice(self.who.pages), self.spell(MEDIUM), self.rng.choice(self.pc.browsers))
            else:
                self.show(self.rng.choice(self.who.chat + self.who.mail), self.spell(SHORT) + 2)

    def leisure(self, stop: float) -> None:
        while self.t < stop:
            self.browse(self.rng.choice(self.who.idle), self.spell(MEDIUM))

    def private(self, stop: float) -> None:
        while self.t < stop:
            kind = self.rng.random()
            browser = self.rng.choice(self.pc.browsers)
            if kind < 0.4:
                self.browse(self.rng.choice(self.who.idle), self.spell(MEDIUM), browser)
            elif kind < 0.6:
                account = self.secret("DE" + "".join(self.rng.choice("0123456789") for _ in range(20)))
                url, title = self.rng.choice(self.who.bank)
                self.browse((url, title.format(iban=account)), self.spell(MEDIUM), browser)
            elif kind < 0.68:
                self.show(self.who.vault, self.spell(SHORT))
            else:
                words = self.rng.choice(self.who.secret)
                url, title = self.who.engine
                self.hidden.append(words)
                tagged = [b for b in self.pc.browsers if b.private != b.suffix or b.flagged]
                self.browse((url.format(quote(words)), title.format(words)), self.spell(MEDIUM), tagged[-1], private=True)

    def call(self, stop: float) -> None:
        app, title, url, audible = self.who.call
        browser = next((b for b in self.pc.browsers if b.app == app), None)
        address = url.format(token="".join(self.rng.choice("abcdef0123456789") for _ in range(20)))
        if stop - self.t > 600:
            at = self.t + self.rng.uniform(60, 200)
            while at + 200 < stop:
                self.idle.append((at, min(stop - 5, at + self.rng.uniform(190, 480))))
                at = self.idle[-1][1] + self.rng.uniform(60, 600)
        while self.t < stop:
            stay = min(self.rng.uniform(40, 240), max(1.0, stop - self.t))
            if browser is not None:
                self.browse((address, title), stay, browser, audible=audible)
            else:
                self.focus(app, title, stay)
            if self.t < stop and self.rng.random() < 0.7:
                self.show(self.rng.choice(self.who.work), self.spell(MEDIUM))
        if browser is not None and browser.bucket:  # the tab stays, silent
            data = {"url": address, "title": title, "audible": False, "incognito": False, "tabCount": 9}
            self.tabs[app].append((self.t, data, True))

    def phone(self, stop: float) -> None:
        while self.t < stop:
            self.show(self.who.chat[0], min(self.rng.uniform(40, 150), max(1.0, stop - self.t)))
            if self.t < stop:
                self.show(self.rng.choice(self.who.work), self.spell(MEDIUM))

    def pause(self, stop: float) -> None:
        asleep = self.rng.random() < 0.4
        self.away.append((self.t, stop, asleep))
        if asleep:
            self.t = stop
        else:
            last = self.window[-1].data
            self.window.append(Run(self.t, stop, last))
            self.t = stop

    def debug(self, stop: float) -> None:
        while self.t < stop:
            self.type("Service.java", 25)
            self.show(self.who.work[0], self.spell(LONG))
            self.show(self.who.work[1], self.spell(MEDIUM) + 3)
            self.ask(self.rng.choice(self.who.asks), self.spell(SHORT) + 1)
            self.browse(self.rng.choice(self.who.pages), self.spell(MEDIUM), same=self.rng.random() < 0.4)

    def write(self, stop: float) -> None:
        while self.t < stop:
            self.show(self.who.paper, self.spell(LONG) * 1.3)
            if self.rng.random() < 0.6:
                words = self.rng.choice(self.who.asks)
                self.ask(words, self.spell(SHORT) + 1)
                for k in range(self.rng.randint(1, 2)):
                    page = (f"https://blog.example/{quote(words.lower().replace(' ', '-'))}-{k}", f"{words}: {k + 1}")
                    self.browse(page, self.spell(MEDIUM), same=True)

    def copy(self, stop: float) -> None:
        while self.t < stop:
            self.show(self.who.sheet, self.rng.uniform(3, 8))
            self.browse(self.who.form, self.rng.uniform(4, 12))

    def compare(self, stop: float) -> None:
        while self.t < stop:
            self.browse(self.rng.choice(self.who.wares), self.rng.uniform(6, 40))

    def read(self, stop: float) -> None:
        while self.t < stop:
            start = self.t
            self.browse(self.who.book, self.rng.uniform(200, 420))
            if self.rng.random() < 0.5:
                self.idle.append((start + 2, self.t - 1))
            self.show(self.rng.choice(self.who.chat), self.spell(SHORT))

    def slips(self, stop: float) -> None:
        for kind, title, url in plant(self.rng, self.secret, self.who.code):
            if kind == "tab":
                self.browse((url, title), 5)
            else:
                self.focus(self.who.mail[0].split(" ::")[0] if kind == "mail" else self.who.work[0][0], title, 6)
            if self.rng.random() < 0.3:
                self.show(self.rng.choice(self.who.work), self.spell(SHORT))
        self.work(stop)

    def compose(self, plan: str) -> None:
        acts: dict[str, Callable[[float], None]] = {"away": self.pause, "secrets": self.slips}
        for step in plan.split(", "):
            name, minutes = step.split()
            start, stop = self.t, self.t + float(minutes) * 60 * self.rng.uniform(0.95, 1.1)
            (acts.get(name) or getattr(self, name))(stop)
            self.t = max(self.t, stop)
            self.blocks.append((start, self.t, name))


def other_day(who: Person, when: date = date(2026, 3, 2), seed: int = 1, plan: str = "") -> dict[str, Any]:
    """The day of that person: buckets, events and truth."""
    c = Composer(who, seed)
    c.compose(plan or who.plan)
    begin = datetime.combine(when, time(9), ZoneInfo(who.machine.zone)).astimezone(timezone.utc)

    def stamp(second: float) -> str:
        return (begin + timedelta(seconds=second)).isoformat(timespec="milliseconds")

    runs = _buckets(c)
    types = {"window": "currentwindow", "afk": "afkstatus", "web": "web.tab.current", "editor": "app.editor.activity"}
    nameless = {name: track == "web" and "_" not in name for name, (track, _) in runs.items()}
    return {
        "buckets": {
            name: {"type": types[track], "client": name.split("_")[0], "hostname": "unknown" if nameless[name] else c.pc.host}
            for name, (track, _) in runs.items()
        },
        "events": {
            name: [{"timestamp": stamp(r.start), "duration": round(r.end - r.start, 3), "data": r.data} for r in found]
            for name, (_, found) in runs.items()
        },
        "truth": {
            "host": c.pc.host,
            "seed": seed,
            "blocks": [
                {"start": stamp(a), "end": stamp(b), "kind": k, "interrupt": KINDS.get(k, "ok")} for a, b, k in c.blocks
            ],
            "moments": [
                {"start": stamp(a), "end": stamp(b), "kind": HELP[k], "want": "help"} for a, b, k in c.blocks if k in HELP
            ],
            "away": [{"start": stamp(a), "end": stamp(b)} for a, b, _ in c.away],
            "secrets": [{"value": s} for s in dict.fromkeys(c.secrets + c.hidden)],
        },
    }


def _buckets(c: Composer) -> dict[str, tuple[str, list[Run]]]:
    """Every bucket of the machine with its track and runs."""
    found = {f"aw-watcher-window_{c.pc.host}": ("window", window_runs(c.window, c.rng.random()))}
    if c.pc.afk:
        found[f"aw-watcher-afk_{c.pc.host}"] = ("afk", afk_runs([*c.away, *((a, b, False) for a, b in c.idle)], c.t, c.rng))
    if c.pc.editor:
        found[c.pc.editor] = ("editor", joined(c.edits, 20.0))
    asleep = [(a, b) for a, b, z in c.away if z]
    for b in c.pc.browsers:
        if b.bucket:
            found[b.bucket] = ("web", web_runs(c.tabs[b.app], c.t, asleep))
    return found
