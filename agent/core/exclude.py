"""What is left out although it is not private browsing: password managers, banks, sign-in pages and what the user names.

Covered: password managers and authenticators by app, title and address; banks, payment and brokers by their words in 40
languages and by name; sign-in pages of mail providers; adult and health sites by host; the user's own apps, titles, addresses.
Not covered: a bank whose name holds no word for bank and is not listed. A page that merely speaks of banks is left out too.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

import re2
from pydantic import field_validator

from agent.core.clean import plain
from agent.core.families import family
from agent.core.records import Record


class Rules(Record):
    """What the user adds to the built-in exclusions. Titles are substrings, or /patterns/ (re2), without regard to case."""

    excluded_apps: tuple[str, ...] = ()
    excluded_titles: tuple[str, ...] = ()
    excluded_urls: tuple[str, ...] = ()
    titles: bool = True

    @field_validator("excluded_titles")
    @classmethod
    def _compiles(cls, titles: tuple[str, ...]) -> tuple[str, ...]:
        for title in titles:
            try:
                _pattern(title)
            except re2.error as error:
                raise ValueError(f"{title} is not a pattern that re2 understands") from error
        return titles


_VAULTS = (
    r"keepassx?c?|keeweb|1password|bitwarden|vaultwarden|lastpass|dashlane|enpass|nordpass|roboform|keeper(?: "
    r"password manager)?|buttercup|padloc|passbolt|"
    r"proton ?pass|keyguard|seahorse|passwords and keys|kwallet\w*|kwalletmanager\w*|keychain ?access|"
    r"schlüsselbundverwaltung|trousseaux? d['’]accès|"
    r"acceso a llaveros|accesso portachiavi|キーチェーンアクセス|钥匙串访问|sticky password|zoho vault|password "
    r"safe|pwsafe|passwordsafe|strongbox|macpass|qtpass|"
    r"authy(?: desktop)?|authenticator|google authenticator|2fas|ente auth|yubico authenticator|yubioath|aegis|"
    r"otpclient|winauth|"
    r"pinentry\S*|gcr-prompter|ssh-askpass\S*|ksshaskpass|securityagent|credentialuibroker|polkit\S*agent\S*|secrets"
)
_VAULT_APP = re2.compile(rf"(?i)^(?:\S+\.)?(?:{_VAULTS}|passwords)(?:[ -]?desktop| \d+)?(?:\.(?:exe|app\w*))?$")
_VAULT_TITLE = re2.compile(
    rf"(?i)(?:^|[-–—|:]\s+)(?:{_VAULTS}|bitwarden web vault|google password manager|password manager)\s*(?:$|[-–—|])"
)
_MONEY_APP = re2.compile(
    r"(?i)moneymoney|starmoney|outbank|banking ?4|hibiscus|jameica|finanzblick|ledger live|trezor suite|electrum|"
    r"exodus|metamask|quicken|paypal"
)


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split("|") if name.strip())


_BANK_WORDS = _names(
    """
    bank|banks|bankia|bankinter|bankid|netbank|bausparkasse|banque|banques|bancaire|banca|banche|banco|bancos|
    bancomat|banka|bankası|bankacılık|banku|banki|banków|bankowość|bankowa|bankovnictví|bankování|bankas|banke|
    banken|bankens|banket|bankov|bankei|bankkonto|internetbank|verkkopankki|pankki|pank|nettbank|nätbank|bancă|
    băncii|bancara|bancária|bancario|bancaria|τράπεζα|τραπεζα|بنك|البنك|مصرف|بانک|בנק|kontoauszug|kontostand|
    umsatzanzeige|finanzstatus|onlinebanking|paypal|venmo|revolut|monzo|n26|zelle|alipay|robinhood|vanguard|
    coinbase|binance|comdirect|hsbc|barclays|santander|bbva|unicredit|nordea|lloyds|natwest|westpac|boursorama|itaú|
    bradesco|тинькофф|klarna|moneygram|degiro|etoro|flatex|nubank|paytm|phonepe|bkash"""
)
_BANK_ENDS = ("bank", "banking", "sparkasse", "sparkassen", "raiffeisen", "volksbanken", "банк", "банка", "банки", "банкинг")
_BANK_STARTS = ("raiffeisen", "банк", "сбер", "τράπεζ", "τραπεζ")
_BANK_PIECES = (
    "银行",
    "銀行",
    "網銀",
    "网银",
    "支付宝",
    "은행",
    "뱅킹",
    "口座残高",
    "बैंक",
    "ব্যাংক",
    "வங்கி",
    "ธนาคาร",
    "証券 ログイン",
)
_BANK_PHRASES = _names(
    """
    ngân hàng|bank statement|account statement|relevé de compte|estado de cuenta|extrato bancário|estratto conto|
    выписка по счету|выписка по счёту|cash app|e trade|charles schwab|fidelity investments|kraken pro|interactive
    brokers|trade republic|scalable capital|intesa sanpaolo|wells fargo|capital one|bnp paribas|crédit agricole|
    société générale|caixa econômica|wise account|american express|western union|ing diba"""
)
_WORD = re.compile(r"\w+")
_MONEY_HOST = re2.compile(
    r"(?i)(?:^|[.-])(?:[a-z0-9]*bank|[a-z]*banking|bank[a-z]{0,12}|[a-z]*sparkasse[a-z]*|banque[a-z]*|banco[a-z]*|"
    r"banca[a-z]*|raiffeisen[a-z]*)[.-]"
    r"|(?:^|[.-])(?:paypal|venmo|revolut|monzo|n26|wise|alipay|robinhood|etrade|schwab|fidelity|vanguard|coinbase|"
    r"binance|kraken|"
    r"interactivebrokers|traderepublic|scalable|comdirect|dkb|ing|hsbc(?:net)?|barclays|barclaycard|santander|"
    r"bbva|unicredit|intesasanpaolo|chase|"
    r"citi|wellsfargo|capitalone|nordea|seb|lloyds|natwest|westpac|anz|nab|bnpparibas|credit-agricole|"
    r"societegenerale|boursorama|itau|bradesco|"
    r"caixa|tinkoff|sber|klarna|americanexpress|degiro|etoro|flatex|mbna|usaa|lcl|abnamro|rabo|pekao|mojebanka|"
    r"garantibbva|cmbchina|icbc|ccb|"
    r"abchina|boc|95516)\.(?:[a-z-]+\.)?[a-z-]{2,24}$|\.bank$"
)
_OTHER_HOST = re2.compile(
    r"(?i)(?:^|\.)(?:vault\.bitwarden\.(?:com|eu)|(?:my\.)?1password\.(?:com|eu|ca)|lastpass\.com|"
    r"app\.dashlane\.com|pass\.proton\.me|keepersecurity\.\w+|"
    r"passwords\.google\.com|accounts\.google\.com|myaccount\.google\.com|login\.live\.com|"
    r"login\.microsoftonline\.com|account\.live\.com|"
    r"login\.yahoo\.com|idmsa\.apple\.com|appleid\.apple\.com|account\.apple\.com|account\.proton\.me|"
    r"auth\.mail\.ru|passport\.yandex\.\w+|"
    r"(?:[a-z0-9-]*porn[a-z0-9-]*|xvideos|xnxx|xhamster|redtube|onlyfans|chaturbate|stripchat|grindr|"
    r"tinder)\.[a-z]{2,6}|[a-z0-9.-]+\.(?:xxx|porn|adult|sex)|"
    r"[a-z0-9-]*(?:mychart|patientportal|patient-portal)[a-z0-9-]*\.[a-z.]{2,12}|doctolib\.\w+|"
    r"plannedparenthood\.org|betterhelp\.com|teladoc\.com)$"
)
_VAULT_PAGE = re2.compile(
    r"(?i)^(?:chrome|edge|brave|opera|vivaldi)://(?:password-manager|settings/passwords|wallet)|^about:logins"
)
_WRAPPED = re2.compile(
    r"(?is)^\s*(?:(?:view-source|reader|blob|filesystem|read|feed|googlechrome|microsoft-edge):(?://)?([a-z][a-z0-9+.-]{1,30}:.*)"
    r"|(?:about:reader|chrome-distiller://|[a-z-]+-extension://|read://)[^?#]*[?#](?:.*[?&#])?(?:url|uri|page|src|file)=([a-z][a-z0-9+.-]{1,30}(?::|%3a).*))$"
)
_WRAPS = 4
_WORKSHOPS = frozenset({"editor", "terminal"})


def excludes_app(app: str, own: tuple[str, ...]) -> bool:
    """Whether an app is a password manager, a money program or one that the user named (part of its name suffices)."""
    name = app.casefold()
    return bool(_VAULT_APP.match(app) or _MONEY_APP.search(app)) or any(rule.casefold() in name for rule in own if rule)


def is_money(app: str, title: str, url: str) -> bool:
    """Whether a title or an address is a bank's, a broker's or of a payment; editors and terminals are about code that is."""
    return (family(app) not in _WORKSHOPS and _says_bank(title.casefold())) or bool(_MONEY_HOST.search(_host(unwrapped(url))))


def _says_bank(title: str) -> bool:
    words: list[str] = _WORD.findall(title)
    if any(w in _BANK_WORDS or w.endswith(_BANK_ENDS) or w.startswith(_BANK_STARTS) for w in words):
        return True
    spaced = f" {' '.join(words)} "
    return any(piece in title for piece in _BANK_PIECES) or any(f" {phrase} " in spaced for phrase in _BANK_PHRASES)


def excludes_title(title: str, own: tuple[str, ...]) -> bool:
    """Whether a title is a password manager's or matches one of the user's rules."""
    return bool(_VAULT_TITLE.search(title)) or is_named(title, own)


def is_named(text: str, own: tuple[str, ...]) -> bool:
    """Whether one of the user's rules for titles matches a text, or the text as an eye reads it."""
    return bool(own) and any(_pattern(rule).search(t) for t in {text, plain(text)} for rule in own if rule)


def excludes_url(url: str, own: tuple[str, ...]) -> bool:
    """Whether an address is a sign-in, a vault, adult, of health, or under a host or host/path the user named."""
    if not url:
        return False
    url = unwrapped(url)
    host = _host(url)
    return bool(_OTHER_HOST.search(host) or _VAULT_PAGE.search(url)) or any(_under(rule, host, url) for rule in own if rule)


def unwrapped(url: str) -> str:
    """The page that a browser shows in a view of its own: `view-source:https://…`, `about:reader?url=https%3A…`."""
    for _ in range(_WRAPS):
        found = _WRAPPED.match(url)
        if not found:
            break
        url = found.group(1) or unquote(found.group(2))
    return url


def _under(rule: str, host: str, url: str) -> bool:
    bare = rule.casefold().split("://", 1)[-1].removeprefix("*.").removeprefix("www.")
    name, sign, path = bare.partition("/")
    name = name.partition(":")[0]
    if host != name and not host.endswith(f".{name}"):
        return False
    rest = url.casefold().split("://", 1)[-1].partition("/")[2]
    return not sign or rest.startswith(path)


def _host(url: str) -> str:
    try:
        return (urlsplit(url.replace("\\", "/")).hostname or "").removesuffix(".")
    except ValueError:
        return url.casefold()


@lru_cache(maxsize=1024)
def _pattern(rule: str) -> Any:
    """A rule as a pattern: /text/ is one already, any other text is searched as it stands. Raises re2.error."""
    options = re2.Options()
    options.log_errors = False
    if len(rule) > 2 and rule.startswith("/") and rule.endswith("/"):
        return re2.compile(f"(?i){rule[1:-1]}", options)
    return re2.compile(f"(?i){re2.escape(rule)}", options)
