"""Says what would remain of a text or an event, and which rules hid what; without a word of what was hidden."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.core.canary import TEXTS
from agent.core.clean import clean
from agent.core.phrases import hide_phrases
from agent.core.records import Event, Record
from agent.core.redact import Rules, redact
from agent.core.secrets import rules_that_fire
from agent.core.texts import redact_text
from agent.core.urls import redact_url

WHY = {
    "incognito": "a tab in private mode",
    "private_window": "a window in private mode",
    "beside_private": "it lies beside a private tab or window",
    "same_title": "its title is that of a private moment",
    "excluded_app": "a password manager, a money program, or an app of your excluded_apps",
    "excluded_title": "a password manager, or a title of your excluded_titles",
    "excluded_url": "a sign-in page, a vault, an adult or health site, or an address of your excluded_urls",
    "beside_excluded": "the window or tab of a page that is left out",
    "bank": "a bank, a broker or a payment",
    "blank": "a window without app and title",
    "failed": "it could not be redacted",
}
"""Each reason for which an event is dropped, in words."""
OWN, BUILT_IN = "by your configuration", "built in"
MARKS = {
    "[secret]": "secrets",
    "[code]": "one-time codes",
    "[email]": "e-mail addresses",
    "[phone]": "telephone numbers",
    "[card]": "cards, by their check digit",
    "[iban]": "accounts",
    "[ssn]": "social security numbers",
    "[ip]": "IP addresses",
    "[id]": "ids and keys in addresses",
}
"""What stands in for what."""


class Tried(Record):
    """What would remain, the rules that hid something, and why all of it is dropped, if it is."""

    left: str = ""
    rules: tuple[str, ...] = ()
    dropped: str = ""


def examples() -> list[tuple[str, str, str]]:
    """Each rule by name, a made-up text, and what remains of it."""
    return [(name, "".join(c if c.isprintable() else "?" for c in text), redact_text(text)) for name, text, _ in TEXTS]


def tried(text: str) -> Tried:
    """What remains of a text, and which rules hid something."""
    return Tried(left=redact_text(text), rules=tuple(dict.fromkeys(_fired(text))))


def tried_events(events: Sequence[Event], rules: Rules) -> Tried:
    """What remains of a window or tab seen with these fields; all are dropped if one is."""
    found = redact(events, rules)
    if found.broken or len(found.events) < len(events):
        why = next(iter(found.dropped), "failed")
        own = len(redact(events, Rules()).events) == len(events)
        return Tried(dropped=found.problems[0] if found.broken else f"{WHY.get(why, why)} ({OWN if own else BUILT_IN})")
    fields = {name: value for event in found.events for name, value in event.data.items() if value not in ("", False)}
    fired = [rule for e in events for name, value in e.data.items() if isinstance(value, str) for rule in _field(name, value)]
    off = () if rules.titles else ("titles off",)
    left = "\n".join(f"{name}: {value}" for name, value in fields.items())
    return Tried(left=left, rules=tuple(dict.fromkeys((*off, *fired))))


def _field(name: str, value: str) -> Iterator[str]:
    if name != "url":
        yield from _fired(value)
    elif redact_url(value) != value:
        yield "addresses: only scheme, host and a readable path stay"


def _fired(text: str) -> Iterator[str]:
    """The rules that change this text."""
    plain = clean(text)
    if plain != text:
        yield "unseen signs and runs of spaces"
    if "://" in plain and redact_text(plain) != plain:
        yield "addresses in texts"
    if hide_phrases(plain) != plain:
        yield "recovery phrases"
    yield from (f"secrets: {name}" for name in rules_that_fire(plain))
    left = redact_text(text)
    yield from (words for mark, words in MARKS.items() if mark != "[secret]" and left.count(mark) > text.count(mark))
