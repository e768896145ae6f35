"""What doctor and init look at, each with its remedy: ActivityWatch and its tracks, the model, toasts, presence, files."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from agent import plug
from agent.clocks import RealClock
from agent.core.clean import Safe
from agent.core.ports import LLM, LLMRequest
from agent.core.records import LLMCall, Record
from agent.errors import ConfigError, JudgeError, LLMError, ProactiveError, StoreError
from agent.ledger import TEST, keep
from agent.lock import holder
from agent.plug import Supplies

if TYPE_CHECKING:
    from agent.config import Settings

log = logging.getLogger(__name__)
Mark = Literal["ok", "missing", "problem", "unknown"]
# A track that has no event for this long is probably not written any more.
QUIET = 3600.0
WATCHERS = {
    "window": (
        "aw-watcher-window",
        "https://github.com/ActivityWatch/aw-watcher-window (Wayland: https://github.com/2e3s/awatcher)",
    ),
    "afk": ("aw-watcher-afk", "https://github.com/ActivityWatch/aw-watcher-afk"),
    "web": ("aw-watcher-web", "https://github.com/ActivityWatch/aw-watcher-web"),
    "editor": ("an editor watcher", "https://docs.activitywatch.net/en/latest/watchers.html#editor-watchers"),
}
# Ports that local OpenAI-compatible servers listen on by default.
LOCAL = {"Ollama": 11434, "llama.cpp": 8080, "vLLM": 8000, "LM Studio": 1234}


class Finding(Record):
    """One thing that was looked at, what was found, and the remedy if something is wrong."""

    what: str
    mark: Mark
    found: str
    remedy: str = ""


async def activitywatch(settings: Settings) -> list[Finding]:
    """Is the server there, and which of the four tracks are written?"""
    module = plug.load("sense", "activitywatch")
    survey = await module.survey(module.Settings.model_validate(settings.activitywatch))
    if not survey.reachable or survey.problem:
        down = Finding(what="ActivityWatch", mark="problem", found=survey.problem, remedy=survey.hint)
        unknown = [
            Finding(
                what=f"track {track}",
                mark="unknown",
                found="ActivityWatch does not answer",
                remedy=f"Written by {name}: {link}",
            )
            for track, (name, link) in WATCHERS.items()
        ]
        return [down, *unknown]
    where = f"{survey.version} at {survey.where}, computer {survey.hostname}"
    out = [Finding(what="ActivityWatch", mark="ok", found=where)]
    for track, (watcher, link) in WATCHERS.items():
        buckets = survey.tracks.get(track, ())
        if not buckets:
            need = "needed" if track in ("window", "afk") else "better offers with it"
            remedy = f"Install {watcher} ({need}): {link}"
            out.append(Finding(what=f"track {track}", mark="missing", found="no bucket of this computer", remedy=remedy))
            continue
        newest = max((b.last_updated for b in buckets if b.last_updated), default=None)
        out.append(_track(track, [b.bucket for b in buckets], newest))
    return out


def _track(track: str, buckets: Sequence[str], newest: datetime | None) -> Finding:
    names = ", ".join(buckets)
    if newest is None:
        return Finding(what=f"track {track}", mark="unknown", found=f"{names}, age not known")
    age = (datetime.now(timezone.utc) - newest).total_seconds()
    if age > QUIET:
        found = f"{names}, last event {age / 3600:.0f} h ago"
        return Finding(what=f"track {track}", mark="problem", found=found, remedy="Is the watcher running?")
    return Finding(what=f"track {track}", mark="ok", found=names)


async def model(settings: Settings, llm: LLM | None, data: Path) -> Finding:
    """One small completion from the configured model, which goes into the ledger."""
    alias = settings.alias("agent")
    if llm is None:
        found = "none configured: the offline predictor works alone"
        return Finding(what="model", mark="ok", found=found)
    began = time.monotonic()
    try:
        asked = LLMRequest(purpose=TEST, system=Safe("Answer with one word."), user=Safe("Say ready."), max_tokens=20)
        call = await llm.complete(asked)
    except LLMError as e:
        await _keep(data, getattr(e, "calls", ()))
        return Finding(what=f"model {alias}", mark="problem", found=e.title, remedy=e.hint)
    await _keep(data, (call,))
    took = time.monotonic() - began
    used = call.prompt_tokens + call.completion_tokens
    return Finding(
        what=f"model {alias}", mark="ok", found=f"{call.model} at {call.host} answered in {took:.1f} s, {used} tokens"
    )


async def _model(settings: Settings, data: Path, config: Path | None) -> Finding:
    """The same with the endpoint that is configured; a key that others can read, or that is none, is not sent."""
    from agent.app import endpoint
    from agent.configfile import secluded

    alias = settings.alias("agent")
    try:
        if config is not None and settings.holds_key:
            secluded(config, settings)
        llm = endpoint(settings, alias, RealClock()) if alias else None
    except ConfigError as e:
        return Finding(what=f"model {alias}".strip(), mark="problem", found=e.title, remedy=e.hint)
    found = await model(settings, llm, data)
    if llm is not None:
        await llm.close()
    return found


async def _keep(data: Path, calls: Sequence[LLMCall]) -> None:
    try:
        for call in calls:
            await keep(data, call)
    except ProactiveError as e:
        log.warning("the test of the model is not in the ledger: %s", e)


def judge(settings: Settings) -> Finding:
    """Who judges, and whether the embedded judge can be used where it is needed."""
    from agent.judges import load_scorer

    kind = settings.reward_model.kind
    if kind in ("scorer", "both"):
        try:
            load_scorer()
        except JudgeError as e:
            return Finding(what="judge", mark="problem", found=f"{e.title} The rules judge meanwhile.", remedy=e.hint)
    return Finding(what="judge", mark="ok", found=kind)


async def toasts(settings: Settings, supplies: Supplies) -> Finding:
    """Whether offers can be shown and answered."""
    notifier = plug.build("notify", settings.notify.kind, settings.notify.model_extra or {}, supplies)
    try:
        problem = await notifier.probe()
    finally:
        await notifier.close()
    if problem:
        return Finding(what="toasts", mark="missing", found=problem, remedy="Offers wait in: proactive inbox")
    return Finding(what="toasts", mark="ok", found=f"{settings.notify.kind}: shown and answered")


async def presence(kind: str, supplies: Supplies) -> list[Finding]:
    """What each source of presence says now; unknown where it cannot be told."""
    state = await plug.build("presence", kind, {}, supplies).look()
    return [
        Finding(what=f"presence {name}", mark="unknown" if said.startswith("unknown") else "ok", found=said)
        for name, said in state.sources.items()
    ]


def files(data: Path, config: Path | None) -> list[Finding]:
    """The data folder, who may read it, and whether a daemon runs."""
    try:
        pid = holder(data)
    except StoreError as e:
        return [*_configuration(config), Finding(what="data", mark="problem", found=e.title, remedy=e.hint)]
    running = Finding(
        what="daemon",
        mark="ok",
        found=f"runs, pid {pid or 'unknown'}" if pid is not None else "does not run (start: proactive run)",
    )
    kept = Finding(what="data", mark="ok", found=f"{data}, readable by you alone")
    if data.exists() and os.name == "posix" and data.stat().st_mode & 0o077:
        kept = Finding(what="data", mark="problem", found=f"others can read {data}", remedy=f"chmod 700 {data}")
    return [running, *_configuration(config), kept, *_history(data)]


def _history(data: Path) -> list[Finding]:
    """Whether the database can be read and is whole."""
    from agent.state import unreadable
    from agent.store.sqlite import FILE, open_readonly

    path = data / FILE
    if not path.exists():
        return []
    try:
        store = open_readonly(path)
        said = store.notice() or store.unsound()
        lost = unreadable(store)
        store.close()
    except StoreError as e:
        return [Finding(what="history", mark="problem", found=e.title, remedy=e.hint)]
    if lost and not said:
        said = f"What was kept as {', '.join(lost)} cannot be read and is passed over."
        return [Finding(what="history", mark="problem", found=said, remedy="If it stays paused: proactive resume")]
    remedy = f"Backups are in {data / 'backups'}." if said else ""
    return [Finding(what="history", mark="problem" if said else "ok", found=said or str(path), remedy=remedy)]


def _configuration(config: Path | None) -> list[Finding]:
    """The configuration in use, and who may read it."""
    if config is None:
        found = "none, the defaults are in force"
        return [Finding(what="configuration", mark="ok", found=found, remedy="Make one: proactive init")]
    out = [Finding(what="configuration", mark="ok", found=str(config.resolve()))]
    if os.name == "posix" and config.stat().st_mode & 0o077:
        out.append(
            Finding(what="configuration", mark="problem", found=f"others can read {config}", remedy=f"chmod 600 {config}")
        )
    return out


async def local_endpoints() -> dict[str, str]:
    """Local model servers that listen: name to base URL."""
    found = {}
    for name, port in LOCAL.items():
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 0.5)
        except (OSError, asyncio.TimeoutError):
            continue
        writer.close()
        found[name] = f"http://127.0.0.1:{port}/v1"
    return found


async def everything(settings: Settings, data: Path, config: Path | None, presence_kind: str) -> list[Finding]:
    """All of it; a check that breaks is a finding, not an end."""
    supplies = Supplies(clock=RealClock(), data=data)
    out = files(data, config)
    out += await activitywatch(settings)
    out.append(judge(settings))
    try:
        out.append(await _model(settings, data, config))
        out.append(await toasts(settings, supplies))
        out += await presence(presence_kind, supplies)
    except ProactiveError as e:
        out.append(Finding(what="check", mark="problem", found=e.title, remedy=e.hint))
    return out
