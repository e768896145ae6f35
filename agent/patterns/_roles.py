"""Says what an event window is to the user: search, page, paper, document, sheet, code, terminal, talk, leisure or blank."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

import re2

from agent.core.families import family, is_leisure, is_meeting
from agent.patterns._engines import query

_WRITING_FILES = (".md", ".tex", ".txt", ".rst", ".adoc", ".org", ".typ", ".docx", ".doc", ".odt", ".rtf", ".pages", ".fodt")
_SHEET_FILES = (".csv", ".tsv", ".xlsx", ".xls", ".ods", ".numbers")
_SHEETS = re2.compile(
    r"(?i)\.(?:xlsx?|xlsm|ods|csv|tsv|numbers)\b|\b(?:excel|calc|gnumeric|calligrasheets)\b|"
    r"google (?:sheets|tabellen|表格|スプレッドシート|таблицы)|google\s?스프레드시트|hojas de cálculo de google|"
    r"airtable|smartsheet"
)
_SHEET_URL = re2.compile(r"(?i)^https?://(?:docs\.google\.com/spreadsheets/|airtable\.com/|excel\.cloud\.microsoft/)")
_DOCUMENTS = re2.compile(
    r"(?i)[-–—|]\s+(?:google (?:docs|dokumente|documents|documentos|documenti|文档|ドキュメント|документы|slides)|"
    r"google präsentationen|"
    r"overleaf.{0,40}|hackmd|notion|dropbox paper|quip|etherpad|cryptpad|word|word online|onlyoffice|"
    r"石墨文档|腾讯文档|飞书云文档|语雀)$"
)
_DOCUMENT_URL = re2.compile(
    r"(?i)^https?://(?:docs\.google\.com/(?:document|presentation)/|(?:www\.)?overleaf\.com/project/|hackmd\.io/|"
    r"(?:www\.)?notion\.so/|(?:\w+\.)?word\.cloud\.microsoft/|paper\.dropbox\.com/|shimo\.im/|docs\.qq\.com/|[^/]*\.yuque\.com/)"
)
_TALK_URL = re2.compile(
    r"(?i)^https?://(?:mail\.|webmail\.|outlook\.|calendar\.|chat\.|web\.whatsapp|web\.telegram|messages\.|app\.slack|"
    r"discord\.com|teams\.|app\.element|[^/]*\.slack\.com|[^/]*\.zulipchat|[^/]*proton\.me|app\.fastmail|hey\.com|[^/]*mattermost)"
)
_TALK_TITLE = re2.compile(
    r"(?i)\b(?:gmail|google calendar|google kalender|google agenda|outlook|proton mail|fastmail|yahoo mail|gmx|web\.de|slack|"
    r"whatsapp|telegram web|messenger|discord|microsoft teams|element|mattermost|icloud mail|roundcube.{0,20}|"
    r"163网易.{0,6}|qq邮箱)"
    r"(?:\s\|.*)?$"
)
_BLANK = re2.compile(
    r"(?i)^(?:new tab|neuer tab|nouvel onglet|nueva pestaña|nuova scheda|nova aba|новая вкладка|ny flik|新标签页|"
    r"新しいタブ|새 탭|nieuw tabblad|nowa karta|yeni sekme|"
    r"blank page|untitled|about:blank|start ?page|startseite|home ?page|unknown|excluded|"
    r"loading.{0,3}|settings|downloads?|history|bookmarks|extensions|private browsing|google|duckduckgo|bing|ecosia|"
    r"mozilla firefox|google chrome|chromium|safari|problem loading page|"
    r"server not found|sign(?:ing)? in.*|log ?in.*|anmelden.*)?$"
)
_WORKED_ON = re2.compile(r"(?i)\bpull request #\d+|\bmerge request\b.*!\d+|\(!\d+\)")
_NOT_PUBLIC = re2.compile(
    r"(?i)(?:^|\.)(?:localhost|local|lan|internal|intranet|corp|home|test|invalid)$|\.atlassian\.net$|\.sharepoint\.com$|"
    r"(?:^|\.)(?:docs|drive|mail|calendar|accounts|console\.cloud|meet|keep|photos)\.google\.com$|(?:^|\.)(?:notion\.so|figma\.com|"
    r"trello\.com|asana\.com|linear\.app|monday\.com|overleaf\.com|slack\.com|office\.com|live\.com|cloud\.microsoft|proton\.me|"
    r"chatgpt\.com|claude\.ai|salesforce\.com|service-now\.com|zendesk\.com|grafana\.net|datadoghq\.com)$|"
    r"^(?:app|admin|dashboard|console|login|account|accounts|my|grafana|jenkins|ci|hr|crm|erp|jira|wiki|gitlab|mail)\."
)
_FORM_URL = re2.compile(
    r"(?i)/(?:new|edit|create|add|form|forms|entry|submit|formular|neu|viewform|nouveau|registration|register)(?:/|$)"
)


_PASSING = re2.compile(
    r"(?i)/(?:search|results?|find|s|login|signin|auth|callback|logout|checkout|cart|account|settings|"
    r"pull|merge_requests|commit|actions|compare)(?:/|$)"
)


@lru_cache(maxsize=4096)
def role(app: str, title: str, url: str, file: str) -> str:
    """search, page, paper, document, sheet, code, terminal, talk, leisure, blank or other."""
    kind = family(app)
    if kind in {"mail", "chat", "meeting"} or is_meeting(app, title, url):
        return "talk"
    if is_leisure(app, title, url):
        return "leisure"
    if kind == "browser" or (url and kind == "other"):
        return _web_role(title, url)
    if kind in {"office", "editor"}:
        return _file_role(title, file, kind)
    return {"reader": "paper", "terminal": "terminal"}.get(kind, "other")


def _web_role(title: str, url: str) -> str:
    if _TALK_URL.search(url) or (not url and _TALK_TITLE.search(title)):
        return "talk"
    if query(title, url):
        return "search"
    if _SHEET_URL.search(url) or (not url and _SHEETS.search(title)):
        return "sheet"
    if _DOCUMENT_URL.search(url) or _DOCUMENTS.search(title):
        return "document"
    if url and not url.startswith(("http://", "https://")):
        return "paper" if url.startswith("file:") and url.casefold().endswith(".pdf") else "blank"
    return "blank" if _BLANK.match(title) or _WORKED_ON.search(title) else "page"


def _file_role(title: str, file: str, kind: str) -> str:
    name = (file or title).casefold()
    if name.endswith(_SHEET_FILES) or (kind == "office" and _SHEETS.search(title)):
        return "sheet"
    if kind == "office":
        return "document"
    first = title.partition(" - ")[0].casefold().strip()
    return "document" if name.endswith(_WRITING_FILES) or first.endswith(_WRITING_FILES) else "code"


def public(url: str) -> bool:
    """Whether a page can be fetched by its address alone: http(s), a public host and a path that names something."""
    try:
        split = urlsplit(url)
        name = split.hostname or ""
    except ValueError:
        return False
    if split.scheme not in {"http", "https"} or "." not in name or _NOT_PUBLIC.search(name) or _is_address(name):
        return False
    return len(split.path.strip("/")) > 1 and not _FORM_URL.search(split.path) and not _PASSING.search(split.path)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def is_form(url: str) -> bool:
    """Whether an address looks like a form to fill."""
    return bool(_FORM_URL.search(url.partition("://")[2].partition("?")[0]))
