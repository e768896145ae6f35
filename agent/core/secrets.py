"""Finds secrets in a text and replaces each by `[secret]`: vendors' token shapes, assignments, and tokens that look random.

Covered: some 200 token shapes; passwords, keys and tokens after their name in 25 languages (`=`, `:`, `is`, `--flag`,
`IDENTIFIED BY`, `Authorization:`); private keys; connection strings; tokens of 16 characters and more that look random;
a value found once goes everywhere in the text.
Not covered: a bare password without its name that is short or readable; random tokens of letters alone that read like
a word; git hashes (40 hex digits), UUIDs and digests named as such, which stay on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import re2

from agent.core.randomness import HEX, PIECE, RUN, SHORTEST, common_pairs, is_random, looks_random
from agent.core.secret_shapes import CERTAIN, KEYWORDS, LIKELY, PASSWORDS, VENDORS

SECRET = "[secret]"  # noqa: S105  the mark that stands in for one
_CERTAIN = re2.compile("|".join(CERTAIN))
_LIKELY = re2.compile("|".join(LIKELY))
_QUOTE = r"""["'`´‘’“”«»„]|&quot;|\\"""
_SIGN = r"(?:\s*(?:[:=!]?={1,3}>?|:{1,3}=?|：|=>|->|>|\?=|\|\||＝)\s*)"
_IS = r"(?:\s+(?:is|ist|lautet|est|es|è|é|är|er|jest|это|is set to|set to|changed to)\s+|(?:是|为|為|は|은|는)\s*:?)"
_VALUE = (
    r"""(?:\b[bruf@]{1,2})?(?:["“„](?P<a>[^\s"“”„][^"“”„\n]{2,200})["”“]|['‘`´](?P<b>[^\s'‘’`´][^'‘’`´\n]{2,200})['’`´]|&quot;(?P<c>[^\s&]{3,200})"""
    r"""|\\?["'`](?P<d>[^\s"'`\\]{3,})|(?P<e>[^\s"'`´‘’“”«»„,;<>]{4,}))"""
)
_ENDING = r"[\w.\]\[-]{0,24}"
_TYPE = r"(?:\s*:\s*[A-Za-z]\w{2,15}\s*(?P<typed>=)\s*)"
_NAMED = rf"{_ENDING}(?:{_QUOTE})?[)\]]?(?:{_TYPE}|(?P<sign>{_SIGN})|\s*,\s*|(?P<spoken>{_IS})){_VALUE}"
_PASSWORD = re2.compile(rf"(?i)(?:{PASSWORDS}){_NAMED}")
_KEYWORD = re2.compile(rf"(?i)(?:{KEYWORDS}){_NAMED}")
_FLAG = re2.compile(
    rf"(?i)(?:--?[\w.-]*(?:secret|token|api-?key|credential)[\w.-]*[\s=]+(?:pass:)?|--?(?:user|u)[\s=]+"
    rf"|\bnet (?:user \S+|use .{{0,60}}/user:\S+) |identified\s+(?:with\s+\w+\s+)?by\s+|-force\s+"
    rf"|\bsnyk auth\s+|\bprivate-mac:\s*"
    rf"|\b(?:(?:zugangs|login|anmelde)daten|credentials|identifiants|credenciales)\s*:\s*\S{{1,60}}\s/\s"
    rf"|-asplaintext\s+(?:-string\s+)?|(?:bearer|basic|ntlm|digest|authorization:\s*token)\s+|pass:|\brequirepass\s+|(?:kinit|passwd|sudo|login)\b[^|;&\n]{{0,40}}<<<\s*){_VALUE}"
)
_FIRM = re2.compile(
    rf"(?i)(?:(?:^|\s)--?[\w.-]*(?:{PASSWORDS})[\w.-]*[\s=]+(?:pass:)?|(?:mysql\w*|mariadb\w*|sshpass|redis-cli|smbclient|htpasswd|7z|zip"
    rf"|unrar|unzip|ldap\w+|mongo\w*|sqlcmd|docker login|helm registry login|openssl)\b[^|;&\n]{{0,80}}?\s-[pPawk]\s?){_VALUE}"
)
_LINE = re2.compile(
    r"(?i)(?:\bmachine\s+\S+\s+login\s+\S+\s+password\s+|\bnmcli\b[^|;&\n]*\s(?:password|psk)\s+|\b[wx]?freerdp\w*\b[^|;&\n]*\s/p:)"
    rf"{_VALUE}"
)
_FIRMEST = (_FIRM, _LINE)
_GIVEN = re2.compile(
    rf"""(?i)(?:(?:{PASSWORDS})\w*\(\s*|\b(?:login|log_in|sign_?in|authenticate|auth|connect)\w*\(\s*["'][^"'\n]*["']\s*,\s*"""
    rf"""|(?:{PASSWORDS})\s+)["']([^"'\n]{{3,200}})["']|\becho\s+(?:-n\s+)?["']?([^\s"'|]{{4,}})["']?\s*\|\s*(?:sudo\s+)?"""
    r"""(?:passwd|chpasswd|sudo|docker|helm|gpg|cryptsetup|openssl|kinit|smbpasswd)\b"""
)
_BARE = re2.compile(rf"(?i)(?:{PASSWORDS})(?:\s+[-–—])?\s+([\x21-\x7e]{{8,64}})")
_WIFI = re2.compile(r"(?i)\bwifi:(?:[tsh]:[^;\n]*;){1,4}p:([^;\n]{3,63})")
_DEFINE = re2.compile(
    rf"(?i)(?:define|export|set|setx|-D|\benv|\barg)\s+[\w.]*(?:{PASSWORDS}|secret|token|key)\w*[\s=]+{_VALUE}"
)
_VENDOR = re2.compile(
    rf"(?i)(?:{VENDORS}|{KEYWORDS}|password)[\w .\t-]{{0,40}}(?:{_QUOTE}|\s){{0,3}}(?:=|>|:|\|\||\?|"
    rf",){{1,4}}(?:{_QUOTE}|[\s=>,:]){{0,8}}"
    r"([\w.=+/~%:-]{8,})"
)
_MARKUP = re2.compile(
    rf"(?i)(?:key|name)\s*=\s*.{{0,24}}(?:{PASSWORDS}|{KEYWORDS}).{{0,3}}\s+value\s*=\s*(?:{_QUOTE})([^\"\n]{{3,200}})"
)
_CONNECTION = re2.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)([^\s/?#@:\"']*:[^\s/?#@\"']+|[^\s/?#@\"':]{8,})@")
_BYTES = re2.compile(
    rf"(?i)(?:{PASSWORDS}|{KEYWORDS}|key|\biv)\w*(?:\[\w*\])?\s*[:=]?\s*[\[{{(]\s*"
    r"((?:(?:0x[0-9a-f]{1,2}|\d{1,3})\s*,\s*){7,}[^)\]}\n]*)"
)
_DEFAULT = re2.compile(
    rf"(?i)(?:{PASSWORDS}|{KEYWORDS})[^\n=]{{0,24}}=\s*[\w.]+\(\s*[\"'][^\"'\n]*[\"']\s*,\s*[\"']([^\"'\n]{{4,}})[\"']"
)
_MANIFEST = re2.compile(r"""(?i)\bkind\s*:\s*["']?secret\b""")
_DATA = re2.compile(r"(?is)\b(?:string)?data\s*:\s*(\S.*?)(?:\b(?:kind|apiVersion|metadata)\s*:|$)")
_CLOSED = re2.compile(r"""([^\n]{0,120}?)["'`](?:[\s,;)\]}>/]|$)""")
_QUOTES = frozenset("\"'`")
_OPEN = frozenset(" \t\n,;)]}>/")
_TOKEN = re2.compile(rf"[A-Za-z0-9_+/=~%-]{{{SHORTEST},}}")
_CHOSEN = re2.compile(r"[^\s\"'`´‘’“”«»„,;:<>()\[\]{}/\\|=]{9,40}")
_ESCAPED = re2.compile(r"%[0-9A-Fa-f]{2}")
_SIGNS = frozenset("!?#$%^&*@+~")
_DIGEST = re2.compile(r"(?i)(?:sha-?\d{1,3}|md5|digest|checksum|integrity|commit|rev(?:ision)?|tree|blob|hash)\W{0,3}$")
_CODE = re2.compile(
    r"(?i)^(?:str(?:ing)?|int(?:eger)?|bool(?:ean)?|bytes|any|none|null|nil|undefined|true|false|text|optional|"
    r"object|required|"
    r"dict|list|float|number|secretstr|char|varchar|void|self|\*+|•+|x+|\.+|…)\W*$|^(?:\$|%\w+%|\{|<|\[(?:secret|"
    r"id|code|email)\]|os\.|env\.|"
    r"process\.env|getenv|self\.|request\.|config\.|settings\.|input\(|prompt\()"
)
_BUILT = re2.compile(r"^(?:\.(?:min|bundle|chunk|module|esm|umd))?\.(?:m?js|css|wasm)\b")
_CALL = re2.compile(r"^\w+(?:\.\w+)*\(")
_PLAIN = re2.compile(r"^(?:\pL\pM*)+[.!?…:]*$")
_NAME = re2.compile(r"^::[A-Za-z_]+$")
_REPEATED = 64
_TURNS, _SHORT_RUNS, _FEW = 3, 3.2, 0.7
_TELLING = 6


def hide_secrets(text: str) -> str:
    """The text with every secret found replaced by `[secret]`."""
    text = _CONNECTION.sub(r"\1[secret]@", text)
    spans = sorted(span for span in _spans(text) if SECRET[:-1] not in text[span[0] : span[1]])
    values = sorted({text[start:end] for start, end in spans}, key=len, reverse=True)
    text = _cut_out(text, spans)
    for value in values[:_REPEATED]:
        text = text.replace(value, SECRET) if len(value) >= _TELLING else text
    return text


def hide_certain(text: str) -> str:
    """The text without what by its shape is nothing but a secret; linear, and cheap enough for a whole prompt."""
    return str(_CERTAIN.sub(SECRET, text))


def _cut_out(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with the sorted spans replaced; those that overlap as one."""
    out: list[str] = []
    at = 0
    for start, end in spans:
        if start >= at:
            out += (text[at:start], SECRET)
        at = max(at, end)
    return "".join((*out, text[at:]))


def _spans(text: str) -> Iterator[tuple[int, int]]:
    for _, found in _rules(text):
        yield from found


def _rules(text: str) -> Iterator[tuple[str, Iterator[tuple[int, int]]]]:
    """Each rule by name, and where it finds a secret."""
    yield "token shapes", (m.span() for m in _CERTAIN.finditer(text))
    yield "likely shapes", (m.span() for m in _LIKELY.finditer(text) if looks_random(m.group(), shortest=12))
    yield "after its name", _assigned(text)
    yield "random tokens", _random_tokens(text)
    yield "strong passwords", (m.span() for m in _CHOSEN.finditer(text) if _is_chosen(m.group()))


def rules_that_fire(text: str) -> Iterator[str]:
    """The names of the rules that find a secret in the text."""
    if _CONNECTION.search(text):
        yield "connection strings"
        text = _CONNECTION.sub(r"\1[secret]@", text)
    for name, found in _rules(text):
        if any(SECRET[:-1] not in text[start:end] for start, end in found):
            yield name


def _assigned(text: str) -> Iterator[tuple[int, int]]:
    """Values after the name of a secret; a plain word after a colon or "is" is a sentence, not a secret."""
    for pattern, strong in (
        (_PASSWORD, True),
        (_FIRM, True),
        (_LINE, True),
        (_KEYWORD, False),
        (_FLAG, False),
        (_DEFINE, False),
    ):
        for match in pattern.finditer(text):
            start, end = _value(match)
            end = _closing(text, start, end)
            firm = strong and (pattern in _FIRMEST or _is_glued(match))
            if not _is_code(text, start, end) and _is_value(text[start:end], firm=firm):
                yield start, end
    yield from _given(text)
    yield from _beside(text)
    for pattern in (_MARKUP, _BYTES, _WIFI, _DEFAULT, *((_DATA,) if _MANIFEST.search(text) else ())):
        for match in pattern.finditer(text):
            yield match.start(1), _closing(text, *match.span(1))


def _is_code(text: str, start: int, end: int) -> bool:
    """Whether a value is a call, or the name after `::`; in quotes it is none."""
    called = text[start - 1 : start] not in _QUOTES and _CALL.match(text[start:end])
    return bool(called or _NAME.match(text[start - 2 : end]))


def _beside(text: str) -> Iterator[tuple[int, int]]:
    """What looks random after the name of a service or a word for a password."""
    for match in _VENDOR.finditer(text):
        if looks_random(match.group(1), shortest=8, known=False) or _is_odd(match.group(1)):
            yield match.span(1)
    for match in _BARE.finditer(text):
        if any(map(str.isdigit, match.group(1))) and looks_random(match.group(1), shortest=8):
            yield match.span(1)


def _given(text: str) -> Iterator[tuple[int, int]]:
    """Passwords that are handed over: to a function, or to a program by `echo`."""
    for match in _GIVEN.finditer(text):
        start, end = match.span(1 if match.group(1) else 2)
        if _is_value(text[start:end], firm=False):
            yield start, end


def _closing(text: str, start: int, end: int) -> int:
    """Where a quoted value ends that has quotes within: at a quote that something closes, a space or a bracket."""
    if not text[start - 1 : start] or text[start - 1] not in _QUOTES or text[end : end + 1] in ("", *_OPEN):
        return end
    if text[end + 1 : end + 2] in ("", *_OPEN):
        return end
    closed = _CLOSED.match(text[end + 1 : end + 200])
    return end + 1 + closed.end(1) if closed else end


def _is_odd(value: str) -> bool:
    """Whether the letters beside a service's name are no words: `linkedin = fbojbpyzxfakqsrf`."""
    share, count = common_pairs([run.group() for run in RUN.finditer(value)])
    return count >= 11 and share < 0.7


def _is_glued(match: Any) -> bool:
    """Whether name and value are joined as in code (`=`, quotes, no space), not as in a sentence."""
    if match.group("spoken"):
        return False
    sign = match.group("sign") or "="
    return bool(match.group("typed")) or "=" in sign or not sign[-1].isspace() or not match.group("e")


def _value(match: Any) -> tuple[int, int]:
    """Where the value after a name stands, without quotes or the bracket that closes the sentence."""
    quoted, bare = _places(match.re)
    start, end = next((span for span in map(match.span, quoted) if span[1] > span[0]), match.span(bare))
    return start, end - (_closed_by(match.group(bare)) if (start, end) == match.span(bare) else 0)


def _closed_by(value: str) -> int:
    return len(value) - len(value.rstrip(").]}"))


@lru_cache(maxsize=16)
def _places(pattern: Any) -> tuple[tuple[int, ...], int]:
    """The groups of a quoted value and of a bare one; to look them up by name for each match is what is slow in re2."""
    index = pattern.groupindex
    return tuple(index[name] for name in "abcd"), index["e"]


def _is_value(value: str, *, firm: bool) -> bool:
    """Whether what stands after a name is a secret, not a type, a call, a variable or a word of a sentence."""
    if len(value) < 4 or _CODE.search(value):
        return False
    return firm or not _PLAIN.match(value) or _is_mixed(value)


def _is_mixed(value: str) -> bool:
    """Whether letters alone are no word and no name of code: small and capital ones in turn, `QwErTyUiOp`."""
    runs = [run.group() for run in RUN.finditer(value)]
    if len(runs) < _TURNS or not value.rstrip(".!?…:").isascii():
        return False
    share, _ = common_pairs(runs)
    return sum(map(len, runs)) / len(runs) < _SHORT_RUNS or share < _FEW


def _is_chosen(token: str) -> bool:
    """Whether a word is a password as rules ask for: small and capital letters, digits, a sign, and otherwise random."""
    kinds = (any(map(test, token)) for test in (str.islower, str.isupper, str.isdigit, _SIGNS.__contains__))
    if not token.isascii() or not all(kinds) or _ESCAPED.search(token):
        return False
    pieces = [m.group() for m in PIECE.finditer(token)]
    return is_random(pieces, sum(map(len, pieces)), known=True)


def _random_tokens(text: str) -> Iterator[tuple[int, int]]:
    for match in _TOKEN.finditer(text):
        token, at = match.group(), match.start()
        digest = HEX.match(token) and _DIGEST.search(text[max(0, at - 12) : at])
        if not digest and not _BUILT.match(text[match.end() : match.end() + 16]):
            yield from ((at + start, at + end) for start, end in _random_parts(token))


def _random_parts(token: str) -> Iterator[tuple[int, int]]:
    """The token if it looks random; of a path or a list the parts that do, or all if it was base64 that looked like a path."""
    if "/" not in token and "=" not in token.rstrip("="):
        if looks_random(token):
            yield 0, len(token)
        return
    at = 0
    for part in token.replace("=", "/").split("/"):
        if len(part) >= SHORTEST and looks_random(part):
            yield (0, len(token)) if looks_random(token.replace("/", "").replace("=", "")) else (at, at + len(part))
        at += len(part) + 1
