"""Files of the user alone from creation, whatever the umask; no core dumps."""

from __future__ import annotations

import logging
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.control import Server
from agent.lock import Lock
from agent.logs import log_to
from agent.paths import private_folder
from agent.seclusion import close_umask, tighten_below
from agent.store.sqlite import FILE, SqliteStore
from agent.watchdog import Watchdog, failed

pytestmark = pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX matter")


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """The umask that the user's shell has."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def loose(folder: Path) -> list[str]:
    found = [(p, stat.S_IMODE(p.lstat().st_mode)) for p in (folder, *folder.rglob("*"))]
    return [f"{p.name} {mode:o}" for p, mode in found if mode & 0o077]


async def test_every_file_of_the_daemon_is_private_from_creation(umask: int, tmp_path: Path) -> None:
    close_umask()
    data = private_folder(tmp_path / "a" / "data")
    lock, watchdog = Lock(data), Watchdog(data)
    lock.take()
    watchdog.start()
    failed(data, "a test")
    store = SqliteStore(data / FILE)
    store.put_state("x", "y")
    server = Server(None, data)  # type: ignore[arg-type]  # nothing is asked
    await server.start()
    logged = logging.getLogger(), list(logging.getLogger().handlers)
    logged[0].handlers.clear()
    log_to(data / "x.log")
    (handler,) = logged[0].handlers
    handler.doRollover()  # type: ignore[attr-defined]
    logging.getLogger("agent").error("after the rollover")
    handler.close()
    logged[0].handlers[:] = logged[1]
    assert loose(tmp_path / "a") == []
    made = {FILE, f"{FILE}-wal", f"{FILE}-shm", "x.log", "x.log.1", "control.sock", "crashes.json"}
    assert {p.name for p in data.iterdir()} >= made
    store.close()
    watchdog.stop()
    await server.close()
    lock.release()


def in_a_process(code: str) -> list[str]:
    """What the code prints in a process of its own, for limits that are lowered stay so."""
    off = (
        "import os, sys, resource; from agent.core.defence import turn_off; turn_off(os.environ.get('PROACTIVE_SABOTAGE', ''));"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    ran = subprocess.run([sys.executable, "-c", off + code], capture_output=True, text=True, check=True, env=env)
    return ran.stdout.splitlines()[-1].split()


def test_every_command_closes_the_umask_first() -> None:
    """And forbids core dumps: doctor, learn and the benches hold keys as the daemon does."""
    code = (
        "import atexit; os.umask(0); sys.argv = ['proactive', 'resume', '--help']; from agent.cli import main; "
        "atexit.register(lambda: print('\\n', os.umask(0), *resource.getrlimit(resource.RLIMIT_CORE))); main()"
    )
    assert in_a_process(code)[:2] == [str(0o077), "0"]


def test_files_that_were_loose_are_tightened_and_links_are_left_alone(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("")
    outside.chmod(0o644)
    data = private_folder(tmp_path / "data")
    (data / "backups").mkdir(mode=0o755)
    (data / "backups" / "old.db").write_text("")
    (data / "link").symlink_to(outside)
    for path in (data / "backups", data / "backups" / "old.db"):
        path.chmod(0o755)
    assert tighten_below(data) == ["backups", "old.db"]
    assert stat.S_IMODE((data / "backups" / "old.db").stat().st_mode) == 0o600
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644
    assert tighten_below(data) == []


def test_there_are_no_core_dumps() -> None:
    code = (
        "from agent.seclusion import no_core_dump; "
        "most = resource.getrlimit(resource.RLIMIT_CORE)[1]; resource.setrlimit(resource.RLIMIT_CORE, (most, most)); "
        "no_core_dump(); print(most, *resource.getrlimit(resource.RLIMIT_CORE))"
    )
    most, *limits = in_a_process(code)
    assert most != "0", "the system forbids core dumps, so this shows nothing"
    assert limits == ["0", most]
