"""Normalises window titles, so that the same document has the same title: no spinner, unsaved mark, counter or browser name."""

from __future__ import annotations

from functools import lru_cache

import re2

# Braille, quadrant and dial frames that terminals draw while a program runs, and marks of unsaved or unread content.
_SPINNERS = "".join(chr(c) for c in range(0x2800, 0x2900)) + "◐◓◑◒◴◷◶◵◰◳◲◱⣾⣽⣻⢿⡿⣟⣯⣷✳✶✻✽✢"
_MARKS = "●○•*◉⬤∙·!+"
_LEAD = re2.compile(rf"^(?:[\s{re2.escape(_SPINNERS)}]|[{re2.escape(_MARKS)}]\s*|[|/\\-]\s+)+")
_COUNT = re2.compile(r"^[(\[]\s*\d[\d.,+]*\s*[)\]]\s*")
_TAIL_MARK = re2.compile(r"\s*(?:[●•*◉⬤]|\[\+\]|\((?:modified|unsaved|geändert|modifié|已修改)\))+$")
_BROWSERS = (
    "google chrome|chromium|mozilla firefox|firefox(?: developer edition)?|microsoft\\S{0,3} edge|edge|safari|brave"
    "|opera|vivaldi|librewolf|waterfox|zen browser|zen|arc|tor browser|yandex browser|qq浏览器|360安全浏览器|搜狗高速浏览器"
    "|google chrome (?:beta|dev|canary)|duckduckgo|floorp|mullvad browser|gnome web|epiphany|konqueror|falkon|qutebrowser"
)
_PROFILE = r"(?:\s[-–—]\s[^-–—]{1,40})?"
_SUFFIX = re2.compile(rf"(?i)\s+[-–—|]\s+(?:{_BROWSERS})(?:\s+browser)?{_PROFILE}$")
_EDGE_TABS = re2.compile(
    r"(?i)\s+(?:and|und|et|y|e|en|och|og|ja|i|и|および|和)\s+\d+\s+\S{1,12}\s\S{1,12}(?:\s\S+)?\s+[-–—]\s+[^-–—]+$"
)
# "Page - Profile 1 - Microsoft Edge": the name Edge gives a profile, in the languages it speaks; another name stays.
_EDGE_PROFILE = re2.compile(
    r"(?i)\s-\s(?:(?:profile?|profilo?|perfil|profiel|профиль|профіль|配置文件|用户配置|使用者|プロファイル|프로필|"
    r"الملف الشخصي) ?\d*|personal|work|persönlich"
    r"|arbeit|geschäftlich|personnel|travail|personale|lavoro|pessoal|trabalho|trabajo|osobist[ey]|praca|личный|"
    r"рабочий|kişisel|iş"
    r"|个人|個人|工作|仕事|개인|회사|شخصي|व्यक्तिगत|guest)(\s-\smicrosoft\S{0,3}\s?edge)$"
)
_SPACE = re2.compile(r"\s+")


@lru_cache(maxsize=4096)
def normalise(title: str) -> str:
    """The title without what changes while the document stays the same. Idempotent; empty stays empty."""
    text: str = _EDGE_PROFILE.sub(r"\1", _SPACE.sub(" ", title).strip())
    for _ in range(4):
        before = text
        text = _COUNT.sub("", _LEAD.sub("", text))
        text = _TAIL_MARK.sub("", _SUFFIX.sub("", text)).strip()
        if text == before:
            break
    return text or title.strip()
