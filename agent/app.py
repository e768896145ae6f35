"""Builds the parts of a running loop from the settings: the one place that knows which plug serves which port."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from agent import plug
from agent.act import build_tools
from agent.config import Settings
from agent.core.ports import LLM, Clock, Judge, Notifier, Parts, Predictor, Presence, Sensor, Store, Toolbox
from agent.core.records import Answer, LLMCall
from agent.core.redact import Rules
from agent.errors import JudgeError
from agent.fallback import Fallback, FallbackJudge
from agent.judges import BothJudge, Learnt, LLMJudgePort, OffJudge, RulesOnly, ScorerJudge, load_scorer
from agent.learning import FILE as LEARNED
from agent.offline import OfflinePredictor
from agent.plug import Supplies
from agent.predict import LLMPredictor
from agent.senses import Senses
from agent.state import State, load
from reward_model.correct import Corrected, corrected
from reward_model.scorer import Scorer

log = logging.getLogger(__name__)
Role = Literal["agent", "reward_model", "chat"]


@dataclass(frozen=True)
class Given:
    """Parts that are handed in instead of built: what the benches, the demo and the tests replace."""

    sensor: Sensor | None = None
    store: Store | None = None
    notifier: Notifier | None = None
    presence: Presence | None = None
    tools: Toolbox | None = None
    llm: LLM | None = None
    weights: Path | None = None
    """Of the embedded judge, if others than the shipped ones."""


class App:
    """The parts of one loop, and the LLMs behind them; `rebuild` makes them anew from other settings."""

    def __init__(self, settings: Settings, clock: Clock, data: Path, given: Given | None = None) -> None:
        self.settings = settings
        self.clock = clock
        self.data = data
        self.given = given or Given()
        self.answers: asyncio.Queue[Answer] = asyncio.Queue()
        self.llms: dict[str, LLM] = {}
        self.scorer: Scorer | Corrected | None = None
        self.learnt: Learnt | None = None
        self.parts = self._build()

    def state(self) -> State:
        """The stored state under these settings."""
        return load(self.parts.store, self.settings.pace, self.rules(), self.clock.now())

    def rules(self) -> Rules:
        """The user's exclusions as the redactor reads them."""
        return Rules.model_validate(self.settings.privacy.model_dump())

    def rebuild(self, settings: Settings) -> Parts:
        """Parts under other settings; sensors, store and notifier are kept when nothing of theirs changed.

        Raises ConfigError, and then everything stays as it was.
        """
        before, kept = self.settings, self.parts
        self.settings, llms, self.llms = settings, self.llms, {}
        try:
            self.parts = self._build(kept, before)
        except Exception:  # put everything back, whatever went wrong
            self.settings, self.llms = before, llms
            raise
        return self.parts

    async def close(self) -> None:
        """Close every port, the store last."""
        await self.parts.notifier.close()
        await self.parts.sensor.close()
        await asyncio.gather(*(m.close() for m in self.llms.values()), return_exceptions=True)
        self.parts.store.close()

    def _build(self, kept: Parts | None = None, before: Settings | None = None) -> Parts:
        s, given = self.settings, self.given
        s.take_keys()
        roots = tuple(Path(r).expanduser() for r in s.tools.roots)
        chat = self._llm("chat")
        supplies = Supplies(
            clock=self.clock, answers=self.answers, chat=chat, data=self.data, roots=roots, language=s.agent.language
        )
        if kept is None or before is None:
            store = given.store or plug.build("store", "sqlite", {}, supplies)
            notifier = given.notifier or self._notifier(supplies)
            sensor = given.sensor or self._sensor(supplies)
        else:
            store = kept.store
            notifier = kept.notifier if s.notify == before.notify else self._notifier(supplies)
            same = s.sense == before.sense and s.activitywatch == before.activitywatch
            sensor = kept.sensor if same else self._sensor(supplies)
        tools = given.tools or build_tools(s.tools.allow, s.tools.model_extra or {}, supplies)
        return Parts(
            clock=self.clock,
            store=store,
            sensor=sensor,
            presence=given.presence or (kept.presence if kept else plug.build("presence", platform(), {}, supplies)),
            predictor=self._predictor(tools, chat is not None),
            judge=self._judge(store),
            notifier=notifier,
            tools=tools,
            answers=self.answers,
        )

    def _llm(self, role: Role) -> LLM | None:
        """The LLM of a role, shared by roles of the same alias; None without a model."""
        if self.given.llm is not None:
            return self.given.llm
        alias = self.settings.alias(role)
        if not alias:
            return None
        if alias not in self.llms:
            self.llms[alias] = endpoint(self.settings, alias, self.clock, self._sending)
        return self.llms[alias]

    def _sending(self, call: LLMCall) -> None:
        self.parts.store.sending(call)

    def _predictor(self, tools: Toolbox, chat: bool) -> Predictor:  # noqa: FBT001 - a fact, named at its one call
        llm = self._llm("agent")
        offline = OfflinePredictor(chat=chat)
        if llm is None:
            return offline
        asks = LLMPredictor(llm, tools, self.settings.agent.language)
        return Fallback(asks, offline) if self.settings.request.fallback_offline else asks

    def _judge(self, store: Store) -> Judge:
        chosen = self.settings.reward_model
        if chosen.kind in ("off", "rules"):
            return OffJudge() if chosen.kind == "off" else RulesOnly()
        llm = self._llm("reward_model") if chosen.kind in ("llm", "both") else None
        stands_in = self.settings.request.fallback_offline
        if llm is not None and chosen.kind == "llm" and not stands_in:
            return LLMJudgePort(llm)
        alone = self._embedded(store)
        if llm is None:
            return alone
        first: Judge = LLMJudgePort(llm)
        if chosen.kind == "both" and isinstance(alone, ScorerJudge):
            first = BothJudge(alone, LLMJudgePort(llm))
        return FallbackJudge(first, alone) if stands_in else first

    def _embedded(self, store: Store) -> ScorerJudge | RulesOnly:
        """The judge that needs no network; the rules where the weights cannot be read."""
        try:
            self.scorer = self.scorer or corrected(load_scorer(self.given.weights), self.data / LEARNED)
        except JudgeError as e:
            log.error("%s The rules judge meanwhile.", e)  # noqa: TRY400 - a fault of the installation, not of the code
            return RulesOnly()
        self.learnt = self.learnt or Learnt(store, self.clock, self.scorer)
        return ScorerJudge(self.scorer, self.settings.reward_model.threshold, self.learnt.look)

    def _notifier(self, supplies: Supplies) -> Notifier:
        extra = self.settings.notify.model_extra or {}
        built: Notifier = plug.build("notify", self.settings.notify.kind, extra, supplies)
        return built

    def past(self, seconds: float) -> Sensor | None:
        """A further ActivityWatch sensor that first looks back so far; None if none is configured."""
        if self.given.sensor is not None or not any(e.get("kind") == "activitywatch" for e in self.settings.sense):
            return None
        raw = self.settings.activitywatch | {"first": seconds}
        built: Sensor = plug.build("sense", "activitywatch", raw, Supplies(clock=self.clock))
        return built

    def _sensor(self, supplies: Supplies) -> Senses:
        """Every configured sensor."""
        entries = [dict(e) for e in self.settings.sense]
        sensors = []
        for entry in entries:
            kind = str(entry.pop("kind", "activitywatch"))
            raw = self.settings.activitywatch | entry if kind == "activitywatch" else entry
            sensors.append(plug.build("sense", kind, raw, supplies))
        return Senses(sensors)


def endpoint(settings: Settings, alias: str, clock: Clock, sending: Callable[[LLMCall], None] = lambda _: None) -> LLM:
    """The LLM of an alias, which calls `sending` before a text leaves. Raises ConfigError."""
    entries = settings.api_keys[alias]
    raw: dict[str, Any] = {
        "alias": alias,
        "endpoints": [{"base_url": e.base_url, "api_key": e.secret(), "model": e.model} for e in entries],
        "timeout": settings.request.timeout,
        "price_in": entries[0].price_in,
        "price_out": entries[0].price_out,
    }
    built: LLM = plug.build("llm", "openai", raw, Supplies(clock=clock, sending=sending))
    return built


def platform() -> str:
    """Which presence plug fits this machine."""
    return {"darwin": "macos", "win32": "windows"}.get(sys.platform, "linux")
