"""Runs our own predictor over the benchmark's traces: one request a turn, traces side by side, the turns of one in order.

The benchmark's events are sentences, not ActivityWatch events, so the prompt is one of its own (prompts/bench_agent.md) and
the answer one task or silence; the endpoint, its errors and its accounts are the daemon's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from agent.bench.agent_resume import Finished
from agent.bench.agent_traces import Trace, Traces
from agent.core.parse import TASK, ParseError, first_object, plain
from agent.core.ports import LLM, LLMRequest
from agent.core.texts import composed
from agent.core.tokens import tokens
from agent.errors import LLMError
from agent.paths import resource
from reward_model.fence import fence

log = logging.getLogger(__name__)

AT_ONCE = 4
BUDGET = 2900
"""Longest prompt, tokens, as for the daemon's predictor."""
ANSWER = 400
EARLIER = 10
GIVE_UP = 5
"""So many failed turns in a row end the asking; the turns before them count."""
_HOPELESS = ("refused", "missing")
SCHEMA: dict[str, Any] = {
    "title": "turn",
    "type": "object",
    "properties": {k: {"type": "string"} for k in ("purpose", "thoughts", "proactive_task")},
    "required": ["purpose", "thoughts", "proactive_task"],
}


class Budget(NamedTuple):
    """What a run will ask for at most: requests, prompt tokens (estimated) and cost by the configured prices (0: unknown)."""

    requests: int
    prompt_tokens: int
    cost: float


class Usage(NamedTuple):
    """What a run took: requests, tokens, cost (0: prices are not configured), latency of an answer in ms, failed turns."""

    requests: int
    prompt_tokens: int
    completion_tokens: int
    cost: float
    p50_ms: float | None
    p95_ms: float | None
    failed: int


@dataclass
class Runner:
    """One run of one LLM over traces. `finished` holds the answered turns, those of an earlier run too."""

    llm: LLM
    finished: Finished
    progress: Callable[[float], None] = lambda _: None
    done: int = 0
    failed: int = 0
    row: int = 0
    trouble: LLMError | None = None
    stopped: bool = False
    _gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def run(self, traces: Traces) -> dict[str, Trace]:
        """The traces with this LLM's answers; turns that failed have none. Raises LLMError if no turn was answered."""
        turns = sum(map(len, traces.values()))
        answered = await asyncio.gather(*(self._trace(name, trace, turns) for name, trace in traces.items()))
        if not any(t.answers is not None for trace in answered for t in trace) and self.trouble is not None:
            raise self.trouble
        return dict(zip(traces, answered, strict=True))

    def usage(self, traces: Traces) -> Usage:
        """What the finished turns of these traces took, in this run and the ones it went on from."""
        parts = [self.finished.get(part_of(name, n)) for name, trace in traces.items() for n in range(len(trace))]
        kept = [p for p in parts if p is not None]
        spans = sorted(float(p["seconds"]) * 1000 for p in kept)
        return Usage(
            len(kept) + self.failed,
            sum(int(p["prompt_tokens"]) for p in kept),
            sum(int(p["completion_tokens"]) for p in kept),
            sum(float(p["cost"]) for p in kept),
            spans[(len(spans) - 1) // 2] if spans else None,
            spans[round(0.95 * (len(spans) - 1))] if spans else None,
            len(parts) - len(kept),
        )

    async def _trace(self, name: str, trace: Trace, turns: int) -> Trace:
        async with self._gate:
            before: list[str] = []
            told = []
            for number, turn in enumerate(trace):
                tasks = await self._turn(name, trace, number, before)
                before += tasks or ()
                told.append(turn._replace(answers=tasks))
                self.done += 1
                self.progress(self.done / turns)
            return tuple(told)

    async def _turn(self, name: str, trace: Trace, number: int, before: Sequence[str]) -> tuple[str, ...] | None:
        part = part_of(name, number)
        kept = self.finished.get(part)
        if kept is None and not self.stopped:
            kept = await self._ask(trace, number, before)
            if kept is not None:
                self.finished.put(part, kept)
        return None if kept is None else tuple(kept["tasks"])

    async def _ask(self, trace: Trace, number: int, before: Sequence[str]) -> Mapping[str, Any] | None:
        try:
            call = await self.llm.complete(request(trace, number, before))
            tasks = read(call.answer)
        except LLMError as e:
            self._failed(e, hopeless=e.kind in _HOPELESS)
            return None
        except ParseError as e:
            self._failed(LLMError(f"An answer could not be read: {e}.", "The turn counts as unanswered.", kind="garbage"))
            return None
        self.row = 0
        return {
            "tasks": list(tasks),
            "prompt_tokens": call.prompt_tokens,
            "completion_tokens": call.completion_tokens,
            "cost": call.cost,
            "seconds": round(call.seconds, 4),
        }

    def _failed(self, error: LLMError, *, hopeless: bool = False) -> None:
        self.trouble = error
        self.failed += 1
        self.row += 1
        self.stopped = self.stopped or hopeless or self.row >= GIVE_UP
        log.warning("a turn of the benchmark failed: %s", error.title)


def part_of(trace: str, number: int) -> str:
    """The name of a turn among the finished parts."""
    return f"turn {trace} {number}"


def request(trace: Trace, number: int, before: Sequence[str] = ()) -> LLMRequest:
    """The whole request of a turn: the events so far, earlier ones left out beyond the budget, and what was offered before."""
    lines = [f"{_since(t.time, trace[0].time)}{' '.join(t.event.split())}" for t in trace[: number + 1]]
    system, left = prompt(), 0
    user = _user(lines, left, before)
    while left < len(lines) - 1 and tokens(system) + tokens(user) > BUDGET:
        left += 1
        user = _user(lines[left:], left, before)
    return LLMRequest(purpose="predict", system=composed(system), user=composed(user), format=SCHEMA, max_tokens=ANSWER)


def read(answer: str) -> tuple[str, ...]:
    """The task of an answer, nothing for silence; raises ParseError if it does not say."""
    said = first_object(answer)
    if "proactive_task" not in said:
        raise ParseError("'proactive_task' is missing")
    task = said["proactive_task"]
    if task is not None and not isinstance(task, str):
        raise ParseError("'proactive_task' is no text")
    short = plain(task or "", TASK)
    return () if not short or short.casefold().strip(".\"'") in ("null", "none") else (short,)


def budget(traces: Traces, finished: Finished, prices: tuple[float, float]) -> Budget:
    """What is still to be asked, at most; `prices` of a million prompt and answer tokens."""
    left = [(t, n) for name, t in traces.items() for n in range(len(t)) if finished.get(part_of(name, n)) is None]
    spare = EARLIER * 30  # the offers made before, which are not known yet
    sent = sum(tokens(asked.system) + tokens(asked.user) + spare for asked in (request(t, n) for t, n in left))
    return Budget(len(left), sent, (sent * prices[0] + len(left) * ANSWER * prices[1]) / 1e6)


def prompt() -> str:
    """What the predictor is told."""
    return resource("prompts", "bench_agent.md").read_text(encoding="utf-8").strip()


def _user(lines: Sequence[str], left: int, before: Sequence[str]) -> str:
    shown = [f"({left} earlier events are left out)", *lines] if left else lines
    parts = ["What the person did:", fence("activity", "\n".join(shown))]
    if before:
        offers = "\n".join(f"- {task}" for task in before[-EARLIER:])
        parts += ["", "What you offered earlier, oldest first:", fence("offers", offers)]
    return "\n".join(parts)


def _since(time: str, start: str) -> str:
    """Minutes and seconds since the first event where times are seconds, else the time as it stands."""
    try:
        seconds = max(0, round(float(time) - float(start)))
    except ValueError:
        return f"{time} " if time else ""
    return f"{seconds // 60:02d}:{seconds % 60:02d} "
