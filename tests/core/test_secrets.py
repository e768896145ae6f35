"""Secrets, codes and accounts in a text: what must go, what must stay, and that no input is slow."""

from __future__ import annotations

import time
from string import ascii_letters, digits

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.identifiers import luhn
from agent.core.randomness import looks_random
from agent.core.redact import redact_text
from agent.core.texts import composed, redact_title

# Made up here, so that no secret-like literal of anybody stands in this file.
RANDOM = "q7Zr2Xv9Lm4Kt8Wb3Nc6"
HEX = "9f86d081884c7d65"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"token ghp_{RANDOM}{RANDOM[:16]} - GitHub", RANDOM),
        (f"glpat-{RANDOM}", RANDOM),
        (f"sk-live-{RANDOM}{RANDOM[:12]} | API keys", RANDOM),
        (f"dapi{HEX}{HEX}", HEX),
        (f"xoxb-123456789012-{RANDOM}", RANDOM),
        (f"AKIA{'QWERTYUIOPASDFGH'}", "QWERTY"),
        (f"eyJ{RANDOM}.eyJ{RANDOM}.{RANDOM}", RANDOM),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY----- x", "b3Bl"),
        ("-----BEGIN RSA PRIVATE KEY----- MIIEow", "MIIEow"),
        (f"mira@lab: export PAYLINK_SECRET={RANDOM}", RANDOM),
        (f"notes {RANDOM} - Editor", RANDOM),
        ("postgres://app:hunter2@db.internal/prod", "hunter2"),
        ("curl -u admin:hunter2 https://example.org", "hunter2"),
        ("mysql -u root -phunter2", "hunter2"),
        ("sshpass -p 'hunter2' ssh lab", "hunter2"),
        ("deploy --password hunter2 now", "hunter2"),
        ("ALTER USER app IDENTIFIED BY 'hunter2'", "hunter2"),
        ("Authorization: Bearer hunter2-hunter2", "hunter2"),
        ("password=correcthorse", "correcthorse"),
        ("password: hunter2", "hunter2"),
        ("the password is hunter2", "hunter2"),
        ("Passwort: hunter2", "hunter2"),
        ("mot de passe : hunter2", "hunter2"),
        ("contraseña: hunter2", "hunter2"),
        ("пароль: hunter2", "hunter2"),
        ("密码：hunter2", "hunter2"),
        ("Wifi / Pass: kartoffel99, user: kartoffel99", "kartoffel99"),
        ("heroku_key = 0f8fad5b-d9cb-469f-a165-70867728950e", "0f8fad5b"),
        ("https://u:hunter2@example.org/x", "hunter2"),
        (f"https://example.org/x?next={RANDOM}", RANDOM),
        (f"https://docs.example.org/d/{RANDOM}{RANDOM}/edit", RANDOM),
    ],
)
def test_a_secret_leaves_nothing_of_itself(text: str, secret: str) -> None:
    assert secret not in redact_text(text)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("123456 is your sign-in code", "[code]"),
        ("Your Paylink code: 313931", "[code]"),
        ("G-481923 is your Google verification code", "[code]"),
        ("Use 884-221 to verify your account", "[code]"),
        ("Ihr Code lautet 482913", "[code]"),
        ("Votre code de vérification est 481 923", "[code]"),
        ("Tu código de verificación es 481923", "[code]"),
        ("Il tuo codice di verifica è 481923", "[code]"),
        ("Ваш код подтверждения: 8821", "[code]"),
        ("您的验证码是582911", "[code]"),
        ("認証コード：481923", "[code]"),
        ("인증번호 [481923]", "[code]"),
        ("Doğrulama kodu: 481923", "[code]"),
        ("Seu código de login: 481923", "[code]"),
        ("481923 — код для входа", "[code]"),
        ("Giriş kodunuz 4819", "[code]"),
        ("كود التفعيل: 481923", "[code]"),
        ("Use 481 923 to sign in", "[code]"),
        ("Rechnung DE89-3704-0044-0532-0130-00.pdf", "[iban]"),
        ("Konto DE89 3704 0044 0532 0130 00", "[iban]"),
        ("GB59NAWV77136867049356", "[iban]"),
        ("card 4111 1111 1111 1111", "[card]"),
        ("write to mira.keller@firma.example", "[email]"),
        ("SSN 078-05-1120", "[ssn]"),
        ("203.0.113.77 - Router", "[ip]"),
        ("host 2001:db8:0:0:0:0:0:7", "[ip]"),
        ("+49 151 23456789", "[phone]"),
        ("call me at 5551234", "[phone]"),
        ("(212) 555-0123", "[phone]"),
    ],
)
def test_what_identifies_a_person_or_account_is_replaced(text: str, mark: str) -> None:
    out = redact_text(text)
    assert mark in out
    assert redact_text(out) == out


@pytest.mark.parametrize(
    "text",
    [
        "How to store API keys in .env - Stack Overflow",
        "PROJ-8771 password reset flow broken - Jira",
        "Commit 93b3a15c5a448259a7aea1c1d22a284370baa453 · torvalds/linux",
        "Fix flaky test · acme/app@9efd4c0 - GitHub",
        "postgres@sha256:c9cfa015c85171597d6b25a98f403739c6acbdfd389b5686239a5ef4b7b4b975",
        "40e50454-f31a-4f31-a768-13e02ea68ef7.log - Editor",
        "https://www.youtube.com/watch?v=3YF_x2LWQmE",
        "Order #5336749776 - Shop",
        "IMG_86368740_941074.jpg",
        "WhatsApp Image 2026-03-02 at 14.05.33.jpeg",
        "AbstractSingletonProxyFactoryBean.java",
        "test_that_the_user_can_login_with_password.py",
        "src/components/UserProfile/UserProfileAvatar.stories.tsx",
        "com.example.myapplication.ui.screens.HomeScreenViewModel",
        "Donaudampfschifffahrtsgesellschaftskapitän - Wikipedia",
        "def connect(password: str, timeout: int = 30) -> None",
        'password = os.environ["DB_PASSWORD"]',
        "Password reset: what to do next",
        "Token: the last stop",
        "Error code 10061 connection refused",
        "Flight LH 4321 FRA-JFK 02.03.2026 14:30",
        "10 000 000 views",
        "127.0.0.1:8080",
        "release v2.11.0.3",
        ".env.production and prod.tfvars",
        "Manhattan 10001",
        "Código civil 1234 - BOE",
        "task_20240101.py - Visual Studio Code",
        "a letter that was left for the people who had come with them from there and then went home",
    ],
)
def test_a_harmless_title_stays_as_it_is(text: str) -> None:
    assert redact_text(text) == text


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("bell\x07 esc\x1b[31mred\x1b[0m", "bell escred"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("Hello\U000e0069\U000e0067", "Hello"),
        ("\ud800abc", "abc"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("a\u2028b", "a b"),
        ("family \U0001f469\u200d\U0001f467", "family \U0001f469\u200d\U0001f467"),
    ],
)
def test_what_only_machines_read_is_taken_out(raw: str, clean: str) -> None:
    assert redact_title(raw) == clean


def test_a_long_title_is_cut_at_a_word() -> None:
    title = redact_title("word " * 100)
    assert 290 <= len(title) <= 300
    assert title.endswith("word")


def test_the_cut_leaves_no_beginning_of_a_secret() -> None:
    for ahead in range(280, 301):
        assert RANDOM[:6] not in redact_title("x " * (ahead // 2) + f"password={RANDOM} and more words after it")


def test_the_check_digit_of_a_card_is_computed() -> None:
    assert luhn("4111111111111111")
    assert not luhn("4111111111111112")


@pytest.mark.parametrize("token", [RANDOM, "bmwqu2cdzw8mgebxn0vu", "a8f5f167f44f4964e6c998dee827110c"])
def test_a_key_looks_random(token: str) -> None:
    assert looks_random(token)


@pytest.mark.parametrize(
    "token", ["MarketAnalysis2023Final", "how-to-install-python-3-11-on-ubuntu", "ConvertToSecureStringFactory"]
)
def test_a_name_does_not_look_random(token: str) -> None:
    assert not looks_random(token)


@pytest.mark.parametrize(
    "piece",
    [
        "a8Fk2 ",
        "password=",
        "a@",
        "1 ",
        "0151 ",
        "://",
        "x" * 64,
        "code 12345 ",
        "eyJ",
        "DE89 3704 ",
        "-----BEGIN ",
        "[",
        "\u0301",
    ],
)
def test_a_megabyte_takes_no_time(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    started = time.perf_counter()
    redact_title(text)
    assert time.perf_counter() - started < 0.25


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "password",
                "=",
                ": ",
                "code",
                " is ",
                "123456",
                "4111 1111 1111 1111",
                "[",
                "]",
                "[secret]",
                "[code]",
                "@",
                "://",
                "?a=",
                "'",
                "\n",
                RANDOM,
            ]
        )
        | st.text(ascii_letters + digits + " -_/.:=@", max_size=12)
        | st.text(max_size=4),
        max_size=10,
    ).map("".join)
)
def test_redaction_is_idempotent(text: str) -> None:
    once = redact_text(text)
    assert redact_text(once) == once
    title = redact_title(text * 20)
    assert redact_title(title) == title


@settings(max_examples=100, deadline=None)
@given(
    st.text(ascii_letters + digits, min_size=24, max_size=48),
    st.sampled_from(["secret", "api_key", "token", "client_secret", "Passwort"]),
)
def test_a_named_value_never_survives(value: str, name: str) -> None:
    assert value not in redact_text(f"{name}='{value}'") or value.isalpha()


@pytest.mark.parametrize("before", ["", "Recovery phrase: ", "Notes - seed "])
def test_a_recovery_phrase_goes_and_a_list_of_few_words_stays(before: str) -> None:
    words = [
        "abandon",
        "ability",
        "able",
        "about",
        "above",
        "absent",
        "absorb",
        "abstract",
        "absurd",
        "abuse",
        "access",
        "accident",
    ]
    assert " ".join(words[:6]) not in redact_text(before + " ".join(words))
    assert redact_text(" ".join(words[:9])) == " ".join(words[:9])


def test_a_password_as_rules_ask_for_goes_without_its_name() -> None:
    assert redact_text("docker login -u me -p KtCLv" + "CyAvF#20") == "docker login -u me -p [secret]"
    assert redact_text("report%20Final%202024.pdf") == "report%20Final%202024.pdf"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ('<add key="Password" value="abc"d' + 'ef12" />', '<add key="Password" value="[secret]" />'),
        ("'secret_key' => \"sk_A(7bos7'kS,>z\"", "'secret_key' => \"[secret]\""),
        ('salt = b"\\x23!ae2389"', 'salt = b"[secret]"'),
        ("#define AESKEY {0x35, 0x34, 0x65, 0x9b, 0x1c, 0x2e, 0x23, 0x10}", "#define AESKEY {[secret]}"),
        ('SECRET := getenv("NAME", "hunter2x")', 'SECRET := getenv("NAME", "[secret]")'),
        ("linkedin_id = fbojbpyzxf" + "akqsrf", "linkedin_id = [secret]"),
        ("data: cGFzc3dvcmQ= kind: Secret", "data: [secret]kind: Secret"),
        (f"https://hooks.slack.com/services/T0AAAAAAA/B0AAAAAAA/{RANDOM} - Mail", "[secret] - Mail"),
        ("rzp_live_" + "ab1cd2ef3gh4ij", "[secret]"),
        ("416 60 039 office", "[phone] office"),
        ('password="a" and "b c"', 'password="a" and "b c"'),
    ],
)
def test_a_value_goes_to_its_end_and_its_surroundings_stay(text: str, left: str) -> None:
    assert redact_text(text) == left


def test_what_is_composed_loses_a_token_that_got_in_and_keeps_every_other_word() -> None:
    prompt = "You are told what somebody does.\npassword: reset it; +49 151 23456789"
    assert composed(prompt) == prompt
    assert composed(f"{prompt} glpat-{RANDOM}") == f"{prompt} [secret]"
