"""The daemon as the user has it: a process beside a real ActivityWatch, asked and answered through the command line."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.bench.server import PrivateServer
from agent.store.sqlite import FILE
from tests.e2e.daemon import FAST, Daemon, eventually
from tests.e2e.feeder import Feeder
from tests.e2e.stub_aw import Reply, StubAw

pytestmark = pytest.mark.e2e

QUICK = 2.0  # seconds from the start of the process to the end of its first look
# The browser of these tests: notes what it was asked to open; while there is a file `slow` beside it, it stays.
BROWSER = '#!/bin/sh\ncd "$(dirname "$0")"\necho "$1" >> opened\nwhile [ -e slow ]; do sleep 0.05; done\n'


@pytest.fixture
def fed() -> Iterator[PrivateServer]:
    """A real ActivityWatch server while somebody works: half an hour with the same search four times, and going on."""
    made = PrivateServer()
    asyncio.run(made.__aenter__())
    with Feeder(made.url, made.host):
        yield made
    asyncio.run(made.__aexit__(None, None, None))


def daemon(folder: Path, port: int, **sections: Any) -> Daemon:
    """A daemon on that server, with a browser that only notes what it opens."""
    browser = folder / "browser"
    browser.write_text(BROWSER)
    browser.chmod(0o700)
    return Daemon(folder, {"BROWSER": f"{browser} %s"}, activitywatch={"port": port, "timeout": 2.0}, **sections)


def opened(made: Daemon) -> list[str]:
    """What the browser was asked to open."""
    file = made.folder / "opened"
    return file.read_text().split() if file.exists() else []


async def test_the_first_look_ends_within_two_seconds_of_the_start(fed: PrivateServer, tmp_path: Path) -> None:
    took = []
    for run in range(3):
        folder = tmp_path / str(run)
        folder.mkdir()
        made = daemon(folder, fed.port, pace={})  # looks once a minute, as a user's does
        with made.running():
            await made.ticked()
            took.append(made.first_tick_after())
        if took[-1] <= QUICK:
            break
    print(f"\nstart to first look: {', '.join(f'{t:.2f} s' for t in took)}")
    assert min(took) <= QUICK


async def test_it_waits_for_activitywatch_and_sees_it_within_ten_seconds(tmp_path: Path) -> None:
    async with PrivateServer() as server:
        await server.stop()
        made = daemon(tmp_path, server.port, pace={})
        with made.running():
            status = await made.ticked()
            assert "ActivityWatch is not running at 127.0.0.1" in status["sensor"]
            said = await made.proactive("status")
            assert said.returncode == 0
            assert "Waiting: ActivityWatch is not running" in said.stdout
            await server.start()
            up = time.monotonic()
            await made.until(lambda s: not s["sensor"] and s["ticks"].get("no_data"), 12)
            assert time.monotonic() - up <= 10
            assert made.log.count("ActivityWatch is not running") == 1, "the same outage is logged once"


async def test_it_lives_through_a_restart_of_activitywatch_and_does_not_offer_again(tmp_path: Path) -> None:
    async with PrivateServer() as server:
        with Feeder(server.url, server.host):
            made = daemon(tmp_path, server.port)
            with made.running():
                await made.offer()
                await server.stop(kill=True)
                await made.until(lambda s: "not running" in s["sensor"])
                await server.start()
                before = (await made.ask("status"))["ticks"]
                await made.until(lambda s: not s["sensor"] and sum(s["ticks"].values()) > sum(before.values()) + 8)
                assert len(made.offers()) == 1


FAULTS = {
    "garbage": (Reply(b"<html>Welcome to nginx</html>"), "is not ActivityWatch"),
    "nested": (Reply(b"[" * 100_000), "is not ActivityWatch"),
    "broken": (Reply(b'{"message": "oh"}', 500), "500"),
    "hanging": (Reply(hang=True), "within"),
    "dripping": (Reply(b'{"hostname": "lab"}' * 20, drip=0.05), "within"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_server_that_talks_nonsense_or_not_at_all_is_waited_for(tmp_path: Path, fault: str) -> None:
    async with StubAw() as aw:
        aw.play["/api"], words = FAULTS[fault]
        made = daemon(tmp_path, aw.port)
        with made.running():
            status = await made.until(lambda s: s["sensor"])
            assert words in status["sensor"], status["sensor"]
            aw.play.clear()
            aw.add("aw-watcher-window_lab", "window")
            status = await made.until(lambda s: not s["sensor"] and s["last_tick"]["ending"] == "held")
            assert status["bugs"] == 0
            aw.play["aw-watcher-window_lab"] = Reply(b'[{"timestamp": NaN}, 7, {"duration": -1}]')
            await made.until(lambda s: s["problems"])
            assert "Problem: " in (await made.proactive("status")).stdout
            assert made.log.count("Traceback") == 0


async def test_an_offer_without_a_desktop_waits_in_the_inbox_and_is_accepted_once(fed: PrivateServer, tmp_path: Path) -> None:
    made = daemon(tmp_path, fed.port)
    with made.running():
        offer = await made.offer()
        assert await made.responded(offer.id, "undelivered") == ["undelivered"]
        status = await made.proactive("status")
        assert "Toasts: off." in status.stdout
        inbox = await made.proactive("inbox")
        assert "pool limit error" in inbox.stdout
        assert "proactive accept NO" in inbox.stdout
        done = await made.proactive("accept", "1")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines()[0] == offer.line
        assert opened(made) == ["https://duckduckgo.com/?q=%22pool%20limit%20error%22"]
        again = await made.proactive("accept", "1")
        assert again.returncode == 1
        assert "Offer 1 was already answered." in again.stderr
        assert len(opened(made)) == 1
        assert made.responses(1) == ["undelivered", "accepted"]


async def test_an_offer_is_rejected_and_every_look_can_be_explained(fed: PrivateServer, tmp_path: Path) -> None:
    made = daemon(tmp_path, fed.port)
    with made.running():
        await made.offer()
        said = await made.proactive("reject", "1")
        assert (said.returncode, said.stderr) == (0, "")
        assert made.responses(1)[-1] == "rejected"
        for _ in range(40):  # the looks in between are held by the pace
            quiet = await made.proactive("why")
            if "Nothing had changed" in quiet.stdout and len((await made.proactive("log")).stdout.splitlines()) > 4:
                break
        offer, log = [await made.proactive(*words) for words in (("why", "1"), ("log", "-n", "5"))]
        assert "Because: Searched 4 times" in offer.stdout
        assert "rejected (cli)" in offer.stdout
        assert "What the predictor and the judge saw:" in offer.stdout
        assert "Nothing had changed since the last ask." in quiet.stdout
        assert len(log.stdout.splitlines()) == 5
        assert {offer.returncode, quiet.returncode, log.returncode} == {0}
        assert opened(made) == []


async def test_pause_holds_offers_back_until_resume(fed: PrivateServer, tmp_path: Path) -> None:
    made = daemon(tmp_path, fed.port)
    with made.running():
        await made.offer()
        assert (await made.proactive("pause")).stdout == "No offers until: proactive resume\n"
        await made.until(lambda s: s["last_tick"]["reason"] == "paused")
        assert "Paused until you resume." in (await made.proactive("status")).stdout
        assert (await made.proactive("resume")).returncode == 0
        status = await made.until(lambda s: s["last_tick"]["reason"] != "paused")
        assert status["paused_until"] is None
        assert (await made.proactive("snooze", "30m")).returncode == 0
        await made.until(lambda s: s["last_tick"]["reason"] == "paused")
    with made.running():  # a restart does not end a pause
        status = await made.ticked()
        assert status["last_tick"]["reason"] == "paused"


async def test_its_decisions_come_out_again_and_a_shadow_stands_beside_it(fed: PrivateServer, tmp_path: Path) -> None:
    made = daemon(tmp_path, fed.port, pace={**FAST, "shadow": {"level": 1}})
    with made.running():
        await made.offer()
        assert (await made.proactive("reject", "1")).returncode == 0
        assert (await made.proactive("level", "5")).returncode == 0
        await made.until(lambda s: sum(s["ticks"].values()) > 12)
        beside = await made.proactive("replay")
        assert (beside.returncode, beside.stderr) == (0, "")
        assert "Every decision comes out as it was stored." in beside.stdout
        made.kill()
    for policy in ("current", "then"):
        found = await made.proactive("replay", "--store", str(made.data / FILE), "--policy", policy, "--json")
        said = json.loads(found.stdout)
        assert (said["differences"], said["left_out"], said["without_basis"], said["offers_recomputed"]) == ([], {}, 0, 1)
        assert said["looks"] == said["recomputed"] == len(made.ticks()) > 12
    compared = json.loads((await made.proactive("replay", "--shadow", "--json")).stdout)
    assert (compared["looks"], compared["offers"], compared["offers_shadow"]) == (len(made.ticks()), 1, 0)
    assert compared["answers"] == {"both": {}, "live only": {"rejected": 1}}


async def test_an_operation_cut_off_by_a_kill_is_unknown_and_never_run_again(fed: PrivateServer, tmp_path: Path) -> None:
    made = daemon(tmp_path, fed.port)
    (tmp_path / "slow").touch()
    with made.running():
        await made.offer()
        accepting = asyncio.create_task(made.proactive("accept", "1"))
        await made.executed(1, "executing")
        await eventually(lambda: opened(made))
        made.kill()
        cut = await accepting
        assert cut.returncode == 1
        assert "stopped before it answered" in cut.stderr
    assert made.holder() is None, "the kernel gave the lock back"
    with made.running():
        await made.ticked()
        assert (await made.executed(1, "unknown")).state == "unknown"
        again = await made.proactive("accept", "1")
        assert "Offer 1 was already answered." in again.stderr
        assert len(opened(made)) == 1
    (tmp_path / "slow").unlink()


async def test_an_offer_outlives_a_kill_and_can_be_accepted_while_the_daemon_is_down(
    fed: PrivateServer, tmp_path: Path
) -> None:
    made = daemon(tmp_path, fed.port)
    with made.running():
        await made.offer()
        made.kill()
    with made.running():
        await made.ticked()
        assert "pool limit error" in (await made.proactive("inbox")).stdout
        made.kill()
    done = await made.proactive("accept", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(opened(made)) == 1
    assert "Offer 1 was already answered." in (await made.proactive("accept", "1")).stderr
    assert len(opened(made)) == 1
    assert made.holder() is None
