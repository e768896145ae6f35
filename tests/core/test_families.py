"""App families, calls and leisure."""

from __future__ import annotations

import pytest

from agent.core.families import family, is_chat, is_leisure, is_meeting

APPS = [
    ("Google-chrome", "browser"),
    ("org.mozilla.firefox", "browser"),
    ("msedge.exe", "browser"),
    ("chrome-youtube.com__-Default", "browser"),
    ("Code", "editor"),
    ("jetbrains-idea-ce", "editor"),
    ("dev.zed.Zed", "editor"),
    ("C:\\Windows\\notepad.exe", "editor"),
    ("gnome-terminal-server", "terminal"),
    ("com.mitchellh.ghostty", "terminal"),
    ("Slack", "chat"),
    ("ms-teams.exe", "chat"),
    ("微信", "chat"),
    ("thunderbird", "mail"),
    ("Microsoft Outlook", "mail"),
    ("us.zoom.Zoom", "meeting"),
    ("腾讯会议", "meeting"),
    ("WINWORD.EXE", "office"),
    ("libreoffice-calc", "office"),
    ("org.gnome.Evince", "reader"),
    ("steam_app_570", "game"),
    ("io.github.celluloid_player.Celluloid", "media"),
    ("KeePassXC", "other"),
    ("unknown", "other"),
    ("", "other"),
]


@pytest.mark.parametrize(("app", "kind"), APPS)
def test_an_app_is_known_by_its_linux_windows_and_macos_names(app: str, kind: str) -> None:
    assert family(app) == kind


@pytest.mark.parametrize(
    ("app", "title", "url"),
    [
        ("zoom", "Zoom Meeting - Daily", ""),
        ("firefox", "Meet - abc-defg-hij", ""),
        ("Google-chrome", "x", "https://meet.google.com/abc-defg-hij"),
        ("Google-chrome", "Besprechung mit Ana | Microsoft Teams", ""),
        ("Slack", "Huddle: design - Paylink - Slack", ""),
        ("Google-chrome", "Alice | Jitsi Meet", ""),
        ("WeMeetApp", "快速会议", ""),
        ("chromium", "BigBlueButton - Seminar", ""),
        ("Safari", "Standup", "https://acme.webex.com/meet/ana"),
    ],
)
def test_a_call_is_told_by_app_title_or_address(app: str, title: str, url: str) -> None:
    assert is_meeting(app, title, url)


@pytest.mark.parametrize(
    ("app", "title", "url"),
    [
        ("zoom", "Zoom Workplace", ""),
        ("Google-chrome", "Meet the team - Acme", ""),
        ("Google-chrome", "x", "https://meet.google.com/"),
        ("Google-chrome", "how to record a zoom meeting - Google Search", ""),
        ("Microsoft Teams", "Chat | Ana | Microsoft Teams", ""),
        ("Code", "huddle.py - slack - Visual Studio Code", ""),
    ],
)
def test_what_only_mentions_a_call_is_none(app: str, title: str, url: str) -> None:
    assert not is_meeting(app, title, url)


@pytest.mark.parametrize(
    ("app", "title", "url"),
    [
        ("firefox", "lofi beats to code to - YouTube", ""),
        ("firefox", "News, sport and opinion from the Guardian", ""),
        ("firefox", "Hacker News", ""),
        ("firefox", "Wahl: alle Ergebnisse - DER SPIEGEL", ""),
        ("firefox", "吃饭_哔哩哔哩", ""),
        ("firefox", "x", "https://m.youtube.com/watch"),
        ("Spotify.exe", "", ""),
        ("firefox", "Alice on X: hello / X", ""),
    ],
)
def test_leisure_is_told_by_app_title_or_address(app: str, title: str, url: str) -> None:
    assert is_leisure(app, title, url)


@pytest.mark.parametrize(
    ("app", "title", "url"),
    [
        ("firefox", "決済 - Wikipedia", "https://ja.wikipedia.org/wiki/x"),
        ("Code", "youtube - downloader - Visual Studio Code", ""),
        ("firefox", "Trip plan - Google Docs", ""),
        ("firefox", "youtube", "https://developers.example/youtube"),
        ("firefox", "Max", ""),
    ],
)
def test_work_is_not_leisure(app: str, title: str, url: str) -> None:
    assert not is_leisure(app, title, url)


@pytest.mark.parametrize(
    ("app", "title", "url"),
    [
        ("FaceTime", "FaceTime", ""),
        ("wemeetapp.exe", "腾讯会议", ""),
        ("POWERPNT.EXE", "PowerPoint Slide Show - [plan.pptx]", ""),
        ("firefox", "x", "https://bbb.uni.example/html5client/join"),
        ("WhatsApp.exe", "Videollamada con Ana", ""),
    ],
)
def test_a_call_without_a_telling_title_and_a_slide_show_are_calls(app: str, title: str, url: str) -> None:
    assert is_meeting(app, title, url)


@pytest.mark.parametrize(
    ("app", "title", "url"),
    [
        ("firefox", "Ana", "https://web.whatsapp.com/"),
        ("Google-chrome", "(3) WhatsApp", ""),
        ("Google-chrome", "#shop - Slack", ""),
        ("org.signal.Signal", "Signal", ""),
    ],
)
def test_a_chat_is_one_in_a_browser_too(app: str, title: str, url: str) -> None:
    assert is_chat(app, title, url)


@pytest.mark.parametrize(
    ("app", "title", "url"),
    [
        ("firefox", "Startseite", "https://www.kreiszeitung.example/"),
        ("firefox", "Ouest | Toute l'actualité en direct", ""),
        ("firefox", "Онлайн - Новости региона", ""),
        ("firefox", "Pflegekraft - Stellenangebote", ""),
        ("firefox", "x", "https://jobs.example.org/list"),
    ],
)
def test_a_site_that_calls_itself_news_or_jobs_is_leisure(app: str, title: str, url: str) -> None:
    assert is_leisure(app, title, url)
