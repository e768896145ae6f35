"""The control socket: who may ask, what a wrong request is told, and the loopback port where no socket can be."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import stat
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.client import PORT, SOCKET, ask, has_socket
from agent.control import COMMANDS, Server
from agent.core.ports import Control
from agent.errors import ControlError, StoreError
from agent.lock import Lock, holder

pytestmark = pytest.mark.e2e
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no unix sockets; the port is tested below")


class Scripted:
    """A Control that says what it was asked."""

    async def status(self) -> dict[str, Any]:
        return {"pid": 7}

    async def answer(self, offer: int, kind: str, source: str) -> dict[str, Any]:
        if offer > 9:
            raise ControlError(f"There is no offer {offer}.", "See: proactive inbox")
        return {"line": f"{offer} {kind} {source}"}

    async def undo(self, offer: int) -> dict[str, Any]:
        raise LookupError(f"a bug about {offer}")

    async def pause(self, seconds: float | None) -> dict[str, Any]:
        return {"until": seconds}

    async def resume(self) -> dict[str, Any]:
        return {}

    async def pace(self) -> dict[str, Any]:
        return {"ideas": [{"idea": f"kind_{n}", "why": "x" * 200} for n in range(500)]}

    async def level(self, number: int) -> dict[str, Any]:
        return {"level": number}

    async def never(self, offer: int) -> dict[str, Any]:
        return {"kind": f"kind of {offer}"}

    async def again(self, kind: str) -> dict[str, Any]:
        return {"kind": kind}

    async def forget(self) -> dict[str, Any]:
        return {"answers": 3}

    async def stop(self) -> dict[str, Any]:
        return {}


@pytest.fixture
def near() -> Iterator[Path]:
    """A data folder whose path is short enough for a unix socket, wherever the system keeps its temporary files."""
    with tempfile.TemporaryDirectory(prefix="pa-", dir="/tmp" if sys.platform != "win32" else None) as folder:
        yield Path(folder)


Serve = Callable[[Path], Any]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts servers over data folders and closes them."""
    servers: list[Server] = []

    async def start(data: Path) -> Server:
        data.mkdir(parents=True, exist_ok=True)
        servers.append(Server(Scripted(), data))
        await servers[-1].start()
        return servers[-1]

    yield start
    for server in servers:
        await server.close()


def far(tmp_path: Path) -> Path:
    """A data folder whose path is too long for a unix socket."""
    return tmp_path / ("x" * 60) / ("y" * 60)


async def raw(data: Path, line: bytes) -> dict[str, Any]:
    """What the server answers to these bytes."""
    if has_socket(data / SOCKET):
        reader, writer = await asyncio.open_unix_connection(data / SOCKET)
    else:
        reader, writer = await asyncio.open_connection("127.0.0.1", json.loads((data / PORT).read_text())["port"])
    writer.write(line)
    answer: dict[str, Any] = json.loads(await asyncio.wait_for(reader.readline(), 5))
    writer.close()
    await writer.wait_closed()
    return answer


@posix
async def test_the_socket_is_for_its_owner_alone_and_goes_with_the_server(serve: Serve, near: Path) -> None:
    old = os.umask(0)
    try:
        server = await serve(near)
    finally:
        os.umask(old)
    assert stat.S_IMODE((near / SOCKET).stat().st_mode) == 0o600
    assert await ask(near, "status") == {"pid": 7}
    await server.close()
    assert list(near.iterdir()) == []
    with pytest.raises(ControlError, match="not running"):
        await ask(near, "status")


@pytest.mark.parametrize("long", [False, True], ids=["socket", "port"])
async def test_arguments_arrive_and_refusals_come_back_in_words(
    serve: Serve, near: Path, tmp_path: Path, *, long: bool
) -> None:
    data = far(tmp_path) if long else near
    await serve(data)
    assert await ask(data, "answer", offer=3, kind="accepted", source="cli") == {"line": "3 accepted cli"}
    with pytest.raises(ControlError, match="There is no offer 10") as refused:
        await ask(data, "answer", offer=10, kind="accepted", source="cli")
    assert refused.value.hint == "See: proactive inbox"
    with pytest.raises(ControlError, match="did not understand"):
        await ask(data, "answer", offer=3)
    with pytest.raises(ControlError, match="no command 'reboot'"):
        await ask(data, "reboot")


async def test_the_commands_of_the_pace_go_through_the_socket_and_a_long_report_comes_back_whole(
    serve: Serve, near: Path
) -> None:
    await serve(near)
    assert await ask(near, "level", number=4) == {"level": 4}
    assert await ask(near, "never", offer=12) == {"kind": "kind of 12"}
    assert await ask(near, "again", kind="repeated_search") == {"kind": "repeated_search"}
    assert await ask(near, "forget") == {"answers": 3}
    assert len((await ask(near, "pace"))["ideas"]) == 500
    with pytest.raises(ControlError, match="did not understand"):
        await ask(near, "level", level=4)


def test_every_method_of_the_port_may_be_asked_for() -> None:
    methods = {name for name in vars(Control) if not name.startswith("_")}
    assert methods == set(COMMANDS)


GARBAGE = {
    "empty": b"\n",
    "text": b"hello\n",
    "binary": b"\xff\xfe\x00\n",
    "number": b"7\n",
    "list": b'["status"]\n',
    "nothing asked": b"{}\n",
    "nested": b"[" * 20_000 + b"\n",
    "odd token": b'{"do": "status", "token": "\xc3\xa4"}\n',
    "private name": b'{"do": "_control"}\n',
}


@posix
@pytest.mark.parametrize("line", GARBAGE.values(), ids=GARBAGE)
async def test_garbage_is_refused_in_words_and_the_next_request_is_served(serve: Serve, near: Path, line: bytes) -> None:
    await serve(near)
    answer = await raw(near, line)
    assert answer["ok"] is False
    assert answer["title"].startswith("The daemon ")
    assert await ask(near, "status") == {"pid": 7}


@posix
async def test_a_bug_behind_a_command_is_told_to_who_asked(serve: Serve, near: Path) -> None:
    await serve(near)
    with pytest.raises(ControlError, match="did not foresee"):
        await ask(near, "undo", offer=1)
    assert await ask(near, "status") == {"pid": 7}


@posix
async def test_an_endless_line_and_a_silent_guest_hold_nobody_up(serve: Serve, near: Path) -> None:
    await serve(near)
    _, silent = await asyncio.open_unix_connection(near / SOCKET)
    reader, endless = await asyncio.open_unix_connection(near / SOCKET)
    endless.write(b"x" * 200_000)
    assert await asyncio.wait_for(ask(near, "status"), 1) == {"pid": 7}
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), 2) == b""
    for writer in (silent, endless):
        writer.close()


async def test_a_path_too_long_for_a_socket_gets_a_port_with_a_token(serve: Serve, tmp_path: Path) -> None:
    data = far(tmp_path)
    await serve(data)
    assert [p.name for p in data.iterdir()] == [PORT]
    if os.name == "posix":
        assert stat.S_IMODE((data / PORT).stat().st_mode) == 0o600
    assert await ask(data, "pause", seconds=60.0) == {"until": 60.0}
    known = json.loads((data / PORT).read_text())
    assert len(known["token"]) >= 40
    for token in ("", known["token"][:-1], "x" * len(known["token"]), None, 7, "ä"):
        answer = await raw(data, json.dumps({"do": "stop", "token": token}).encode() + b"\n")
        assert (answer["ok"], answer["title"]) == (False, "The daemon refused the request.")
    without = await raw(data, b'{"do": "stop"}\n')
    assert without["title"] == "The daemon refused the request."


async def test_a_port_file_left_by_a_kill_is_replaced_and_never_believed(serve: Serve, tmp_path: Path) -> None:
    data = far(tmp_path)
    data.mkdir(parents=True)
    for left in ('{"port": 9, "token": "old"}', "{}", "garbage"):
        (data / PORT).write_text(left)
        with pytest.raises(ControlError, match="not running"):
            await ask(data, "status")
    (data / PORT).chmod(0o644)
    await serve(data)
    assert await ask(data, "status") == {"pid": 7}
    if os.name == "posix":
        assert stat.S_IMODE((data / PORT).stat().st_mode) == 0o600


def test_one_lock_a_folder_names_its_holder_and_is_free_again(tmp_path: Path) -> None:
    first, second = Lock(tmp_path), Lock(tmp_path)
    assert holder(tmp_path) is None
    first.take()
    assert holder(tmp_path) == os.getpid()
    with pytest.raises(StoreError, match=rf"already running \(pid {os.getpid()}\)"):
        second.take()
    second.release()
    assert holder(tmp_path) == os.getpid(), "a refused start gives nothing back that is not its own"
    first.release()
    assert holder(tmp_path) is None
    second.take()
    second.release()


@posix
async def test_idle_connections_beyond_thirty_two_are_sent_away(near: Path, serve: Serve) -> None:
    await serve(near)
    idle = [await asyncio.open_unix_connection(near / SOCKET) for _ in range(32)]
    one_more, writer = await asyncio.open_unix_connection(near / SOCKET)
    assert b"Proactive is busy." in await asyncio.wait_for(one_more.read(), 1)
    for _, ended in (*idle, (one_more, writer)):
        ended.close()
    await asyncio.sleep(0.05)
    assert await ask(near, "status") == {"pid": 7}


async def test_a_daemon_that_ends_leaves_the_socket_of_the_one_after_it(serve: Serve, tmp_path: Path) -> None:
    first = Server(Scripted(), tmp_path)
    await first.start()
    await serve(tmp_path)
    await first.close()
    assert await ask(tmp_path, "status") == {"pid": 7}
