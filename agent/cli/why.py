"""proactive why"""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timezone
from typing import Annotated

import typer

from agent.cli._ui import clock, say, store
from agent.core.offers import in_full
from agent.core.ports import Store
from agent.core.reasons import explain, held
from agent.core.records import Tick
from agent.errors import StoreError

_TIME = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)$")


def command(
    what: Annotated[
        str, typer.Argument(help="Number of an offer, id of a look, or a time of today (14:05); else the last.")
    ] = "",
) -> None:
    """Why you got an offer, or why it was quiet."""
    opened = store()
    if what.isdigit():
        _offer(opened, int(what))
        return
    tick = _find(opened, what)
    say(f"{clock(tick.at)}  {tick.ending}")
    say(explain(tick))
    _details(tick)
    if not what:
        _today(opened)


def _find(opened: Store, what: str) -> Tick:
    if time := _TIME.match(what):
        until = datetime.now().astimezone().replace(hour=int(time[1]), minute=int(time[2]), second=59)
        found = next((t for t in opened.ticks(limit=3000) if t.at <= until), None)
    elif what:
        found = opened.tick(what) or next((t for t in opened.ticks(limit=3000) if t.id.startswith(what)), None)
    else:
        found = next(iter(opened.ticks(limit=1)), None)
    if found is None:
        raise StoreError(
            f"There is no look '{what}'." if what else "There was no look yet.", "Looks are listed by: proactive log"
        )
    return found


def _offer(opened: Store, number: int) -> None:
    offer = opened.offer(number)
    if offer is None:
        raise StoreError(f"There is no offer {number}.", "Offers are listed by: proactive inbox --all")
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
        for i, candidate in enumerate(tick.prediction.candidates):
            verdict = tick.verdicts[i] if i < len(tick.verdicts) else None
            mark = "offered" if i == tick.choice else "not offered"
            said = f" - {verdict.p_accept:.2f}, {verdict.reason}" if verdict else ""
            say(f"  {mark}: {candidate.task} ({candidate.because}){said}")
        for dropped in tick.prediction.dropped:
            say(f"  dropped: {dropped}")
    if tick.digest:
        say("What the predictor and the judge saw:")
        say("\n".join(f"  | {line}" for line in tick.digest.splitlines()))


def _today(opened: Store) -> None:
    midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0).astimezone(timezone.utc)
    counts = Counter(held(t.reason) if t.ending == "held" else t.ending for t in opened.ticks(midnight, 3000))
    say("Today:")
    for reason, count in counts.most_common():
        say(f"  {count:5}  {reason}")
