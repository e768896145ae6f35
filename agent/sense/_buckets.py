"""Chooses the buckets of this computer from a server's list: by `type` and `hostname`, never by a word in the id."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.core.records import Record, Track
from agent.sense._http import RequestError

TRACKS: dict[str, Track] = {
    "currentwindow": "window",
    "afkstatus": "afk",
    "web.tab.current": "web",
    "app.editor.activity": "editor",
    "os.hid.input": "input",
}
# Browser and editor extensions cannot always learn the name of the computer.
NAMELESS_OK = {"web", "editor"}
NAMELESS = {"", "unknown", "none", "null"}
# Names that routers and macOS append; a laptop changes them with the network (ActivityWatch issues 302, 554).
HOME_SUFFIXES = (".local", ".lan", ".home", ".home.arpa", ".fritz.box", ".localdomain", ".internal")
ZONED = re.compile(r"(?:[zZ]|[+-]\d\d:?\d\d)$")
PLAIN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3}|\.\d{6})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
MAX_BUCKETS = 24  # anything on this computer can create buckets; each one costs a request at every read


class Bucket(Record):
    """A bucket we understand. `updated` is the end of its newest event, if the server says."""

    id: str
    track: Track
    hostname: str = ""
    updated: datetime | None = None


class _Listed(BaseModel):
    """The fields we look at in one entry of GET /buckets/; any of them may be missing."""

    model_config = ConfigDict(extra="ignore")

    type: str = ""
    hostname: str | None = ""
    last_updated: Any = None
    data: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = Field(default=None, description="aw-server-rust: start and end")


def choose(listed: object, hostname: str) -> tuple[list[Bucket], list[str]]:
    """The buckets of `hostname` (most recently updated first, at most 24), and the names of other computers seen.

    Raises RequestError if `listed` is no list of buckets.
    """
    if not isinstance(listed, dict):
        raise RequestError("garbage", 200)
    known = list(_known(listed))
    own = [b for b in known if _belongs(b, hostname)]
    others = {b.hostname for b in known if b not in own and b.hostname.lower() not in NAMELESS}
    oldest = datetime.min.replace(tzinfo=timezone.utc)
    own.sort(key=lambda b: b.updated or oldest, reverse=True)
    return own[:MAX_BUCKETS], sorted(others)


def same_computer(a: str, b: str) -> bool:
    """Whether two hostnames name one computer: equal, or equal but for a suffix that a network appended."""
    a, b = _bare(a), _bare(b)
    if a == b:
        return True
    return a.split(".")[0] == b.split(".")[0] and ("." not in a or "." not in b)


def _known(listed: dict[str, Any]) -> Iterable[Bucket]:
    for name, entry in listed.items():
        bucket = _bucket(name, entry)
        if bucket is not None:
            yield bucket


def _bucket(name: str, entry: object) -> Bucket | None:
    try:
        found = _Listed.model_validate(entry)
    except (ValidationError, RecursionError):
        return None
    track = TRACKS.get(found.type)
    if track is None or len(name) > 200 or not name.isprintable() or _synced(name, found.data):
        return None
    updated = _updated(found.last_updated or (found.metadata or {}).get("end"))
    return Bucket(id=name, track=track, hostname=(found.hostname or "")[:100], updated=updated)


def _synced(name: str, data: dict[str, Any] | None) -> bool:
    """Whether aw-sync copied the bucket from another computer: such a copy keeps type and hostname of its origin."""
    return "-synced-from-" in name or "$aw.sync.origin" in (data or {})


def _belongs(bucket: Bucket, hostname: str) -> bool:
    if bucket.hostname.lower() not in NAMELESS:
        return same_computer(bucket.hostname, hostname)
    return bucket.track in NAMELESS_OK and _names_no_other(bucket.id, hostname)


def _names_no_other(name: str, hostname: str) -> bool:
    """Ids are `<client>_<hostname>` by convention; both may hold an underscore."""
    if "_" not in name:
        return True
    ends = {name.split("_", 1)[1], name.rsplit("_", 1)[1]}
    return any(end.lower() in NAMELESS or same_computer(end, hostname) for end in ends)


def _bare(hostname: str) -> str:
    name = hostname.strip().rstrip(".").lower()
    for suffix in HOME_SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def _updated(value: object) -> datetime | None:
    try:
        return moment(value)
    except (ValueError, TypeError, OverflowError):
        return None


def moment(value: object) -> datetime:
    """A time as ActivityWatch writes it, in UTC and milliseconds; without a zone it is UTC.

    Raises ValueError, TypeError or OverflowError.
    """
    from aw_core.models import Event

    if not isinstance(value, str) or len(value) > 40:
        raise TypeError("not a time")
    if PLAIN.fullmatch(value):  # as its servers write it: ten times as fast, which a backlog of a day feels
        exact = datetime.fromisoformat(value.replace("Z", "+00:00")).astimezone(timezone.utc)
        return exact.replace(microsecond=exact.microsecond // 1000 * 1000)
    parsed: datetime = Event(timestamp=value if ZONED.search(value) else f"{value}+00:00").timestamp
    return parsed
