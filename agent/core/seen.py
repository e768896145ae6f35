"""The records of what was seen: events, event windows, documents, the observation. Times aware, durations in seconds."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment


Moment = Annotated[datetime, AfterValidator(_aware)]
Track = Literal["window", "web", "editor", "afk", "input"]


class Record(BaseModel):
    """A frozen record; change it with `model_copy(update=...)`."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Event(Record):
    """One ActivityWatch event with the bucket and track it came from. `data` holds the watcher's own fields."""

    bucket: str
    track: Track
    timestamp: Moment
    duration: float = Field(ge=0, description="seconds")
    data: dict[str, Any]
    id: int | None = None

    @property
    def end(self) -> datetime:
        """When the event ended, as far as is known."""
        return self.timestamp + timedelta(seconds=self.duration)


class NewFile(Record):
    """A document that appeared in a watched folder."""

    path: str
    at: Moment
    size: int = 0


class Reading(Record):
    """What one look at the sensors gave: events (merged by bucket and id, oldest first), new files, and what failed."""

    events: tuple[Event, ...] = ()
    files: tuple[NewFile, ...] = ()
    problems: tuple[str, ...] = ()


class EventWindow(Record):
    """One stretch of focus on one document or page of one app, with what the other tracks knew about it.

    `titles` and `urls` are redacted and normalised, the one with the most dwell first. `dwell` is seconds in focus, `typed`
    seconds with editor events, `switches` the number of flickers and title changes joined into the stretch. An unfocused one
    is a browser tab that was active while another app had the focus.
    """

    app: str
    titles: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    project: str = ""
    start: Moment
    end: Moment
    dwell: float
    typed: float = 0.0
    switches: int = 0
    focused: bool = True
    audible: bool = False

    @property
    def title(self) -> str:
        """The title with the most dwell, or empty."""
        return self.titles[0] if self.titles else ""

    @property
    def url(self) -> str:
        """The URL with the most dwell (no query, no fragment), or empty."""
        return self.urls[0] if self.urls else ""

    @property
    def file(self) -> str:
        """The file with the most dwell, or empty."""
        return self.files[0] if self.files else ""


class Document(Record):
    """A file or document worked on, remembered across days: `key` is its path or, without one, its normalised title."""

    key: str
    app: str
    title: str
    path: str = ""
    url: str = ""
    first: Moment
    last: Moment
    dwell: float = Field(description="seconds over all days")
    days: int = 1


class Earlier(Record):
    """An earlier offer as the predictor sees it."""

    task: str
    operation: str
    at: Moment
    response: str = "no answer yet"
    kind: str = ""


class Observation(Record):
    """What the agent sees at one tick. `windows` oldest first; `worked` is seconds of work since the last real break."""

    at: Moment
    windows: tuple[EventWindow, ...] = ()
    files: tuple[NewFile, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    documents: tuple[Document, ...] = ()
    worked: float = 0.0
