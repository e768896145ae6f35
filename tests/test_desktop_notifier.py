"""The desktop notifier against a scripted notification server on a private bus: each way a toast can end, each fault."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agent.core.records import Answer, Toast
from agent.notify import _centre, _dbus, desktop
from agent.plug import Supplies
from tests.conftest import NOW
from tests.fake_notifications import FakeNotifications, PrivateBus, StillClock, private_bus

pytestmark = pytest.mark.e2e
PATIENCE = 0.3


@dataclass
class Bench:
    """A notifier, the server it talks to and the answers it gave."""

    bus: PrivateBus
    server: FakeNotifications
    answers: asyncio.Queue[Answer] = field(default_factory=asyncio.Queue)
    notifiers: list[desktop.DesktopNotifier] = field(default_factory=list)

    def notifier(
        self, system: str = "Linux", attach: _centre.Attach = _dbus.attach, **settings: float
    ) -> desktop.DesktopNotifier:
        supplies = Supplies(clock=StillClock(), answers=self.answers)
        made = desktop.DesktopNotifier(desktop.Settings.model_validate(settings), supplies, system=system, attach=attach)
        self.notifiers.append(made)
        return made

    async def answer(self, seconds: float = 1.0) -> str:
        """The kind of the next answer, or 'nothing'."""
        try:
            return (await asyncio.wait_for(self.answers.get(), seconds)).kind
        except asyncio.TimeoutError:
            return "nothing"

    async def quiet(self) -> bool:
        return await self.answer(0.1) == "nothing"


def toast(offer: int = 1, **fields: object) -> Toast:
    base = {
        "offer": offer,
        "nonce": f"nonce-{offer}",
        "title": "Search the web: rust E0382",
        "body": "You searched it 3 times.",
    }
    return Toast.model_validate(base | fields)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[PrivateBus]:
    with private_bus() as started:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", started.address)
        yield started


@pytest.fixture
async def bench(bus: PrivateBus) -> AsyncIterator[Bench]:
    server = await FakeNotifications().start(bus.address)
    made = Bench(bus, server)
    yield made
    for notifier in made.notifiers:
        await notifier.close()
    await made.server.die()
    await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("happens", "kind"),
    [
        ("accept", "accepted"),
        ("reject", "rejected"),
        ("default", "opened"),
        (1, "ignored"),
        (2, "dismissed"),
        (3, "withdrawn"),
        (4, "lost"),
    ],
)
async def test_each_event_of_the_server_is_one_answer(bench: Bench, happens: str | int, kind: str) -> None:
    notifier = bench.notifier()
    assert await notifier.show(toast())
    nid = bench.server.last
    if isinstance(happens, str):
        bench.server.act(nid, happens)
        bench.server.end(nid, 2)  # as real servers do after an action
    else:
        bench.server.end(nid, happens)
    got = await asyncio.wait_for(bench.answers.get(), 1)
    assert got == Answer(offer=1, nonce="nonce-1", kind=kind, at=NOW, source="toast")
    assert await bench.quiet()


async def test_the_toast_on_the_wire_has_two_fixed_buttons_and_escaped_text(bench: Bench) -> None:
    await bench.notifier().show(toast(body="<b>big</b> & \x1b[31m\u202eevil", ttl=12))
    sent = bench.server.shown[1]
    assert sent.actions == ["default", "", "accept", "Accept", "reject", "Something else"]
    assert (sent.app, sent.title, sent.body) == (
        "Proactive",
        "Search the web: rust E0382",
        "&lt;b&gt;big&lt;/b&gt; &amp; [31mevil",
    )
    assert (sent.timeout, sent.hints["urgency"]) == (12_000, 1)


async def test_all_of_a_long_title_is_on_the_toast(bench: Bench) -> None:
    await bench.notifier().show(toast(title="Search the web: rust E0382 borrow of <moved> value", body="Three times."))
    sent = bench.server.shown[1]
    assert (sent.title, sent.body) == ("Search the web: rust E0382 borrow of…", "…&lt;moved&gt; value\nThree times.")


async def test_only_linux_escapes_and_only_windows_takes_the_body_click_for_a_yes(bench: Bench) -> None:
    await bench.notifier(system="Windows").show(toast(body="a & b"))
    assert bench.server.shown[1].body == "a & b"
    bench.server.act(1, "default")
    assert await bench.answer() == "accepted"


async def test_a_toast_that_says_nothing_of_its_time_stays_twenty_seconds(bench: Bench) -> None:
    await bench.notifier().show(toast())
    assert bench.server.shown[1].timeout == 20_000


async def test_an_accept_takes_down_a_toast_that_the_server_leaves_up(bench: Bench) -> None:
    await bench.notifier().show(toast())
    bench.server.act(1, "accept")
    bench.server.act(1, "accept")  # dunst: a second click sends it again
    assert await bench.answer() == "accepted"
    assert await bench.quiet()
    assert bench.server.shown == {}


async def test_a_server_that_tells_nothing_is_answered_ignored_by_our_own_deadline(bench: Bench) -> None:
    notifier = bench.notifier(grace=0)
    assert await notifier.show(toast(ttl=0.1))
    assert await bench.answer() == "ignored"
    assert bench.server.shown == {} or await bench.quiet()
    assert bench.server.close_calls == [1]


async def test_a_suspend_expires_the_toast_though_no_time_passed_for_the_loop(bench: Bench) -> None:
    notifier = bench.notifier()
    await notifier.show(toast())
    notifier._shown["nonce-1"].wall -= 7200  # what the wall clock shows after two hours asleep
    assert await bench.answer(desktop.LOOK_SECONDS + 1) == "ignored"


async def test_a_late_click_after_ignored_still_counts_once(bench: Bench) -> None:
    await bench.notifier().show(toast())
    bench.server._signal("NotificationClosed", "uu", [1, 1])  # said to be expired, and clicked all the same
    assert await bench.answer() == "ignored"
    bench.server.act(1, "accept")
    bench.server.act(1, "reject")
    assert await bench.answer() == "accepted"
    assert await bench.quiet()


async def test_a_late_click_is_too_late_after_its_time(bench: Bench) -> None:
    notifier = bench.notifier(late=0)
    await notifier.show(toast())
    bench.server.end(1, 1)
    assert await bench.answer() == "ignored"
    notifier._shown["nonce-1"].wall -= 60
    bench.server.act(1, "accept")
    assert await bench.quiet()


async def test_only_the_last_twenty_ended_toasts_are_remembered(bench: Bench) -> None:
    notifier = bench.notifier()
    for offer in range(1, 26):
        await notifier.show(toast(offer))
        bench.server.end(offer, 1)
        assert await bench.answer() == "ignored"
    bench.server.act(1, "accept")
    assert await bench.quiet()
    bench.server.act(25, "accept")
    assert await bench.answer() == "accepted"


async def test_a_body_click_may_be_followed_by_accept(bench: Bench) -> None:
    await bench.notifier().show(toast())
    bench.server.act(1, "default")
    bench.server.act(1, "accept")
    assert [await bench.answer(), await bench.answer()] == ["opened", "accepted"]


@pytest.mark.parametrize(("vendor", "kind"), [("MATE", "dismissed"), ("lab", "ignored")])
async def test_mate_says_expired_for_a_click_on_the_x(bench: Bench, vendor: str, kind: str) -> None:
    bench.server.vendor = vendor
    await bench.notifier().show(toast())
    bench.server.end(1, 1)
    assert await bench.answer() == kind


async def test_mate_saying_expired_after_the_full_time_is_ignored(bench: Bench) -> None:
    bench.server.vendor = "MATE"
    notifier = bench.notifier()
    await notifier.show(toast())
    notifier._shown["nonce-1"].ticks -= 20
    bench.server.end(1, 1)
    assert await bench.answer() == "ignored"


async def test_a_new_offer_withdraws_the_open_one_and_only_the_new_one_can_be_answered(bench: Bench) -> None:
    notifier = bench.notifier()
    await notifier.show(toast(1))
    await notifier.show(toast(2))
    first = await asyncio.wait_for(bench.answers.get(), 1)
    assert (first.offer, first.kind) == (1, "withdrawn")
    assert list(bench.server.shown) == [2]
    bench.server.act(1, "accept")
    assert await bench.quiet()
    bench.server.act(2, "accept")
    second = await asyncio.wait_for(bench.answers.get(), 1)
    assert (second.offer, second.nonce, second.kind) == (2, "nonce-2", "accepted")


async def test_a_nonce_is_shown_once_only(bench: Bench) -> None:
    notifier = bench.notifier()
    assert await notifier.show(toast())
    assert not await notifier.show(toast())
    assert len(bench.server.history) == 1
    bench.server.act(1, "accept")
    assert await bench.answer() == "accepted"
    assert not await notifier.show(toast())


async def test_toasts_of_other_programs_answer_nothing(bench: Bench) -> None:
    await bench.notifier().show(toast())
    bench.server.act(77, "accept")
    bench.server.end(78, 2)
    bench.server.act(1, "something")
    assert await bench.quiet()


async def test_a_signal_that_arrives_before_the_reply_is_not_lost(bench: Bench) -> None:
    notifier = bench.notifier()
    await notifier.probe()
    for offer in range(1, 11):
        bench.server.before = [("act", "accept")]
        assert await notifier.show(toast(offer))
        assert await bench.answer() == "accepted"
    bench.server.before = [("end", 1)]
    assert await notifier.show(toast(11))
    assert await bench.answer() == "ignored"


async def test_withdraw_takes_the_toast_down_and_says_so(bench: Bench) -> None:
    notifier = bench.notifier()
    await notifier.show(toast())
    await notifier.withdraw(99)
    assert list(bench.server.shown) == [1]
    await notifier.withdraw(1)
    assert bench.server.shown == {}
    assert await bench.answer() == "withdrawn"
    await notifier.withdraw(1)
    assert await bench.quiet()


async def test_a_message_has_no_buttons_and_no_answer(bench: Bench) -> None:
    notifier = bench.notifier()
    assert await notifier.tell("Done", "line one\nline two <x>")
    assert bench.server.shown[1].actions == ["default", ""]
    assert bench.server.shown[1].body == "line one\nline two &lt;x&gt;"
    bench.server.act(1, "default")
    bench.server.end(1, 2)
    assert await bench.quiet()


async def test_closing_leaves_no_toast_behind_and_answers_withdrawn(bench: Bench) -> None:
    notifier = bench.notifier()
    await notifier.show(toast())
    await notifier.tell("Done", "text")
    await notifier.close()
    await notifier.close()
    assert bench.server.shown == {}
    assert await bench.answer() == "withdrawn"
    assert not await notifier.show(toast(2))
    assert await notifier.probe()


async def test_closing_while_a_toast_is_sent_takes_that_one_down_too(bench: Bench) -> None:
    notifier = bench.notifier()
    await notifier.probe()
    showing = asyncio.create_task(notifier.show(toast()))
    await asyncio.sleep(0)
    await notifier.close()
    await showing
    assert bench.server.shown == {}


async def test_a_server_that_dies_loses_the_open_toast_and_the_next_server_works(bench: Bench) -> None:
    notifier = bench.notifier()
    await notifier.show(toast())
    await bench.server.die()
    assert await bench.answer() == "lost"
    assert "No notification server" in await notifier.probe()
    assert not await notifier.show(toast(2))
    bench.server = await FakeNotifications().start(bench.bus.address)
    assert await notifier.probe() == ""
    assert await notifier.show(toast(3))
    bench.server.act(1, "accept")
    got = await asyncio.wait_for(bench.answers.get(), 1)
    assert (got.offer, got.kind) == (3, "accepted")
    assert await bench.quiet()


async def test_ids_that_a_restarted_server_gives_out_again_answer_no_old_offer(bench: Bench) -> None:
    notifier = bench.notifier()
    await notifier.show(toast(1))
    bench.server.end(1, 1)
    assert await bench.answer() == "ignored"
    await bench.server.die()
    bench.server = await FakeNotifications().start(bench.bus.address)
    await asyncio.sleep(0.02)
    bench.server.act(1, "accept")  # another program's notification that got our old id
    assert await bench.quiet()
    await notifier.show(toast(2))
    bench.server.act(1, "reject")
    got = await asyncio.wait_for(bench.answers.get(), 1)
    assert (got.offer, got.kind) == (2, "rejected")


async def test_ids_of_a_dead_server_close_no_toast_of_another_program(bench: Bench) -> None:
    notifier = bench.notifier()
    await notifier.tell("Done", "text")
    await bench.server.die()
    bench.server = await FakeNotifications(first=2).start(bench.bus.address)
    await notifier.show(toast())
    await notifier.close()
    assert bench.server.close_calls == [2]


async def test_without_a_server_nothing_is_delivered_nothing_is_answered_and_no_socket_is_left(bench: Bench) -> None:
    await bench.server.die()
    notifier = bench.notifier()
    assert not await notifier.show(toast(100))
    await asyncio.sleep(0.02)
    before = open_files()
    for offer in range(20):
        assert not await notifier.show(toast(offer))
    await asyncio.sleep(0.02)
    gc.collect()
    assert open_files() <= before
    assert await bench.quiet()


async def test_a_server_that_refuses_the_toast_did_not_deliver_it(bench: Bench) -> None:
    bench.server.mode = "error"
    assert not await bench.notifier().show(toast())
    assert await bench.quiet()


@pytest.mark.parametrize("warm", [True, False])
async def test_a_frozen_server_costs_our_patience_at_most_and_leaves_no_toast_when_it_thaws(
    bench: Bench, *, warm: bool
) -> None:
    notifier = bench.notifier(patience=PATIENCE)
    if warm:
        await notifier.probe()
    bench.server.mode = "hang"
    assert not await asyncio.wait_for(notifier.show(toast()), PATIENCE + 0.5)
    bench.server.thaw()
    await asyncio.sleep(0.1)
    assert len(bench.server.history) == 1  # it does come, late
    assert bench.server.shown == {}
    assert await bench.quiet()
    assert await notifier.show(toast(2))


async def test_a_frozen_server_is_told_by_the_probe_and_does_not_hold_up_the_end(bench: Bench) -> None:
    notifier = bench.notifier(patience=PATIENCE)
    await notifier.show(toast())
    bench.server.mode = "hang"
    assert "does not answer" in await notifier.probe()
    began = asyncio.get_running_loop().time()
    await notifier.close()
    assert asyncio.get_running_loop().time() - began < 3
    assert await bench.answer() == "withdrawn"


async def test_a_restarted_session_bus_loses_the_open_toast_and_the_next_one_works(bench: Bench) -> None:
    notifier = bench.notifier()
    await notifier.show(toast())
    bench.bus.kill()
    assert await bench.answer() == "lost"
    assert not await notifier.show(toast(2))
    bench.bus.start()
    bench.server = await FakeNotifications().start(bench.bus.address)
    assert await notifier.show(toast(3))
    bench.server.act(1, "accept")
    assert await bench.answer() == "accepted"


async def test_the_probe_names_what_is_missing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await bench.notifier().probe() == ""
    bench.server.buttons = False
    assert "no buttons" in await bench.notifier().probe()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    assert "cannot be reached" in await bench.notifier().probe()
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/nonexistent")
    assert "no desktop session" in await bench.notifier().probe()


async def test_the_user_bus_is_tried_when_the_environment_names_none(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(bench.bus.folder))  # its socket is called `bus`, as systemd's
    assert await bench.notifier().probe() == ""


async def test_without_the_hooks_buttons_still_answer_and_deadlines_still_end(bench: Bench) -> None:
    notifier = bench.notifier(attach=lambda *_: None, grace=0)
    await notifier.show(toast(1))
    bench.server.act(1, "accept")
    assert await bench.answer() == "accepted"
    await notifier.show(toast(2, ttl=0.1))
    assert await bench.answer() == "ignored"
    await bench.server.die()
    await asyncio.sleep(0.02)
    assert not await notifier.show(toast(3))
    bench.server = await FakeNotifications().start(bench.bus.address)
    assert await notifier.show(toast(4))


def test_a_library_built_otherwise_is_not_hooked_into() -> None:
    class DBusDesktopNotifier:
        interface = None

    class Other:
        _backend = DBusDesktopNotifier()

    def nothing(*_: object) -> None:
        return None

    assert _dbus.attach(Other(), nothing, nothing) is None
    assert _dbus.attach(object(), nothing, nothing) is None


def test_a_call_may_take_five_seconds() -> None:
    assert desktop.Settings().patience == 5


def test_a_python_without_an_app_bundle_is_explained() -> None:
    assert "signed app" in _centre._no_centre("Darwin")
    assert "no notification centre" in _centre._no_centre("FreeBSD")


def test_reading_the_module_connects_to_nothing(tmp_path: Path) -> None:
    notifier = desktop.build(desktop.Settings(), Supplies(clock=StillClock(), data=tmp_path))
    assert notifier._centre._vendor is None
