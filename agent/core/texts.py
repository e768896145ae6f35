"""Redacts one text: cleaned, addresses in it shortened, secrets and identifiers replaced, until nothing changes any more."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

from agent.core.clean import Safe, clean, plain
from agent.core.defence import on
from agent.core.identifiers import hide_accounts, hide_identifiers
from agent.core.phrases import hide_phrases
from agent.core.secret_shapes import WEBHOOKS
from agent.core.secrets import SECRET, hide_certain, hide_secrets
from agent.core.urls import redact_url

TITLE = 300
"""Characters of a title, a file name or an app that are kept."""
LIMIT = 200_000
"""Longer texts are cut before anything else, so that no input can hold up a tick."""

_ROUNDS = 10  # neighbours share a border, so each round takes every other one of a row
_CACHED = 1000
_SLACK = 300
_URL = re2.compile(r"(?i)\b(?:https?|ftp|wss?)://[^\s\"'<>`|]+")
_WEBHOOK = re2.compile(rf"(?i)^{WEBHOOKS}")
_SHORT = 11
_LONGEST_NAME = 24
_ASKING = re2.compile(
    r"(?i)(?:token|key|secret|pass|pwd|auth|code|sig|session|sid|credential|otp|jwt|state|nonce|mail|user|invit|join|reset|magic"
    r"|verif|confirm|activat|ticket|hash|login)"
)
_VIDEO = re2.compile(r"(?i)^https?://(?:[a-z]+\.)?youtube\.com/watch\?v=[\w-]{11}$")
_PIECE = re2.compile(r"[\pL\pN]+")
_PLAIN = re2.compile(r"^(?:.{1,4}|\pL\p{Ll}*|\p{Lu}*|\d{5})$")


def redact_text(text: str) -> Safe:
    """The text without secrets, codes, account numbers, addresses and unseen characters; idempotent, linear in length."""
    return _cached(text) if len(text) <= _CACHED else _redact(text[:LIMIT])


def composed(text: str) -> Safe:
    """A text put together from redacted texts and our own words, such as a prompt: whatever has a token's shape goes once more.

    Not a way to redact: what was never redacted must go through `redact_text`.
    """
    return Safe(hide_certain(text) if on("composed") else text)


@lru_cache(maxsize=8192)
def redact_title(text: str) -> Safe:
    """A title, name or label: redacted, on one line, at most 300 characters."""
    if len(text) > TITLE + _SLACK:
        text = _cut(text, TITLE + _SLACK)
    for _ in range(_ROUNDS):
        before = text
        text = " ".join(redact_text(text).split())
        text = _cut(text, TITLE) if len(text) > TITLE else text
        if text == before:
            break
    return Safe(text)


def _cut(text: str, size: int) -> str:
    """The beginning of a text, without the piece of a word that the cut would leave."""
    head = text[:size]
    return head if text[size].isspace() else head[: head.rfind(" ")].rstrip() if " " in head[size // 2 :] else head


@lru_cache(maxsize=8192)
def _cached(text: str) -> Safe:
    return _redact(text)


def _redact(text: str) -> Safe:
    if not on("redactor"):
        return Safe(text)
    for _ in range(_ROUNDS):
        before, text = text, _hide(clean(text))
        bare = plain(text)
        if bare != text and (found := _hide(bare)) != bare:
            text = found
        if text == before:
            break
    return Safe(text)


def _hide(text: str) -> str:
    """The text after each stage once."""
    if "://" in text:
        text = str(_URL.sub(_shorten, text))
    return hide_identifiers(hide_secrets(hide_accounts(hide_phrases(text))))


def _shorten(match: Any) -> str:
    """An address within a text: ids and user info go; a query or fragment stays only if it can hold nothing."""
    url = str(match.group())
    if _WEBHOOK.match(url):
        return SECRET
    cut = min((url.find(sign) for sign in "?#;" if sign in url), default=len(url))
    base, rest = url[:cut], url[cut:]
    safe = redact_url(base)
    authority = base.split("://", 1)[1].split("/", 1)[0]
    changed = "[" in safe and "[" not in base
    return (safe if changed or "@" in authority else base) + (rest if _VIDEO.match(url) or _harmless(rest) else "")


def _harmless(rest: str) -> bool:
    for pair in rest.replace("?", "&").replace("#", "&").replace(";", "&").split("&"):
        name, _, value = pair.partition("=")
        if len(value) > _SHORT or len(name) > _LONGEST_NAME or _ASKING.search(pair):
            return False
    return all(_PLAIN.match(piece.group()) for piece in _PIECE.finditer(rest))
