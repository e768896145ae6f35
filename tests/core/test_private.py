"""Private browsing by title, in the browsers' languages; exclusions by app, title and address."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from agent.core.exclude import Rules, excludes_app, excludes_title, excludes_url, is_money
from agent.core.private import is_private_window, page

VAULTS = [
    "org.keepassxc.KeePassXC",
    "KeePass.exe",
    "1Password 7",
    "Bitwarden",
    "bitwarden-desktop",
    "Keychain Access",
    "Passwords",
    "kwalletmanager5",
    "org.gnome.seahorse.Application",
    "pinentry-gtk-2",
    "Proton Pass",
    "LastPass.exe",
    "Authy Desktop",
]
PRIVATE = [
    ("opera.exe", "{} - Opera (निजी)"),
    ("Vivaldi-stable", "{} - Vivaldi (Fshehur)"),
    ("firefox", "{} — Mozilla Firefox Pribado"),
    ("firefox", "{} — Tryb prywatny przeglądarki Mozilla Firefox"),
    ("msedge.exe", "{} - InPrivate (2) - Microsoft\u200b Edge"),
    ("Google-chrome", "{} - Google Chrome (Incognito)"),
    ("chrome.exe", "{} - Google Chrome (Inkognito)"),
    ("Google Chrome", "{} - Google Chrome (Navigation privée)"),
    ("Google Chrome", "{} - Google Chrome (Anônima)"),
    ("Google Chrome", "{} - Google Chrome (シークレット)"),
    ("Google Chrome", "{} - Google Chrome（无痕模式）"),
    ("Google Chrome", "{} - Google Chrome (시크릿 모드)"),
    ("chromium", "{} - Chromium (Incógnito)"),
    ("msedge.exe", "{} - [InPrivate] - Microsoft\u200b Edge"),
    ("msedge.exe", "{} - InPrivate - Microsoft Edge"),
    ("Microsoft Edge", "{} - Microsoft Edge - [InPrivate]"),
    ("firefox", "{} — Mozilla Firefox Private Browsing"),
    ("firefox", "{} — Mozilla Firefox (Privater Modus)"),
    ("firefox", "{} — Privates Fenster — Mozilla Firefox"),
    ("firefox", "{} — Navigation privée de Mozilla Firefox"),
    ("firefox", "{} — Mozilla Firefox — Navegación privada"),
    ("firefox", "{} — Приватный просмотр — Mozilla Firefox"),
    ("firefox", "{} — Mozilla Firefox Tryb prywatny"),
    ("firefox", "{} — Mozilla Firefox (Privénavigatie)"),
    ("firefox", "{} — Mozilla Firefox プライベートブラウジング"),
    ("librewolf", "{} — LibreWolf Private Browsing"),
    ("opera", "{} - Opera (Private)"),
    ("Opera", "{} (Private) - Opera"),
    ("Brave-browser", "{} - Brave (Private Window with Tor)"),
    ("vivaldi-stable", "{} - Vivaldi (Private)"),
    ("Safari", "Private Browsing — {}"),
    ("Safari", "Privates Surfen — {}"),
    ("unknown", "{} - Google Chrome (Incognito)"),
    ("", "{} — Mozilla Firefox Private Browsing"),
    ("Comet", "{} - Comet (Incognito)"),
    ("ChatGPT Atlas", "{} - ChatGPT Atlas (Incognito)"),
    ("helium", "{} - Helium (Incognito)"),
    ("Supermium", "{} - Supermium (Incognito)"),
    ("cachy-browser", "{} — CachyBrowser Private Browsing"),
    ("iceweasel", "{} — Iceweasel (Private Browsing)"),
    ("basilisk", "{} - Basilisk (Private Browsing)"),
    ("palemoon", "{} - Pale Moon Private Browsing"),
    ("yandex-browser", "{} — Яндекс Браузер (Инкогнито)"),
]


@pytest.mark.parametrize(("app", "title"), PRIVATE)
def test_a_private_window_is_known_by_its_title(app: str, title: str) -> None:
    assert is_private_window(app, title.format("divorce lawyer cost"))


@pytest.mark.parametrize(("app", "title"), PRIVATE)
def test_the_page_of_a_private_window_is_that_of_its_tab(app: str, title: str) -> None:
    assert page(title.format("Divorce lawyer - cost")) == page("Divorce lawyer - cost")


@pytest.mark.parametrize("title", ["x - Newcomer (Incognito)", "x — Newcomer [Private]", "x — Newcomer Private Browsing"])
def test_a_program_that_nobody_listed_is_private_if_its_title_ends_so(title: str) -> None:
    assert is_private_window("newcomer", title)
    assert not is_private_window("newcomer", title.partition(" ")[0])


def test_a_count_before_a_title_is_no_part_of_its_page() -> None:
    assert page("(3) Divorce lawyer - Google Chrome") == page("Divorce lawyer")


@pytest.mark.parametrize(("app", "title"), [("Tor Browser", "x"), ("firefox", "x — Tor Browser"), ("Mullvad Browser", "x")])
def test_some_browsers_are_always_private(app: str, title: str) -> None:
    assert is_private_window(app, title)


@pytest.mark.parametrize(
    ("app", "title"),
    [
        ("Google-chrome", "Incognito mode explained - Google Chrome"),
        ("firefox", "How private is Private Browsing? — Mozilla Firefox"),
        ("firefox", "Incognito (band) - Wikipedia — Mozilla Firefox"),
        ("code", "incognito.py - Visual Studio Code"),
        ("thunderbird", "Private - Mozilla Thunderbird"),
        ("Slack", "plans (Private) - Slack"),
        ("Google-chrome", "Hacker News - Google Chrome"),
    ],
)
def test_a_page_about_private_browsing_is_not_private(app: str, title: str) -> None:
    assert not is_private_window(app, title)


@pytest.mark.parametrize("title", ["", "New Tab - Google Chrome", "Neuer Tab", "新标签页", "Private Browsing"])
def test_a_generic_title_names_no_page(title: str) -> None:
    assert page(title) == ""


@pytest.mark.parametrize(
    "app",
    VAULTS,
)
def test_a_password_manager_is_excluded(app: str) -> None:
    assert excludes_app(app, ())


@pytest.mark.parametrize("app", ["Google-chrome", "Slack", "code", "", "org.gnome.Nautilus", "bankrupt"])
def test_other_apps_are_not(app: str) -> None:
    assert not excludes_app(app, ())


@pytest.mark.parametrize(
    ("title", "url"),
    [
        ("Konto – MyBank", ""),
        ("Übersicht - Sparkasse Köln", ""),
        ("中国银行网上银行", ""),
        ("Сбербанк Онлайн", ""),
        ("Banco Santander", ""),
        ("Mes comptes - Ma banque", ""),
        ("PayPal: Wallet", ""),
        ("x", "https://www.bbva.es/x"),
        ("x", "https://meine.deutsche-bank.de/trxm"),
        ("x", "https://www.mybank.example.co.uk/"),
        ("x", "https://secure.chase.com/web"),
    ],
)
def test_a_bank_is_excluded_by_title_or_address(title: str, url: str) -> None:
    assert is_money("firefox", title, url)


@pytest.mark.parametrize(
    ("app", "title", "url"),
    [
        ("code", "mybank.py - bank - Visual Studio Code", ""),
        ("firefox", "Embankment station", "https://reading.example.com/ing"),
        ("firefox", "Booking.com", "https://booking.com"),
    ],
)
def test_code_and_other_words_are_no_bank(app: str, title: str, url: str) -> None:
    assert not is_money(app, title, url)


def test_the_users_own_rules_are_added() -> None:
    assert excludes_app("Signal", ("signal",))
    assert excludes_title("Project FALCON - notes", ("falcon",))
    assert excludes_title("case 1234", (r"/case \d+/",))
    assert not excludes_title("case closed", (r"/case \d+/",))
    assert excludes_url("https://a.intra.example/x", ("intra.example",))
    assert excludes_url("https://wiki.example/hr/pay", ("wiki.example/hr",))
    assert not excludes_url("https://wiki.example/dev", ("wiki.example/hr",))
    assert not excludes_url("https://notintra.example/", ("intra.example",))


def test_sign_in_and_vault_pages_are_excluded() -> None:
    for url in (
        "https://accounts.google.com/x",
        "https://vault.bitwarden.com/#/vault",
        "chrome://settings/passwords",
        "about:logins",
    ):
        assert excludes_url(url, ())
    assert excludes_title("work.kdbx - KeePassXC", ())


@pytest.mark.parametrize(
    "url",
    [
        "view-source:https://my.secret.example/x",
        "about:reader?url=https%3A%2F%2Fsecret.example%2Fx",
        "chrome-extension://abcdefgh/suspended.html?title=x&uri=https://secret.example/x",
        "view-source:view-source:https://secret.example/x",
    ],
)
def test_a_page_within_another_address_is_excluded_like_the_page(url: str) -> None:
    assert excludes_url(url, ("secret.example",))
    assert not excludes_url(url, ("other.example",))


def test_a_broken_pattern_is_refused_when_it_is_written() -> None:
    with pytest.raises(ValidationError, match="not a pattern"):
        Rules(excluded_titles=("/(/",))
