"""What can go wrong with one request to an endpoint, and how each status is read.

What an endpoint says of its refusal is read to tell what was refused, and never quoted: it may hold the key or the prompt.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from agent.core.defence import on

MAX_WAIT = 86_400.0

# Wordings of OpenAI, Azure, vLLM, llama.cpp, LM Studio, Ollama and OpenRouter.
_TOO_LONG = re.compile(r"context.{0,24}(length|size|window|overflow)|prompt is too long|too many tokens", re.IGNORECASE)
_NO_CREDIT = re.compile(r"insufficient[_ ](quota|credit|balance|funds)|billing|exceeded your current quota", re.IGNORECASE)
_FILTERED = re.compile(r"content_filter|content management policy|ResponsibleAI", re.IGNORECASE)
_NO_MODEL = re.compile(r"model_not_found|model.{0,80}(not found|does not exist)", re.IGNORECASE)
_REJECTS_FORMAT = re.compile(r"response_format|json_schema|json_object|structured.output|grammar|guided", re.IGNORECASE)
_REJECTS_LENGTH = re.compile(r"max_tokens|max_completion_tokens", re.IGNORECASE)

LOOK = "Check model and base_url (most end in /v1)."
REFUSED, PAYMENT, MISSING, TIMEOUT, TOO_LARGE, BUSY = (401, 403), 402, 404, 408, 413, 429
_MAY_NAME_A_PARAMETER = (400, 422, 500, 501)


class RequestError(Exception):
    """One failed request. `kind` as in LLMError, or `format`, `length` (a parameter to be changed) or `filtered`."""

    def __init__(self, kind: str, what: str, hint: str = "", *, wait: float | None = None) -> None:
        super().__init__(what)
        self.kind = kind
        self.what = what
        self.hint = hint
        self.wait = wait
        self.sent = kind != "open"


def of_status(status: int, headers: Mapping[str, str], body: str, now: datetime) -> RequestError:
    """The fault an HTTP status other than 200 stands for."""
    wait = retry_after(headers, now) if on("retry_after") else None
    if status in REFUSED:
        return RequestError("refused", f"refused the key (HTTP {status})", "Correct api_key; it is not asked until then.")
    if status == PAYMENT or (status == BUSY and _NO_CREDIT.search(body)):
        return RequestError("refused", f"says there is no credit left (HTTP {status})", "Check the account's plan and billing.")
    if status == BUSY:
        return RequestError("busy", "asks for fewer requests (HTTP 429)", "It is asked again later.", wait=wait)
    if status == TIMEOUT:
        return RequestError("timeout", "timed out (HTTP 408)", "It is asked again later.", wait=wait)
    return _of_request(status, body) or _of_server(status, wait)


def _of_request(status: int, body: str) -> RequestError | None:
    """Faults of what was asked for, not of the server's health."""
    if status in _MAY_NAME_A_PARAMETER and _FILTERED.search(body):
        return RequestError("filtered", "filtered the answer")
    if status == TOO_LARGE or (status in _MAY_NAME_A_PARAMETER and _TOO_LONG.search(body)):
        return RequestError("too_long", "says the prompt is too long", "Give the model a larger context, or choose another.")
    if status == MISSING or (status in _MAY_NAME_A_PARAMETER and _NO_MODEL.search(body)):
        return RequestError("missing", f"does not know the address or the model (HTTP {status})", LOOK)
    if status in _MAY_NAME_A_PARAMETER and _REJECTS_FORMAT.search(body):
        return RequestError("format", f"does not take this answer format (HTTP {status})")
    if status in _MAY_NAME_A_PARAMETER and _REJECTS_LENGTH.search(body):
        return RequestError("length", f"does not take max_tokens (HTTP {status})")
    return None


def _of_server(status: int, wait: float | None) -> RequestError:
    if 300 <= status < 400:
        return RequestError("missing", f"answers with a redirect (HTTP {status})", "Write the final address into base_url.")
    if status >= 500 or status in (409, 425):
        return RequestError("down", f"failed (HTTP {status})", "It is asked again later.", wait=wait)
    return RequestError("garbage", f"did not accept the request (HTTP {status})", "Check model and base_url.")


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait, from retry-after-ms or retry-after (seconds or HTTP date); None if absent, not positive or not a number.

    Capped at a day.
    """
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        seconds = _number(headers.get(name, "")) * unit
        if math.isfinite(seconds) and seconds > 0:
            return min(seconds, MAX_WAIT)
    return _until(headers.get("retry-after", ""), now)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _until(text: str, now: datetime) -> float | None:
    try:
        due = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError):
        return None
    if due.tzinfo is None:
        due = due.replace(tzinfo=timezone.utc)
    seconds = (due - now).total_seconds()
    return min(seconds, MAX_WAIT) if seconds > 0 else None
