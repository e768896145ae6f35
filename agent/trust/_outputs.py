"""Trials of model outputs (S2): whatever a model says as predictor, judge or answerer, nothing happens and nothing breaks."""

from __future__ import annotations

import json
import random
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from agent.clocks import SimulatedClock
from agent.core.records import EventWindow, NewFile, Observation, Prediction
from agent.errors import JudgeError, LLMError, ToolError
from agent.judges import LLMJudgePort
from agent.predict import LLMPredictor
from agent.trust._attacker import ODD, Attacker, answer
from agent.trust._desk import Network
from agent.trust._effects import alone, tree, watched
from agent.trust._operations import words
from agent.trust._shown import faults, show
from agent.trust._stage import NOW, Stage
from reward_model.case import Case, Proposed

KEYS = (
    *("candidates", "operation", "name", "arguments", "proactive_task", "because", "response", "thoughts", "purpose", "query"),
    *("source", "sources", "path", "new_name", "question", "verdicts", "candidate", "accept", "p_accept", "p_help", "silence"),
)


def tree_of(chance: random.Random, depth: int = 0) -> Any:
    """A random JSON value out of the words that answers are made of."""
    kind = chance.randrange(8)
    if depth > 4 or kind < 3:
        return chance.choice((*ODD, chance.choice(KEYS), words(chance, 40), chance.randrange(-9, 9)))
    if kind < 5:
        return [tree_of(chance, depth + 1) for _ in range(chance.randrange(4))]
    return {chance.choice(KEYS): tree_of(chance, depth + 1) for _ in range(chance.randrange(6))}


def output(chance: random.Random, known: list[str], root: str) -> str:
    """One answer: an attacker's, one damaged at random, a random tree, or plain noise."""
    said = answer(words(chance, 60), known, chance, root)
    kind = chance.randrange(6)
    if kind == 0:
        return json.dumps(tree_of(chance), ensure_ascii=chance.random() < 0.5)
    if kind == 1:
        return "".join(chance.choice('{}[]",:\\u0123 eE+-.ntf<>`') for _ in range(chance.randrange(400)))
    if kind == 2:
        return words(chance, 400)
    for _ in range(0 if kind == 3 else chance.randrange(1, 6)):
        at = chance.randrange(len(said) + 1)
        put = chance.choice(('"', "}", "{", "\\", "\x00", "\ud800", words(chance, 8), ""))
        said = said[:at] + put + said[at + chance.randrange(4) :]
    return said


async def outputs(cases: int, seed: int = 2) -> Counter[str]:
    """Counts: `cases`, `offers` (candidates let through), `effects`, `uncaught`, `unfit` (a toast not as it must be)."""
    out: Counter[str] = Counter()
    clock = SimulatedClock(NOW)
    async with Network(clock.now) as network:
        with tempfile.TemporaryDirectory(prefix="trust-") as folder, alone(Path(folder) / "none"):
            stage = Stage(Path(folder) / "home", network, clock)
            file = stage.root / "scan.txt"
            file.write_text("a scan")
            seen = _observation(network.url, str(file))
            before = tree(stage.base)
            with watched() as happened:
                for number in range(cases):
                    chance = random.Random(seed * 10**6 + number)  # noqa: S311 - a trial is to be repeatable
                    said = output(chance, [network.url, str(file)], str(stage.root))
                    out += await _heard(stage, seen, said)
                    out["effects"] += tree(stage.base) != before if number % 50 == 0 else 0
            out["effects"] += len(happened) + len(stage.opened) + len(stage.calls()) + (tree(stage.base) != before)
    out["cases"] = cases
    return out


def _observation(url: str, file: str) -> Observation:
    def window(app: str, title: str, **fields: Any) -> EventWindow:
        begin = NOW - timedelta(minutes=5)
        return EventWindow(app=app, titles=(title,), start=begin, end=NOW, dwell=300.0, **fields)

    windows = (window("Firefox", "An article", urls=(url,)), window("code", "notes", files=(file,)))
    return Observation(at=NOW, windows=windows, files=(NewFile(path=file, at=NOW),))


async def _heard(stage: Stage, seen: Observation, said: str) -> Counter[str]:
    """The output as a prediction, as a verdict and as an answer to show."""
    out: Counter[str] = Counter()
    model = Attacker(stage.clock, lambda _: said)
    try:
        found = await LLMPredictor(model, stage.belt).predict(seen, "what was done")
        out["offers"] += len(found.candidates)
        out["unfit"] += _unfit(stage, found)
        await _judged(model, said)
    except Exception as e:  # noqa: BLE001 - what is counted
        out["uncaught"] += 1
        out[f"! {type(e).__name__}: {str(e)[:100]}"] += 1
    return out


def _unfit(stage: Stage, found: Prediction) -> int:
    lines = [(stage.belt.check(c.operation), c) for c in found.candidates]
    return sum(bool(faults(line, show(line, c))) for line, c in lines)


async def _judged(model: Attacker, said: str) -> None:
    class Says(Attacker):
        async def complete(self, request: Any) -> Any:
            call = await super().complete(request)
            return call.model_copy(update={"answer": said})

    case = Case(situation="s", candidates=(Proposed(task="Look up the limit", because="b", line="Search"),))
    try:
        await LLMJudgePort(Says(model.clock, model.obey)).judge(case)
    except (JudgeError, LLMError, ToolError):
        return
