"""The pure rules: may we ask now (`gate`), which candidate to offer (`choose`), how to change the pace (`adapt`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from pydantic import Field, ValidationInfo, field_validator

from agent.core.records import GateInput, Moment, Pace, Record, ResponseKind
from reward_model.case import Verdict

_HOURS = re.compile(r"(\d{1,2}:\d\d)-(\d{1,2}:\d\d)", re.ASCII)
_TIME = re.compile(r"([01]?\d|2[0-3]):[0-5]\d", re.ASCII)
WEEK = 10080.0
HOUR = 3600.0


class PaceSettings(Record):
    """`[pace]` of the configuration; times in minutes, hours as 'HH:MM-HH:MM' local time."""

    poll: float = Field(default=60.0, ge=0.2, le=600)
    """Seconds between two looks at the sensors."""
    start: float = Field(default=10.0, gt=0)
    """Minutes between two asks of the model at first."""
    floor: float = Field(default=5.0, gt=0)
    """Never ask more often than this, in minutes."""
    ceiling: float = Field(default=30.0, gt=0, validate_default=True)
    """Ignored offers make asks rarer up to this, in minutes."""
    daily_cap: int = Field(default=60, ge=0)
    """Offers a day at most."""
    quiet_hours: str = ""
    """No offers in these local hours, such as '22:00-07:00'; empty for none."""
    offer_minutes: float = Field(default=120.0, gt=0)
    """An offer can be answered from the inbox this long."""
    toast_seconds: float = Field(default=20.0, ge=3)
    """A toast stays on the screen about this long."""
    presence: bool = True
    """Respect do-not-disturb, full screen and screen sharing where they can be told."""

    @field_validator("start", "floor", "ceiling", "offer_minutes")
    @classmethod
    def _a_week_at_most(cls, minutes: float) -> float:
        if minutes > WEEK:
            raise ValueError(f"{minutes:g} minutes is longer than a week ({WEEK:g} minutes)")
        return minutes

    @field_validator("toast_seconds")
    @classmethod
    def _an_hour_at_most(cls, seconds: float) -> float:
        if seconds > HOUR:
            raise ValueError(f"{seconds:g} seconds is longer than an hour ({HOUR:g} seconds)")
        return seconds

    @field_validator("ceiling")
    @classmethod
    def _not_below_the_floor(cls, ceiling: float, info: ValidationInfo) -> float:
        floor = info.data.get("floor", ceiling)
        if ceiling < floor:
            raise ValueError(f"{ceiling:g} minutes is less than floor ({floor:g} minutes)")
        return ceiling

    @field_validator("quiet_hours")
    @classmethod
    def _times_of_day(cls, hours: str) -> str:
        if not hours:
            return hours
        span = _HOURS.fullmatch(hours)
        if span is None:
            raise ValueError(f"'{hours}' is no span of hours; write it as 22:00-07:00")
        for time in span.groups():
            if not _TIME.fullmatch(time):
                raise ValueError(f"{time} is no time of day; the last is 23:59, and midnight is 0:00")
        return hours


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
# Accepted: sooner. Ignored: later. A dismissal blames the moment a little, a reject only the idea.
STEP: dict[str, float] = {"accepted": 0.5, "ignored": 1.5, "dismissed": 1.25, "rejected": 1.0}


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
    if seen.private_ago is not None and seen.private_ago < PRIVATE_HOLD:
        return "private"
    if seen.call_ago is not None and seen.call_ago < CALL_HOLD:
        return "call"
    if in_quiet_hours(seen.local_minute, settings.quiet_hours):
        return "quiet_hours"
    return _presence(seen) if settings.presence else ""


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
    if seen.offers_today >= settings.daily_cap:
        return "daily_cap"
    if seen.asked_at is None:
        return ""
    wait = seen.interval
    if seen.shifted or set(seen.evidence) - set(seen.asked_evidence):
        wait = max(settings.floor * 60, wait * UNDERCUT)
    if seen.at < seen.asked_at + timedelta(seconds=wait):
        return "pace"
    return "unchanged" if seen.fingerprint == seen.asked_fingerprint else ""


def in_quiet_hours(minute: int, hours: str) -> bool:
    """Whether a local minute of the day lies in 'HH:MM-HH:MM' (which may cross midnight); empty hours contain none."""
    if not hours:
        return False
    begin, end = (int(h) * 60 + int(m) for h, m in (part.split(":") for part in hours.split("-")))
    return begin <= minute < end if begin <= end else minute >= begin or minute < end


def choose(verdicts: Sequence[Verdict]) -> int | None:
    """Index of the accepted candidate with the highest chance of acceptance, or None: at most the best is offered."""
    accepted = [i for i, v in enumerate(verdicts) if v.accepted]
    return max(accepted, key=lambda i: verdicts[i].p_accept, default=None)


def adapt(pace: Pace, kind: ResponseKind, settings: PaceSettings) -> Pace:
    """The pace after a response; lost, undelivered, withdrawn and opened say nothing about the user and change nothing."""
    if kind not in STEP:
        return pace
    rejected = 0 if kind == "accepted" else pace.rejected + (kind in ("rejected", "dismissed"))
    return clamp(pace.model_copy(update={"interval": pace.interval * STEP[kind], "rejected": rejected}), settings)


def clamp(pace: Pace, settings: PaceSettings) -> Pace:
    """The pace with its interval between floor and ceiling, which the user may have moved since it was learnt."""
    return pace.model_copy(update={"interval": min(settings.ceiling * 60, max(settings.floor * 60, pace.interval))})


def asked(pace: Pace, at: Moment, *, offered: bool) -> Pace:
    """The pace after an ask, and after an offer."""
    return pace.model_copy(update={"asked_at": at, "offered_at": at if offered else pace.offered_at})
