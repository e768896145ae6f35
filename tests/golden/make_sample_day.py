"""Writes resources/sample_day/day.json: an invented translator's morning, its truth included. Same output every time.

Run from the checkout: python -m tests.golden.make_sample_day
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from tests.golden.sample_watchers import BUCKETS, HOST, PERSON, Person

ZONE = timezone(timedelta(hours=2))
TODAY = datetime(2026, 4, 14, 9, 0, tzinfo=ZONE)
YESTERDAY = datetime(2026, 4, 13, 15, 30, tzinfo=ZONE)
SEED = 414
HANDOUT = f"{PERSON}/notes/teaching/Workshop handout.md"
SCAN = f"{PERSON}/Scans/scan0007.pdf"
MAIL, CHAT, WRITER, CALC, PDF = "thunderbird", "Element", "libreoffice-writer", "libreoffice-calc", "org.gnome.Evince"
HOTELS = (
    ("https://stayfinder.example/ghent/hotel-karmel", "Hotel Karmel, Ghent, 20–22 May – Stayfinder"),
    ("https://stayfinder.example/ghent/huis-erasmus", "Huis Erasmus, Ghent, 20–22 May – Stayfinder"),
    ("https://bedboek.example/be/leie-guesthouse", "Leie Guesthouse, Ghent, 20–22 May | Bedboek"),
)
ARTICLE = (
    "https://journal.wortwerk.example/plain-language-museum-texts",
    "Plain language in museum texts: a practical guide – Wortwerk Journal",
)
REGISTRY = ("https://registry.abendschule.example/courses/2291/participants/new", "Add participant · Course registry")
CALENDAR = ("https://calendar.abendschule.example/week/16", "Week 16 – Calendar")
MAILS = (
    "Delivery date for the catalogue",
    "Rückfrage zu Seite 14",
    "Lunch on Friday?",
    "Invoice 2026-031 paid",
    "Room change for the evening course",
    "Proofs, second round",
    "Newsletter of the translators' union",
)
CHATS = ("Abendschule team", "Femke", "Catalogue project", "Tobias")
STUCK = (
    "libreoffice mail merge blank page between records",
    "libreoffice writer mail merge extra blank pages",
    "mail merge blank page after each record libreoffice",
    "libreoffice mail merge blank pages pdf export",
)
WORDS = (
    ("https://www.linguee.example/bezel", "bezel – Linguee"),
    ("https://www.duden.example/Fassung", "Fassung – Duden"),
    ("https://nl.wikipedia.example/wiki/Zilversmid", "Zilversmid – Wikipedia"),
    ("https://www.ordnet.example/hallmark", "hallmark – Ordnet"),
    ("https://maps.example/leuven-station", "Leuven station – Maps"),
    ("https://weather.example/utrecht", "Utrecht: rain until noon – Weather"),
)
TALK = (
    "audio guides visitor study",
    "audio guides script length",
    "audio guides accessibility",
    "audio guides museum examples",
)
FORUM, PRESS = "https://ask.officeforum.example/t/4820", "https://museumpress.example/reports/70"
Block = Callable[[Person, float], None]


def mail(p: Person, stop: float) -> None:
    """Mail, chat and the calendar in no order."""
    while p.t < stop:
        kind = p.rng.random()
        if kind < 0.55:
            p.focus(MAIL, f"{p.rng.choice(MAILS)} - Mozilla Thunderbird", p.around(24))
        elif kind < 0.8:
            p.focus(CHAT, f"{p.rng.choice(CHATS)} - Element", p.around(18))
        else:
            p.tab(CALENDAR, p.around(15))


def handout(p: Person, stop: float) -> None:
    """Writing the handout, with a glance at mail now and then."""
    while p.t < stop:
        p.note(HANDOUT, p.around(70))
        if p.rng.random() < 0.3:
            p.focus(MAIL, f"{p.rng.choice(MAILS)} - Mozilla Thunderbird", p.around(10))


def mail_merge(p: Person, stop: float) -> None:
    """The same question searched again and again; results are opened in the same tab, so most addresses stay unseen."""
    k = 0
    while p.t < stop:
        p.focus(WRITER, "certificates.odt — LibreOffice Writer", p.around(45))
        words = STUCK[k % len(STUCK)]
        p.search(words, p.around(14))
        page = (f"{FORUM}{k % len(STUCK)}", f"{words} – Office forum")
        p.tab(page, min(40.0, p.around(26)), same=True)
        k += 1


def call(p: Person, stop: float) -> None:
    """A video call; listening looks like being away."""
    p.focus("zoom", "Zoom Meeting", 60)
    p.still(225)
    p.focus("zoom", "Zoom Meeting", 240)
    p.focus(WRITER, "course plan.odt — LibreOffice Writer", 40)
    p.focus("zoom", "Zoom Meeting", stop - p.t)


def copying(p: Person, stop: float) -> None:
    """Rows of a sheet typed into a web form, one by one."""
    while p.t < stop:
        p.focus(CALC, "participants.ods — LibreOffice Calc", p.rng.uniform(4, 9))
        p.tab(REGISTRY, p.rng.uniform(7, 14))


def pause(p: Person, stop: float) -> None:
    """Coffee, away from the desk."""
    p.away(stop - p.t)


def varied(p: Person, stop: float) -> None:
    """Ordinary work without a pattern: a translation with its source, different words looked up, mail, an invoice."""
    k = 0
    while p.t < stop:
        p.focus(WRITER, f"catalogue-{1 + k % 5}-en.odt — LibreOffice Writer", p.around(75))
        p.focus(PDF, f"Katalog Kapitel {1 + k % 5}.pdf", p.around(40))
        p.focus(WRITER, f"catalogue-{1 + k % 5}-en.odt — LibreOffice Writer", p.around(60))
        if k % 3 == 0:
            p.tab(WORDS[(k // 3) % len(WORDS)], p.around(15))
        mail(p, min(stop, p.t + 45))
        if k % 4 == 3:
            p.focus("org.gnome.Nautilus", p.rng.choice(("Catalogue", "Invoices", "Downloads")), p.around(9))
            p.focus(CALC, "invoices-2026.ods — LibreOffice Calc", p.around(50))
        k += 1


def private(p: Person, stop: float) -> None:
    """Private tabs, the bank and the password manager: nothing of it may be stored or sent."""
    for topic in ("sublet flat utrecht", "tax adviser divorce"):
        p.tab((f"https://duckduckgo.com/?q={topic.replace(' ', '+')}", f"{topic} at DuckDuckGo"), p.around(50), private=True)
        p.tab((f"https://advice.example/{topic.replace(' ', '-')}", f"{topic}: what to know"), p.around(90), private=True)
    p.tab(("https://online.grachtenbank.example/login?access_token=FAKE-TOKEN-0123456789abcdef", "Grachtenbank – sign in"), 20)
    p.focus("KeePassXC", "Grachtenbank / not-a-real-password-1 - home.kdbx - KeePassXC", 9)
    p.focus(MAIL, "000000 is your Grachtenbank sign-in code - Mozilla Thunderbird", 7)
    p.tab(("https://online.grachtenbank.example/accounts", "NL00FAKE0000000000 – Grachtenbank"), p.around(70))
    while p.t < stop:
        p.tab(("https://advice.example/household", "household costs: a table"), p.around(60), private=True)
        p.tab(("https://advice.example/flats", "flats: what to ask"), p.around(60), private=True)


def comparing(p: Person, stop: float) -> None:
    """Three places to stay, back and forth between their tabs."""
    k = 0
    while p.t < stop:
        p.tab(HOTELS[(0, 1, 0, 2, 1, 2)[k % 6]], p.around(34))
        if k % 7 == 6:
            p.focus(CHAT, "Femke - Element", p.around(15))
        k += 1


def reading(p: Person, stop: float) -> None:
    """One article, read from top to bottom."""
    p.tab(ARTICLE, (stop - p.t) * 0.62)
    p.focus(CHAT, "Catalogue project - Element", 12)
    p.tab(ARTICLE, stop - p.t)


def talk(p: Person, stop: float) -> None:
    """Writing a talk and looking things up for it in one tab."""
    k = 0
    while p.t < stop:
        p.focus(WRITER, "Audio guides talk.odt — LibreOffice Writer", p.around(80))
        words = TALK[k % len(TALK)]
        p.search(words, p.around(12))
        p.tab((f"{PRESS}{k % len(TALK)}", f"{words}, a report – Museum press"), p.around(25), same=True)
        k += 1


def scan(p: Person, stop: float) -> None:
    """A scan arrives while the mail that it answers is in front."""
    mail(p, p.t + 120)
    p.focus(MAIL, "Signed contract museum catalogue - Mozilla Thunderbird", 75)
    mail(p, stop)


# minute of the end, kind, may be interrupted, what is done, moment (kind, want, note)
PLAN: tuple[tuple[float, str, str, Block, tuple[str, str, str] | None], ...] = (
    (8, "mail and chat", "ok", mail, None),
    (22, "handout", "ok", handout, ("unfinished-document", "help", "yesterday's handout is open again")),
    (44, "mail merge", "ok", mail_merge, ("repeated-search", "help", "the same question searched again and again")),
    (56, "video call", "never", call, ("call", "quiet", "a call")),
    (72, "registering participants", "ok", copying, ("repetitive-copying", "help", "rows typed from a sheet into a form")),
    (86, "coffee", "away", pause, None),
    (150, "varied work", "ok", varied, ("no-pattern", "quiet", "ordinary work, nothing that needs an offer")),
    (166, "private browsing", "never", private, ("private", "quiet", "private tabs, bank, password manager")),
    (190, "hotel for Ghent", "ok", comparing, ("comparing-pages", "help", "three places to stay, over and over")),
    (206, "article", "ok", reading, ("long-read", "help", "one long article")),
    (232, "talk", "ok", talk, ("research-while-writing", "help", "look-ups for a talk on audio guides")),
    (244, "mail with a scan", "ok", scan, ("meaningless-file", "help", "scan0007.pdf belongs to a mail")),
    (270, "mail and chat", "ok", mail, None),
)
SECRETS = {
    "access token": "FAKE-TOKEN-0123456789abcdef",
    "password": "not-a-real-password-1",
    "bank account": "NL00FAKE0000000000",
    "one-time code": "000000",
}


def day() -> dict[str, Any]:
    """Buckets, events and truth, as one mapping."""
    before, person = Person(YESTERDAY, SEED + 1), Person(TODAY, SEED)
    handout(before, 32 * 60)
    blocks, moments = [], []
    for minute, kind, interrupt, work, moment in PLAN:
        start = person.t
        work(person, minute * 60)
        span = {"start": person.stamp(start), "end": person.stamp(person.t)}
        blocks.append({**span, "kind": kind, "interrupt": interrupt})
        if moment:
            moments.append({**span, "kind": moment[0], "want": moment[1], "note": moment[2]})
    first, then = before.events(), person.events()
    events = {BUCKETS[track][0]: first[track] + then[track] for track in BUCKETS}
    buckets = {name: {"type": kind, "client": client, "hostname": HOST} for name, kind, client in BUCKETS.values()}
    return {"buckets": buckets, "events": events, "truth": _truth(person, blocks, moments)}


def _truth(person: Person, blocks: list[dict[str, Any]], moments: list[dict[str, Any]]) -> dict[str, Any]:
    arrived = next(start for start, _, data in person.windows if data["title"].startswith("Signed contract")) + 40
    spans = [{"start": person.stamp(a), "end": person.stamp(b)} for a, b in person.quiet]
    return {
        "date": f"{TODAY:%Y-%m-%d}",
        "zone": "+02:00",
        "host": HOST,
        "home": PERSON,
        "blocks": blocks,
        "moments": moments,
        "hour_without_pattern": next({"start": b["start"], "end": b["end"]} for b in blocks if b["kind"] == "varied work"),
        "away": [{**spans[-1], "suspended": False}],
        "present_without_input": spans[:-1],
        "secrets": [{"kind": kind, "value": value} for kind, value in SECRETS.items()],
        "injections": [],
        "files": [{"path": SCAN, "at": person.stamp(arrived), "size": 48213}],
        "pages": {url: f"pages/{url.rsplit('/', 1)[-1]}.html" for url in _pages()},
    }


def _pages() -> list[str]:
    """Addresses of the pages that an offer of this day may want to read; the demo serves them from `pages/`."""
    asked = [f"{FORUM}{k}" for k in range(len(STUCK))] + [f"{PRESS}{k}" for k in range(len(TALK))]
    return [*(address for address, _ in HOTELS), ARTICLE[0], *asked]


def text() -> str:
    """The file as committed: JSON, one event a line."""
    whole = day()
    rows = []
    for bucket, events in whole["events"].items():
        lines = ",\n".join(json.dumps(e, ensure_ascii=False, separators=(",", ":")) for e in events)
        rows.append(f"{json.dumps(bucket)}: [\n{lines}\n]")
    head = json.dumps(whole["buckets"], ensure_ascii=False)
    truth = json.dumps(whole["truth"], ensure_ascii=False, indent=1)
    return f'{{"buckets": {head},\n"events": {{\n' + ",\n".join(rows) + f'\n}},\n"truth": {truth}}}\n'


if __name__ == "__main__":
    target = Path(__file__).parents[2] / "resources" / "sample_day" / "day.json"
    target.write_text(text(), encoding="utf-8")
