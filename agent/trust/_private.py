"""Private browsing as browsers show it: their words for it in twelve languages, tabs with the flag, and windows beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from agent.core.records import Event
from agent.trust._wire import at_work, seen

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "ja", "zh", "ko")


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split("|")]


_CHROME = _words(
    """Incognito|Inkognito|Navigation privée|Incógnito|In incognito|Anônima|Incognito|Incognito|Инкогнито|シークレット
    |无痕模式|시크릿 모드"""
)
_FIREFOX = _words(
    """Private Browsing|Privater Modus|Navigation privée|Navegación privada|Navigazione anonima|Navegação privativa
    |Privénavigatie|Tryb prywatny|Приватный просмотр|プライベートブラウジング|隐私浏览|사생활 보호 모드"""
)
_SAFARI = _words(
    """Private Browsing|Privates Surfen|Navigation privée|Navegación privada|Navigazione privata|Navegação privada
    |Privé-navigatie|Przeglądanie prywatne|Частный доступ|プライベートブラウズ|私密浏览|개인정보 보호 브라우징"""
)
_OPERA = _words("Private|Privat|Privée|Privada|Privata|Privada|Privé|Prywatne|Приватное|プライベート|隐私|프라이빗 브라우징")
MODES: dict[str, tuple[str, str, list[str]]] = {
    "Chrome": ("Google-chrome", "{} - Google Chrome ({})", _CHROME),
    "Chromium": ("chromium", "{} - Chromium ({})", _CHROME),
    "Edge": ("msedge.exe", "{} - [InPrivate] - Microsoft\u200b Edge", ["InPrivate"] * 12),
    "Firefox": ("firefox", "{} — Mozilla Firefox {}", _FIREFOX),
    "LibreWolf": ("librewolf", "{} — LibreWolf {}", _FIREFOX),
    "Safari": ("Safari", "{1} — {0}", _SAFARI),
    "Opera": ("opera", "{} - Opera ({})", _OPERA),
    "Tor Browser": ("Tor Browser", "{} — Tor Browser", [""] * 12),
}
"""Each browser's app, how its title shows the mode, and the words for it, in the order of LANGUAGES."""


class Batch(NamedTuple):
    """One tick's events, how many of them are private or lie beside such, and what must not get out."""

    events: list[Event]
    private: int
    values: list[str]


def events_in_private() -> Iterator[Batch]:
    """Every browser and language: a window that says so, a tab with the flag, windows that overlap, the page seen again."""
    for b, (app, form, words) in enumerate(MODES.values()):
        for n, word in enumerate(words):
            name = f"qz{b}x{n}w"
            title = form.format(f"{name}page lawyer cost", word)
            private = [
                seen("window", 1000, 10, app=app, title=title),
                seen("web", 900, 30, title=f"{name}tab symptoms", url=f"https://{name}host.example/", incognito=True),
                seen("window", 895, 10, app="Google-chrome", title=f"{name}tab symptoms - Google Chrome"),
                seen("window", 880, 5, app="Slack", title=f"{name}beside - Slack"),
                seen("web", 995, 3, title=f"{name}under", url=f"https://{name}under.example/", incognito=False),
                seen("window", 300, 10, app="Google-chrome", title=f"{name}tab symptoms - Google Chrome"),
            ]
            yield Batch([*at_work(), *private], len(private), [name])
