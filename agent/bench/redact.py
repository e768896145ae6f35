"""proactive bench redact: how much of secrets and personal data goes, how much of harmless texts goes by mistake, how fast.

A value counts as gone only if no stretch of six signs of it is left that did not stand in its surroundings as well.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from agent.bench.redact_data import Benign, Corpora, Secret
from agent.core.clean import clean
from agent.core.texts import redact_text, redact_title
from agent.core.urls import redact_url

PIECE = 6
"""Signs of a value that may not be left in a row; all of a shorter value."""
TITLES = ("{} - Editor", "Settings - {} - Google Chrome", "{}")
TERMINAL = ("$ export X={}", "user@host: ~ $ echo {}")
URLS = ("https://app.example.com/x?token={}&a=1", "https://app.example.com/#access={}", "https://u:{}@app.example.com/")
PII = ("CREDIT_CARD", "EMAIL_ADDRESS", "US_SSN", "IP_ADDRESS", "IBAN_CODE", "PHONE_NUMBER")
FIGURES = (
    "recall_in_context", "recall_title", "recall_url", "recall_strong", "recall_strong_title", "recall_strong_terminal",
    "recall_password", "recall_labelled_line", "recall_capability",
    "false_positive_rate", "false_positive_rate_benign", "false_positive_rate_hard",
)  # fmt: skip
"""Shares 0..1; null where the files hold nothing for them."""
MARK = re.compile(r"\[(?:secret|code|email|ssn|ip|phone|iban|card|id|phrase)\]")
BIG = 1_000_000
_PASSWORD_WORDS = re.compile(
    r"^(?:(?:CMD|SQL|CURL|URL) .*|(?:Bearer )?Auth\w*|API|Credentials?|Key|Nonce|Password|Salt|Secret|Token)$"
)


class Miss(NamedTuple):
    """What was not handled: under which figure, of which kind, the value (of the corpus), and what was left of the text."""

    figure: str
    kind: str
    value: str
    left: str


class Tally:
    """Counts hits and tries by figure and kind, and keeps the misses."""

    def __init__(self) -> None:
        self.tries: dict[str, list[bool]] = defaultdict(list)
        self.kinds: dict[str, list[bool]] = defaultdict(list)
        self.misses: list[Miss] = []

    def add(self, figure: str, one: Secret, out: str, *, by_kind: bool = False) -> None:
        """Count one secret and what was left of its text."""
        hit = gone(one.secret, one.text, out)
        self.tries[figure].append(hit)
        if by_kind:
            self.kinds[one.kind].append(hit)
        if not hit:
            self.misses.append(Miss(figure, one.kind, one.secret, out))


def gone(secret: str, text: str, out: str) -> bool:
    """Whether nothing of the secret is left in `out` but what its surroundings in `text` hold too."""
    around, out = text.replace(secret, "\n"), MARK.sub("\n", out)
    size = min(PIECE, len(secret))
    pieces = (secret[i : i + size] for i in range(len(secret) - size + 1))
    return not any(piece in out and piece not in around for piece in pieces)


def is_strong(one: Secret) -> bool:
    """Graded strong, and a value by itself: no bare UUID, no header of a private key."""
    return one.confidence == "strong" and one.kind != "UUID" and "BEGIN" not in one.secret


def is_password(one: Secret) -> bool:
    """A password-like line: a value known by the name before it alone, of no vendor's shape."""
    return one.confidence in ("moderate", "weak") and bool(_PASSWORD_WORDS.match(one.kind))


def measure(data: Corpora, progress: Callable[[float], None] = lambda share: None) -> dict[str, Any]:
    """Every figure with its 95 % interval, counts, hashes, times in ms and misses."""
    forget()
    tally, times = Tally(), []
    for n, one in enumerate(data.secrets):
        times += _secret(tally, one)
        if n % 50 == 0:
            progress(n / (len(data.secrets) + len(data.benign) + 1))
    hidden, benign_times = _benign(tally, data.benign)
    found: dict[str, Any] = dict.fromkeys(FIGURES)
    found |= {name: share(hits) for name, hits in tally.tries.items()}
    found |= {f"{name}_ci": interval(hits) for name, hits in tally.tries.items()}
    found |= {f"n_{name.removeprefix('recall_')}": len(hits) for name, hits in tally.tries.items()}
    found["recall_by_kind"] = {kind: share(hits) for kind, hits in sorted(tally.kinds.items())}
    found |= hidden | _pii(tally, data)
    times += benign_times
    found |= {"p95_ms": _quantile(times, 0.95), "p50_ms": _quantile(times, 0.5), "mb_ms": big(), "n_timed": len(times)}
    found |= {"sha256": dict(data.hashes), "misses": [m._asdict() for m in tally.misses]}
    return dict(sorted(found.items()))


def forget() -> None:
    """Empty the caches, so that times are of texts never seen."""
    from agent.core import secrets, texts, urls

    for module in (secrets, texts, urls):
        for cached in list(vars(module).values()):
            if hasattr(cached, "cache_clear"):
                cached.cache_clear()


def _secret(tally: Tally, one: Secret) -> list[float]:
    """Count a secret in each of its contexts; the milliseconds each title took."""
    times: list[float] = []
    if not one.confidence:
        tally.add("recall_in_context", one, redact_text(one.text), by_kind=True)
        times = _within(tally, ("recall_title",), TITLES, one)
        for form in URLS:
            tally.add("recall_url", *_url(form, one))
    if is_strong(one):
        times = _within(tally, ("recall_strong", "recall_strong_title"), TITLES, one)
        times += _within(tally, ("recall_strong", "recall_strong_terminal"), TERMINAL, one)
    if is_password(one):
        tally.add("recall_password", one, redact_text(one.text))
    if one.confidence:
        tally.add("recall_labelled_line", one, redact_text(one.text), by_kind=True)
    return times


def _url(form: str, one: Secret) -> tuple[Secret, str]:
    whole = form.format(quote(one.secret, safe=""))
    return Secret(one.kind, quote(one.secret, safe=""), whole), redact_url(whole)


def _within(tally: Tally, figures: Iterable[str], forms: Iterable[str], one: Secret) -> list[float]:
    """Count the secret in these forms as titles; milliseconds each."""
    times = []
    for form in forms:
        whole = form.format(one.secret)
        out, took = _timed(whole)
        times.append(took)
        for figure in figures:
            tally.add(figure, Secret(one.kind, one.secret, whole), out)
    return times


def _timed(text: str) -> tuple[str, float]:
    start = time.thread_time()  # of the processor: what else runs on the machine is no property of the rules
    out = redact_title(text)
    return out, (time.thread_time() - start) * 1000


def _benign(tally: Tally, texts: Sequence[Benign]) -> tuple[dict[str, Any], list[float]]:
    """Rates of harmless texts in which anything was hidden; what must go counts apart."""
    changed: dict[str, list[bool]] = {"benign": [], "hard": [], "capability": []}
    times = []
    for one in texts:
        out, took = _timed(one.text)
        times.append(took)
        hit = len(MARK.findall(out)) > len(MARK.findall(clean(one.text)))
        group = "capability" if not one.keep else "hard" if one.hard else "benign"
        changed[group].append(hit)
        if hit == one.keep:
            tally.misses.append(Miss(f"false_positive_{group}" if one.keep else "recall_capability", one.kind, one.text, out))
    changed["texts"] = changed["benign"] + changed["hard"]
    names = {"texts": "false_positive_rate", "capability": "recall_capability"}
    names |= {group: f"false_positive_rate_{group}" for group in ("benign", "hard")}
    found: dict[str, Any] = {}
    for group, hits in changed.items():
        if hits:
            found |= {
                names[group]: share(hits),
                f"{names[group]}_ci": interval(hits),
                f"n_{group}": len(hits),
            }
    return found, times


def _pii(tally: Tally, data: Corpora) -> dict[str, Any]:
    hits: dict[str, list[bool]] = {}
    for sentence in data.pii:
        out = redact_text(sentence.text)
        for kind, value in sentence.spans:
            if kind in PII:
                # Whole values only: a house number in the same sentence may hold the digits of a telephone number.
                hits.setdefault(kind, []).append(gone(value, sentence.text, out))
                if not hits[kind][-1]:
                    tally.misses.append(Miss("pii_recall", kind, value, out))
    return {
        "pii_recall_all": share([hit for found in hits.values() for hit in found]),
        "pii_recall": {kind: share(found) for kind, found in sorted(hits.items())},
        "pii_recall_ci": {kind: interval(found) for kind, found in sorted(hits.items())},
        "n_pii": {kind: len(found) for kind, found in sorted(hits.items())},
        "n_sentences": len(data.pii),
    }


def big() -> float:
    """Milliseconds that a title of a million signs takes."""
    return _timed("a8Fk2 Zq" * (BIG // 8))[1]


def share(hits: Sequence[bool]) -> float | None:
    """The share of hits; None of nothing."""
    return sum(hits) / len(hits) if hits else None


def interval(hits: Sequence[bool]) -> tuple[float, float] | None:
    """The 95 % interval of a share (Wilson)."""
    n = len(hits)
    if not n:
        return None
    z = 1.959964
    p = sum(hits) / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * ((p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5)
    return round(max(0.0, middle - half), 5), round(min(1.0, middle + half), 5)


def _quantile(values: Sequence[float], q: float) -> float | None:
    return round(sorted(values)[min(len(values) - 1, int(len(values) * q))], 4) if values else None
