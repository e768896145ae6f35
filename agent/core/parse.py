"""Reads an LLM's answer strictly: the first JSON object in it, then candidates; nothing is guessed or repaired here."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from typing import Any, NamedTuple, NoReturn

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from agent.core.records import Candidate, Operation

MAX_ANSWER = 65_536
MAX_DEPTH = 32
MAX_TRIES = 8
MAX_ARGUMENTS = 4_096
CANDIDATES = 5
TASK, BECAUSE, RESPONSE, PURPOSE, THOUGHTS = 120, 200, 400, 200, 600

# Bidi marks, embeddings, overrides and isolates; zero-width space, word joiner and BOM; tag characters. The joiners
# U+200C and U+200D stay: Persian, Hindi and emoji need them.
_INVISIBLE = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
_THINKING = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)


class ParseError(ValueError):
    """The answer is not what was asked for; the text says why, in words a model can act on."""


class Answer(NamedTuple):
    """What the predictor's answer said; `dropped` names what was left out and why."""

    purpose: str
    thoughts: str
    candidates: tuple[Candidate, ...]
    dropped: tuple[str, ...]


class _Idea(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)
    proactive_task: str
    because: str
    response: str = ""
    operation: _Call


class _Call(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)
    name: str
    arguments: dict[str, JsonValue]


def proposal(text: str) -> Answer:
    """The predictor's answer; raises ParseError if it is not an object with a list of usable candidates.

    A single malformed candidate is dropped and named; if no candidate of a list that is not empty is well formed, the
    answer as a whole is refused. More than CANDIDATES are cut. No candidates is silence.
    """
    answer = first_object(text)
    listed = answer.get("candidates")
    if listed is None and "candidates" in answer:
        listed = []
    if not isinstance(listed, list):
        raise ParseError("'candidates' is missing or not a list")
    kept, dropped = _ideas(listed[:CANDIDATES])
    if dropped and not kept:
        raise ParseError("; ".join(dropped))
    return Answer(_text(answer, "purpose", PURPOSE), _text(answer, "thoughts", THOUGHTS), kept, dropped)


def first_object(text: str) -> dict[str, Any]:
    """The first JSON object in a text that may have prose or code fences around it; raises ParseError.

    NaN, Infinity, numbers too large for a float, nesting deeper than MAX_DEPTH and texts over MAX_ANSWER are refused.
    """
    if len(text) > MAX_ANSWER:
        raise ParseError(f"the answer is longer than {MAX_ANSWER} characters")
    text = _THINKING.sub("", text)
    start = text.find("{")
    why = "there is no JSON object in the answer"
    for _ in range(MAX_TRIES):
        if start < 0:
            break
        try:
            return _load(text, start)
        except (ValueError, RecursionError) as e:
            why = str(e)
        start = text.find("{", start + 1)
    raise ParseError(why)


def plain(text: str, limit: int) -> str:
    """One line without control, bidi and other invisible characters, cut at `limit` characters."""
    line = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text[: limit * 8])
    line = _INVISIBLE.sub("", line).encode("utf-8", "ignore").decode("utf-8")
    line = " ".join(line.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _load(text: str, start: int) -> dict[str, Any]:
    value = json.loads(text[start : _end(text, start)], parse_constant=_refuse, parse_float=_finite)
    if not isinstance(value, dict):
        raise ParseError("the answer is not a JSON object")
    return value


def _end(text: str, start: int) -> int:
    """Where the object that begins at `start` closes; the depth is bounded before the JSON reader, which recurses, sees it."""
    depth, quoted, escaped = 0, False, False
    for at in range(start, len(text)):
        char = text[at]
        if quoted:
            quoted, escaped = escaped or char != '"', char == "\\" and not escaped
        elif char == '"':
            quoted = True
        else:
            depth += (char in "{[") - (char in "}]")
            if depth > MAX_DEPTH:
                raise ParseError(f"the JSON is nested deeper than {MAX_DEPTH}")
            if depth == 0:
                return at + 1
    raise ParseError("the JSON object is not closed")


def _refuse(name: str) -> NoReturn:
    raise ParseError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ParseError(f"{digits[:20]} is too large")
    return number


def _text(answer: dict[str, Any], key: str, limit: int) -> str:
    value = answer.get(key)
    return plain(value, limit) if isinstance(value, str) else ""


def _ideas(listed: list[Any]) -> tuple[tuple[Candidate, ...], tuple[str, ...]]:
    kept: list[Candidate] = []
    dropped: list[str] = []
    for number, raw in enumerate(listed, 1):
        read = _idea(raw)
        if isinstance(read, Candidate):
            kept.append(read)
        else:
            dropped.append(f"candidate {number}: {read}")
    return tuple(kept), tuple(dropped)


def _idea(raw: Any) -> Candidate | str:
    try:
        return _candidate(raw)
    except ParseError as e:
        return str(e)


def _candidate(raw: Any) -> Candidate:
    try:
        idea = _Idea.model_validate(raw)
    except ValidationError as e:
        first = e.errors(include_url=False, include_input=False)[0]
        raise ParseError(f"{'.'.join(str(p) for p in first['loc']) or 'value'}: {first['msg']}") from None
    task = plain(idea.proactive_task, TASK)
    because = plain(idea.because, BECAUSE)
    if not task or not because:
        raise ParseError("proactive_task and because must not be empty")
    name = idea.operation.name
    if name != plain(name, 64):  # not the name of a tool, and not to be made into one
        raise ParseError("operation.name is not a plain name")
    operation = Operation(name=name, arguments=_storable(idea.operation.arguments))
    return Candidate(task=task, response=plain(idea.response, RESPONSE), because=because, operation=operation)


def _storable(arguments: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The arguments as they are; refused if they are too long or hold half a surrogate pair, which no file can keep."""
    if len(json.dumps(arguments)) > MAX_ARGUMENTS:
        raise ParseError(f"arguments are longer than {MAX_ARGUMENTS} characters")
    try:
        json.dumps(arguments, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise ParseError("arguments contain characters that are not text") from None
    return arguments
