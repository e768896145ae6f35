"""The whole daemon on a real (virtual) desktop: what it offers is shown, and what a real pointer does is carried out."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from agent.bench.server import PrivateServer
from tests.e2e.daemon import FAST, Daemon, eventually
from tests.e2e.desktop import Desktop, desktop
from tests.e2e.feeder import Feeder
from tests.fake_notifications import FakeNotifications, private_bus
from tests.stub_llm import Reply, StubEndpoint, completion, refusal, stub

pytestmark = pytest.mark.e2e

SOON = {"floor_per_day": 86_400, "daily_cap": 100}  # the next offer need not wait for three quarters of an hour
BECAUSE = "You opened it twice and its name says nothing."


class Model:
    """Answers the predictor with one rename after another, and the judge with yes."""

    def __init__(self, files: list[Path]) -> None:
        self.files = files
        self.offered = 0

    def __call__(self, body: dict[str, Any]) -> Reply:
        if "verdicts" in json.dumps(body.get("response_format", {})):
            verdict = {"candidate": 1, "p_accept": 0.9, "p_help": 0.9, "accept": True, "reason": "It saves me a search."}
            return completion(json.dumps({"verdicts": [verdict], "silence": {"accept": False, "reason": "help is there"}}))
        if self.offered == len(self.files):
            return completion(json.dumps({"purpose": "", "thoughts": "", "candidates": []}))
        file = self.files[self.offered]
        self.offered += 1
        operation = {"name": "rename_file", "arguments": {"path": str(file), "new_name": f"lease-{self.offered}.pdf"}}
        task = ("Give the scan a name that says what it is", "Name the second contract after its date")[self.offered % 2]
        candidate = {"proactive_task": task, "response": "", "because": BECAUSE, "operation": operation}
        return completion(json.dumps({"purpose": "files papers", "thoughts": "", "candidates": [candidate]}))


class Scene:
    """A desktop, a daemon on it, and files that its model would like to rename."""

    def __init__(self, made: Daemon, desk: Desktop, files: list[Path]) -> None:
        self.daemon = made
        self.desk = desk
        self.files = files

    async def do(self, act: Callable[..., Any], *args: object) -> Any:
        """Something on the desktop, which blocks."""
        return await asyncio.to_thread(act, *args)

    def renamed(self) -> list[str]:
        """Names of the files now."""
        return sorted(p.name for p in self.files[0].parent.iterdir())


@contextlib.asynccontextmanager
async def scene(folder: Path, server: str, *, files: int = 1, **pace: float) -> AsyncIterator[Scene]:
    """Somebody looked at that many scans on a desktop with that notification server; the model proposes to rename each."""
    docs = folder / "docs"
    docs.mkdir()
    scans = [docs / f"scan-{n}.pdf" for n in range(files)]
    for scan in scans:
        scan.write_bytes(b"%PDF-1.4 " + scan.name.encode())
    desk = contextlib.ExitStack()
    async with contextlib.AsyncExitStack() as stack:
        stack.push(desk)
        shown = await asyncio.to_thread(desk.enter_context, desktop(server))
        aw = await stack.enter_async_context(PrivateServer())
        model = await stack.enter_async_context(stub(answer=Model(scans)))
        feeder = stack.enter_context(Feeder(aw.url, aw.host, every=2.2))
        for n, scan in enumerate(scans):
            feeder.edited(str(scan), minutes=12 - 1.5 * n)
        made = Daemon(folder, shown.env | {"HOME": str(folder)}, **sections(model, aw.port, docs), pace=FAST | SOON | pace)
        stack.enter_context(made.running())
        yield Scene(made, shown, scans)
        assert "Traceback" not in made.log


def sections(model: StubEndpoint, port: int, docs: Path) -> dict[str, Any]:
    """A configuration with that model, server and one folder of documents."""
    return {
        "activitywatch": {"port": port},
        "api_keys": {"A": [{"base_url": model.base_url, "model": "m"}]},
        "request": {"default_completions_model": "A"},
        "reward_model": {"kind": "llm"},
        "tools": {"roots": [str(docs)]},
    }


@pytest.mark.parametrize("server", ["mate", "xfce4"])
async def test_accept_on_the_toast_renames_the_file_once(tmp_path: Path, server: str) -> None:
    async with scene(tmp_path, server, toast_seconds=30.0) as on:
        offer = await on.daemon.offer()
        words = " ".join(word for word, _, _ in await on.do(on.desk.read))
        for expected in ("Rename", "lease-1.pdf", "Accept", "Something", "else"):
            assert expected in words, f"{expected!r} is not on the toast, only {words!r}"
        assert on.renamed() == ["scan-0.pdf"], "nothing runs before the accept"
        await on.do(on.desk.click, "Accept")
        run = await on.daemon.executed(offer.id, "done")
        assert on.renamed() == ["lease-1.pdf"]
        assert on.daemon.responses(offer.id) == ["accepted"]
        assert "Renamed scan-0.pdf to lease-1.pdf." in run.text
        undone = await on.daemon.proactive("undo", "1")
        assert undone.returncode == 0, undone.stderr
        assert on.renamed() == ["scan-0.pdf"]
        again = await on.daemon.proactive("accept", "1")
        assert "already answered" in again.stderr
        assert on.renamed() == ["scan-0.pdf"]


@pytest.mark.parametrize("server", ["mate", "xfce4"])
async def test_something_else_is_rejected_and_silence_is_ignored(tmp_path: Path, server: str) -> None:
    async with scene(tmp_path, server, files=2, toast_seconds=4.0) as on:
        await on.daemon.offer(1)
        await on.do(on.desk.click, "Something else")
        assert await on.daemon.responded(1, "rejected") == ["rejected"]
        await on.daemon.offer(2)
        await on.do(on.desk.wait_for_toast)
        assert await on.daemon.responded(2, "ignored") == ["ignored"]
        assert await on.do(on.desk.wait_for_none)
        assert on.renamed() == ["scan-0.pdf", "scan-1.pdf"]
        assert [on.daemon.execution(n) for n in (1, 2)] == [None, None]
        assert (await on.daemon.proactive("accept", "2")).returncode == 0, "an ignored offer waits in the inbox"
        assert on.renamed() == ["lease-2.pdf", "scan-0.pdf"]


async def test_the_x_is_dismissed_and_a_stop_leaves_no_toast(tmp_path: Path) -> None:
    async with scene(tmp_path, "mate", files=2, toast_seconds=60.0) as on:
        await on.daemon.offer(1)
        await on.do(on.desk.click_x)
        assert await on.daemon.responded(1, "dismissed") == ["dismissed"]
        await on.daemon.offer(2)
        await on.do(on.desk.wait_for_toast)
        code, seconds = await on.daemon.signal()
        assert (code, seconds < 3) == (0, True)
        await asyncio.sleep(0.3)
        assert await on.do(on.desk.wait_for_none, 1.0), "no toast whose button does nothing is left"
        assert on.daemon.responses(2) == ["withdrawn"]
        inbox = await on.daemon.proactive("inbox", "--json")
        assert {row["id"] for row in json.loads(inbox.stdout)} == {1, 2}


async def test_a_notification_server_that_is_killed_loses_one_toast_and_the_next_offer_appears(tmp_path: Path) -> None:
    async with scene(tmp_path, "mate", files=2, toast_seconds=60.0) as on:
        await on.daemon.offer(1)
        await on.do(on.desk.wait_for_toast)
        await on.do(on.desk.kill_server)
        assert await on.daemon.responded(1, "lost") == ["lost"]
        await on.do(on.desk.start_server)
        await on.daemon.offer(2)
        await on.do(on.desk.click, "Accept")
        await on.daemon.executed(2, "done")
        assert on.renamed() == ["lease-2.pdf", "scan-0.pdf"]


async def test_a_frozen_notification_server_holds_up_neither_looks_nor_the_end(tmp_path: Path) -> None:
    async with scene(tmp_path, "mate", files=2, toast_seconds=60.0) as on:
        await on.daemon.offer(1)
        await on.do(on.desk.wait_for_toast)
        on.desk.freeze_server()
        answered = await on.daemon.proactive("reject", "1")
        assert answered.returncode == 0, answered.stderr
        await on.daemon.offer(2)
        assert await on.daemon.responded(2, "undelivered") == ["undelivered"]
        # A toast that such a server was sent and has not yet taken cannot be taken back: it may appear when it thaws.
        code, seconds = await on.daemon.signal()
        assert (code, seconds < 3) == (0, True), f"{seconds:.1f} s"


async def test_a_refused_key_and_a_broken_edit_are_told_in_one_toast_each(tmp_path: Path) -> None:
    async with PrivateServer() as aw, stub(refusal(401, "no")) as model:
        with private_bus() as bus, Feeder(aw.url, aw.host, every=2.2):
            server = await FakeNotifications().start(bus.address)
            made = Daemon(tmp_path, {"DBUS_SESSION_BUS_ADDRESS": bus.address}, **sections(model, aw.port, tmp_path))
            with made.running():
                await eventually(lambda: server.history)
                made.write('[pace]\npoll = "often"\n')
                await eventually(lambda: len(server.history) > 1)
                await asyncio.sleep(3)
                assert [n.title for n in server.history] == ["The model does not answer", "Configuration not applied"]
                key, edit = (n.body for n in server.history)
                assert "refused the key (HTTP 401). Correct api_key" in key
                assert "line 2" in edit
                assert len(model.requests) == 1
            await server.die()
