"""`bench agent` from its options to its report: reads the data, asks the model if one is named, has it judged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from agent.app import endpoint
from agent.bench.agent_bench import judge_all
from agent.bench.agent_judges import LLMTurns, TurnJudge
from agent.bench.agent_report import Report, Source, report
from agent.bench.agent_resume import Finished
from agent.bench.agent_run import Runner, Usage, budget, prompt
from agent.bench.agent_scorer import named
from agent.bench.agent_traces import (
    BenchDataError,
    Split,
    Traces,
    read_official,
    read_recorded,
    read_splits,
    read_traces,
    recordings,
    sha256,
    stem,
)
from agent.clocks import RealClock
from agent.config import ApiKey, Settings
from agent.configfile import find, read
from agent.core.ports import LLM
from agent.errors import ConfigError
from reward_model.dataset import DatasetError, Row, digest
from reward_model.dataset import read as read_rows

RESAMPLES = 2000


@dataclass(frozen=True)
class Plan:
    """What to measure: recorded answers, or the answers of a model of the user's configuration."""

    traces: Path
    recorded: tuple[Path, ...] = ()
    model: str = ""
    judge: str = "scorer"
    splits: Path | None = None
    official: Path | None = None
    rewards: Path | None = None
    resume: Path | None = None
    seed: int = 0
    resamples: int = RESAMPLES


@dataclass(frozen=True)
class Teller:
    """Where a long run tells how far it is: a stage with its share 0..1, and lines of text."""

    progress: Callable[[str, float], None] = lambda _stage, _share: None
    say: Callable[[str], None] = lambda _: None


@dataclass(frozen=True)
class _Data:
    traces: Traces
    recorded: Mapping[str, Traces]
    splits: tuple[Split, ...]
    rows: tuple[Row, ...] | None
    sha256: str


async def measure(plan: Plan, teller: Teller | None = None) -> Report:
    """The report of a plan. Raises ProactiveError."""
    teller = teller or Teller()
    data = await asyncio.to_thread(_data, plan)
    settings = read(find()) if plan.model or plan.judge.startswith("llm:") else Settings()
    finished = await asyncio.to_thread(Finished, plan.resume, _about(plan, settings, data))
    async with AsyncExitStack() as open_now:
        llms = _LLMs(settings, open_now)
        judge = _judge(plan, data, llms, finished)
        models, usage, notes = await _answers(plan, data, llms, finished, teller)
        if isinstance(judge, LLMTurns):
            most = (len(models) + 1) * sum(map(len, data.traces.values()))
            teller.say(f"{judge.name} is asked for at most {most} verdicts; a silence with a label and a repeat need none.")
        judged = await judge_all(models, data.splits, judge, data.rows, teller.progress)
    official = {} if plan.official is None else {m: o for m in models if (o := read_official(plan.official, m))}
    source = Source(judge.name, judge.about, plan.seed, data.sha256, plan.resamples, judge.chances)
    made = await asyncio.to_thread(report, judged, data.splits, official, source)
    return replace(made, usage=usage, notes=notes)


class _LLMs:
    """Endpoints of the user's configuration by alias, closed at the end."""

    def __init__(self, settings: Settings, open_now: AsyncExitStack) -> None:
        self._settings, self._open_now = settings, open_now

    def get(self, alias: str) -> LLM:
        """Raises ConfigError."""
        _entry(self._settings, alias)
        llm = endpoint(self._settings, alias, RealClock())
        self._open_now.push_async_callback(llm.close)
        return llm

    def model(self, alias: str) -> str:
        """The endpoint's own name of the model."""
        return _entry(self._settings, alias).model

    def prices(self, alias: str) -> tuple[float, float]:
        """Of a million prompt and answer tokens."""
        entry = _entry(self._settings, alias)
        return entry.price_in, entry.price_out


async def _answers(
    plan: Plan, data: _Data, llms: _LLMs, finished: Finished, teller: Teller
) -> tuple[Mapping[str, Traces], dict[str, Usage], tuple[str, ...]]:
    """The answers of each model, what they took where that is known, and what the user must be told of the run."""
    if not plan.model:
        return data.recorded, {}, ()
    ask = budget(data.traces, finished, llms.prices(plan.model))
    cost = f", at most {ask.cost:.2f} by your prices" if ask.cost else "; no prices are configured, so the cost is not known"
    kept = f" ({len(finished)} parts are finished already)" if len(finished) else ""
    teller.say(f"{ask.requests} requests to {plan.model}{kept}, at most about {ask.prompt_tokens:,} prompt tokens{cost}.")
    runner = Runner(llms.get(plan.model), finished, lambda share: teller.progress(f"asking {plan.model}", share))
    answered = await runner.run(data.traces)
    usage = runner.usage(data.traces)
    return {plan.model: answered}, {plan.model: usage}, _trouble(plan, runner, usage)


def _trouble(plan: Plan, runner: Runner, usage: Usage) -> tuple[str, ...]:
    if not usage.failed:
        return ()
    why = f" The last fault: {runner.trouble}" if runner.trouble is not None else ""
    stopped = "The run was stopped early: " if runner.stopped else ""
    again = (
        f"Run again with --resume {plan.resume} to ask for these alone." if plan.resume else "With --resume FILE a run goes on."
    )
    return (f"{stopped}{usage.failed} turns have no answer and are left out of every figure.{why} {again}",)


def _data(plan: Plan) -> _Data:
    traces = read_traces(plan.traces)
    files = recordings(plan.recorded)
    recorded = {stem(f): read_recorded(f) for f in files}
    splits = read_splits(plan.splits, plan.traces, traces)
    used = {t for s in splits for t in s.traces}
    try:
        rows = None if plan.rewards is None else read_rows(plan.rewards)
    except DatasetError as e:
        raise BenchDataError(str(e)) from e
    inputs = [
        *plan.traces.glob("*.json"),
        *plan.traces.glob("*.json.gz"),
        *files,
        *(f for f in (plan.splits, plan.rewards) if f),
    ]
    return _Data({n: t for n, t in traces.items() if n in used}, recorded, splits, rows, sha256(inputs))


def _judge(plan: Plan, data: _Data, llms: _LLMs, finished: Finished) -> TurnJudge:
    if plan.judge.startswith("llm:"):
        alias = plan.judge.removeprefix("llm:")
        return LLMTurns(llms.get(alias), finished, llms.model(alias))
    return named(plan.judge, data.rows, plan.seed)


def _about(plan: Plan, settings: Settings, data: _Data) -> dict[str, str]:
    """What finished parts depend on; the judge is part of each judgement's own name."""
    if not plan.model:
        return {"bench": "agent", "model": "", "data": data.sha256}
    lines = [t.line for trace in data.traces.values() for t in trace]
    return {
        "bench": "agent",
        "model": f"{plan.model}: {_entry(settings, plan.model).model}",
        "prompt": digest(prompt()),
        "data": digest("\n".join(lines)),
    }


def _entry(settings: Settings, alias: str) -> ApiKey:
    if alias in ("offline", "stub"):
        raise ConfigError(
            f"'{alias}' cannot be measured here.",
            "It reads ActivityWatch events; this benchmark's events are sentences. Name a model of your configuration.",
        )
    if alias not in settings.api_keys:
        known = ", ".join(settings.api_keys) or "none is configured; see proactive init"
        raise ConfigError(f"There is no model '{alias}' in your configuration.", f"Use one of: {known}.")
    return settings.api_keys[alias][0]
