"""R5 and R10: garbage as the answer of ActivityWatch and of a model, and more events than a day has."""

from __future__ import annotations

import base64
import gzip
import json
import os
import random
import time
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from agent.app import App, Given
from agent.bench.bystanders import BenchTools, NoDesktop
from agent.bench.stub import Kept, StubLLM
from agent.clocks import SimulatedClock
from agent.config import NotifySettings, Settings
from agent.core.ports import LLM, Sensor
from agent.core.records import EventWindow, Observation, Reading
from agent.core.render import render
from agent.errors import JudgeError, LLMError
from agent.judges import LLMJudgePort
from agent.llm.openai import Endpoint, OpenAILLM, build
from agent.llm.openai import Settings as LLMSettings
from agent.loop import Loop
from agent.plug import Supplies
from agent.predict import LLMPredictor
from agent.sense._http import Access
from agent.sense.activitywatch import ActivityWatchSensor
from agent.sense.activitywatch import Settings as AwSettings
from agent.senses import Senses
from agent.store.memory import MemoryStore
from agent.trust._process import look
from agent.trust._sockets import Said, Told, Watched, completion
from agent.trust.row import Row
from reward_model.case import Case, Proposed

NOW = datetime(2026, 3, 2, 14, 0, tzinfo=timezone.utc)
ODD = (
    *(b"NaN", b"-Infinity", b"1e999", b"-1", b"null", b"true", b'"\\ud800"', b"[" * 2000, b'{"a":' * 500, b"\xff\xfe", b"\x00"),
    *(b"99999999999999999999999", b'"' + b"x" * 5000 + b'"', b"{}", b"[]", b'"1970-01-01T00:00:00"', b'"9999-12-31T23:59:59Z"'),
)
SMALL = (
    *(b"", b"[", b"{", b"nul", b"[1,]", b'{"a":1,}', b"[NaN]", b'["\\ud800"]', b"[" * 100_000, b'{"":0}', b"\xef\xbb\xbf{}"),
)
GOOD = json.dumps({
    "purpose": "p", "thoughts": "t",
    "candidates": [{
        "proactive_task": "Search for the limit", "response": "Shall I?", "because": "Searched 4 times",
        "operation": {"name": "search", "arguments": {"query": "pool limit"}},
    }],
})  # fmt: skip
VERDICT = json.dumps({
    "verdicts": [{"candidate": 1, "p_accept": 0.5, "p_help": 0.5, "accept": True, "reason": "r"}],
    "silence": {"accept": False, "reason": "r"},
})  # fmt: skip


def _raw(track: str, ago: float, **data: Any) -> dict[str, Any]:
    return {"id": int(ago), "timestamp": (NOW - timedelta(seconds=ago)).isoformat(), "duration": 5.0, "data": data}


def corpus(data: Path | None) -> list[bytes]:
    """The files of the JSON test suite, or our own small sample without it."""
    path = data and data / "json_parsing.json.gz"
    if not path or not path.exists():
        return list(SMALL)
    return [base64.b64decode(text) for text in json.loads(gzip.decompress(path.read_bytes())).values()]


def mutated(payload: bytes, chance: random.Random) -> bytes:
    """The payload with one to four things about it changed."""
    out = bytearray(payload)
    for _ in range(chance.randint(1, 4)):
        at, end = sorted(chance.randrange(len(out) + 1) for _ in range(2))
        end = min(end, at + 40)
        how = chance.randrange(5)
        if how == 0:
            out[at:end] = b""
        elif how == 1:
            out[at:end] = out[at:end] * 3
        elif how == 2:
            out[at:end] = chance.choice(ODD)
        elif how == 3 and at < len(out):
            out[at] = chance.randrange(256)
        elif how == 4:
            out = out[:at] if chance.random() < 0.2 else out
    return bytes(out)


async def rows(full: bool, data: Path | None) -> list[Row]:  # noqa: FBT001 - as the contract has it
    """R5 for both servers, R10 for two sizes."""
    chance, given = random.Random(5), corpus(data)  # noqa: S311 - test data
    count = 5000 if full else 150
    return [
        _row("ActivityWatch", await _as_activitywatch(given, count, chance)),
        _row("the model", await _as_model(given, count, chance)),
        *[await _backlog(n, cpu, mib) for n, cpu, mib in ((10_000, 1.0, 32), (100_000, 10.0, 64)) if full or n == 10_000],
    ]


class _Tried:
    """How many answers were tried, what was not caught, and the memory before."""

    def __init__(self) -> None:
        self.n = 0
        self.uncaught: list[str] = []
        self.before = look_rss()


def look_rss() -> float:
    """The resident memory of this process, MiB; 0 where /proc does not say."""
    try:
        return look(os.getpid()).rss
    except OSError:
        return 0.0


def _row(who: str, tried: _Tried) -> Row:
    grown = look_rss() - tried.before
    first = f", first: {tried.uncaught[0]}" if tried.uncaught else ""
    return Row(
        "R5", f"JSON test files and mutated answers as those of {who}", tried.n,
        f"{len(tried.uncaught)} uncaught, memory {grown:+.0f} MiB{first}", "0 uncaught, 0 restarts, at most +16 MiB",
        not tried.uncaught and grown <= 16,
    )  # fmt: skip


class _Fresh:
    """Port Sensor: for each look a new one on the server, which remembers nothing of the answers before."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def read(self, now: datetime) -> Reading:
        """What the server answers now."""
        sensor = _sensor(self._port)
        try:
            return await sensor.read(now)
        finally:
            await sensor.close()

    async def close(self) -> None:
        """Nothing to close."""


def _sensor(port: int) -> Senses:
    return Senses([ActivityWatchSensor(AwSettings(timeout=30), Access("127.0.0.1", port))])


async def _as_activitywatch(given: Sequence[bytes], count: int, chance: random.Random) -> _Tried:
    events = [_raw("window", 30 * n + 5, app="Code", title=f"file {n}.py") for n in range(12)]
    good = {
        "/info": b'{"hostname": "lab", "version": "v0.13.2", "testing": false}',
        "/buckets/": b'{"aw-window": {"type": "currentwindow", "hostname": "lab", "last_updated": "2026-03-02T14:00:00Z"}}',
        "/events": json.dumps(events).encode(),
    }  # fmt: skip
    payloads = [(part, p) for p in given for part in ("/info", "/buckets/", "/events")]
    payloads += [(part := chance.choice(list(good)), mutated(good[part], chance)) for _ in range(count)]
    aw = Watched({"window": events})
    tried = _Tried()
    async with Told(aw.answer) as server:
        app = _app(_Fresh(server.port), None)
        loop = Loop(app.parts, app.state())
        for part, payload in payloads:
            aw.spoilt = {part: Said(payload)}
            tried.n += 1
            try:
                await loop.step(NOW)
            except Exception as e:  # noqa: BLE001 - this is what is counted
                tried.uncaught.append(f"{type(e).__name__} on {payload[:60]!r}")
            if tried.n == len(payloads) // 5:
                tried.before = look_rss()
    return tried


async def _as_model(given: Sequence[bytes], count: int, chance: random.Random) -> _Tried:
    bodies = [b for p in given for b in (p, completion(p.decode("utf-8", "replace")))]
    for _ in range(count):
        text = chance.choice((GOOD, VERDICT))
        bodies.append(
            mutated(completion(text), chance)
            if chance.random() < 0.5
            else completion(mutated(text.encode(), chance).decode("utf-8", "replace"))
        )
    now: list[bytes] = [b""]
    tried = _Tried()
    seen = Observation(at=NOW, windows=(EventWindow(app="Code", titles=("a.py",), start=NOW, end=NOW, dwell=1.0),))
    offer = Proposed(task="Search for the limit", line="Search the web", because="Searched 4 times")
    case = Case(situation="At work.", candidates=(offer,))
    clock = SimulatedClock(NOW)
    async with Told(lambda *_: Said(now[0])) as server:
        llm = _llm(server.base_url, clock)
        predictor = LLMPredictor(llm, BenchTools(("search", "chat"), Supplies(clock=clock)))
        judge = LLMJudgePort(llm)
        for body in bodies:
            now[0] = body
            tried.n += 1
            for ask in (lambda: predictor.predict(seen, render(seen)), lambda: judge.judge(case)):
                llm.reset()
                try:
                    await ask()
                except (LLMError, JudgeError):
                    pass
                except Exception as e:  # noqa: BLE001 - this is what is counted
                    tried.uncaught.append(f"{type(e).__name__} on {body[:60]!r}")
            if tried.n == len(bodies) // 5:
                tried.before = look_rss()
        await llm.close()
    return tried


def _llm(base_url: str, clock: SimulatedClock) -> OpenAILLM:
    ends = [Endpoint(base_url=base_url, model="m")]
    return build(LLMSettings(alias="lab", endpoints=ends, timeout=5, seed=1), Supplies(clock=clock))


def _app(sensor: Sensor, llm: LLM | None) -> App:
    clock = SimulatedClock(NOW)
    given = Given(
        sensor=sensor, store=MemoryStore(), presence=NoDesktop(), tools=BenchTools(("search",), Supplies(clock=clock)), llm=llm
    )
    return App(Settings(notify=NotifySettings(kind="scripted")), clock, Path("nowhere"), given)


async def _backlog(count: int, most: float, grown: int) -> Row:
    """So many events at once, in ten buckets, while somebody works."""
    share = count // 10
    step = 1800 / share
    events: dict[str, list[Any]] = {"afk": [_raw("afk", 1800, status="not-afk") | {"duration": 1795.0}]}
    for bucket in range(10):
        events[f"window-{bucket}"] = [
            _raw("window", step * n + 1, app=f"App {n % 7}", title=f"document {n % 50}.odt - {bucket}")
            | {"id": n, "duration": step * 0.9}
            for n in range(share)
        ]
    kept = Kept(StubLLM(SimulatedClock(NOW)))
    aw = Watched({b: [] for b in events}, {f"aw-{b}/events": Said(json.dumps(e).encode()) for b, e in events.items()})
    later, aw.spoilt = aw.spoilt, {}
    events.clear()
    async with Told(aw.answer) as server:
        sensor = _Fresh(server.port)
        app = _app(sensor, kept)
        loop = Loop(app.parts, app.state())
        await loop.step(NOW - timedelta(minutes=1))  # with nothing to see: imports and rules are not the backlog's cost
        aw.spoilt = later
        before, began = look_rss(), time.process_time()
        done = await loop.step(NOW)
        took, more = time.process_time() - began, look_rss() - before
        await sensor.close()
    asked = len([p for p in kept.prompts if "<<<offers" not in p])
    return Row(
        "R10", f"a backlog of {count:,} events in one look", count,
        f"{took:.2f} s of a processor, {more:+.0f} MiB, {asked} ask of the model ({done.ending} {done.reason})",
        f"at most {most:g} s, +{grown} MiB, 1 ask", took <= most and more <= grown and asked <= 1,
    )  # fmt: skip
