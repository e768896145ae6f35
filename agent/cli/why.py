"""proactive why"""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timezone
from typing import Annotated

import typer

from agent.cli._ui import MOST, clock, say, store
from agent.core.offers import in_full
from agent.core.ports import Store
from agent.core.reasons import explain, held, runner_up
from agent.core.records import Tick
from agent.errors import StoreError

_TIME = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)$", re.ASCII)
_NUMBER = re.compile(r"^\d+$", re.ASCII)
SHORT = 8
"""Signs of an id that `proactive log` shows; as many digits may be the beginning of one."""
DIGITS = 18
"""No offer's number has more."""


def command(
    what: Annotated[
        str, typer.Argument(help="Number of an offer, id of a look, or a time of today (14:05); else the last.")
    ] = "",
) -> None:
    """Why you got an offer, or why it was quiet."""
    opened = store()
    now = datetime.now().astimezone()
    if _NUMBER.match(what) and (len(what) < SHORT or _begins(opened, what) is None):
        _offer(opened, what)
        return
    tick = _find(opened, what, now)
    say(f"{clock(tick.at)}  {tick.ending}")
    say(explain(tick))
    _details(tick)
    if not what:
        _today(opened, now)


def _find(opened: Store, what: str, now: datetime) -> Tick:
    """The look that is meant; `now` is local."""
    if time := _TIME.match(what):
        until = _on(now, int(time[1]), int(time[2]), 59)
        found = next((t for t in opened.ticks(_on(now), MOST) if t.at <= until), None)
        missing = f"There was no look today until {what}."
    else:
        found = _begins(opened, what) if what else next(iter(opened.ticks(limit=1)), None)
        missing = f"There is no look '{what[:40]}'." if what else "There was no look yet."
    if found is None:
        raise StoreError(missing, "Looks are listed by: proactive log")
    return found


def _begins(opened: Store, what: str) -> Tick | None:
    """The newest look whose id begins so."""
    return opened.tick(what) or next((t for t in opened.ticks(limit=3000) if t.id.startswith(what)), None)


def _on(now: datetime, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """A time of the local day of `now`, in UTC; also on the day on which the clock is changed."""
    local = now.replace(hour=hour, minute=minute, second=second, microsecond=0, tzinfo=None)
    return local.astimezone(timezone.utc)


def _offer(opened: Store, digits: str) -> None:
    number = int(digits[: DIGITS + 1])
    offer = opened.offer(number) if len(digits) <= DIGITS else None
    if offer is None:
        raise StoreError(f"There is no offer {digits[:40]}.", "Offers are listed by: proactive inbox --all")
    say(f"Offer {number}, {clock(offer.at)}: {offer.candidate.task}")
    say(f"Because: {offer.candidate.because}")
    say(f"What runs if you accept: {offer.line}")
    if in_full(offer):
        say(in_full(offer))
    for response in opened.responses(number):
        say(f"  {clock(response.at)}  {response.kind} ({response.source})")
    run = opened.execution(number)
    if run is not None:
        say(f"Result, {run.state}: {run.text}")
    tick = opened.tick(offer.tick)
    if tick is not None:
        _details(tick)


def _details(tick: Tick) -> None:
    if tick.prediction is not None:
        second = runner_up(tick)
        for i, candidate in enumerate(tick.prediction.candidates):
            verdict = tick.verdicts[i] if i < len(tick.verdicts) else None
            mark = "offered" if i == tick.choice else "next best" if second and candidate is second[0] else "not offered"
            said = f" - {verdict.p_accept:.2f}, {verdict.reason}" if verdict else ""
            say(f"  {mark}: {candidate.task} ({candidate.because}){said}")
        for dropped in tick.prediction.dropped:
            say(f"  dropped: {dropped}")
    if tick.silence is not None:
        say(f"  saying nothing: {tick.silence.p_accept:.2f}, {tick.silence.reason}")
    if tick.verdicts and tick.gate.price:
        moment = "at a breakpoint" if tick.gate.breakpoint else "in the middle of work"
        say(f"  an offer needed a chance of {tick.gate.price:.2f}, {moment} and at level {tick.gate.level}")
    if tick.digest:
        say("What the predictor and the judge saw:")
        say("\n".join(f"  | {line}" for line in tick.digest.splitlines()))


def _today(opened: Store, now: datetime) -> None:
    counts = Counter(held(t.reason) if t.ending == "held" else t.ending for t in opened.ticks(_on(now), MOST))
    say("Today:")
    for reason, count in counts.most_common():
        say(f"  {count:5}  {reason}")
