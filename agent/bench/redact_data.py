"""Reads the corpora of the redaction bench: secrets in their context, harmless texts, sentences with labelled personal data."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from agent.errors import ProactiveError
from reward_model.dataset import not_utf8

FORMS = {
    "secrets": 'An entry is {"kind": ..., "secret": ..., "text" or "line": the secret in its context}, "confidence" if graded.',
    "benign": 'An entry is a text, or {"text": ..., "expect": "keep" or "redact", "class": ...}.',
    "pii": 'An entry is {"full_text": ..., "spans": [{"entity_type": ..., "entity_value": ...}]}.',
}
_BAD = "The data cannot be used."
R = TypeVar("R")


class Secret(NamedTuple):
    """One secret in its context; `confidence` is '' in a file that does not grade, else strong, moderate or weak."""

    kind: str
    secret: str
    text: str
    confidence: str = ""


class Benign(NamedTuple):
    """One harmless text; `hard` if the file names classes, `keep` False for what must go although it looks harmless."""

    text: str
    kind: str = ""
    keep: bool = True
    hard: bool = False


class Sentence(NamedTuple):
    """A sentence and its labelled values: (entity type, value)."""

    text: str
    spans: tuple[tuple[str, str], ...]


class Corpora(NamedTuple):
    """Everything that is measured on, and the SHA-256 of each file by name."""

    secrets: tuple[Secret, ...]
    benign: tuple[Benign, ...]
    pii: tuple[Sentence, ...]
    hashes: Mapping[str, str]


def corpora(secrets: Sequence[Path], benign: Sequence[Path], pii: Sequence[Path]) -> Corpora:
    """All entries of these files (.json or .jsonl, .gz or not). Raises ProactiveError with file and line or entry."""
    files = [*secrets, *benign, *pii]
    hashes = {path.name: hashlib.sha256(_bytes(path)).hexdigest() for path in files}
    return Corpora(_all(secrets, _secret, "secrets"), _all(benign, _benign, "benign"), _all(pii, _sentence, "pii"), hashes)


def _all(paths: Sequence[Path], read: Callable[[Any], R], form: str) -> tuple[R, ...]:
    found: list[R] = []
    for path in paths:
        before = len(found)
        for where, entry in _entries(path):
            try:
                found.append(read(entry))
            except (KeyError, TypeError, ValueError) as e:
                raise ProactiveError(_BAD, f"{where}: {_why(e)}. {FORMS[form]}") from e
        if len(found) == before:
            raise ProactiveError(_BAD, f"{path} has no entries. {FORMS[form]}")
    return tuple(found)


def _why(error: Exception) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)


def _bytes(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
        return gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    except (EOFError, zlib.error, gzip.BadGzipFile) as e:
        raise ProactiveError(_BAD, f"{path} is no whole gzip file.") from e
    except OSError as e:
        raise ProactiveError(f"{path} cannot be read: {e.strerror}.", "Give a .json or .jsonl file, gzipped or not.") from e


def _entries(path: Path) -> Iterator[tuple[str, Any]]:
    """Where each entry stands, and the entry: of a list, or of JSON lines."""
    try:
        text = _bytes(path).decode("utf-8-sig", "strict")
    except UnicodeDecodeError as e:
        raise ProactiveError(_BAD, f"{path}, {not_utf8(e)}.") from e
    if path.name.removesuffix(".gz").endswith(".json"):
        found = _loads(text, str(path))
        if not isinstance(found, list):
            raise ProactiveError(_BAD, f"{path} is JSON but no list of entries.")
        yield from ((f"{path}, entry {n}", entry) for n, entry in enumerate(found, 1))
        return
    for n, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield f"{path}, line {n}", _loads(line, f"{path}, line {n}")


def _loads(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as e:
        line = f", line {e.lineno}" if isinstance(e, json.JSONDecodeError) and e.lineno > 1 else ""
        raise ProactiveError(_BAD, f"{where}{line}: not JSON.") from e


def _text(entry: Any, name: str) -> str:
    value = entry[name]
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} must be a text")
    return value


def _secret(entry: Any) -> Secret:
    text = _text(entry, "text" if "text" in entry else "line")
    secret = _text(entry, "secret")
    if secret not in text:
        raise ValueError("the secret does not stand in its text")
    return Secret(_text(entry, "kind"), secret, text, str(entry.get("confidence") or ""))


def _benign(entry: Any) -> Benign:
    if isinstance(entry, str):
        return Benign(entry)
    expect = entry.get("expect", "keep")
    if expect not in ("keep", "redact"):
        raise ValueError("expect must be keep or redact")
    return Benign(_text(entry, "text"), str(entry.get("class") or ""), expect == "keep", hard=True)


def _sentence(entry: Any) -> Sentence:
    spans = entry["spans"]
    if not isinstance(spans, list):
        raise TypeError("spans must be a list")
    return Sentence(_text(entry, "full_text"), tuple((_text(s, "entity_type"), _text(s, "entity_value")) for s in spans))
