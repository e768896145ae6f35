"""One tick: the only place that knows the order of the steps, from the sensors to the decision. It changes nothing."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from agent.core import pace, policy, reasons
from agent.core.activity import Activity, activity
from agent.core.decisions import weigh
from agent.core.documents import document_key
from agent.core.fold import fold
from agent.core.ports import Parts
from agent.core.records import Document, EventWindow, GateInput, Observation, Prediction, PresenceState, Reading, Tick
from agent.core.redact import Redacted, redact, redact_file
from agent.core.render import HORIZON, render
from agent.core.signals import SMALL, Signals, back, hash_of, shifted, signals
from agent.errors import JudgeError, LLMError, SensorError, ToolError
from agent.offline import evidence
from agent.pacing import midnight
from agent.state import State, offers_lately, offers_on
from reward_model.case import CANNOT_RUN, Case, Earlier, Proposed

SHOWN_EARLIER = 10
IDLE = 60.0
"""Without input for a minute the user may have left; the afk watcher says so after three."""
FORGOTTEN = 2700.0
"""An idea that waits for a breakpoint is no longer the same after so many seconds."""

Ask = Callable[[Coroutine[Any, Any, Tick]], Awaitable[Tick]]


async def tick(parts: Parts, state: State, now: datetime, ask: Ask | None = None) -> Tick:
    """Read, redact, fold, gate, predict, judge, choose. Ends held, silent, filtered, failed or offer, with the reason.

    The models are asked through `ask`, which may cut that short.
    """
    base = Tick(
        id=uuid.uuid4().hex, at=now, ending="failed", reason="", gate=GateInput(at=now, local_minute=pace.local_minute(now))
    )
    try:
        reading = _since(await parts.sensor.read(now), state.forgotten)
    except SensorError as e:
        return base.model_copy(update={"reason": str(e)})
    redacted = redact(reading.events, state.rules)
    if redacted.broken:
        return base.model_copy(update={"reason": redacted.problems[0], "problems": (*reading.problems, *redacted.problems)})
    seen, observation, signs = _look(reading, redacted, state, now)
    base = base.model_copy(
        update={
            "gate": seen,
            "events": len(reading.events),
            "problems": (*reading.problems, *redacted.problems),
            "contexts": signs.contexts,
            "windows": observation.windows,
        }
    )
    reason = policy.gate(seen, state.settings)
    if not reason:
        seen = await _looked_up(parts, state, seen)
        base = base.model_copy(update={"gate": seen})
        reason = policy.gate(seen, state.settings)
    if reason:
        return base.model_copy(update={"ending": "held", "reason": reason})
    recent = tuple(w for w in observation.windows if w.end > now - HORIZON)
    observation = observation.model_copy(update={"windows": recent})
    asking = base.model_copy(update={"observation": observation, "digest": render(observation)})
    asked = _ask(parts, state, asking)
    return await (ask(asked) if ask else asked)


async def _looked_up(parts: Parts, state: State, seen: GateInput) -> GateInput:
    """The same with what is dear to look up and is looked up only if all else lets the tick pass."""
    found: dict[str, Any] = {}
    if state.settings.presence:
        found["presence"] = await parts.presence.look()
    if state.settings.daily_tokens:
        found["tokens_today"] = parts.store.tokens(midnight(seen.at))
    return seen.model_copy(update=found)


async def _ask(parts: Parts, state: State, asking: Tick) -> Tick:
    """The dear part: predictor, judge, choice."""
    observation = asking.observation
    if observation is None:
        raise ValueError("an ask needs an observation")
    try:
        prediction = await parts.predictor.predict(observation, asking.digest)
    except LLMError as e:
        return asking.model_copy(update={"reason": str(e), "prediction": Prediction(calls=getattr(e, "calls", ()))})
    asking = asking.model_copy(update={"prediction": prediction, "digest": prediction.digest or asking.digest})
    try:
        judgement = await parts.judge.judge(_case(parts, state, asking, prediction))
    except JudgeError as e:
        return asking.model_copy(update={"reason": str(e), "judge_calls": getattr(e, "calls", ())})
    judged = {"verdicts": judgement.verdicts, "silence": judgement.silence, "judge_calls": judgement.calls}
    return _decided(state, asking.model_copy(update=judged), prediction)


def _decided(state: State, judged: Tick, prediction: Prediction) -> Tick:
    """How a judged tick ends: silent without a candidate, an offer if one is worth it and may be made, else filtered."""
    if prediction.dropped and not prediction.candidates:  # there were ideas, and none could be used: nobody chose silence
        return judged.model_copy(update={"ending": "silent", "reason": "; ".join(prediction.dropped), "silence": None})
    if not prediction.candidates:
        why = prediction.thoughts or "The predictor saw no task."
        return judged.model_copy(update={"ending": "silent", "reason": why})
    found = weigh(prediction, judged.verdicts, state.pace, judged.gate)
    if found.held:
        return judged.model_copy(update={"ending": "filtered", "reason": reasons.filtered(judged, found)})
    return judged.model_copy(update={"ending": "offer", "reason": judged.verdicts[found.best].reason, "choice": found.best})


def _case(parts: Parts, state: State, asking: Tick, prediction: Prediction) -> Case:
    """What the judge sees: the text the predictor saw, the candidates with the lines that would run, earlier offers."""
    proposed = []
    for c in prediction.candidates:
        try:
            line = parts.tools.check(c.operation)
        except ToolError as e:
            line = f"{CANNOT_RUN}: {e.title}"
        proposed.append(Proposed(task=c.task, because=c.because, line=line, kind=c.kind))
    earlier = tuple(
        Earlier(task=e.task, response=e.response, minutes_ago=(asking.at - e.at).total_seconds() / 60, kind=e.kind)
        for e in state.earlier
    )
    return Case(situation=asking.digest, candidates=tuple(proposed), earlier=earlier)


def _since(reading: Reading, forgotten: datetime | None) -> Reading:
    """What was read without the time that the user had deleted; whether somebody was there says nothing of it."""
    if forgotten is None:
        return reading
    kept = tuple(e for e in reading.events if e.timestamp >= forgotten or e.track == "afk")
    return reading.model_copy(update={"events": kept})


def _look(reading: Reading, redacted: Redacted, state: State, now: datetime) -> tuple[GateInput, Observation, Signals]:
    """Fold what may be known, and compute what the gate looks at."""
    windows = fold(redacted.events, now)
    there = activity(reading.events, now)
    signs = signals(windows, redacted.events, now, there.here_since)
    files = tuple(f for f in (redact_file(file, state.rules) for file in reading.files) if f is not None)
    observation = Observation(
        at=now,
        windows=windows,
        files=tuple(f for f in files if f.at > now - HORIZON),
        earlier=state.earlier[-SHOWN_EARLIER:],
        documents=_reopened(state.documents, windows, now),
        worked=there.worked,
    )
    private = redacted.private_until
    seen, found = _gate_input(state, there, signs, now), evidence(observation)
    seen = seen.model_copy(
        update={
            "private_ago": None if private is None else max(0.0, (now - private).total_seconds()),
            "evidence": found,
            "breakpoint": "" if seen.breakpoint in SMALL and not found else seen.breakpoint,
            "fingerprint": hash_of(signs.fingerprint, *sorted(f.path for f in observation.files)),
        }
    )
    return seen.model_copy(update={"price": pace.priced(seen, state.settings)}), observation, signs


def _gate_input(state: State, there: Activity, signs: Signals, now: datetime) -> GateInput:
    values: dict[str, Any] = there.model_dump(exclude={"worked", "idle"}) | signs.model_dump(exclude={"contexts", "writing"})
    return GateInput(
        at=now,
        local_minute=pace.local_minute(now),
        **(values | {"breakpoint": _breakpoint(there, signs, now)} | pace.facing(state.pace, state.settings)),
        shifted=shifted(signs.contexts, state.asked.contexts),
        presence=PresenceState(),
        asked_fingerprint=state.asked.fingerprint,
        asked_at=state.asked.at,
        asked_evidence=state.asked.evidence,
        open_offer=state.open_offer is not None,
        offers_today=offers_on(state.offered, now),
        waiting=None if shifted(signs.contexts, state.asked.contexts) else _waiting(state, now),
        offers_lately=offers_lately(state.offered, now),
        paused_until=state.paused_until,
        heard=pace.heard(state.pace, pace.local_minute(now)),
    )


def _breakpoint(there: Activity, signs: Signals, now: datetime) -> str:
    """The breakpoint of this moment; none while nobody touches anything, for that is how an absence begins."""
    if there.idle > IDLE:
        return ""
    returned = not signs.writing and back(there.here_since, there.away_for, now)
    return signs.breakpoint or ("back" if returned else "")


def _waiting(state: State, now: datetime) -> float | None:
    """Seconds an idea has waited for a breakpoint; None without one, or when it is of another hour."""
    waited = None if state.waiting is None else max(0.0, (now - state.waiting).total_seconds())
    return None if waited is None or waited > FORGOTTEN else waited


def _reopened(known: tuple[Document, ...], windows: tuple[EventWindow, ...], now: datetime) -> tuple[Document, ...]:
    """Documents of earlier days, those in sight now first."""
    near = {document_key(w) for w in windows if w.end > now - HORIZON}
    today = now.astimezone().date()
    before = [d for d in known if d.first.astimezone().date() < today]
    return tuple(sorted(before, key=lambda d: (d.key not in near, now - d.last)))[:10]


def remembered_until(now: datetime) -> datetime:
    """Event windows that ended before this will not grow any more (hold-back 10 s, web alarm 60 s)."""
    return now - timedelta(seconds=90)
