"""Texts as strangers write them: disguised secrets, addresses within a text, sheets of keys, names that look like keys."""

from __future__ import annotations

import time
from urllib.parse import quote

import pytest

from agent.core import secrets
from agent.core.clean import plain
from agent.core.exclude import excludes_title
from agent.core.texts import redact_text
from agent.core.urls import redact_url

KEY = f"AKIA{'QWERTYUIOPASDFGH'}"
PASSWORD = "Password: Tr0ub4dor&3x"


def joined(sign: str, text: str) -> str:
    return sign.join(text[i : i + 5] for i in range(0, len(text), 5))


def wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def bold(text: str) -> str:
    return "".join(
        chr(0x1D400 + ord(c) - 65) if c.isupper() else chr(0x1D41A + ord(c) - 97) if c.islower() else c for c in text
    )


@pytest.mark.parametrize("text", [KEY, PASSWORD])
@pytest.mark.parametrize("sign", ["\u200d", "\u200c", "\u200b", "\u00ad", "\ufe0f", "\u034f", "\u3164"])
def test_a_secret_is_found_behind_unseen_signs(sign: str, text: str) -> None:
    assert "[secret]" in redact_text(joined(sign, text))


@pytest.mark.parametrize("text", [KEY, PASSWORD])
def test_a_secret_is_found_in_wide_and_ornate_letters_and_in_escapes(text: str) -> None:
    for disguised in (wide(text), bold(text), "".join(f"%{ord(c):02x}" for c in text), quote(text)):
        assert "[secret]" in redact_text(disguised)


@pytest.mark.parametrize("text", ["family \U0001f469\u200d\U0001f467 at 100% ½ ①", "می‌خواهم", "１２３ Ｃａｆé", "a%20b.pdf"])
def test_a_text_in_which_nothing_is_disguised_stays_as_it_is(text: str) -> None:
    assert redact_text(text) == text


def test_a_rule_of_the_user_is_not_got_round_by_unseen_signs() -> None:
    assert excludes_title(f"Notes of {joined(chr(0x200D), 'falconry')}", ("falconry",))
    assert plain(wide("falcon")) == "falcon"


@pytest.mark.parametrize(
    "rest",
    [
        "#/magic/k3J9x2LmQ8",
        "#/reset/Hunter2!xy",
        "join?invite=x7Qp2LmZ9",
        "login?u=bob&p=Hunter2xyz",
        "x?c=81736254&v=aB3dE5gH7j",
        "joinchat?h=Ab3dEf6hIj",
    ],
)
def test_of_an_address_in_a_text_no_short_token_is_left(rest: str) -> None:
    assert redact_text(f"see https://app.example.org/{rest} now") in (
        "see https://app.example.org/ now",
        f"see https://app.example.org/{rest.partition('?')[0]} now",
    )


@pytest.mark.parametrize("url", ["https://a.example/docs?page=2#install", "https://a.example/x?lang=de&tab=settings#L120"])
def test_of_an_address_in_a_text_plain_words_and_small_numbers_stay(url: str) -> None:
    assert redact_text(url) == url


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("machine git.example login me password hunter22", "hunter22"),
        ("nmcli dev wifi connect Home password soleilriver", "soleilriver"),
        ("BitLocker recovery key: 058021-288719-800633-342384-201733-967273-133389-216714", "288719"),
        ("Product key: 3M3KY-23496-WWJY4-7DPMC-WHT3W", "23496"),
        ("Recovery code: u7daw-893ez", "893ez"),
        ("POST https://hooks.zapier.com/hooks/catch/51904610/wj32bjt/", "wj32bjt"),
        ("Kennwort: bqdqTSPRtQbw", "bqdq"),
        ("mdp: MxZWFyPsTHqC", "MxZW"),
        ("password: QwErTyUiOp", "QwEr"),
        ("Passwort - Xy7kLm2p", "Xy7kLm2p"),
        ("La clave de acceso es MonkeyWinter600", "MonkeyWinter600"),
        ("Parola d'accesso: soleil14!3Dd", "soleil14"),
        ("Authorization: token 38e368e956244d56ae4661acb7d4402c0265f381", "38e3"),
        ("ENV MYSQL_ROOT_PASSWORD CHXbaHMDiP", "CHXb"),
        ("xfreerdp /u:bob /p:KesselZiegel24 /v:host", "Kessel"),
        ("WIFI:T:WPA;S:home;P:Hunter#1967;;", "Hunter"),
        ("Zugangsdaten: bob / perroperro932", "perroperro932"),
        ("Private-MAC: f81d0145ded3a6c74243774892625176c329c515", "f81d"),
        ("WPL_AP1." + "kQ3vX8zLw2Rt7Yb5.MTIzNA==", "kQ3v"),
        ("django-insecure-" + "a8f#k2z!qx@m4n7v9c1b3d5g", "a8f#"),
        ("AAAAxyz1234:APA91b" + "Hd7fK2sLq9Xw4Zr8Tn3V", "Hd7f"),
    ],
)
def test_keys_as_sheets_and_programs_write_them_go(text: str, secret: str) -> None:
    assert secret not in redact_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "i-058b081006f7e3dfc | EC2 Instances",
        "vpc-0967a64cb14028d51 - VPC dashboard",
        "sha256-2827283e0ad8 digest mismatch - Stack Overflow",
        "kubectl get pods web-7d4b9c6f5d-x2k9p",
        "maple-vmj9txpl-cnmsn Running 1/1",
        "RFC 6750 - The OAuth 2.0 Authorization Framework: Bearer Token Usage",
        "pytest tests/test_api.py::TestTokenBeanProxy::test_token_expiry",
        "arn:aws:lambda:eu-west-1:590600480461:function:invoice",
        "vrzqad9w27xphfabbr.min.js - DevTools",
        "Passwort - JavaScript lernen",
        "password: MyApplicationSettings",
        "Password manager 1Password7",
    ],
)
def test_a_name_that_only_looks_like_a_key_stays(text: str) -> None:
    assert redact_text(text) == text


def test_an_address_that_is_a_secret_as_a_whole_keeps_its_host_alone() -> None:
    assert redact_url("https://hooks.zapier.com/hooks/catch/51904610/wj32bjt/") == "https://hooks.zapier.com/[id]"


def test_every_pattern_is_small_enough_for_the_fast_matcher_of_re2() -> None:
    sizes = {name: found.programsize for name, found in vars(secrets).items() if hasattr(found, "programsize")}
    assert len(sizes) > 20
    assert {name for name, size in sizes.items() if size > 17_000} == set()


@pytest.mark.parametrize("piece", ["\u200d\u200d-u ", "-u a8Fk2ZqX ", "mysql -p"])
def test_a_page_made_to_be_slow_is_not(piece: str) -> None:
    page = (piece * 40_000)[:40_000]
    start = time.thread_time()
    redact_text(page)
    assert time.thread_time() - start < 1
