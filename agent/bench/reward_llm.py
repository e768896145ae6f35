"""An LLM as judge of judgement rows: one request a turn, a few at once, every answer kept so that a run can be resumed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from agent.app import endpoint
from agent.bench.inputs import Data, Kept, Progress
from agent.bench.reward_judges import Judged, case_of, turns_of
from agent.clocks import RealClock
from agent.configfile import find, read
from agent.core.ports import LLM
from agent.errors import ConfigError, JudgeError, LLMError
from agent.judges.llm import LLMJudgePort
from agent.paths import resource
from reward_model.dataset import Row

AT_ONCE = 4
"""Requests under way at a time."""
OWN_FAULT = ("too_long", "garbage")
"""Kinds of LLMError that concern one request alone; any other ends the run."""


class Asker(NamedTuple):
    """An LLM, and who it is: what its answers depend on, so that those of another are never taken for its own."""

    llm: LLM
    who: str


def of_alias(alias: str) -> Asker:
    """The LLM of an alias of the user's configuration, known by address and model of its endpoints. Raises ConfigError."""
    settings = read(find())
    if alias not in settings.api_keys:
        known = ", ".join(settings.api_keys)
        hint = f"Use one of: {known}." if known else "None is defined. Add one under [[api_keys.NAME]]; see proactive init."
        raise ConfigError(f"There is no model '{alias}' in your configuration.", hint)
    who = json.dumps([(e.base_url, e.model) for e in settings.api_keys[alias]])
    return Asker(endpoint(settings, alias, RealClock()), who)


class Asked(NamedTuple):
    """The judged rows of an LLM, seconds a candidate of each request, what they cost, and how many turns got no verdict."""

    judged: tuple[Judged, ...]
    seconds: tuple[float, ...]
    prompt_tokens: int
    completion_tokens: int
    cost: float
    failed: int


async def ask(asker: Asker, data: Data, rows: Sequence[Row], resume: Path | None, progress: Progress) -> Asked:
    """Every turn of the rows put to the LLM, as the loop would put it. Raises ProactiveError when the endpoint fails.

    What was answered before is taken from `resume`. A turn without a verdict counts as rejected throughout.
    """
    prompt = resource("prompts", "judge.md").read_text(encoding="utf-8")
    kept = Kept(resume, "llm", asker.llm.name, asker.who, data.sha256, prompt)
    turns, room, done = turns_of(rows), asyncio.Semaphore(AT_ONCE), 0
    judge = LLMJudgePort(asker.llm)

    keep = "What was answered is kept: run it again." if resume else "With --resume FILE what was answered is kept."

    async def one(indices: list[int]) -> dict[str, Any]:
        nonlocal done
        turn = [rows[i] for i in indices]
        name = f"{turn[0].turn} {[r.task for r in turn]}"
        async with room:
            found: dict[str, Any] | None = kept.get(name)
            if found is None:
                found = await _answer(judge, turn, keep)
                kept.put(name, found)
        done += 1
        progress(done / len(turns))
        return found

    tasks = [asyncio.ensure_future(one(t)) for t in turns]
    try:
        answers = await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asker.llm.close()
    return _summed(rows, turns, answers, data)


async def _answer(judge: LLMJudgePort, turn: Sequence[Row], keep: str) -> dict[str, Any]:
    try:
        judged, calls = await judge.ask(case_of(turn))
    except JudgeError as e:
        if isinstance(e.__cause__, LLMError) and e.__cause__.kind not in OWN_FAULT:
            raise JudgeError(e.title, f"{e.hint} {keep}".strip()) from e
        return {"said": None, **_cost(getattr(e, "calls", ()))}
    left = iter(judged.verdicts)
    said = [next(left) if r.task is not None else judged.silence for r in turn]
    return {"said": [(v.p_accept, v.p_help, v.accepted) for v in said], **_cost(calls)}


def _cost(calls: Sequence[Any]) -> dict[str, float]:
    return {
        "prompt": sum(c.prompt_tokens for c in calls),
        "completion": sum(c.completion_tokens for c in calls),
        "cost": sum(c.cost for c in calls),
        "seconds": sum(c.seconds for c in calls),
    }


def _summed(rows: Sequence[Row], turns: Sequence[list[int]], answers: Sequence[dict[str, Any]], data: Data) -> Asked:
    found: dict[int, Judged] = {}
    for indices, answer in zip(turns, answers, strict=True):
        for place, i in enumerate(indices):
            p, need, accepted = answer["said"][place] if answer["said"] else (0.0, 0.0, False)
            found[i] = Judged(rows[i], p, need, bool(accepted), data.group_of(rows[i]))
    offers = [max(1, sum(rows[i].task is not None for i in t)) for t in turns]
    return Asked(
        judged=tuple(found[i] for i in range(len(rows))),
        seconds=tuple(a["seconds"] / n for a, n in zip(answers, offers, strict=True)),
        prompt_tokens=sum(a["prompt"] for a in answers),
        completion_tokens=sum(a["completion"] for a in answers),
        cost=sum(a["cost"] for a in answers),
        failed=sum(a["said"] is None for a in answers),
    )
