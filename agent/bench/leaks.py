"""What of a recorded day is private, and whether any of it got out: into prompts, the database or the log.

What counts is written down here a second time, beside what `core` excludes, so that a gap in the redactor does not hide itself.
Covered: planted secrets; titles and addresses of private tabs and windows, of windows that overlap a private tab, of
password managers. Text is looked for as it is, as JSON escapes it, normalised as the agent does, and cut as the digest does.
Not covered: text that was changed in another way (translated, shortened by a model).
"""

from __future__ import annotations

import json
import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from agent.bench import spans
from agent.core.exclude import excludes_app
from agent.core.titles import normalise
from agent.sense.day import Day, Recorded

RANDOM_ID = re.compile(rb"[0-9a-f]{32}|\b[0-9a-f]{16}\b")  # ids of ticks and hashes of contexts: a code of 6 digits is in some
LEAST = 4  # characters; anything shorter is found everywhere
CUT = 60  # the digest cuts titles and addresses at 70 and more characters
MANAGERS = (
    "keepass", "bitwarden", "1password", "lastpass", "dashlane", "enpass", "proton pass", "nordpass", "roboform",
    "keeper password", "passwords", "seahorse", "kwalletmanager", "gnome-keyring", "keychain access",
)  # fmt: skip
WORDS = (
    r"incognito\w*|inprivate|private (?:browsing|window)|privates? (?:fenster|browsen|modus)|navegaci[oó]n privada"
    r"|navigation priv[ée]e|navigazione (?:anonima|privata)|inc[oó]gnita|in[ck]ognito|inkognito\w*|priv[ée]navigatie"
    r"|tryb prywatny|gizli(?: \w+)?|プライベート\S*|シークレット\S*|隐私\S*|無痕\S*|无痕\S*|инкогн\w+|приватн\w+(?: \w+)?"
    r"|privat\w*(?: \w+)?|privad[oa]|navegação privativa|anônima|anonym\w*|anonim\w*|özel|시크릿\S*|사생활 보호 \S+"
    r"|التصفح \S+|تصفح خاص|गुप्त|निजी|निजी ब्राउज़िंग|ẩn danh|yksityinen \w+|ιδιωτική \w+|גלישה \S+"
)
# "Page - Google Chrome (Incognito)", "Page - [InPrivate] - Microsoft Edge", "Page - Mozilla Firefox Private Browsing"
MARK = re.compile(
    rf"(?:[(\[\u2014\u2013-]\s*|\bfirefox\s)(?:{WORDS})\s*[)\]]?(?:\s*[-\u2013\u2014]\s*microsoft\S*\s*edge)?\s*$",
    re.IGNORECASE,
)


def secrets(day: Day) -> list[str]:
    """The planted secrets, each once."""
    return sorted({s.value for s in day.truth.secrets if len(s.value) >= LEAST})


def private(day: Day) -> dict[str, tuple[str, ...]]:
    """Each private title and address with the forms it is looked for in; what public events hold as well is left out."""
    hidden, shown = _parted(day)
    public = "\n".join(shown)
    found = {text: tuple(f for f in dict.fromkeys(_forms(text)) if len(f) >= LEAST and f not in public) for text in hidden}
    return {text: forms for text, forms in found.items() if forms}


def leaked(forms: Iterable[str], haystacks: Sequence[bytes]) -> bool:
    """Whether one of the forms stands in one of the haystacks, raw or escaped as in JSON; digits within a random id do not."""
    return any(_stands(needle, hay) for form in forms for needle in _bytes(form) for hay in haystacks)


def _stands(needle: bytes, hay: bytes) -> bool:
    if needle not in hay:
        return False
    return not needle.isdigit() or needle in RANDOM_ID.sub(b" ", hay)


def kept(folder: Path) -> list[bytes]:
    """The bytes of every file below a folder, and each text of a database in one piece (its pages cut long ones up)."""
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    found = [p.read_bytes() for p in files]
    return found + [_texts(p) for p, head in zip(files, found, strict=True) if head.startswith(b"SQLite format 3")]


def _texts(database: Path) -> bytes:
    db = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)
    try:
        return "\n".join([*db.iterdump(), *_compressed(db)]).encode("utf-8", "replace")
    finally:
        db.close()


def _compressed(db: sqlite3.Connection) -> Iterator[str]:
    """The texts that the store keeps compressed, in every table."""
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for row in db.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - a name out of the database itself
            for value in row:
                if isinstance(value, bytes):
                    with suppress(zlib.error):
                        yield zlib.decompress(value).decode("utf-8", "replace")


def _bytes(form: str) -> set[bytes]:
    texts = {form, json.dumps(form)[1:-1], json.dumps(form, ensure_ascii=False)[1:-1]}
    return {t.encode("utf-8", "replace") for t in texts}


def _parted(day: Day) -> tuple[set[str], set[str]]:
    """Titles and addresses of private events, and every text of the others."""
    tracks = {b.id: b.track for b in day.own()}
    tabs = [(e.timestamp, e.end) for b in tracks for e in day.events[b] if e.data.get("incognito") is True]
    hidden: set[str] = set()
    shown: set[str] = set()
    for bucket, events in day.events.items():
        for e in events:
            if bucket in tracks and (_flagged(e) or (tracks[bucket] == "window" and _touches(e, tabs))):
                hidden |= {str(e.data[k]) for k in ("title", "url") if e.data.get(k)}
            else:
                shown |= {v for v in e.data.values() if isinstance(v, str)}
    return hidden, shown


def _flagged(event: Recorded) -> bool:
    app, title = str(event.data.get("app", "")).lower(), str(event.data.get("title", ""))
    marked = "app" in event.data and bool(MARK.search(title))
    manager = any(name in app for name in MANAGERS) or excludes_app(app, ())
    return event.data.get("incognito") is True or marked or manager


def _touches(event: Recorded, tabs: Sequence[spans.Stretch]) -> bool:
    """Whether the event and a private tab have a moment in common; an event without length is a moment."""
    for start, end in tabs:
        if event.timestamp < end and start < event.end:
            return True
        if start <= event.timestamp == event.end < end or event.timestamp <= start == end < event.end:
            return True
    return False


def _forms(text: str) -> Iterator[str]:
    yield text
    if "://" in text[:12]:
        parts = urlsplit(text)
        yield f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")
        if len(parts.path) > 1:
            yield f"{parts.netloc}{parts.path}".rstrip("/")[:CUT]
        return
    bare = MARK.sub("", text)
    for form in (bare, normalise(text), normalise(bare)):
        yield form
        yield form[:CUT]
