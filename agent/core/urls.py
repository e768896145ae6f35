"""Reduces an address to scheme, host and readable path: what may leave is where the user is, never who or with which key.

Covered: user info, query, fragment, path parameters, capability ids, keys, codes and addresses in the path, random hosts;
broken addresses become empty.
Not covered: a meaning that the words of host or path give away (excluded sites are dropped before).
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import unquote

import re2

from agent.core.clean import Safe, clean
from agent.core.defence import on
from agent.core.identifiers import hide_accounts, hide_identifiers
from agent.core.randomness import looks_random
from agent.core.secret_shapes import WEBHOOKS
from agent.core.secrets import hide_secrets

ID = "[id]"
LONGEST = 500
_SCHEME = re2.compile(r"^([A-Za-z][A-Za-z0-9+.-]{0,30}):")
_AUTHORITY = re2.compile(r"^[/\\]{2,}([^/\\?#]*)")
_HOST = re2.compile(r"^(?:[\pL\pN\pM][\pL\pN\pM_-]*\.?)(?:[\pL\pN\pM_-]+\.?)*$|^\[[0-9A-Fa-f:.]{2,45}\]$")
_HOSTED = frozenset(
    {"http", "https", "ftp", "ftps", "sftp", "ws", "wss", "chrome", "edge", "brave", "opera", "vivaldi", "vscode"}
)
_WRAPPED = ("view-source:", "reader:")
_ODD_PATH = re2.compile(r"[\x00-\x20\x7f\"<>\\^`{|}?#%;]")
_HOME = re2.compile(r"(?i)^(?:/home/[^/\\]+|/users/[^/\\]+|/?[a-z]:[/\\]+users[/\\]+[^/\\]+|/root)(?:[/\\]|$)")
_WEBHOOK = re2.compile(rf"(?i)^{WEBHOOKS}")
_WORDS = re2.compile(r"[-_.+~,:!() ]+")
_ASKS = frozenset(
    {"token", "reset", "invite", "invitation", "verify", "confirm", "magic", "unsubscribe", "activate", "key", "otp", "code"}
)
_SLUG = re2.compile(r"^[a-z]{2,14}(?:-[a-z]{1,14}){2,}(?:-[a-z0-9]+)*$")
_MIXED = re2.compile(r"[a-z][A-Z]\w*[a-z][A-Z]|[A-Z]{2}\w*[a-z][A-Z]")
_LONG = 16
_ROUNDS = 4
_ODD = 8
_LABEL = 20


@lru_cache(maxsize=8192)
def redact_url(url: str) -> Safe:
    """`scheme://host[:port]/path`, ids in the path as `[id]`; other schemes as `scheme:`; '' for nonsense. Never raises."""
    text = url[: LONGEST * 8]
    for _ in range(_ROUNDS):
        before, text = text, _reduce(clean(text).strip())
        if text == before:
            break
    return Safe(text)


def _reduce(text: str) -> str:
    for prefix in _WRAPPED:
        text = text.removeprefix(prefix)
    scheme = _SCHEME.match(text)
    if not scheme:
        return ""
    name = scheme.group(1).lower()
    rest = text[scheme.end() :]
    if name == "file":
        return ("file:///" + shorten_path("/" + _path(_stem(rest).lstrip("/"))).lstrip("/"))[:LONGEST]
    if name not in _HOSTED and not name.endswith("-extension"):
        return f"{name}:"
    authority = _AUTHORITY.match(rest)
    host = _host(authority.group(1)) if authority else ""
    if not authority or not host:
        return ""
    if _WEBHOOK.match(text):
        return f"{name}://{host}/{ID}"
    return f"{name}://{host}{_path(_stem(rest[authority.end() :]))}"[:LONGEST]


@lru_cache(maxsize=8192)
def shorten_path(path: str) -> str:
    """A file path with the home folder as `~` (the user's name goes); any system's."""
    return str(_HOME.sub("~/", path, 1))


def _stem(rest: str) -> str:
    """What stands before query, fragment and path parameters."""
    if not on("url_stripping"):
        return rest
    for sign in "?#":
        rest = rest.partition(sign)[0]
    return rest


def _host(authority: str) -> str:
    """The host with its port, without user info; '' if it is none."""
    bare = authority.rpartition("@")[2].lower()
    name, sign, port = bare.rpartition(":")
    if not sign or not port.isdigit() or not port.isascii():
        name, port = bare.removesuffix(":"), ""
    if not _HOST.match(name.replace(ID, "id")):
        return ""
    labels = [ID if _is_id(label, longest=_LABEL) else label for label in name.split(".")]
    host = hide_identifiers(".".join(labels))
    return f"{host}:{port[:5]}" if port else host


def _path(path: str) -> str:
    """The path with ids, keys and addresses replaced, segment by segment."""
    out: list[str] = []
    last = ""
    for raw in unquote(path, errors="replace").replace("\\", "/").split("/"):
        segment = clean(raw.partition(";")[0])
        out.append(_segment(segment, asked=last in _ASKS))
        last = segment.lower()
    return "/".join(out)


def _segment(segment: str, *, asked: bool) -> str:
    if not segment or segment == ID:
        return segment
    if _SLUG.match(segment):
        segment = "-".join(ID if _is_odd(word) else word for word in segment.split("-"))
    if _is_id(segment) or (asked and _is_ticket(segment)):
        return ID
    return str(_ODD_PATH.sub(lambda m: f"%{ord(m.group()):02X}", hide_identifiers(hide_secrets(hide_accounts(segment)))))


def _is_id(segment: str, longest: int = _LONG) -> bool:
    """Whether a part of an address is a key or an id: 16 characters or more with digits that are no short words."""
    if not segment.isascii() or len(segment) < longest:
        return False
    if looks_random(segment, known=False):
        return True
    return any(len(w) >= longest and any(c.isdigit() for c in w) and not _readable(w) for w in _WORDS.split(segment))


def _is_ticket(segment: str) -> bool:
    """Whether what follows 'invite' or 'reset' is no word: it has a digit, or small and capital letters in turn."""
    return any(c.isdigit() for c in segment) or bool(_MIXED.search(segment))


def _is_odd(word: str) -> bool:
    """A number or hash at the end of a slug."""
    return len(word) >= _ODD and any(c.isdigit() for c in word) and not word.isdigit() and not _readable(word)


def _readable(word: str) -> bool:
    """A word followed by a short number is a name still: `screenshot20260302` is not, `introduction2026` is."""
    letters = word.rstrip("0123456789")
    return letters.isalpha() and len(word) - len(letters) <= 4
