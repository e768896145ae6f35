"""Trials of what is shown and copied (S11): toasts and clipboard of texts full of markup, bidi, tag and control signs."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import NamedTuple

from agent.act import ToolBelt
from agent.clipboard import payload
from agent.clocks import SimulatedClock
from agent.core import offers
from agent.core.parse import ParseError, proposal
from agent.core.records import Candidate, Offer, Operation
from agent.errors import ToolError
from agent.notify._centre import ACCEPT, Centre, Events, Note, Place, offered
from agent.tools.chat import Chat
from agent.tools.rename_file import RenameFile
from agent.tools.search import Search
from agent.trust._attacker import Attacker, call, idea, wrapped
from agent.trust._stage import NOW

_ODD = {"Cc", "Cf", "Cs", "Co", "Cn"}
_JOINERS = "\u200c\u200d\n"
_ACTIONS = ("Search the web for", "Ask ", "Rename ", "Read ", "Summarise ")
_MARKUP = re.compile(r"<[^>]*>|&(?!(?:amp|lt|gt);)")


class Shown(NamedTuple):
    """One toast as it reaches the desktop: title and message, markup still escaped, and whether Accept is on it."""

    title: str
    message: str
    accepts: bool = True

    @property
    def text(self) -> str:
        """What is read on the screen."""
        return f"{self.title}\n{html.unescape(self.message)}"

    def holds(self, piece: str) -> bool:
        """Whether a piece of what runs stands in it, each sign but white space, also across the break after the first line."""
        return any(_spaced(piece) in _spaced(self.text.replace("…\n…", joint)) for joint in (" ", ""))


def toasts(texts: Sequence[str], root: Path) -> Iterator[tuple[str, str, Shown]]:
    """Each text in every place of an offer that the toolbox lets through: text, the line that code made, what is shown."""
    numbers = count(1)

    async def opener(_: str) -> bool:
        return True

    belt = ToolBelt([Search("https://search.example/?q={query}", opener), Chat(_nobody()), RenameFile([root])])
    for text in texts:
        for operation in _places(text, root):
            shown = _offered(belt, operation, text, next(numbers))
            if shown is not None:
                yield text, *shown


def _nobody() -> Attacker:
    return Attacker(SimulatedClock(NOW), lambda _: "")


def _places(text: str, root: Path) -> Iterator[Operation]:
    """In the model's words beside a harmless call, in what is searched, asked, and as a name of a file, old and new."""
    plain = text.encode("utf-8", "ignore").decode()
    file = root / "scan.txt"
    file.write_text("x")
    yield Operation(name="search", arguments={"query": "a harmless query"})
    yield Operation(name="search", arguments={"query": plain})
    yield Operation(name="chat", arguments={"question": plain})
    yield Operation(name="rename_file", arguments={"path": str(file), "new_name": f"{plain}.txt"})
    name = re.sub(r"[/\x00]", "", plain).encode()[:200].decode("utf-8", "ignore")
    if name.strip(". "):
        (root / f"{name}.txt").write_text("x")
        yield Operation(name="rename_file", arguments={"path": str(root / f"{name}.txt"), "new_name": "Minutes.txt"})
        (root / f"{name}.txt").unlink()


def _offered(belt: ToolBelt, operation: Operation, text: str, number: int) -> tuple[str, Shown] | None:
    """The line that code made and the toast, by the way of the loop: parsed, checked, composed; None if it was refused."""
    told = {"proactive_task": text or "a task", "because": text or "a reason", "response": text}
    try:
        candidate = proposal(wrapped(idea(call(operation.name, operation.arguments), **told))).candidates[0]
        exact = belt.exact(candidate.operation)
        line = belt.check(exact)
    except (ParseError, ToolError):
        return None
    return line, show(line, candidate.model_copy(update={"operation": exact}), number)


def show(line: str, candidate: Candidate, number: int = 1) -> Shown:
    """The toast of an offer as desktop-notifier gets it on Linux."""
    offer = Offer(id=number, nonce="n", tick="t", at=NOW, expires=NOW, candidate=candidate, line=line)
    return toast(offer)


def toast(offer: Offer) -> Shown:
    """The same of an offer that was made."""
    return as_sent(offered(offers.toast(offer, 20)))


def as_sent(note: Note) -> Shown:
    """A note as desktop-notifier gets it on Linux."""
    native = _centre().native(note, lambda: None)
    return Shown(native.title, native.message, any(b.identifier == ACCEPT for b in native.buttons))


def _centre() -> Centre:
    def nothing(*_: object) -> None:
        return None

    return Centre(Place("Proactive", "Linux", 1.0), Events(nothing, nothing, nothing, nothing, nothing))


def faults(line: str, shown: Shown) -> list[str]:
    """What is wrong with a toast."""
    out = [f"{len(shown.text)} signs"] if len(shown.text) > 200 else []
    out += ["a hidden sign"] if hidden(shown.text) else []
    out += ["markup"] if _MARKUP.search(shown.message) else []
    begins = shown.text[:80].startswith(_visible(" ".join(line.split())[:20]))
    out += [] if begins and line.startswith(_ACTIONS) else ["the line of code is not first"]
    out += [] if not shown.accepts or offers.CUT in line or shown.holds(line) else ["the line is not whole"]
    return out


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _visible(text: str) -> str:
    """As far as the line goes before a sign that toasts leave out."""
    return re.split("[\u200c\u200d]", "".join(c if unicodedata.category(c) not in _ODD else "\u200d" for c in text))[0].rstrip()


def hidden(text: str, kept: str = _JOINERS) -> bool:
    """Whether a text holds a control, bidi, tag, private or unassigned sign, or half a pair."""
    return any(unicodedata.category(c) in _ODD and c not in kept for c in text)


def copied(texts: Sequence[str]) -> list[str]:
    """The texts whose copy on the clipboard holds a control or a sign that turns or hides others, or ends in a line feed."""
    bad = re.compile(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\U000e0000-\U000e007f]"
    )
    return [t for t in texts if bad.search(payload(t)) or payload(t).endswith("\n")]
