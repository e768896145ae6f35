"""`[pace]` of the configuration."""

from __future__ import annotations

import re
from typing import Any

from pydantic import Field, ValidationError, ValidationInfo, field_validator

from agent.core.records import Record

_HOURS = re.compile(r"(\d{1,2}:\d\d)-(\d{1,2}:\d\d)", re.ASCII)
_TIME = re.compile(r"([01]?\d|2[0-3]):[0-5]\d", re.ASCII)
WEEK = 10080.0
HOUR = 3600.0


class PaceSettings(Record):
    """`[pace]` of the configuration; times in minutes, hours as 'HH:MM-HH:MM' local time."""

    poll: float = Field(default=60.0, ge=0.2, le=600)
    """Seconds between two looks at the sensors."""
    level: int = Field(default=3, ge=0, le=5)
    """How readily offers are made: 0 = never, 3 = when it is worth the interruption for most people, 5 = most often."""
    start: float = Field(default=10.0, gt=0)
    """Minutes between two asks of the model at first."""
    floor: float = Field(default=8.0, gt=0)
    """Not more often than this, in minutes; only for an idea that waits is asked once more at the next breakpoint."""
    ceiling: float = Field(default=30.0, gt=0, validate_default=True)
    """Ignored offers make asks rarer up to this, in minutes."""
    daily_cap: int = Field(default=16, ge=0)
    """Offers a day at most, and a quarter of them in any two hours."""
    floor_per_day: float = Field(default=1.0, gt=0, le=86_400)
    """Offers a day to a user who ignores all of them."""
    daily_tokens: int = Field(default=400_000, ge=0)
    """Tokens a day that models may take, prompts and answers together; then nothing is asked until midnight. 0 = no limit."""
    quiet_hours: str = ""
    """No offers in these local hours, such as '22:00-07:00'; empty for none."""
    offer_minutes: float = Field(default=120.0, gt=0)
    """An offer can be answered from the inbox this long."""
    toast_seconds: float = Field(default=20.0, ge=3)
    """A toast stays on the screen about this long."""
    presence: bool = True
    """Respect do-not-disturb, full screen and screen sharing where they can be told."""
    shadow: dict[str, Any] = Field(default_factory=dict)
    """Keys of this section for a second policy that only notes what it would do; see proactive replay --shadow."""

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

    @field_validator("shadow")
    @classmethod
    def _keys_of_this_section(cls, shadow: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        if "shadow" in shadow:
            raise ValueError("a shadow has no shadow")
        try:
            PaceSettings.model_validate({**info.data, **shadow})
        except ValidationError as e:
            first = e.errors(include_url=False, include_input=False)[0]
            said = "unknown key" if first["type"] == "extra_forbidden" else first["msg"].removeprefix("Value error, ")
            raise ValueError(f"{'.'.join(map(str, first['loc']))}: {said}") from e
        return shadow

    def shadowed(self) -> PaceSettings | None:
        """The settings of the shadow: these with its own keys; None without any."""
        if not self.shadow:
            return None
        return PaceSettings.model_validate({**self.model_dump(exclude={"shadow"}), **self.shadow})
