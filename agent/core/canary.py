"""Self-test of the redaction: made-up secrets that must go. If one stays, rules are missing or broken and nothing may pass."""

from __future__ import annotations

from typing import Any

from agent.core.private import page
from agent.core.records import Track
from agent.core.texts import redact_text, redact_title
from agent.core.urls import redact_url

_KEY = "q7Zr2Xv9Lm4Kt8Wb3Nc6Hd1Jp5"
_PHRASE = "abandon ability able about above absent absorb abstract absurd abuse access accident"
TEXTS: tuple[tuple[str, str, str], ...] = (
    ("token shapes", f"glpat-{_KEY[:20]} - Editor", _KEY[:20]),
    ("private keys", "-----BEGIN OPENSSH PRIVATE KEY----- b3BlbnNza", "b3BlbnNza"),
    ("likely shapes", "rdme_ab3cd9ef1gh7ij2kl4mn6", "ab3cd9ef1gh7ij2kl4mn6"),
    ("words for passwords", "password=correcthorse", "correcthorse"),
    ("words for other secrets", "api_key: hunter-two-2", "hunter-two-2"),
    ("options of programs", "mysql -u root -phunter2", "hunter2"),
    ("connection strings", "postgres://app:hunter2@db.example/prod", "hunter2"),
    ("random tokens", f"notes {_KEY} - Editor", _KEY),
    ("strong passwords", "KtCLv" + "CyAvF#20 - Editor", "KtCLvCyAvF"),
    ("recovery phrases", _PHRASE, "absorb abstract"),
    ("one-time codes", "481923 is your sign-in code", "481923"),
    ("e-mail addresses", "write to mira.keller@firma.example", "mira.keller"),
    ("cards", "card 4111 1111 1111 1111", "1111 1111"),
    ("accounts", "Konto DE89 3704 0044 0532 0130 00", "3704 0044"),
    ("social security numbers", "SSN 078-05-1120", "078-05-1120"),
    ("telephone numbers", "+49 151 23456789", "23456789"),
    ("IP addresses", "203.0.113.77 - Router", "203.0.113.77"),
    ("addresses in texts", "see https://a.example/x?q=plainwords-in-it", "plainwords"),
    ("disguised secrets", "ｐａｓｓｗｏｒｄ＝ｃｏｒｒｅｃｔｈｏｒｓｅ", "ｃｏｒｒｅｃｔ"),
    ("unseen signs", "pass\u202eword", "\u202e"),
)
"""What is tried, a text of ours, and the value in it that must go."""

MUST_GO: tuple[tuple[str, Track, dict[str, Any]], ...] = (
    ("excluded programs", "window", {"app": "KeePassXC", "title": "x"}),
    ("private windows", "window", {"app": "firefox", "title": "x — Mozilla Firefox Private Browsing"}),
    ("banks", "window", {"app": "firefox", "title": "Sparkasse"}),
    ("sign-in pages", "web", {"title": "x", "url": "https://accounts.google.com/x", "incognito": False}),
    ("private tabs", "web", {"title": "x", "url": "https://a.example/x", "incognito": True}),
)
"""Events that must be dropped whole."""
SAME = ({"title": "A page of it", "incognito": True}, {"app": "firefox", "title": "A page of it — Mozilla Firefox"})
"""A private tab, and a window an hour later that shows the same page: neither may pass."""
KEPT = {"title": f"glpat-{_KEY[:20]}", "url": "https://qzq:qzq@a.example/b?qzq=qzq#qzq", "incognito": False}
HIDDEN = (_KEY[:20], "qzq")
"""An event that stays, and what of it must not."""


def broken() -> str:
    """What does not work, '' if all does; whatever a stage raises is a stage that does not work."""
    for name, text, value in TEXTS:
        if not (_gone(text, value)):
            return name
    if "qzq" in redact_url("https://qzq:qzq@a.example/b?qzq=qzq#qzq"):
        return "addresses"
    return "" if page("A page — Mozilla Firefox Private Browsing") == "a page" else "titles of private windows"


def _gone(text: str, value: str) -> bool:
    return value not in redact_text(text) and value not in redact_title(text)
