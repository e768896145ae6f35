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

from agent.core.secret_shapes import CERTAIN, COMMON_PAIRS, KEYWORDS, LIKELY, PASSWORDS, VENDORS

SECRET = "[secret]"  # noqa: S105  the mark that stands in for one
SHORTEST = 16
"""Tokens below this length are told by their name or shape only."""

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
    rf"|-asplaintext\s+(?:-string\s+)?|(?:bearer|basic|ntlm|digest)\s+|pass:|\brequirepass\s+|(?:kinit|passwd|sudo|login)\b[^|;&\n]{{0,40}}<<<\s*){_VALUE}"
)
_FIRM = re2.compile(
    rf"(?i)(?:(?:^|\s)--?[\w.-]*(?:{PASSWORDS})[\w.-]*[\s=]+(?:pass:)?|(?:mysql\w*|mariadb\w*|sshpass|redis-cli|smbclient|htpasswd|7z|zip"
    rf"|unrar|unzip|ldap\w+|mongo\w*|sqlcmd|docker login|helm registry login|openssl)\b[^|;&\n]{{0,80}}?\s-[pPawk]\s?){_VALUE}"
)
_GIVEN = re2.compile(
    rf"""(?i)(?:(?:{PASSWORDS})\w*\(\s*|\b(?:login|log_in|sign_?in|authenticate|auth|connect)\w*\(\s*["'][^"'\n]*["']\s*,\s*"""
    rf"""|(?:{PASSWORDS})\s+)["']([^"'\n]{{3,200}})["']|\becho\s+(?:-n\s+)?["']?([^\s"'|]{{4,}})["']?\s*\|\s*(?:sudo\s+)?"""
    r"""(?:passwd|chpasswd|sudo|docker|helm|gpg|cryptsetup|openssl|kinit|smbpasswd)\b"""
)
_DEFINE = re2.compile(rf"(?i)(?:define|export|set|setx|-D)\s+[\w.]*(?:{PASSWORDS}|secret|token|key)\w*[\s=]+{_VALUE}")
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
_PIECE = re2.compile(r"[A-Za-z0-9]+")
_RUN = re2.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_UUID = re2.compile(r"(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
_HEX = re2.compile(r"^(?:[0-9a-f]{16,}|[0-9A-F]{16,})$")
_DIGEST = re2.compile(r"(?i)(?:sha-?\d{1,3}|md5|digest|checksum|integrity|commit|rev(?:ision)?|tree|blob|hash)\W{0,3}$")
_CODE = re2.compile(
    r"(?i)^(?:str(?:ing)?|int(?:eger)?|bool(?:ean)?|bytes|any|none|null|nil|undefined|true|false|text|optional|"
    r"object|required|"
    r"dict|list|float|number|secretstr|char|varchar|void|self|\*+|•+|x+|\.+|…)\W*$|^(?:\$|%\w+%|\{|<|\[(?:secret|"
    r"id|code|email)\]|os\.|env\.|"
    r"process\.env|getenv|self\.|request\.|config\.|settings\.|input\(|prompt\()"
)
_CALL = re2.compile(r"^\w+(?:\.\w+)*\(")
_PLAIN = re2.compile(r"^(?:\pL\pM*)+[.!?…:]*$")
GIT_HASH = 40
_REPEATED = 64
_TELLING = 6
_VARIED = 8
_JUDGED = 256  # the beginning of a token says as much as all of a megabyte of it


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
    for pattern, strong in ((_PASSWORD, True), (_FIRM, True), (_KEYWORD, False), (_FLAG, False), (_DEFINE, False)):
        for match in pattern.finditer(text):
            start, end = _value(match)
            end = _closing(text, start, end)
            quoted = text[start - 1 : start] in _QUOTES
            firm = strong and (pattern is _FIRM or _is_glued(match))
            if (quoted or not _CALL.match(text[start:end])) and _is_value(text[start:end], firm=firm):
                yield start, end
    yield from _given(text)
    for pattern in (_MARKUP, _BYTES, _DEFAULT, *((_DATA,) if _MANIFEST.search(text) else ())):
        for match in pattern.finditer(text):
            yield match.start(1), _closing(text, *match.span(1))
    for match in _VENDOR.finditer(text):
        if looks_random(match.group(1), shortest=8, known=False) or _is_odd(match.group(1)):
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
    share, count = _common([run.group() for run in _RUN.finditer(value)])
    return count >= 11 and share < 0.7


def _is_glued(match: Any) -> bool:
    """Whether name and value are joined as in code (`=`, quotes, no space), not as in a sentence."""
    if match.group("spoken"):
        return False
    sign = match.group("sign") or "="
    return bool(match.group("typed")) or "=" in sign or not sign[-1].isspace() or not match.group("e")


def _value(match: Any) -> tuple[int, int]:
    """Where the value after a name stands, without quotes or the bracket that closes the sentence."""
    name = next((name for name in "abcd" if match.group(name)), "e")
    start, end = match.span(match.re.groupindex[name])
    if name == "e":
        end -= len(match.group("e")) - len(match.group("e").rstrip(").]}"))
    return start, end


def _is_value(value: str, *, firm: bool) -> bool:
    """Whether what stands after a name is a secret, not a type, a call, a variable or a word of a sentence."""
    if len(value) < 4 or _CODE.search(value):
        return False
    return firm or not _PLAIN.match(value)


def _is_chosen(token: str) -> bool:
    """Whether a word is a password as rules ask for: small and capital letters, digits, a sign, and otherwise random."""
    kinds = (any(map(test, token)) for test in (str.islower, str.isupper, str.isdigit, _SIGNS.__contains__))
    if not token.isascii() or not all(kinds) or _ESCAPED.search(token):
        return False
    pieces = [m.group() for m in _PIECE.finditer(token)]
    return _is_random(pieces, sum(map(len, pieces)), known=True)


def _random_tokens(text: str) -> Iterator[tuple[int, int]]:
    for match in _TOKEN.finditer(text):
        token, at = match.group(), match.start()
        if not (_HEX.match(token) and _DIGEST.search(text[max(0, at - 12) : at])):
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


@lru_cache(maxsize=8192)
def looks_random(token: str, *, shortest: int = SHORTEST, known: bool = True) -> bool:
    """Whether a token (ASCII) was made by a machine as a key: many changes of class, or letter pairs no language has.

    `known` keeps git hashes and UUIDs, which are names of things and not keys.
    """
    token = token[:_JUDGED]
    if _UUID.match(token):
        return not known
    pieces = [m.group() for m in _PIECE.finditer(token)]
    size = sum(map(len, pieces))
    if size < shortest:
        return False
    if _HEX.match(token):
        return not known or (len(token) >= 24 and len(token) != GIT_HASH and not token.isdigit())
    return _is_random(pieces, size, known=known)


def _is_random(pieces: list[str], size: int, *, known: bool) -> bool:
    runs = [run.group() for piece in pieces for run in _RUN.finditer(piece)]
    changes = (len(runs) - len(pieces)) / size
    digits = sum(len(run) for run in runs if run.isdigit())
    if digits == size:
        return not known and size >= SHORTEST
    share, count = _common(runs)
    longest = max(map(len, pieces))
    if digits:
        if longest < 8 and changes < 0.3:
            return False
        return changes >= 0.27 or (changes >= 0.12 and share < 0.62 and count >= 4) or (share < 0.5 and count >= 9)
    varied = len(set("".join(pieces).lower())) >= _VARIED
    odd = (changes >= 0.36 and share < 0.75) or (longest >= 20 and share < 0.55)
    return varied and (odd or (longest >= SHORTEST and changes >= 0.2 and share < 0.5))


def _common(runs: list[str]) -> tuple[float, int]:
    """The share of the letter pairs that are common in some language, and how many pairs there are."""
    pairs = [run[i : i + 2].lower() for run in runs if run.isalpha() for i in range(len(run) - 1)]
    return (sum(pair in COMMON_PAIRS for pair in pairs) / len(pairs) if pairs else 0.0), len(pairs)
