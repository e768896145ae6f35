"""The notifiers without a desktop: the terminal, on a real pseudo-terminal, the scripted one, and the text they show."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TextIO

import pytest
from rich.console import Console

from agent.core.records import Answer, Toast
from agent.notify import console, scripted
from agent.notify._plain import first_line, plain, plain_lines
from agent.plug import Supplies
from tests.conftest import NOW
from tests.fake_notifications import StillClock

needs_pty = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")


def toast(offer: int = 1, **fields: object) -> Toast:
    base = {
        "offer": offer,
        "nonce": f"nonce-{offer}",
        "title": "Search the web: [b]E0382[/b]",
        "body": "You searched it 3 times.",
    }
    return Toast.model_validate(base | fields)


@dataclass
class Terminal:
    """A console notifier on a pseudo-terminal; `type` plays the person before it."""

    notifier: console.ConsoleNotifier
    answers: asyncio.Queue[Answer]
    screen: io.StringIO
    person: int

    async def type(self, text: str) -> None:
        os.write(self.person, text.encode())
        await asyncio.sleep(0.02)

    async def answer(self) -> str:
        try:
            return (await asyncio.wait_for(self.answers.get(), 0.3)).kind
        except asyncio.TimeoutError:
            return "nothing"


def on_console(source: TextIO | None, **settings: object) -> tuple[console.ConsoleNotifier, asyncio.Queue[Answer], io.StringIO]:
    answers: asyncio.Queue[Answer] = asyncio.Queue()
    screen = io.StringIO()
    supplies = Supplies(clock=StillClock(), answers=answers)
    made = console.ConsoleNotifier(console.Settings.model_validate(settings), supplies, Console(file=screen, width=100), source)
    return made, answers, screen


@pytest.fixture
async def terminal() -> AsyncIterator[Terminal]:
    person, side = os.openpty()
    with os.fdopen(side, "r") as source:
        notifier, answers, screen = on_console(source)
        yield Terminal(notifier, answers, screen, person)
        await notifier.close()
    os.close(person)


@needs_pty
@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("a\n", "accepted"),
        ("Accept\n", "accepted"),
        ("s\n", "rejected"),
        ("\n", "ignored"),
        ("x\n", "nothing"),
        ("a", "nothing"),
    ],
)
async def test_what_is_typed_answers_the_offer(terminal: Terminal, typed: str, kind: str) -> None:
    assert await terminal.notifier.probe() == ""
    assert await terminal.notifier.show(toast(ttl=60))
    await terminal.type(typed)
    assert await terminal.answer() == kind


@needs_pty
async def test_an_unanswered_offer_is_ignored_after_its_time(terminal: Terminal) -> None:
    await terminal.notifier.show(toast(ttl=0.2))
    assert terminal.answers.empty()
    assert await terminal.answer() == "ignored"
    await terminal.type("a\n")
    assert await terminal.answer() == "nothing"


@needs_pty
async def test_what_was_typed_before_an_offer_does_not_answer_it(terminal: Terminal) -> None:
    await terminal.type("a\n")
    await terminal.notifier.show(toast(1, ttl=60))
    await terminal.type("s\n")
    assert await terminal.answer() == "rejected"
    await terminal.type("a\na")
    await terminal.notifier.show(toast(2, ttl=60))
    assert await terminal.answer() == "nothing"


@needs_pty
async def test_a_second_offer_and_the_end_withdraw_the_open_one(terminal: Terminal) -> None:
    await terminal.notifier.show(toast(1, ttl=60))
    await terminal.notifier.show(toast(2, ttl=60))
    assert await terminal.answer() == "withdrawn"
    await terminal.notifier.withdraw(2)
    assert await terminal.answer() == "withdrawn"
    await terminal.notifier.show(toast(3, ttl=60))
    await terminal.notifier.close()
    assert await terminal.answer() == "withdrawn"
    assert not await terminal.notifier.show(toast(4))


@needs_pty
async def test_a_terminal_that_hangs_up_leaves_the_offer_to_its_time() -> None:
    person, side = os.openpty()
    with os.fdopen(side, "r") as source:
        notifier, answers, _ = on_console(source)
        await notifier.show(toast(ttl=0.1))
        os.close(person)
        assert (await asyncio.wait_for(answers.get(), 1)).kind == "ignored"
        await notifier.close()


async def test_without_a_terminal_offers_are_printed_and_the_command_is_named() -> None:
    notifier, answers, screen = on_console(None)
    assert "proactive accept" in await notifier.probe()
    assert await notifier.show(toast(7, ttl=0.1, body="evil \x1b[2J\u202e & [red]red[/red]"))
    assert screen.getvalue() == ("Offer 7: Search the web: [b]E0382[/b]\nevil [2J & [red]red[/red]\nproactive accept 7\n")
    assert (await asyncio.wait_for(answers.get(), 1)).kind == "ignored"


async def test_a_closed_stream_delivers_nothing() -> None:
    notifier, answers, screen = on_console(None)
    screen.close()
    assert not await notifier.show(toast())
    assert not await notifier.tell("Done", "text")
    assert answers.empty()


def scripted_with(**settings: object) -> tuple[scripted.ScriptedNotifier, asyncio.Queue[Answer]]:
    answers: asyncio.Queue[Answer] = asyncio.Queue()
    return scripted.build(scripted.Settings.model_validate(settings), Supplies(clock=StillClock(), answers=answers)), answers


async def test_a_script_answers_in_order_then_ignores() -> None:
    notifier, answers = scripted_with(script=["accepted", "undelivered", "rejected"], delay=5)
    delivered = [await notifier.show(toast(n)) for n in range(1, 5)]
    got = [answers.get_nowait() for _ in range(answers.qsize())]
    assert delivered == [True, False, True, True]
    assert [(a.offer, a.kind) for a in got] == [(1, "accepted"), (3, "rejected"), (4, "ignored")]
    assert {a.at for a in got} == {NOW + timedelta(seconds=5)}
    assert [t.offer for t in notifier.shown] == [1, 2, 3, 4]


async def test_a_function_may_decide_and_may_leave_an_offer_open() -> None:
    notifier, answers = scripted_with()
    notifier.decide = lambda t: None if t.offer == 1 else "accepted"
    await notifier.show(toast(1))
    assert answers.empty()
    await notifier.show(toast(2))
    await notifier.withdraw(1)
    await notifier.tell("Done", "text")
    assert [answers.get_nowait().kind for _ in range(2)] == ["accepted", "withdrawn"]
    assert notifier.told == [("Done", "text")]


def test_text_is_cut_and_carries_no_hidden_characters() -> None:
    assert plain("a\x00b\u202ec\n  d\u200be", 80) == "abc de"
    assert plain("x" * 100, 80) == "x" * 79 + "…"
    assert plain("mی\u200cروم", 80) == "mی\u200cروم"
    assert plain_lines("one\r\n\n two \u2028three\ud800", 200) == "one\ntwo\nthree"


def test_a_long_title_goes_on_in_the_body() -> None:
    assert first_line("Search the web: rust E0382") == ("Search the web: rust E0382", "")
    assert first_line("Search the web: rust E0382 borrow of moved value") == (
        "Search the web: rust E0382 borrow of…",
        "…moved value",
    )
    head, rest = first_line("x" * 80)
    assert (len(head), head[:-1] + rest[1:]) == (40, "x" * 80)
