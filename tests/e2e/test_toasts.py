"""Toasts on real notification servers, with a real pointer on a real (virtual) screen."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.core.records import Answer, Toast
from agent.notify import desktop as notify
from agent.plug import Supplies
from tests.e2e.desktop import Desktop, desktop
from tests.fake_notifications import StillClock

pytestmark = pytest.mark.e2e

TITLE = "Search the web: rust E0382 borrow of moved value"
BODY = "You searched for this error three times in the last ten minutes."


@dataclass
class Scene:
    """A desktop with a notifier on it."""

    desk: Desktop
    notifier: notify.DesktopNotifier
    answers: asyncio.Queue[Answer]

    async def show(self, offer: int = 1, ttl: float = 30) -> bool:
        return await self.notifier.show(Toast(offer=offer, nonce=f"nonce-{offer}", title=TITLE, body=BODY, ttl=ttl))

    async def do(self, act: Callable[..., object], *args: object) -> object:
        return await asyncio.to_thread(act, *args)

    async def answer(self, seconds: float = 8) -> tuple[int, str]:
        got = await asyncio.wait_for(self.answers.get(), seconds)
        return got.offer, got.kind

    async def quiet(self) -> bool:
        await asyncio.sleep(0.5)
        return self.answers.empty()


Open = Callable[..., Scene]


@pytest.fixture
async def scene(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Open]:
    """Opens a scene on the named server; everything is closed at the end."""
    with ExitStack() as stack:
        opened: list[Scene] = []

        def open_scene(server: str, *, start: bool = True, **settings: float) -> Scene:
            desk = stack.enter_context(desktop(server, start=start))
            monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", desk.env["DBUS_SESSION_BUS_ADDRESS"])
            answers: asyncio.Queue[Answer] = asyncio.Queue()
            supplies = Supplies(clock=StillClock(), answers=answers)
            opened.append(Scene(desk, notify.build(notify.Settings.model_validate(settings), supplies), answers))
            return opened[-1]

        yield open_scene
        for made in opened:
            await made.notifier.close()


def shots(tmp_path: Path) -> Path:
    return Path(os.environ.get("PROACTIVE_SHOTS") or tmp_path)


@pytest.mark.parametrize("server", ["mate", "xfce4", "notification-daemon"])
async def test_title_text_and_both_buttons_can_be_read_and_pressed(scene: Open, server: str, tmp_path: Path) -> None:
    on = scene(server)
    assert await on.notifier.probe() == ""
    assert await on.show(1)
    words = " ".join(word for word, _, _ in await on.do(on.desk.read))  # type: ignore[attr-defined]
    shot = await on.do(on.desk.screenshot, shots(tmp_path) / f"toast-{server}.png")
    assert isinstance(shot, Path)
    assert shot.stat().st_size > 1000
    for expected in ("Search", "E0382", "value", "three", "times", "Accept", "Something", "else"):
        assert expected in words, f"{expected!r} is not on the toast, only {words!r}"
    await on.do(on.desk.click, "Accept")
    assert await on.answer() == (1, "accepted")
    assert await on.do(on.desk.wait_for_none)
    assert await on.show(2)
    await on.do(on.desk.click, "Something else")
    assert await on.answer() == (2, "rejected")
    assert await on.quiet()


@pytest.mark.parametrize("server", ["mate", "notification-daemon"])
async def test_the_x_is_dismissed_and_a_body_click_is_opened(scene: Open, server: str) -> None:
    on = scene(server)
    await on.show(1)
    await on.do(on.desk.click_x)
    assert await on.answer() == (1, "dismissed")
    await on.do(on.desk.wait_for_none)
    await on.show(2)
    await on.do(on.desk.click_body)
    assert await on.answer() == (2, "opened")
    assert await on.quiet()


@pytest.mark.parametrize("server", ["mate", "xfce4", "notification-daemon"])
async def test_a_toast_nobody_touches_is_ignored(scene: Open, server: str) -> None:
    on = scene(server, grace=2)  # notification-daemon never says that a toast expired
    await on.show(1, ttl=2)
    await on.do(on.desk.wait_for_toast)
    assert await on.answer() == (1, "ignored")
    assert await on.quiet()
    if server != "notification-daemon":  # its bubble stays up even when it is told to close it
        assert await on.do(on.desk.wait_for_none)


@pytest.mark.parametrize("server", ["mate", "xfce4"])
async def test_closing_and_withdrawing_leave_no_toast_on_the_screen(scene: Open, server: str) -> None:
    on = scene(server)
    await on.show(1)
    await on.do(on.desk.wait_for_toast)
    await on.notifier.withdraw(1)
    assert await on.do(on.desk.wait_for_none)
    await on.show(2)
    await on.do(on.desk.wait_for_toast)
    await on.notifier.tell("Copied", "The answer is on the clipboard.")
    await on.notifier.close()
    assert await on.do(on.desk.wait_for_none)
    assert [await on.answer(), await on.answer()] == [(1, "withdrawn"), (2, "withdrawn")]


async def test_a_server_that_is_killed_loses_the_toast_and_its_successor_works(scene: Open) -> None:
    on = scene("mate")
    await on.show(1)
    await on.do(on.desk.wait_for_toast)
    await on.do(on.desk.kill_server)
    assert await on.answer() == (1, "lost")
    assert not await on.show(2)
    assert "No notification server" in await on.notifier.probe()
    await on.do(on.desk.start_server)
    assert await on.show(3)
    await on.do(on.desk.click, "Accept")
    assert await on.answer() == (3, "accepted")
    assert await on.quiet()


async def test_a_server_that_comes_later_is_used(scene: Open) -> None:
    on = scene("mate", start=False)
    assert "No notification server" in await on.notifier.probe()
    assert not await on.show(1)
    await on.do(on.desk.start_server)
    assert await on.notifier.probe() == ""
    assert await on.show(2)
    await on.do(on.desk.wait_for_toast)
    assert on.answers.empty()


async def test_a_frozen_server_delivers_nothing_and_leaves_nothing_when_it_thaws(scene: Open) -> None:
    on = scene("mate", patience=1)
    assert await on.notifier.probe() == ""
    on.desk.freeze_server()
    assert not await on.show(1)
    assert "does not answer" in await on.notifier.probe()
    on.desk.thaw_server()
    await asyncio.sleep(0.5)
    assert await on.do(on.desk.wait_for_none)
    assert await on.quiet()
    assert await on.show(2)
    await on.do(on.desk.click, "Accept")
    assert await on.answer() == (2, "accepted")


async def test_hostile_text_is_shown_as_it_is_written(scene: Open, tmp_path: Path) -> None:
    on = scene("mate")
    body = 'Title <b>bold</b> & <a href="x">Accept</a> text'
    await on.notifier.show(Toast(offer=1, nonce="n", title="Read <i>page</i>", body=body, ttl=30))
    words = " ".join(word for word, _, _ in await on.do(on.desk.read))  # type: ignore[attr-defined]
    await on.do(on.desk.screenshot, shots(tmp_path) / "toast-markup.png")
    assert "href" in words
    assert "bold" in words
