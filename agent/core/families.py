"""Says what kind of program or site is in front: app families, calls and leisure, as plain data with three look-ups.

Covered: Linux WM_CLASS (reverse-DNS too), Windows exe and macOS app names; calls and leisure by app, title or host.
Not covered: shopping and question-and-answer sites (people work there), sites in lists of nobody's, renamed programs.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import urlsplit

import re2

from agent.core.sites import (
    CALL_TITLES,
    CALL_URLS,
    CHAT_HOSTS,
    CHAT_TITLES,
    LEISURE_HOSTS,
    LEISURE_NAMES,
    LEISURE_WHOLE,
    LOBBY_TITLES,
    PERSONAL_HOSTS,
    PERSONAL_WORDS,
    SLIDE_TITLES,
)


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.replace("\n", ",").split(",") if name.strip())


BROWSERS = _names(
    """google chrome, chrome, chromium, chromium browser, ungoogled chromium, firefox, mozilla firefox, firefox esr,
    firefox developer edition, navigator, safari, safari technology preview, microsoft edge, msedge, edge, brave,
    brave browser, opera, vivaldi, librewolf, waterfox, zen, zen browser, zen alpha, arc, tor browser, floorp,
    mullvad browser, epiphany, gnome web, konqueror, falkon, qutebrowser, crx, yandex, yandex browser, duckduckgo,
    iexplore, qqbrowser, 360se, 360chrome, sogouexplorer, orion, dia, thorium, palemoon, seamonkey, midori, nyxt,
    luakit, samsung internet, whale, comet, chatgpt atlas, helium, supermium, cachybrowser, cachy browser, iceweasel, icecat,
    basilisk, pale moon, iridium, slimjet, maxthon, cromite, pulse browser, min browser"""
)
EDITORS = _names(
    """code, visual studio code, code oss, code insiders, vscodium, codium, cursor, windsurf, zed, dev zed zed,
    positron, trae, kiro, jetbrains, intellij idea, idea, idea64, pycharm, pycharm64, webstorm, webstorm64, goland,
    goland64, clion, clion64, rider, rider64, phpstorm, phpstorm64, rubymine, rubymine64, rustrover, rustrover64,
    datagrip, datagrip64, dataspell, android studio, studio64, fleet, devenv, microsoft visual studio, xcode,
    sublime text, subl, sublime merge, atom, emacs, emacsclient, gvim, vim, nvim, neovide, nvim qt, macvim, kate,
    kwrite, kdevelop, geany, gedit, gnome text editor, texteditor, text editor, mousepad, featherpad, xed, pluma,
    notepad, notepad++, notepad2, textedit, bbedit, textmate, nova, coteditor, eclipse, netbeans, qtcreator, qt creator,
    rstudio, spyder, jupyterlab, jupyterlab desktop, matlab, octave gui, arduino ide, arduino, thonny, lapce, helix,
    micro, lite xl, builder, codeblocks, lazarus, unity, godot, dbeaver"""
)
TERMINALS = _names(
    """alacritty, gnome terminal, gnome terminal server, terminal, konsole, kitty, xterm, urxvt, rxvt, st, st 256color,
    foot, footclient, wezterm, wezterm gui, tilix, terminator, guake, yakuake, xfce4 terminal, mate terminal,
    lxterminal, qterminal, deepin terminal, terminology, cool retro term, kgx, console, ptyxis, ghostty, rio, tabby,
    hyper, warp, warpterminal, iterm, iterm2, windowsterminal, windows terminal, cmd, powershell, pwsh, conhost,
    openconsole, mintty, conemu, conemu64, cmder, putty, kitty portable, mobaxterm, securecrt, black box, blackbox,
    contour"""
)
CHATS = _names(
    """slack, discord, vesktop, webcord, telegram, telegram desktop, telegramdesktop, kotatogram desktop, signal,
    signal desktop, whatsapp, whatsapp desktop, messages, imessage, messenger, teams, ms teams, msteams,
    microsoft teams, teams for linux, element, element desktop, riot, mattermost, mattermost desktop, rocket chat,
    rocketchat, zulip, skype, skypeforlinux, wechat, weixin, 微信, wecom, wxwork, 企业微信, dingtalk, 钉钉, feishu,
    lark, 飞书, qq, tim, line, kakaotalk, viber, viberpc, threema, wire, hexchat, irssi, weechat, konversation, pidgin,
    fractal, polari, gajim, dino, beeper, ferdium, franz, rambox, caprine, google chat, chime, ripcord, nheko, zalo,
    keybase, neochat"""
)
MAILS = _names(
    """thunderbird, thunderbird esr, betterbird, mail, apple mail, outlook, microsoft outlook, olk, hxoutlook,
    evolution, geary, kmail, kontact, mailspring, spark, spark desktop, airmail, mimestream, claws mail, sylpheed,
    trojita, emclient, em client, postbox, thebat, proton mail, protonmail desktop, tutanota desktop, tuta mail, hey,
    superhuman, foxmail, mutt, neomutt, aerc, windowsmail, hxmail, canary mail, edison mail, mailmaster, roundcube,
    wanderlust"""
)
MEETINGS = _names(
    """zoom, zoom us, zoom workplace, zoom meetings, webex, webexmta, ciscocollabhost, cisco webex meetings,
    webex meetings, atmgr, jitsi meet, facetime, gotomeeting, g2mcomm, goto, bluejeans, ringcentral meetings, whereby,
    gather, wemeetapp, voovmeeting, voov meeting, tencent meeting, 腾讯会议, 飞书会议, google meet, meet, livekit meet,
    tuple, skype meetings app, ktalk, mumble, teamspeak, teamspeak 3, ts3client, ts3client win64"""
)
OFFICE = _names(
    """libreoffice, libreoffice writer, libreoffice calc, libreoffice impress, libreoffice draw, libreoffice base,
    libreoffice startcenter, soffice, soffice bin, openoffice, winword, microsoft word, word, excel, microsoft excel,
    powerpnt, microsoft powerpoint, powerpoint, onenote, microsoft onenote, mspub, msaccess, visio, pages, numbers,
    keynote, onlyoffice, desktopeditors, onlyoffice desktop editors, wps, wps office, wpp, et, wpsoffice, abiword,
    gnumeric, calligrawords, calligrasheets, obsidian, notion, typora, joplin, logseq, evernote, standard notes,
    simplenote, bear, craft, ulysses, scrivener, ia writer, marktext, ghostwriter, apostrophe, zettlr, texstudio,
    texmaker, lyx, gummi, texworks, texshop, kile, focuswriter, manuskript, novelwriter, omegat, trados studio,
    sdltradosstudio, memoq, poedit, gnucash, hancom office, hwp, softmaker, textmaker, planmaker, anytype, notes,
    xournalpp, wordpad, write, notability, goodnotes, 有道云笔记, 印象笔记, 语雀, siyuan, trilium notes"""
)
READERS = _names(
    """evince, papers, okular, zathura, xpdf, mupdf, qpdfview, atril, xreader, sioyek, foliate, calibre,
    calibre ebook viewer, ebook viewer, ebook viewer calibre, fbreader, thorium reader, acrord32, acrobat,
    adobe acrobat, adobe acrobat reader, acrobat reader, acroread, foxitreader, foxitpdfreader, foxit reader,
    foxitpdfeditor, pdf xchange viewer, pdfxedit, sumatrapdf, preview, skim, pdf expert, highlights, kindle, books,
    apple books, zotero, mendeley, mendeley reference manager, jabref, deepin reader, pdf arranger, masterpdfeditor,
    yomu, cajviewer, koreader, document viewer"""
)
GAMES = _names(
    """steam, steam app, steamwebhelper, steam linux runtime, lutris, heroic, heroic games launcher, bottles, minecraft,
    minecraft launcher, minecraft minecraft, prismlauncher, epicgameslauncher, battle net, riotclientux, leagueclientux,
    league of legends, valorant, valorant win64 shipping, dota2, csgo, cs2, robloxplayerbeta, roblox, factorio,
    genshinimpact, gnome mines, gnome chess, aisleriot, sol, kpat, retroarch, playnite fullscreenapp, itch, gog galaxy,
    galaxyclient, chess, wesnoth, supertuxkart, 0ad, pyrogenesis, openttd, xboxapp, gamebar, stardew valley,
    civilizationvi, eu4, hoi4, dolphin emu"""
)
MEDIA = _names(
    """spotify, vlc, mpv, io mpv mpv, celluloid, totem, videos, smplayer, haruna, kodi, plex, plex htpc,
    jellyfin media player, stremio, rhythmbox, clementine, strawberry, elisa, lollypop, amberol, audacious, deadbeef,
    music, tv, itunes, apple music, apple tv, quicktime player, iina, wmplayer, groove music, zune music,
    potplayermini64, mpc hc64, mpc hc, mpc be64, foobar2000, winamp, aimp, netflix, disney+, prime video, youtube music,
    youtube, tidal hifi, deezer, bilibili, 哔哩哔哩, cloudmusic, 网易云音乐, qqmusic, iqiyi, youku, shortwave, podcasts,
    pocket casts, gnome music, freetube, twitch, tauon music box"""
)
FAMILIES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "browser": BROWSERS,
        "editor": EDITORS,
        "terminal": TERMINALS,
        "chat": CHATS,
        "mail": MAILS,
        "meeting": MEETINGS,
        "office": OFFICE,
        "reader": READERS,
        "game": GAMES,
        "media": MEDIA,
    }
)
"""Family -> names, casefolded, punctuation turned into single spaces, without '.exe' and reverse-DNS prefix."""

_BY_NAME = {name: family for family, names in FAMILIES.items() for name in names}
_PATH = re2.compile(r"^.*[/\\]")
_EXE = re2.compile(r"(?i)\.(?:exe|app|appimage|bin|desktop)$")
_REVERSE_DNS = re2.compile(r"(?i)^(?:org|com|net|io|dev|app|de|me|im|xyz|us|md|page|re|eu)\.[\w.-]+$")
_NOT_WORD = re2.compile(r"[^\pL\pN+]+")
_PARTS = re2.compile(r"\s+[-–—·/:‧]\s+|\s*[|•]\s*|_")
_BY_TITLE = frozenset({"browser", "other", "meeting", "chat"})


@lru_cache(maxsize=1024)
def family(app: str) -> str:
    """'browser', 'editor', 'terminal', 'chat', 'mail', 'meeting', 'office', 'reader', 'game', 'media' or 'other'."""
    base = _EXE.sub("", _PATH.sub("", app.strip()))
    for name in (base, base.rsplit(".", 1)[-1] if _REVERSE_DNS.match(base) else ""):
        words = _NOT_WORD.sub(" ", name.casefold()).split()
        for count in range(len(words), 0, -1):
            found = _BY_NAME.get(" ".join(words[:count]))
            if found:
                return found
    return "other"


def host(url: str) -> str:
    """The host of a URL without 'www.', casefolded; empty for none or a broken address."""
    try:
        name = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return name.casefold().removeprefix("www.")


@lru_cache(maxsize=4096)
def is_meeting(app: str, title: str, url: str) -> bool:
    """Whether this is a call or a slide show going on, by app, title or address; a meeting program's start page is none."""
    kind, name = family(app), title.strip().casefold()
    if kind == "meeting":
        return name not in LOBBY_TITLES
    if SLIDE_TITLES.search(name) and kind not in ("editor", "terminal"):
        return True
    if url and any(pattern.search(url) for pattern in CALL_URLS):
        return True
    return kind in _BY_TITLE and any(pattern.search(name) for pattern in CALL_TITLES)


@lru_cache(maxsize=4096)
def is_chat(app: str, title: str, url: str) -> bool:
    """Whether this is a chat program, or one in a browser tab by its address or, without one, the end of its title."""
    kind = family(app)
    if kind != "browser":
        return kind == "chat"
    name = host(url)
    return any(name == known or name.endswith(f".{known}") for known in CHAT_HOSTS) if name else bool(CHAT_TITLES.search(title))


@lru_cache(maxsize=4096)
def is_leisure(app: str, title: str, url: str) -> bool:
    """Whether this is news, video, social media, music, a game, or personal (health, dating, a new job)."""
    kind = family(app)
    if kind in {"game", "media"}:
        return True
    if kind not in _BY_TITLE or kind == "meeting":
        return False
    if kind == "chat":
        return False
    name = title.strip().casefold()
    if url.startswith(("http://", "https://")):
        return _in_hosts(host(url)) or bool(PERSONAL_HOSTS.search(host(url))) or _personal_title(name)
    return _leisure_title(name) or _personal_title(name)


def _in_hosts(name: str) -> bool:
    labels = name.split(".")
    return any(".".join(labels[k:]) in LEISURE_HOSTS for k in range(len(labels) - 1))


def _personal_title(title: str) -> bool:
    """Whether the last part of a title, which is the site's own, says news, sport, dating or jobs."""
    parts = [part for part in _PARTS.split(title) if part]
    return len(parts) > 1 and bool(PERSONAL_WORDS.search(parts[-1]))


def _leisure_title(title: str) -> bool:
    if title in LEISURE_WHOLE or title.endswith(" / x"):
        return True
    parts = [part for part in _PARTS.split(title) if part]
    return any(part in LEISURE_NAMES for part in (parts[-1:] + parts[:1]))
