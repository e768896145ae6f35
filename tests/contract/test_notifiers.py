"""What every notifier keeps to, whatever shows the offers: run on each plug found in agent/notify."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from agent import plug
from agent.core.ports import Notifier
from agent.core.records import Answer, Toast
from agent.errors import ConfigError
from tests.fake_notifications import FakeNotifications, PrivateBus, StillClock, private_bus

KINDS = [pytest.param(kind, marks=pytest.mark.e2e if kind == "desktop" else ()) for kind in plug.kinds("notify")]
Built = tuple[Notifier, "asyncio.Queue[Answer]"]


def toast(offer: int, **fields: object) -> Toast:
    base = {"offer": offer, "nonce": f"nonce-{offer}", "title": "Search the web: E0382", "body": "You searched it 3 times."}
    return Toast.model_validate(base | fields)


@pytest.fixture
def bus(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[PrivateBus | None]:
    if request.getfixturevalue("kind") != "desktop":
        yield None
        return
    with private_bus() as started:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", started.address)
        yield started


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def built(kind: str, bus: PrivateBus | None) -> AsyncIterator[Built]:
    server = await FakeNotifications().start(bus.address) if bus else None
    answers: asyncio.Queue[Answer] = asyncio.Queue()
    notifier: Notifier = plug.build("notify", kind, {}, plug.Supplies(clock=StillClock(), answers=answers))
    yield notifier, answers
    await notifier.close()
    if server:
        await server.die()
    await asyncio.sleep(0.01)


def drain(answers: asyncio.Queue[Answer]) -> list[Answer]:
    return [answers.get_nowait() for _ in range(answers.qsize())]


async def test_the_probe_is_one_line(built: Built) -> None:
    notifier, _ = built
    assert "\n" not in await notifier.probe()


async def test_an_offer_has_at_most_one_answer_and_it_bears_its_nonce(built: Built) -> None:
    notifier, answers = built
    assert await notifier.show(toast(1))
    assert await notifier.show(toast(2))
    await notifier.withdraw(2)
    await notifier.withdraw(2)
    await notifier.close()
    got = drain(answers)
    assert Counter(a.offer for a in got) == {1: 1, 2: 1}
    assert {a.nonce for a in got} == {"nonce-1", "nonce-2"}
    assert all(a.source for a in got)


async def test_a_nonce_is_never_shown_twice(built: Built) -> None:
    notifier, answers = built
    assert await notifier.show(toast(1))
    assert not await notifier.show(toast(1))
    await notifier.close()
    assert len(drain(answers)) == 1


async def test_withdrawing_what_was_never_shown_is_no_error(built: Built) -> None:
    notifier, answers = built
    await notifier.withdraw(99)
    assert answers.empty()


async def test_a_message_is_no_offer(built: Built) -> None:
    notifier, answers = built
    assert await notifier.tell("Done", "Copied to the clipboard.")
    assert answers.empty()


async def test_closing_twice_is_no_error_and_nothing_is_shown_after_it(built: Built) -> None:
    notifier, answers = built
    await notifier.close()
    await notifier.close()
    assert not await notifier.show(toast(1))
    assert not await notifier.tell("Done", "text")
    await notifier.withdraw(1)
    assert answers.empty()


async def test_odd_texts_are_shown(built: Built) -> None:
    notifier, _ = built
    assert await notifier.show(toast(1, title="\x1b]0;x\x07\ud800\x00 [red]" * 20, body="<b>&\u202e\n\ud800" * 100))


async def test_an_undelivered_offer_is_silent() -> None:
    answers: asyncio.Queue[Answer] = asyncio.Queue()
    supplies = plug.Supplies(clock=StillClock(), answers=answers)
    notifier = plug.build("notify", "scripted", {"script": "undelivered"}, supplies)
    assert not await notifier.show(toast(1))
    await notifier.withdraw(1)
    await notifier.close()
    assert answers.empty()


def test_an_unknown_setting_is_named(kind: str) -> None:
    settings: dict[str, Any] = {"no_such_setting": 1}
    with pytest.raises(ConfigError, match="no_such_setting"):
        plug.build("notify", kind, settings, plug.Supplies(clock=StillClock()))
