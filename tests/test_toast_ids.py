"""Ids that a restarted notification server gives out again: a click on somebody else's toast answers no offer of ours."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterator

import pytest

from agent.core.records import Answer, Toast
from agent.notify import desktop
from agent.plug import Supplies
from tests.fake_notifications import FakeNotifications, PrivateBus, StillClock, private_bus

pytestmark = pytest.mark.e2e
TIMES = int(os.environ.get("PROACTIVE_TIMES", "60"))
RESTARTS = max(1, TIMES // 10)


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[PrivateBus]:
    with private_bus() as started:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", started.address)
        yield started


@pytest.fixture
async def answers() -> asyncio.Queue[Answer]:
    return asyncio.Queue()


def toast(offer: int) -> Toast:
    return Toast(offer=offer, nonce=f"nonce-{offer}", title="Search the web", body="You searched it.", ttl=20)


async def test_no_click_is_taken_for_another_offer(bus: PrivateBus, answers: asyncio.Queue[Answer]) -> None:
    chance = random.Random(11)
    notifier = desktop.DesktopNotifier(desktop.Settings(), Supplies(clock=StillClock(), answers=answers), system="Linux")
    server = await FakeNotifications().start(bus.address)
    wrong, restarts, shown = [], 0, {}
    for offer in range(1, TIMES + 1):
        if chance.random() < RESTARTS / TIMES:
            await server.die()
            server, restarts, shown = await FakeNotifications().start(bus.address), restarts + 1, {}
            await asyncio.sleep(0.01)
        before = set(server.shown)
        assert await notifier.show(toast(offer))
        (fresh,) = set(server.shown) - before
        shown[fresh] = offer
        while not answers.empty():
            answers.get_nowait()  # the offer before it was withdrawn, or lost with its server
        stale = chance.choice([n for n in range(1, 60) if n not in shown])
        server.act(stale, chance.choice(["accept", "reject"]))  # another program's toast with an id that was ours once
        await asyncio.sleep(0.003)
        wrong += [a for a in _all(answers) if a.kind in ("accepted", "rejected")]
        if chance.random() < 0.5:
            server.act(fresh, "accept")
            got = await asyncio.wait_for(answers.get(), 2)
            wrong += [got] if (got.offer, got.nonce, got.kind) != (offer, f"nonce-{offer}", "accepted") else []
    await notifier.close()
    await server.die()
    await asyncio.sleep(0.01)
    assert wrong == []
    assert restarts >= RESTARTS // 2


def _all(answers: asyncio.Queue[Answer]) -> list[Answer]:
    return [answers.get_nowait() for _ in range(answers.qsize())]
