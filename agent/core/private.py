"""Tells private browsing from the title, in the words of the browsers' own languages, and what page a title names.

Covered: Chrome, Chromium, Edge, Brave, Opera, Vivaldi, Yandex, Firefox and its kin, Safari, DuckDuckGo, GNOME Web; Tor and
Mullvad Browser always. The words count only in a window of a browser: as a segment of its own, in brackets at an end, or after
its name: a page about private browsing is none. In doubt it is private.
Not covered: browsers that do not show the mode in the title (Chrome on Windows, unless the web watcher may run there).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

from agent.core.families import family

_ALWAYS = re2.compile(r"(?i)\b(?:tor[ -]?browser|mullvad[ -]?browser|onion browser)\b")

# One line a mode: Chrome and its kin, Edge, Firefox and its kin, Safari, others.
_WORDS = (
    # incognito
    "incognito|inkognito|incógnito|inkognitó|in incognito|navigazione in incognito|mode incognito|modo incógnito|"
    "modo incognito|anônima|anónima|"
    "navegação anônima|navegação anónima|janela anônima|anonym|anonymní|anonymní okno|anonymní režim|anonimno|"
    "samaran|penyamaran|ẩn danh|"
    "cửa sổ ẩn danh|gizli|gizli mod|gizli pencere|инкогнито|режим инкогнито|інкогніто|анонімний|режим анонімного "
    "перегляду|ανώνυμη περιήγηση|"
    "ανώνυμη|گشت ناشناس|ناشناس|وضع التصفح المتخفي|التصفح المتخفي|متخفي|גלישה בסתר|गुप्त|गुप्त मोड|ছদ্মবেশী|"
    "மறைநிலை|ไม่ระบุตัวตน|โหมดไม่ระบุตัวตน|"
    "シークレット|シークレット モード|シークレットモード|시크릿|시크릿 모드|无痕|无痕模式|无痕浏览|無痕|無痕模式|"
    "無痕式|無痕式視窗|隐身|隐身模式|隱身模式|incògnit|"
    "brez beleženja zgodovine|incognito-tila|incognitovenster|inkognitofönster|inkognitovindue|inkognitotilstand|"
    "без архивирања|"
    # edge
    "inprivate|inprivate browsing|navegação inprivate|exploración inprivate|navigation inprivate|"
    "inprivate-browsen|inprivate-browsing|"
    "inprivate 浏览|inprivate 瀏覽|inprivate ブラウズ|просмотр inprivate|"
    # firefox, safari, opera, brave, vivaldi
    "private browsing|private browsing mode|private window|private tab|private|private mode|private window with tor|"
    "privater modus|privates fenster|privates surfen|privater tab|privat|navigation privée|fenêtre privée|"
    "fenêtre de navigation privée|"
    "mode privé|privée|privé|navegación privada|ventana privada|ventana de incógnito|modo privado|privada|"
    "navigazione anonima|finestra anonima|"
    "navigazione privata|finestra privata|privata|anonima|navegação privativa|janela privativa|navegação privada|"
    "janela privada|privativa|"
    "privénavigatie|privévenster|privé-navigatie|privénavigeren|tryb prywatny|okno prywatne|przeglądanie prywatne|prywatne|"
    "приватный просмотр|приватное окно|приватный режим|приватное|частный доступ|приватний перегляд|приватне "
    "вікно|anonymní prohlížení|"
    "soukromé prohlížení|súkromné prehliadanie|privat surfning|privat fönster|privat surfande|privat browsing|"
    "privat vindue|privat nettlesing|"
    "privat vindu|yksityinen selaus|yksityinen ikkuna|yksityinen|gizli gezinti|özel pencere|"
    "プライベートブラウジング|プライベートブラウズ|"
    "プライベートウィンドウ|プライベート ブラウジング|プライベート|隐私浏览|隐私窗口|隐私|隱私瀏覽|隱私視窗|"
    "无痕浏览模式|私密浏览|私密瀏覽|私密|사생활 보호 모드|"
    "개인정보 보호 브라우징|프라이빗 브라우징|تصفح خاص|التصفح الخاص|نافذة خاصة|גלישה פרטית|חלון פרטי|ιδιωτική "
    "περιήγηση|privát böngészés|privát|"
    "navigare privată|fereastră privată|поверително сърфиране|поверителен прозорец|navegació privada|finestra "
    "privada|penjelajahan pribadi|"
    "mode pribadi|jendela pribadi|duyệt web riêng tư|cửa sổ riêng tư|การท่องเว็บแบบส่วนตัว|การเรียกดูแบบส่วนตัว|"
    "निजी ब्राउज़िंग|privatno pregledavanje|"
    "zasebno brskanje|приватно прегледање|privatusis naršymas|privaatne veebilehitsemine|privātā pārlūkošana|"
    "nabigatze pribatua|"
    "fire window|new incognito tab|new inprivate tab|new private tab|neuer inkognito-tab|neuer privater tab|"
    "nouvel onglet de navigation privée|"
    "nueva pestaña de incógnito|nova guia anônima|nuova scheda in incognito|новая вкладка инкогнито|"
    "新しいシークレット タブ|新しいシークレットタブ|打开新的无痕式标签页|新无痕标签页|"
    "privado|prywatny|приватный|частное|özel|özel gezinti|निजी|خاص|خصوصی|مرور خصوصی|비공개|private with tor|guest|"
    "사생활 보호 탐색|inkognitoläge|inkognito režīms|inkognito režiimis|инкогнито режим|анонімний перегляд|navegación "
    "inprivate|"
    "ব্যক্তিগত ব্রাউজিং"
)


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split("|") if name.strip())


_PHRASES = _names(_WORDS)
_LOOSE = frozenset(
    {
        "privat",
        "privát",
        "privada",
        "privata",
        "privativa",
        "privé",
        "privée",
        "anonima",
        "anonym",
        "private",
        "privado",
        "özel",
        "निजी",
        "خاص",
        "guest",
    }
)

GENERIC = _names(
    """
    new tab|neuer tab|nouvel onglet|nueva pestaña|nova guia|novo separador|nuova scheda|nieuw tabblad|nowa karta|
    новая вкладка|нова вкладка|
    nový panel|nová karta|ny flik|ny fane|uusi välilehti|yeni sekme|新标签页|新分頁|新しいタブ|새 탭|علامة تبويب
    جديدة|כרטיסייה חדשה|νέα καρτέλα|új lap|
    filă nouă|tab baru|thẻ mới|แท็บใหม่|नया टैब|about:blank|untitled|unbenannt|sans titre|sin título|senza titolo|
    без имени|无标题|無題|google|
    start page|startseite|startpage|home|startpagina|page d'accueil|página de inicio|loading...|loading…|duckduckgo|
    bing|youtube|settings|
    einstellungen|downloads|history|verlauf|bookmarks|google search|mozilla firefox|google chrome|chromium|
    microsoft edge|safari|brave|opera|
    vivaldi|private browsing|unknown|excluded
    """
)
"""Titles that say nothing; two events that share one of these have nothing in common."""

_SEGMENT = re2.compile(r"\s+[-–—|:·]\s+|\s*[—|]\s*")
_BRACKETS = re2.compile(r"[(\[（【〔『「]([^()\[\]（）【】〔〕]{2,48})[)\]）】〕』」]")
_CLOSING = (")", "]", "）", "】", "〕")
_COUNT = re2.compile(r"^\(\d+\+?\)\s+")
_BROWSERS = (
    r"(?:google chrome|chromium|mozilla firefox|firefox(?: developer edition| nightly)?|microsoft\W{0,3}edge|"
    r"safari|brave(?: browser)?|opera(?: gx)?|"
    r"vivaldi|librewolf|waterfox|zen browser|tor browser|yandex(?: browser)?|яндекс.браузер|duckduckgo|floorp|"
    r"mullvad browser|epiphany|gnome web|web|"
    r"konqueror|falkon|qutebrowser|qq浏览器|arc|whale|samsung internet|comet|chatgpt atlas|helium|supermium|cachybrowser|"
    r"iceweasel|icecat|basilisk|pale moon|seamonkey|thorium|orion|dia|iridium|cromite)(?: (?:beta|dev|canary|unstable))?"
)
_BROWSER = re2.compile(rf"^{_BROWSERS}")
_BEFORE_BROWSER = re2.compile(rf"^(.+?)\s+(?:\S{{1,3}}\s+)?{_BROWSERS}$")
_EDGE = "microsoft edge"
# A browser adds nothing to its own name at the end of a title but its channel and, in the user's language, the private mode.
_OWN_NAME = re2.compile(
    r"^(?:google chrome|chromium|mozilla firefox|firefox|microsoft\W{0,3}edge|brave|opera(?: gx)?|vivaldi|librewolf"
    r"|waterfox|floorp|zen browser|yandex browser)\s?(?P<mark>\S*)(?P<rest>.*)$"
)
_CHANNELS = frozenset({"beta", "dev", "developer edition", "canary", "unstable", "nightly", "esr", "browser", "gx", "stable"})
_NAMED = re2.compile(r"mozilla firefox$|google chrome$")
_STEMS = ("incogn", "inkogn", "incógn", "incògn", "инкогн", "инкогніт", "inprivate", "prywatn", "приватн", "privatno pre")


def is_browser(app: str, title: str) -> bool:
    """Whether a window is a browser's, by its app or, for an unknown app, by the end of its title."""
    kind = family(app)
    return kind == "browser" or (kind == "other" and bool(_BROWSER.match(_segments(title)[-1])))


@lru_cache(maxsize=8192)
def is_private_window(app: str, title: str) -> bool:
    """Whether a window is a browser in private mode, as far as app and title tell."""
    if _ALWAYS.search(app) or _ALWAYS.search(_segments(title)[-1]):
        return True
    return _says_private(title) if is_browser(app, title) else family(app) == "other" and _ends_private(title)


def _ends_private(title: str) -> bool:
    """`page - Some Browser (Incognito)`, `page — Some Browser Private Browsing`: of a program that nobody listed, in doubt."""
    segments = _segments(title)
    last = segments[-1]
    inside = _bracketed(last) if last.endswith(_CLOSING) else []
    return len(segments) > 1 and (any(map(_marked, inside[-1:])) or last.endswith((" private browsing", " incognito")))


def _says_private(title: str) -> bool:
    segments = _segments(title)
    if any(_phrase(s) and (s not in _LOOSE or len(segments) > 1) for s in segments):
        return True
    ends = (segments[0], segments[-1], segments[max(0, len(segments) - 2)])
    if any(_marked(inside) for s in ends for inside in _bracketed(s)):
        return True
    if "inprivate" in segments[-1]:
        return True
    if len(segments) > 1 and (_adds_mode(segments[-1]) or _is_joined(segments[-1]) or _is_inprivate(segments)):
        return True
    return any(_beside_browser(s) for s in segments)


def _is_inprivate(segments: list[str]) -> bool:
    """Edge's own word, which it translates in no language, before its name."""
    return any(s.startswith("inprivate") for s in segments[-3:])


def _adds_mode(segment: str) -> bool:
    """`Opera (निजी)`, `Mozilla Firefox Pribado`: whatever a browser says after its name and is not its channel."""
    match: Any = _OWN_NAME.match(segment)
    said = (match.group("mark") + match.group("rest")).strip("()[]（） -") if match else ""
    bracketed = bool(match) and match.group("mark")[:1] in "([（"
    alone = segment.startswith(("mozilla firefox", "firefox", "google chrome"))
    return any(map(str.isalpha, said)) and said not in _CHANNELS and (bracketed or alone)


def _is_joined(segment: str) -> bool:
    """`Tryb prywatny przeglądarki Mozilla Firefox`: the browser's name after the stem of a word for private browsing."""
    return bool(_NAMED.search(segment)) and any(stem in segment for stem in _STEMS)


def _phrase(segment: str) -> bool:
    return segment.strip("()[]（）【】 ") in _PHRASES


def _bracketed(segment: str) -> list[str]:
    """What stands in brackets at the start or the end of a segment."""
    return [m.group(1).strip() for m in _BRACKETS.finditer(segment) if m.start() == 0 or m.end() == len(segment)]


def _marked(inside: str) -> bool:
    return inside in _PHRASES or any(
        word in inside for word in ("incognito", "inkognito", "incógnito", "inprivate", "private browsing", "инкогнито")
    )


def _beside_browser(segment: str) -> bool:
    """`Mozilla Firefox Private Browsing`, `Navigation privée de Mozilla Firefox`."""
    match: Any = _BROWSER.match(segment)
    if match and segment[match.end() :].strip(" ()[]（）-:") in _PHRASES:
        return True
    before: Any = _BEFORE_BROWSER.match(segment)
    return bool(before) and before.group(1) in _PHRASES


@lru_cache(maxsize=8192)
def _segments(title: str) -> list[str]:
    parts = [p.strip() for p in _SEGMENT.split(title.replace("\u200b", "").casefold())]
    return [p for p in parts if p] or [""]


@lru_cache(maxsize=8192)
def page(title: str) -> str:
    """The page a title names, to compare titles of tabs and windows: casefolded, without browser, mode, count and marks."""
    segments = _segments(_COUNT.sub("", title))
    while len(segments) > 1 and _phrase(segments[0]):
        segments = segments[1:]
    last = len(segments) - 1
    browser = next(
        (
            i
            for i in (last, last - 1)
            if i > 0 and (_BROWSER.match(segments[i]) or _beside_browser(segments[i]) or _is_joined(segments[i]))
        ),
        None,
    )
    segments = segments[:browser]
    while len(segments) > 1 and (_phrase(segments[-1]) or segments[-1].startswith("inprivate")):
        segments = segments[:-1]
    name = " - ".join(segments)
    for inside in _bracketed(segments[-1]):
        name = name.removesuffix(f"({inside})").removesuffix(f"[{inside}]").strip() if _marked(inside) else name
    name = name.strip(" *●•-–—")
    return "" if name in GENERIC or _phrase(name) else name


def without_profile(title: str) -> str:
    """The page of an Edge window, which names the profile too: `page - profile - Microsoft Edge`; '' for other browsers."""
    return page(title).rpartition(" - ")[0] if _EDGE in title.replace("\u200b", "").casefold() else ""
