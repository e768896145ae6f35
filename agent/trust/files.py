"""The rows of files and secrets: who may read what the daemon writes, where a key comes to light, whom it connects to."""

from __future__ import annotations

import asyncio
import logging
import os
import stat
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from agent import plug
from agent.clocks import RealClock
from agent.config import ApiKey, Settings
from agent.configfile import secluded
from agent.core.ports import LLM
from agent.core.records import LLMCall
from agent.errors import ConfigError, LLMError
from agent.logs import log_to
from agent.notify.scripted import ScriptedNotifier
from agent.plug import Supplies
from agent.store.sqlite import FILE, SqliteStore
from agent.trust._bytes import told
from agent.trust._key_forms import FORMATS, FORMS, FURTHER, pieces
from agent.trust._process import NO_BUS, Child, toml
from agent.trust._sockets import Said, Told, Watched, at_work, completion, question
from agent.trust._statuses import cases
from agent.trust.row import Row

LIVES = 6.0
LOOK = 0.004


def rows(full: bool, data: Path | None) -> Iterator[Row]:  # noqa: FBT001 - the contract of every part
    """P8, P10 and P11; nothing on Windows."""
    if os.name != "posix":
        return
    yield from (_modes(umask, full=full) for umask in (0o000, 0o022, 0o077))
    yield _refused()
    yield asyncio.run(_keys(list(FORMATS) if full else list(FORMATS)[:2]))
    yield asyncio.run(_connections(20.0 if full else 4.0))


def _modes(umask: int, *, full: bool) -> Row:
    """A daemon's life with that umask, its files looked at all the time: none may be open to others even for a moment."""
    seen: dict[str, int] = {}
    with tempfile.TemporaryDirectory(prefix="proactive-trust-", ignore_cleanup_errors=True) as name:
        made, ended = Child(Path(name)), threading.Event()
        watch = threading.Thread(target=_watch, args=(made.home, seen, ended))
        watch.start()
        before = os.umask(umask)
        try:
            made.configure(toml({"activitywatch": {"port": 9}, "pace": {"poll": 0.5}}))
            for _ in range(2):
                made.start()
                time.sleep(LIVES if full else LIVES / 2)
                made.stop()
            made.config = made.home / "fresh" / "private.toml"
            argv = [sys.executable, "-m", "agent", "init", "--path", str(made.config)]
            root = str(Path(__file__).resolve().parents[2])
            env = {"PATH": os.environ["PATH"], "HOME": name, "PYTHONPATH": root, "PROACTIVE_DATA": str(made.data)}
            subprocess.run(argv, env=env, capture_output=True, check=False, timeout=60)
        finally:
            os.umask(before)
            ended.set()
            watch.join()
    loose = sorted(f"{path} {mode:o}" for path, mode in seen.items() if mode & 0o077)
    told = f"{len(loose)} open to others" + (f": {', '.join(loose[:4])}" if loose else "")
    good = not loose and len(seen) > 6
    return Row("P10", f"files and folders from creation on, umask {umask:03o}", len(seen), told, "0", good)


def _watch(home: Path, seen: dict[str, int], ended: threading.Event) -> None:
    """Note the loosest mode that each file of ours ever had."""
    while not ended.wait(LOOK):
        for folder in (home / "data", home / "fresh"):
            for path in (folder, *folder.rglob("*")):
                try:
                    mode = stat.S_IMODE(path.lstat().st_mode)
                except OSError:
                    continue
                key = str(path.relative_to(home))
                seen[key] = seen.get(key, 0) | (mode & 0o077) | mode


def _refused() -> Row:
    """A configuration with a key in every mode in which others have a right to it."""
    wrong = 0
    entry = ApiKey.model_validate({"api_key": FORMATS["openai"], "base_url": "http://127.0.0.1:1/v1", "model": "m"})
    settings = Settings(api_keys={"main": (entry,)})
    with tempfile.TemporaryDirectory(prefix="proactive-trust-") as name:
        path = Path(name) / "private.toml"
        path.write_text("", encoding="utf-8")
        for others in range(1, 0o100):
            path.chmod(0o600 | others)
            try:
                secluded(path, settings)
                wrong += 1
            except ConfigError as e:
                wrong += "chmod 600" not in e.hint
    return Row("P10", "starts with a key that others can read", 63, f"{63 - wrong} refused with the remedy", "all", not wrong)


async def _keys(names: list[str]) -> Row:
    """Every key through every answer of an endpoint that says it again in every form; then all that was written is searched."""
    hits, tried = [], 0
    for name in names:
        key = FORMATS[name]
        with tempfile.TemporaryDirectory(prefix="proactive-trust-") as folder, _logged(Path(folder) / "x.log"):
            tried += await _written(key, Path(folder))
            hits += [f"{name}: {hit}" for hit in await asyncio.to_thread(_found, key, Path(folder))]
    told = f"{len(hits)} hits" + (f": {hits[0]}" if hits else "")
    what = (
        f"{len(names)} keys told again in {len(FORMS)} forms by every faulty answer, in {len(FURTHER)} more by refusals: "
        "log at DEBUG, tracebacks, database, notifications"
    )
    return Row("P11", what, tried, told, "0 hits", not hits)


def _found(key: str, folder: Path) -> list[str]:
    """Where in the files of a folder a part of the key stands."""
    files = {path.name: told(path.read_bytes()) for path in folder.iterdir()}
    return [f"{p!r} in {name}" for name, text in files.items() for p in pieces(key) if p.encode() in text]


async def _written(key: str, folder: Path) -> int:
    """Ask through every case of R7, with the key in each answer; log, store and tell what comes of it. How often."""
    tried, now = 0, [Said()]
    notifier: ScriptedNotifier = plug.build("notify", "scripted", {}, Supplies(clock=RealClock()))
    async with Told(lambda *_: now[0]) as server:
        ends = [{"base_url": server.base_url, "api_key": key, "model": "m"}]
        llm = plug.build("llm", "openai", {"alias": "lab", "endpoints": ends, "timeout": 5}, Supplies(clock=RealClock()))
        with closing(SqliteStore(folder / FILE)) as store:
            for said in [c.said for c in cases() if c.said is not None and c.said.after is None and len(c.said.body) < 1 << 16]:
                for form in (*FORMS.values(), *(FURTHER.values() if said.status != 200 else ())):
                    text = f"Incorrect API key provided: {form(key)}. {said.body.decode()}"
                    body = completion(text) if said.status == 200 else text.encode()
                    now[0] = Said(body, said.status, tuple(h for h in said.headers if h[1] != "3"))
                    llm.reset()
                    store.add_calls(await _asked(llm, notifier), "")
                    tried += 1
            await llm.close()
            (folder / "calls.txt").write_text(repr(store.calls(limit=1 << 20)), encoding="utf-8")
            (folder / "told.txt").write_text(repr(notifier.__dict__), encoding="utf-8")
            for path in (folder / FILE, folder / f"{FILE}-wal"):
                (folder / f"copy-{path.name}").write_bytes(path.read_bytes())
    return tried


async def _asked(llm: LLM, notifier: ScriptedNotifier) -> tuple[LLMCall, ...]:
    try:
        return (await llm.complete(question()),)
    except LLMError as e:
        logging.getLogger("agent").exception("a look failed")
        logging.getLogger("agent").warning("%r", e)
        logging.getLogger("agent").debug("%s", traceback.format_exc())
        await notifier.tell("The model does not answer", f"{e} {getattr(llm, 'problems', tuple)()}")
        calls: tuple[LLMCall, ...] = getattr(e, "calls", ())
        return calls


@contextmanager
def _logged(path: Path) -> Iterator[None]:
    """The daemon's own log, at DEBUG, with all that the libraries say."""
    root = logging.getLogger()
    handlers, level, before = list(root.handlers), root.level, logging.root.manager.disable
    root.handlers.clear()
    logging.disable(logging.NOTSET)
    levels = {n: logging.getLogger(n).level for n in ("httpx", "httpcore", "httpx2", "httpcore2", "openai", "desktop_notifier")}
    log_to(path)
    root.setLevel(logging.DEBUG)
    for name in levels:
        logging.getLogger(name).setLevel(logging.DEBUG)
    try:
        yield
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.disable(before)
        for name, was in levels.items():
            logging.getLogger(name).setLevel(was)


SPY = """
import sys
def spy(event, args):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        try:
            with open({path!r}, "a") as out:
                out.write(f"{{event}} {{args[1:] if event.startswith('socket.connect') else args!r}}\\n")
        except Exception:
            pass
sys.addaudithook(spy)
"""


async def _connections(seconds: float) -> Row:
    """A daemon at work with everything it has on; every address that its process connects to or looks up."""
    aw = Watched(at_work())
    async with Told(aw.answer) as server, Told(lambda *_: Said(completion("{}"))) as model:
        with tempfile.TemporaryDirectory(prefix="proactive-trust-", ignore_cleanup_errors=True) as name:
            log = await asyncio.to_thread(_spied, Path(name), (server, model), seconds)
    allowed = [f"'127.0.0.1', {port}" for port in (server.port, model.port)]
    other = [line for line in log if not any(a in line for a in allowed) and "/nonexistent" not in line]
    told = f"{len(log)} connections, {len(other)} elsewhere" + (f": {other[0]}" if other else "")
    asked = bool(server.asked) and bool(model.asked)
    return Row("P8", "connections and look-ups of a daemon at work", len(log), told + ("" if asked else "; it asked nobody"),
               "0 but to ActivityWatch and the model", not other and asked)  # fmt: skip


def _spied(home: Path, both: tuple[Told, Told], seconds: float) -> list[str]:
    """What a daemon connected to: until it asked both, a minute at most, and so long after that."""
    made = Child(home)
    spied = home / "spied.txt"
    site = home / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SPY.format(path=str(spied)), encoding="utf-8")
    made.configure(toml({
        "request": {"default_completions_model": "a"},
        "api_keys.a": [{"base_url": f"http://127.0.0.1:{both[1].port}/v1", "model": "m"}],
        "activitywatch": {"port": both[0].port},
        "pace": {"poll": 0.25, "start": 0.01, "floor": 0.01, "ceiling": 0.01},
    }))  # fmt: skip
    env = {**os.environ, "HOME": str(home), "PROACTIVE_DATA": str(made.data), "DBUS_SESSION_BUS_ADDRESS": NO_BUS}
    env["PYTHONPATH"] = os.pathsep.join((str(site), str(Path(__file__).resolve().parents[2])))
    argv = [sys.executable, "-m", "agent", "run", "--config", str(made.config)]
    process = subprocess.Popen(argv, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=home)
    end = time.monotonic() + 60
    while not all(server.asked for server in both) and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(seconds)
    process.terminate()
    process.wait(10)
    return spied.read_text(encoding="utf-8").splitlines() if spied.exists() else []
