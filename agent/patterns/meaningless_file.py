"""A new file whose name says nothing, although what was in front when it appeared does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import PurePosixPath, PureWindowsPath

import re2

from agent.core.families import family
from agent.core.records import Candidate, EventWindow, NewFile, Observation, Operation
from agent.patterns._offer import Approach, offer, summarise
from agent.patterns._roles import role
from agent.patterns._text import clip, parts, site, spoken, subject, words

KIND = "meaningless_file"
RANK = 12

MINUTES = 30.0
"""A file older than this has found its place."""

BEFORE = timedelta(seconds=45)
"""A download ends some time after the click; what was in front up to this long before may name it."""

NAME = 60
"""Characters of a suggested name: file managers show about this many."""

_MADE_UP = (
    "scan|scanned|img|image|dsc|dscf|dscn|pxl|mvimg|photo|foto|bild|screenshot|bildschirmfoto|capture|captura|schermata|"
    "doc|documents?|dokument|documento|file|datei|fichier|archivo|download|attachment|anhang|output|export|print|untitled|"
    "unbenannt|ohne titel|sans titre|sin título|senza titolo|sem título|без названия|unknown|new|temp|tmp|"
    "neues? (?:dokument|textdokument|microsoft word-dokument)|new (?:document|text document|microsoft word document)|"
    "nouveau document(?: texte)?|nuevo documento(?: de texto)?|nuovo documento|novo documento|новый документ|"
    "新建文档|新建文本文档|新建 ?(?:microsoft )?word ?文档|未命名|无标题|扫描件?|文档|下载|新規ドキュメント|"
    "新規テキスト ドキュメント|無題|スキャン|새 문서|제목 없음|문서|스캔|whatsapp (?:image|document)|mmexport|wx_camera_|signal"
)
_COUNTER = (
    r"[-_ .]*(?:copy|kopie|copie|copia|final)?[-_ .]*"
    r"(?:\(\d+\)|[\d_ .\-:tTzZ年月日時分秒]*(?:at [\d. ]+(?:am|pm)?)?)(?:wa\d+)?(?:\s?\(\d+\))?"
)
_ONLY_CODE = r"[\d_ .\-]{3,}(?:\s?\(\d+\))?|[0-9a-f]{12,}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22,}|[A-Za-z0-9]*\d[A-Za-z0-9]{18,}"
_MEANINGLESS = re2.compile(rf"(?i)^(?:(?:{_MADE_UP}){_COUNTER}|{_ONLY_CODE})$")
_FORBIDDEN = re2.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_READABLE = frozenset({".pdf", ".docx", ".txt", ".md", ".html", ".htm"})
_NAMING = frozenset({"page", "document", "paper", "sheet", "talk"})


def find(observation: Observation) -> Candidate | None:
    """The newest such file, with a name taken from the page, mail or document in front when it appeared."""
    for file in sorted(observation.files, key=lambda f: f.at, reverse=True):
        if observation.at - file.at > timedelta(minutes=MINUTES) or not is_meaningless(_pure(file.path).stem):
            continue
        name = _suggest(file, observation)
        if name:
            return _candidate(observation, file, name)
    return None


def is_meaningless(stem: str) -> bool:
    """Whether a file name (without its ending) is what a scanner, camera, program or download made up."""
    return bool(_MEANINGLESS.match(stem.strip()))


def _candidate(observation: Observation, file: NewFile, name: str) -> Candidate | None:
    old = _pure(file.path)
    age = spoken((observation.at - file.at).total_seconds() / 60, "minute")
    because = f"{clip(old.name, 50)} appeared {age} ago, when this was in front: {clip(_pure(name).stem[11:], 70)}"
    rename = Operation(name="rename_file", arguments={"path": file.path, "new_name": name})
    approaches: list[Approach] = [(f"Rename {clip(old.name, 25)} to {clip(name, 42)}", rename)]
    if old.suffix.casefold() in _READABLE:
        approaches.append((f"Summarise {clip(old.name, 50)}", summarise(file.path)))
    return offer(observation, KIND, f"{old.stem} {name}", because, approaches)


def _suggest(file: NewFile, observation: Observation) -> str:
    """'2026-03-02 Title.pdf', by the local day, or empty when nothing in front names it or the name is taken."""
    title = _front(observation.windows, file)
    old = _pure(file.path)
    stem = clip(_FORBIDDEN.sub(" ", title), NAME).rstrip("….") if title else ""
    name = f"{file.at.astimezone():%Y-%m-%d} {' '.join(stem.split())}{old.suffix}"
    taken = {_pure(f.path).name.casefold() for f in observation.files}
    return name if stem and name.casefold() not in taken else ""


def _front(windows: Sequence[EventWindow], file: NewFile) -> str:
    near = [w for w in windows if w.focused and w.start <= file.at and w.end >= file.at - BEFORE]
    for window in sorted(near, key=lambda w: w.end, reverse=True):
        title = _mail(window) if family(window.app) == "mail" else subject(window.title)
        if _names(window, title, file):
            return title
    return ""


def _mail(window: EventWindow) -> str:
    """A mail program ends its title with its own name, whose length varies: the subject is what stands first."""
    pieces = parts(window.title)
    return subject(pieces[0] + " - x") if pieces and site(window.title) else subject(window.title)


def _names(window: EventWindow, title: str, file: NewFile) -> bool:
    """Something that names a document: two words at least, not a chat, and not the file's own name."""
    found = role(window.app, window.title, window.url, window.file)
    private = found == "talk" and family(window.app) != "mail"
    own = _pure(file.path).stem.casefold() in window.title.casefold()
    return found in _NAMING and not private and not own and len(words(title)) > 1


def _pure(path: str) -> PurePosixPath | PureWindowsPath:
    return PureWindowsPath(path) if "\\" in path and "/" not in path else PurePosixPath(path)
