"""Finds one-time codes in a text: numbers beside a word that announces one, in any of some 30 languages.

Covered: sign-in, confirmation and payment codes, PINs and TANs of 4 to 8 digits, in one piece or two.
Not covered: a code without any word beside it; four digits that can be a year, beside a word that means any code at all.
"""

from __future__ import annotations

from typing import Any

import re2

_CODE_WORDS = (
    r"\bone[- ]?time|single[- ]use|\botp\b|\b2fa\b|\bmfa\b|passcode|"
    "(?:verification|security|sign[- ]?in|log[- ]?in|login|"
    "confirmation|access|"
    "auth(?:entication|orization)?|recovery|activation|pairing|unlock|identity) (?:code|pin|number)|(?:verify|"
    "confirm) (?:your|it)|"
    r"\bm?tan\b|einmal-?(?:code|passwort|kennwort|pin|tan)|(?:bestätigungs|sicherheits|anmelde|verifizierungs|zugangs|"
    r"aktivierungs|freigabe|login)-?code|"
    "code (?:de|d['’]) ?(?:vérification|sécurité|confirmation|connexion|accès|activation|usage unique)|à usage unique|"
    "c[oó]d(?:igo|ice|i) (?:de|di|da|d['’]) ?(?:verifica|seguran?[çcz]|seguridad|sicurezza|confirma|"
    "conferma|acces|accesso|inicio|"
    "un solo uso|acesso|autentica)|(?:verificatie|beveiligings|inlog|toegangs)-?code|"
    "kod[a-zę]{0,3} (?:weryfikac|bezpiecz|potwierdz|dost|jednoraz|autoryz|doğrulama|ověř)|"
    "doğrulama kodu|güvenlik kodu|onay kodu|"
    "ověřovací kód|overovací kód|megerősítő kód|ellenőrző kód|(?:verifierings|säkerhets|engångs|inloggnings|"
    "bekræftelses|bekreftelses|engangs)-?"
    "(?:kod|kode|koden)|vahvistuskoodi|kertakäyttö|cod(?:ul)? de (?:verificare|securitate|confirmare)|kode "
    "(?:verifikasi|otp|keamanan)|"
    "mã (?:xác (?:minh|nhận|thực)|otp|bảo mật)|код[а-яії]{0,3} (?:подтвержд|доступа|безопасности|проверки|входа|"
    "авторизации|підтвердж)|"
    "одноразов|κωδικ|验证码|驗證碼|校验码|動態密碼|动态密码|确认码|確認碼|認証コード|確認コード|認証番号|"
    "ワンタイム|セキュリティコード|인증 ?(?:번호|코드)|"
    "보안 ?코드|확인 ?코드|رمز (?:التحقق|التأكيد|الدخول|الأمان)|کد تایید|קוד (?:אימות|האימות|גישה)|सत्यापन कोड|"
    "ओटीपी|รหัส (?:ยืนยัน|otp)|รหัสยืนยัน"
)
_PLAIN_CODE = "codes?|pin|código|codigo|codice|kod|kodu|kód|kode|koden|koodi|cod|mã|код|代码|コード|코드|رمز|كود|קוד|कोड|รหัส"
_IS = (
    r"(?:\s*[:：=#]\s*|\s+(?:is|ist|lautet|est|es|è|é|är|er|on|jest|je|adalah|là|это|-|–|—)\s*:?\s*|\s*(?:是|为|"
    r"為|は|：)\s*)"
)
_DIGITS = r"(?:[A-Z]{1,3}-)?\d{3}[ -]\d{3}|(?:[A-Z]{1,3}-)\d{4,8}|\d{4,8}"
_NO_CODE = (
    r"(?:error|exit|status|zip|postal|area|country|return|response|http|source|product|promo|discount|"
    r"color|colour|vs|dress|morse)"
)
_STRONG_CODE = re2.compile(rf"(?i){_CODE_WORDS}")
_CODE_NUMBER = re2.compile(
    rf"(?:^|[^\w#$€£./:,-])({_DIGITS}|[A-Z0-9]{{2,4}}-[A-Z0-9]{{3,4}})(?:$|[^\w%/:,-]|[-,.:](?:$|[^\w]))"
)
_CODE_AFTER = re2.compile(
    rf"(?i)(?:^|({_NO_CODE})[ -]|[^\pL])(?:{_PLAIN_CODE})(?:\s*[(]?\w*[)]?)?{_IS}"
    rf"([A-Z0-9]{{4,8}}(?:-[A-Z0-9]{{4,8}})+|{_DIGITS}|[A-Z0-9]{{5,8}})(?:$|[^\w])"
)
_CODE_BEFORE = re2.compile(
    rf"(?i)(?:^|[^\w#./-])({_DIGITS})\s+(?:is|ist|est|es|è|é|är|er|on|jest|это)\s+(?:\pL+\s+){{0,4}}\S*(?:{_PLAIN_CODE})"
    rf"|(?:^|[^\w#./-])({_DIGITS})\s*(?:は|是|为|為)"
)
_G_CODE = re2.compile(r"\b(?:G|FB|IG|A|M)-(?:\d{5,8}|\d{3} \d{3})\b|(?:\bPIN|\bPin|\bpin|ПИН|暗証番号)[ :：]{1,2}\d{4,8}\b")
_NEAR = 60
# Words for a code of any kind, as they are inflected; one of a source, country or error is none. `bound`: as a word of its own.
_PLAIN = re2.compile(
    r"(?i)(?P<not>(?:error|exit|status|zip|postal|area|country|return|response|http|source|product|promo|discount|"
    r"colou?r|vs|dress"
    r"|morse|studio|bar|qr) codes?|c[oó]di(?:go|ce) (?:civile?|penale?|postale?|fuente|fonte|de barras|sconto)|code "
    r"(?:civil|pénal|postal|promo|review))|(?P<english>codes?)|(?P<bound>pin|passcode|otp|tan|c[oó]digos?|clave|"
    r"codice|codul?|codi"
    r"|k[oó]d(?:u|em|ie|y|ja|en|et|e|ot|as|s)?|kodunu?z?u?|koodi(?:si|nne)?|şifreni?z?i?|код(?:а|у|ом|ът)?|"
    r"κωδικό?[ςύ]?|رمز[كه]?"
    r"|ال?كود|كود|کد|ה?קוד|mã)|(?:验证|驗證|校验|动态|動態|确认|確認|登录|登錄|授权|激活|提取|安全|认证)[码碼]|コード|코드"
    r"|(?:인증|확인|승인|보안) ?번호|कोड|ओटीपी|কোড|குறியீடு|รหัส"
)
_SIGN_IN = re2.compile(
    r"(?i)(?:log|sign)(?:ging|ning)?[- ]?in|anmeld|einlogg|connexion|connecter|sesión|entrar|accedi|zaloguj|logowani|"
    r"войти|вход|giriş|oturum"
    r"|ログイン|登录|登錄|로그인|تسجيل الدخول|लॉग ?इन|verif|confirm|bestätig|authori[sz]ation"
)
_LONG_NUMBER = re2.compile(
    r"(?:^|[^\w#$€£./:,-])(\d{5,8}|(?:1[0-8]|[03-9]\d|2[1-9])\d\d|\d{3}[ -]\d{3})(?:$|[^\w%/:,-]|[-,.:](?:$|[^\w]))"
)
_SIX = re2.compile(
    r"(?:^|[^\w#$€£./:,-])((?:1[0-8]|[03-9]\d|2[1-9])\d\d(?:\d\d){0,2}|\d{3}[ -]\d{3})(?:$|[^\w%/:,-]|[-,.:](?:$|[^\w]))"
)
_STANDARD = re2.compile(r"\b(?:RFC|ISO|IEC|IEEE|DIN|EN|PEP|BCP|NIST)[ -]$")
_AFTER, _BEFORE, _BESIDE = 30, 14, 24

Reach = tuple[int, int]
"""The stretch of a text in which a number belongs to a word."""


def hide_codes(text: str) -> str:
    """The text with one-time codes replaced by `[code]`."""
    text = _G_CODE.sub("[code]", text)
    text = _CODE_AFTER.sub(_code_after, text)
    text = _CODE_BEFORE.sub(lambda m: m.group().replace(m.group(1) or m.group(2), "[code]", 1), text)
    text = _near(text, _CODE_NUMBER, [(m.start() - _NEAR, m.end() + _NEAR) for m in _STRONG_CODE.finditer(text)])
    text = _near(text, _LONG_NUMBER, [_around(m) for m in _PLAIN.finditer(text) if _announces(m, text)])
    return _near(text, _SIX, [(m.start() - _BESIDE, m.end() + _BESIDE) for m in _SIGN_IN.finditer(text)])


def _announces(match: Any, text: str) -> bool:
    """Whether the word stands by itself, if it must, and speaks of a code that is a secret."""
    if match.group("not"):
        return False
    alone = not text[match.start() - 1 : match.start()].isalnum() and not text[match.end() : match.end() + 1].isalpha()
    return alone or not (match.group("bound") or match.group("english"))


def _around(match: Any) -> Reach:
    """A code follows its word; it stands before it too, but in English with a verb between (see _CODE_BEFORE)."""
    return (match.end() if match.group("english") else match.start() - _BEFORE, match.end() + _AFTER)


def _near(text: str, numbers: Any, reaches: list[Reach]) -> str:
    """The text without the numbers that lie in one of these stretches."""
    if not reaches:
        return text

    def hide(match: Any) -> str:
        start, end = match.span(1)
        close = any(low <= end and start <= high for low, high in reaches)
        whole, at = str(match.group()), match.start()
        if _STANDARD.search(text[max(0, start - 9) : start]):
            return whole
        if not close or not any(c.isdigit() for c in match.group(1)):
            return whole
        return whole[: start - at] + "[code]" + whole[end - at :]

    return str(numbers.sub(hide, text))


def _code_after(match: Any) -> str:
    value = match.group(2)
    if "-" in value and any(map(str.isalpha, value.split("-")[1:])):
        return str(match.group())
    if match.group(1) or not any(c.isdigit() for c in value):
        return str(match.group())
    return str(match.group().replace(value, "[code]"))
