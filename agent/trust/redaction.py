"""What of secrets and private moments may leave the redaction: recall, mistakes, speed, addresses, private windows, faults."""

from __future__ import annotations

import random
import string
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from agent.bench.redact import measure
from agent.bench.redact_data import corpora
from agent.bench.redact_table import GOALS, PII_GOALS
from agent.core.records import Event, NewFile
from agent.core.redact import Rules, redact, redact_file
from agent.core.urls import redact_url
from agent.trust._broken import Fault, faults, injected
from agent.trust._private import MODES, events_in_private
from agent.trust._screens import SCREENS
from agent.trust._wire import CONTROL, forget, run, secrets_at_work, seen
from agent.trust.row import Row

FILES = {
    "secrets": ("secrets_generated.jsonl", "secrets_labelled.jsonl"),
    "benign": ("benign_strings.json", "benign_hard.jsonl"),
    "pii": ("pii_sentences.json",),
}
"""What is looked for in the folder of the corpora, gzipped or not."""
SLOW = 50.0
_SCHEMES = (
    "http",
    "https",
    "HTTPS",
    "ftp",
    "ws",
    "wss",
    "sftp",
    "file",
    "chrome",
    "mailto",
    "data",
    "view-source:https",
    "x-app",
)
_BITS = string.ascii_letters + string.digits + "-_.~%/\\:@!$&'()*+,;= äß漢\u202e\u200b"


def rows(full: bool, data: Path | None) -> Iterator[Row]:  # noqa: FBT001 - the form of every part
    """P1 to P7; what needs the corpora is left out without their folder."""
    if data is not None:
        yield from _measured(data)
    yield _fuzzed(10_000 if full else 500)
    yield from _addresses(10_000 if full else 1000)
    yield from _screens()
    yield _private()
    yield _closed(full=full)


def _measured(data: Path) -> Iterator[Row]:
    """P1, P2 and P4 on the corpora."""
    found = measure(corpora(*([_there(data, name) for name in FILES[kind]] for kind in ("secrets", "benign", "pii"))))
    for goal in GOALS:
        value = found[goal.key]
        number = "P1" if goal.key.startswith("recall") else "P2"
        met = value <= goal.bound if goal.most else value >= goal.bound
        span = found.get(f"{goal.key}_ci")
        result = f"{value:.4f}" + (f" [{span[0]:.3f}, {span[1]:.3f}]" if span else "")
        yield Row(number, goal.words, found.get(goal.of) or 1, result, f"{'<=' if goal.most else '>='} {goal.bound:g}", met)
    for kind, value in found["pii_recall"].items():
        bound = PII_GOALS.get(kind, 1.0)
        low, high = found["pii_recall_ci"][kind]
        result = f"{value:.4f} [{low:.3f}, {high:.3f}]"
        yield Row("P4", kind.lower().replace("_", " "), found["n_pii"][kind], result, f">= {bound:g}", value >= bound)


def _there(folder: Path, name: str) -> Path:
    packed = folder / f"{name}.gz"
    return packed if packed.is_file() else folder / name


def _fuzzed(count: int) -> Row:
    """P2: no text of any kind is slow; the whole redaction of a window event, in milliseconds of the processor."""
    chance = random.Random(2)  # noqa: S311 - a trial is to be repeatable
    slow, worst = 0, 0.0
    if redact([], Rules()).broken:  # then it would be fast, and prove nothing
        raise RuntimeError("the redaction does not work")
    for _ in range(count):
        given = seen("window", 50, 10, app="a", title=_odd(chance))
        start = time.thread_time()
        redact([given], Rules())
        took = (time.thread_time() - start) * 1000
        slow, worst = slow + (took > SLOW), max(worst, took)
    return Row("P2", f"made-up titles that take more than {SLOW:g} ms", count, f"{slow} (worst {worst:.1f} ms)", "0", slow == 0)


def _odd(chance: random.Random) -> str:
    """A title of up to a million signs: pieces that rules look for, repeated and mixed."""
    pieces = (
        "password=", "eyJ", "-----BEGIN PRIVATE KEY-----", "https://a/", "1 ", "a@", " - ", "密码：", "(", "\x1b[", "\u202e",
        "e\u0301", "key='", "😀", "DE89 ", "+49 ", "a.b.", "0x1, ", "::", "é", chance.choice(_BITS),
        "".join(chance.choices(_BITS, k=40)),
    )  # fmt: skip
    mixed = "".join(chance.choices(pieces, k=chance.choice((1, 2, 5))))
    return mixed * int(10 ** chance.uniform(0, 6) / len(mixed) + 1)


def _addresses(count: int) -> Iterator[Row]:
    """P3: addresses made at random; no user info, query or fragment leaves, and no long token of the path."""
    chance = random.Random(3)  # noqa: S311
    leaked = tokens = 0
    for n in range(count):
        hidden = [f"qz{chance.choice('jkvxz')}{n:x}w{part}" for part in ("user", "pass", "query", "value", "hash")]
        token = "".join(chance.choices(string.ascii_lowercase, k=7)) + "".join(
            chance.choices("0123456789abcdefxyz", k=chance.randint(9, 40))
        )
        token += "7q3z9k2x5"
        out = redact_url(_address(chance, hidden, token))
        leaked += any(part in out for part in hidden)
        tokens += token in out
    yield Row("P3", "addresses of which user info, query or fragment leaves", count, str(leaked), "0", leaked == 0)
    yield Row(
        "P3", "addresses of which a path token of 16 signs or more with digits leaves", count, str(tokens), "0", tokens == 0
    )


def _address(chance: random.Random, hidden: Sequence[str], token: str) -> str:
    user, password, name, value, part = (quote(h) if chance.random() < 0.2 else h for h in hidden)
    scheme, host = (
        chance.choice(_SCHEMES),
        chance.choice(("a.example", "127.0.0.1:8080", "[::1]", "bücher.example", "localhost")),
    )
    who = (
        ""
        if scheme == "file"
        else chance.choice((f"{user}:{password}@", f"{user}@", f":{password}@", f"{user}:{password}@x@", ""))
    )
    noise = [
        "".join(chance.choices(string.ascii_lowercase + "-_.", k=chance.randint(1, 9))) for _ in range(chance.randint(0, 4))
    ]
    path = "/".join([*noise, *([token] if chance.random() < 0.5 else [])])
    path += chance.choice(("", f";{name}={value}", f";{value}"))
    query = chance.choice(("?", "??", "?&")) + chance.choice(
        (f"{name}={value}", f"a=1&{name}={value}", f"{name}[]={value}", f"u=http://{user}")
    )
    mark = chance.choice(("#", "#/", "#!", "#?")) + part
    return f"{scheme}://{who}{host}/{path}{query}{mark}{''.join(chance.choices(_BITS, k=chance.randint(0, 6)))}"


def _screens() -> Iterator[Row]:
    """P5, a report: what no rule can tell, and that titles-off leaves none of it."""
    for titles, words in ((True, "with all rules"), (False, "with titles off")):
        clean = 0
        for title, url, private in SCREENS:
            events: list[Event] = [seen("window", 90, 9, app="firefox", title=title), seen("web", 90, 9, title=title, url=url)]
            events.append(seen("editor", 90, 9, file=f"/home/mira/{title}", project=title, language=title))
            left = str([e.data for e in redact(events, Rules(titles=titles)).events])
            left += str(
                redact_file(NewFile(path=f"/home/mira/Downloads/{title}.pdf", at=events[0].timestamp), Rules(titles=titles))
            )
            clean += not any(p in left for p in private)
        n = len(SCREENS)
        told = f"screens (window, tab, editor, new file) of which no name, company, illness or plan remains, {words}"
        yield Row("P5", told, n, str(clean), "report" if titles else f"{n}", None if titles else clean == n)


def _private() -> Row:
    """P6: private tabs and windows in every browser and language, with what overlaps them: nothing in prompt, database, log."""
    leaks = vain = count = 0
    for batch in events_in_private():
        out = run(batch.events)
        count += batch.private
        leaks += len(out.leaks(batch.values))
        vain += CONTROL not in out.text
    result = f"{leaks} leaks" + (f", {vain} trials in vain" if vain else "")
    what = f"events of private browsing ({len(MODES)} browsers, 12 languages, flags, windows beside them)"
    return Row("P6", what, count, result, "0 leaks", leaks == 0 and vain == 0)


def _closed(*, full: bool) -> Row:
    """P7: each stage broken in each way; nothing may leave, and the user must be told."""
    events, values, files = secrets_at_work()
    whole = run(events, files)
    leaks: list[str] = []
    silent: list[str] = []
    tried = list(faults())[:: 1 if full else 7]
    for fault in tried:
        with injected(fault):
            out = run(events, files)
        leaks += [f"{fault.place} {fault.how}"] if out.leaks(values) else []
        silent += [f"{fault.place} {fault.how}"] if not out.told and _needs_word(fault) else []
    forget()
    vain = bool(whole.leaks(values)) or not whole.asked or CONTROL not in whole.text
    said: list[Any] = [f"{len(leaks)} leak", *leaks[:3], f"{len(silent)} untold", *silent[:3], *(["in vain"] if vain else [])]
    return Row("P7", "faults in the redaction", len(tried), "; ".join(said), "0 leak, 0 untold", not (leaks or silent or vain))


def _needs_word(fault: Fault) -> bool:
    """Whether the user must be told: not of a file that is left out alone, nor of rules whose work others do as well."""
    return fault.how != "has no rules" and fault.place != "agent.core.redact.redact_text"
