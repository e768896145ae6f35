"""Finds what identifies a person or an account in a text: codes, IBANs, cards, e-mail, phone, social security, IP addresses.

Covered: the shapes below in any language; words that announce a code or a phone number in 25 languages.
Not covered: names, street addresses, dates of birth, a phone number written as one bare run of digits without a word beside it.
"""

from __future__ import annotations

from typing import Any

import re2

from agent.core.codes import hide_codes

_LANDS = (
    "A[DELTZ]|B[AEGHIRY]|C[HRYZ]|D[EJKO]|E[EGS]|F[IKOR]|G[BEILRT]|H[NRU]|I[ELQST]|JO|K[WZ]|L[BCITUVY]|"
    "M[CDEKNRTU]|N[IL]|OM|P[KLST]|QA|R[OSU]|S[ACDEIKMNOTV]|T[LNR]|UA|V[AG]|XK|YE"
)
_IBAN = re2.compile(
    rf"\b(?:(?:{_LANDS})\d{{2}}(?:[ -]?[A-Z0-9]{{4}}){{2,7}}(?:[ -]?[A-Z0-9]{{1,3}})?"
    rf"|(?i:{_LANDS})\d{{2}}(?i:[A-Z]{{1,4}})?(?:[ -]?\d{{1,4}}){{2,7}}(?:[ -]?\d{{1,3}})?)\b"
)
_CARD = re2.compile(r"(?:^|[^\w.-])((?:\d[ -]?){11,18}\d)(?:$|[^\w-]|-\D)")
_EMAIL = re2.compile(
    r"[^\s@\"'`´<>()\[\]{},;:|/\\=]+(?:@|%40|\(at\)|\[at\])(?:[^\s@\"'`´<>()\[\]{},;:|/\\.]+\.)+[^\s\pP\pN\pS]{2,}"
)
_SSN = re2.compile(r"(?:^|[^\w-])(\d{3}[- ]\d{2}[- ]\d{4})(?:$|[^\w-])")
_IPV4 = re2.compile(
    r"(?i)(v(?:ersion)? ?)?\b((?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d))\b(\.\d)?"
)
_IPV6 = re2.compile(
    r"(?i)(?:^|[^\w:])((?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:){2,6}(?::[0-9a-f]{1,4}){1,5})(?:$|[^\w:])"
)
_PHONE = re2.compile(
    r"(?:^|[^\w+#./-])(\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d(?:[ ./-]?\d){5,12}|(?:\+?1[ .-])?\(?\d{3}\)?[ "
    r".-]\d{3}[.-]\d{4}(?: ?x\d{1,5})?"
    r"|\(0?\d{1,4}\)[ .-]?\d{2,4}(?:[ .-]?\d{2,4}){1,3}|[4-9]\d{2} \d{3} \d{3}|00\d{1,3}[ .-]?\d(?:[ ./-]?\d){6,12}"
    r"|0\d{1,4}[ ./-]\d{2,8}(?:[ ./-]\d{2,4}){0,4})(?:$|[^\w/-]|-\pL)"
)
_PHONE_WORD = re2.compile(
    r"(?i)(?:\btel\b|t[eé]l[eéè]?(?:ph|f)\w*|phone|mobile?|\bcell|handy|m[oó]vil|celular|komórk\w*|call (?:me|us|"
    r"him|her|back)|\bsms\b|whatsapp|\bfax\b|"
    r"reach \w+ (?:at|on)|answering at|messages? (?:to|on)|registered|desk|office|тел\w*|моб\w*|电话|電話|手机|"
    r"手機|携帯|전화|هاتف|טלפון|puhelin)[^\d]{0,24}((?:[+(]?\d[\d ()./-]{4,18}\d))(?:$|\D)"
)
_PHONE_BEFORE = re2.compile(
    r"(?i)(?:^|[^\w+#./-])([+(]?\d[\d ().-]{5,18}\d)[ ,]{0,2}[(]?(?:office|mobile|fax|cell|home|tel"
    r"|phone|mobil|büro|privat|bureau)\b"
)
_ARN = re2.compile(r"\barn:[\w-]+:[\w-]*:[\w-]*:$")
_TIME = re2.compile(r"^\d\d?[.:]\d\d[.:]\d\d$")
_DATE = re2.compile(r"(?:^|\D)(?:\d{1,2}[./ -]\d{1,2}[./ -](?:19|20)\d\d|(?:19|20)\d\d[./ -]\d{1,2}[./ -]\d{1,2})")
_LOOPBACK = ("127.", "0.0.0.0", "255.255.255.")  # noqa: S104  a prefix to compare with
_LONGEST_PHONE = 15


def hide_accounts(text: str) -> str:
    """The text with accounts and cards as `[iban]` and `[card]`; before the search for secrets, which they resemble."""
    if not any(c.isdigit() for c in text):
        return text
    return str(_CARD.sub(_card, _IBAN.sub(_iban, text)))


def hide_identifiers(text: str) -> str:
    """The text with codes, addresses and numbers replaced by `[code]`, `[email]`, `[ssn]`, `[ip]`, `[phone]`."""
    text = _EMAIL.sub("[email]", text) if "@" in text or "%40" in text or "at" in text else text
    if not any(c.isdigit() for c in text):
        return text
    text = _SSN.sub(_swap("[ssn]"), text)
    text = hide_codes(text)
    text = _IPV4.sub(_ip, text)
    text = _IPV6.sub(_swap("[ip]"), text)
    text = _PHONE.sub(_phone(8), text)
    text = _PHONE_BEFORE.sub(_phone(6), text)
    return str(_PHONE_WORD.sub(_phone(6), text))


def luhn(digits: str) -> bool:
    """Whether the check digit of a card number is right (ISO/IEC 7812-1)."""
    total = 0
    for i, c in enumerate(reversed(digits)):
        n = int(c) * (1 + i % 2)
        total += n - 9 if n > 9 else n
    return total % 10 == 0


def _swap(mark: str) -> Any:
    """Replaces group 1 of a match and keeps what stands around it."""

    def replace(match: Any) -> str:
        whole, start = match.group(), match.start()
        return str(whole[: match.start(1) - start] + mark + whole[match.end(1) - start :])

    return replace


def _iban(match: Any) -> str:
    """By shape alone: ten digits at least, so that a word with a number is none; a wrong check sum is an account still."""
    return (
        "[iban]" if sum(c.isdigit() for c in match.group()) >= 10 and 15 <= len(_bare(match.group())) <= 34 else match.group()
    )


def _bare(number: str) -> str:
    return number.replace(" ", "").replace("-", "")


def _card(match: Any) -> str:
    digits = _bare(match.group(1))
    if _ARN.search(match.string[max(0, match.start(1) - 80) : match.start(1)]):
        return str(match.group())
    issuer = digits[0] in ("56" if len(digits) == 12 else "23456") or (len(digits) == 15 and digits.startswith("1800"))
    return str(_swap("[card]")(match)) if issuer and luhn(digits) else str(match.group())


def _ip(match: Any) -> str:
    kept = match.group(1) or match.group(3) or match.group(2).startswith(_LOOPBACK)
    return str(match.group() if kept else "[ip]")


def _phone(least: int) -> Any:
    """Replaces a number of `least` to 15 digits (E.164) that is no date and no time."""

    def replace(match: Any) -> str:
        number = match.group(1)
        fits = least <= sum(c.isdigit() for c in number) <= _LONGEST_PHONE
        if not fits or _DATE.search(number) or _TIME.match(number):
            return str(match.group())
        return str(_swap("[phone]")(match))

    return replace
