"""The pure rules: may we ask now (`gate`), which candidate to offer (`choose`); `core/pace.py` holds what answers change."""

from __future__ import annotations

import math
from collections.abc import Container, Sequence

from agent.core.defence import on
from agent.core.pace_settings import PaceSettings
from agent.core.records import GateInput, Moment, Pace
from reward_model.case import Verdict

__all__ = ["PaceSettings", "asked", "choose", "gate", "in_quiet_hours", "resting", "settled", "waits"]


# Five minutes after a private window and three after a call, by the issue that set this policy: the thread is still private.
PRIVATE_HOLD = 300.0
CALL_HOLD = 180.0
# An absence ends with one touch of the mouse, but the afk watcher takes 180 s to take it back, visible after 190 s.
SETTLE = 200.0
SETTLE_SHORT = 60.0
SHORT_ABSENCE = 600.0
SETTLE_MOVES = 2
# A site or app new this recently says nothing yet about what the user does there: a minute, and the watchers' hold-back.
NEW_CONTEXT = 75.0
# Without an event for longer than this (a missed poll and the web watcher's 60 s alarm) nobody knows what goes on.
STALE = 90.0
# Fresh evidence or another activity may undercut the interval to this share of it, never below the floor.
UNDERCUT = 0.25
# Mid-task an ask waits a few minutes more for a breakpoint.
HOLD_ON = 180.0
# An idea worth offering that came up mid-task waits this long for a breakpoint, and is asked for again there at once. Without
# evidence of a need in sight it waits until there is a breakpoint.
WAITS = 1500.0
AGAIN = 90.0
# The daily cap is spread: this share of it may be used in any two hours, so that a bad morning does not spend the day.
SPREAD = 0.25
# A price above this is out of reach for any candidate, so that nobody need be asked.
PLAUSIBLE = 0.98
# Offers that rest for longer than this: whatever the predictor said now would be old by then.
SLEEP = 3600.0


def gate(seen: GateInput, settings: PaceSettings) -> str:
    """'' if the predictor may be asked, else the reason to hold; the first rule that holds wins."""
    return _absent(seen) or _private_or_busy(seen, settings) or _too_early(seen) or _paced(seen, settings)


def _absent(seen: GateInput) -> str:
    if seen.paused_until is not None and seen.at < seen.paused_until:
        return "paused"
    if seen.open_offer:
        return "open_offer"
    if seen.afk == "away":
        return "away"
    if seen.stale is None or seen.stale > STALE:
        return "no_data"
    return ""


def _private_or_busy(seen: GateInput, settings: PaceSettings) -> str:
    if seen.private_ago is not None and seen.private_ago < PRIVATE_HOLD and on("private_hold"):
        return "private"
    if seen.call_ago is not None and seen.call_ago < CALL_HOLD:
        return "call"
    if in_quiet_hours(seen.local_minute, settings.quiet_hours) and on("quiet_hours"):
        return "quiet_hours"
    return _presence(seen) if settings.presence and on("presence_guard") else ""


def _presence(seen: GateInput) -> str:
    for name in ("do_not_disturb", "screen_share", "full_screen"):
        if getattr(seen.presence, name) == "yes":
            return name
    return ""


def _too_early(seen: GateInput) -> str:
    if not settled(seen):
        return "settling"
    if seen.leisure:
        return "leisure"
    if seen.context_age is not None and seen.context_age < NEW_CONTEXT:
        return "new_context"
    return "typing" if seen.typing else ""


def settled(seen: GateInput) -> bool:
    """Back long enough: after a short absence a minute with two changes of focus will do, else the afk watcher's 200 s."""
    if seen.here_since is None:
        return False
    back = (seen.at - seen.here_since).total_seconds()
    brief = seen.away_for < SHORT_ABSENCE and seen.moves >= SETTLE_MOVES
    return back >= (SETTLE_SHORT if brief else SETTLE)


def _paced(seen: GateInput, settings: PaceSettings) -> str:
    if spent := _spent(seen, settings):
        return spent
    if seen.asked_at is None:
        return ""
    passed = (seen.at - seen.asked_at).total_seconds()
    if passed < _wait(seen, settings):
        return "pace"
    if seen.fingerprint == seen.asked_fingerprint:
        return "unchanged"
    return "breakpoint" if not seen.breakpoint and not _fresh(seen) and passed < seen.interval + HOLD_ON else ""


def _wait(seen: GateInput, settings: PaceSettings) -> float:
    """Seconds between two asks: fewer for fresh evidence, and at a breakpoint for an idea that waits for one."""
    if seen.waiting is not None and seen.breakpoint:
        return min(seen.interval, AGAIN)
    return max(settings.floor * 60, seen.interval * UNDERCUT) if _fresh(seen) else seen.interval


def _fresh(seen: GateInput) -> bool:
    return seen.shifted or bool(set(seen.evidence) - set(seen.asked_evidence))


def _spent(seen: GateInput, settings: PaceSettings) -> str:
    if seen.level == 0:
        return "level"
    if resting(seen) > SLEEP:
        return "rests"
    if seen.price > PLAUSIBLE:
        return "price"
    if seen.offers_today >= settings.daily_cap and on("daily_cap"):
        return "daily_cap"
    if seen.offers_lately >= math.ceil(settings.daily_cap * SPREAD):
        return "spread"
    full = settings.daily_tokens and seen.tokens_today >= settings.daily_tokens and on("token_budget")
    return "tokens" if full else ""


def in_quiet_hours(minute: int, hours: str) -> bool:
    """Whether a local minute of the day lies in 'HH:MM-HH:MM' (which may cross midnight); empty hours contain none."""
    if not hours:
        return False
    begin, end = (int(h) * 60 + int(m) for h, m in (part.split(":") for part in hours.split("-")))
    return begin <= minute < end if begin <= end else minute >= begin or minute < end


def choose(verdicts: Sequence[Verdict], price: float = 0.0, barred: Container[int] = ()) -> int | None:
    """Index of the best candidate that is worth an interruption, or None: at most one is offered.

    It is accepted by the judge, its chance of acceptance reaches the price (see `pace.price`), and it is not barred.
    """
    worth = [i for i, v in enumerate(verdicts) if v.accepted and v.p_accept >= price and i not in barred]
    return max(worth, key=lambda i: verdicts[i].p_accept, default=None)


def resting(seen: GateInput) -> float:
    """Seconds for which no offer may follow the last one; 0 if one may. Asks go on in its last hour."""
    if seen.offered_at is None:
        return 0.0
    return max(0.0, seen.rest - max(0.0, (seen.at - seen.offered_at).total_seconds()))


def waits(seen: GateInput) -> bool:
    """Whether an idea worth offering waits for a breakpoint: mid-task, without evidence or not for long yet."""
    return not seen.breakpoint and (not seen.evidence or (seen.waiting or 0.0) < WAITS)


def asked(pace: Pace, at: Moment, *, offered: bool) -> Pace:
    """The pace after an ask, and after an offer."""
    return pace.model_copy(update={"asked_at": at, "offered_at": at if offered else pace.offered_at})
