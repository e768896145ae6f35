"""What `doctor` and `init` ask about ActivityWatch: is it there, and which of the tracks have a bucket."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from agent.core.records import Record, Track
from agent.sense._buckets import Bucket, choose
from agent.sense._http import Access, Connection, RequestError
from agent.sense._words import in_words, short


class Found(Record):
    """A bucket of a track, and when its newest event ended (None: not known)."""

    bucket: str
    last_updated: datetime | None = None


class Survey(Record):
    """The answer. `tracks` has every track, empty where its watcher is missing; `problem` and `hint` are for the user."""

    where: str
    reachable: bool = False
    version: str = ""
    hostname: str = ""
    testing: bool = False
    tracks: dict[Track, tuple[Found, ...]] = Field(default_factory=dict)
    other_computers: tuple[str, ...] = ()
    problem: str = ""
    hint: str = ""


async def look(where: Access, hostname: str, seconds: float) -> Survey:
    """Ask the server at `where` twice, at most `seconds` each; never raises for what the server does."""
    connection = Connection(where)
    survey = Survey(where=where.where, tracks=dict.fromkeys(("window", "web", "editor", "afk", "input"), ()))
    try:
        survey = _told(survey, await connection.get("/api/0/info", seconds), hostname)
        found, others = await connection.get("/api/0/buckets/", seconds, lambda listed: choose(listed, survey.hostname))
    except RequestError as failure:
        error = in_words(failure, where, seconds)
        return survey.model_copy(update={"problem": error.title, "hint": error.hint})
    finally:
        await connection.close()
    tracks = {track: tuple(_found(b) for b in found if b.track == track) for track in survey.tracks}
    return survey.model_copy(update={"tracks": tracks, "other_computers": tuple(others)})


def _told(survey: Survey, info: Any, hostname: str) -> Survey:
    if not isinstance(info, dict) or not isinstance(info.get("hostname"), str):
        raise RequestError("garbage", 200)
    return survey.model_copy(
        update={
            "reachable": True,
            "version": short(str(info.get("version", ""))),
            "hostname": hostname or short(info["hostname"]),
            "testing": info.get("testing") is True,
        }
    )


def _found(bucket: Bucket) -> Found:
    return Found(bucket=bucket.id, last_updated=bucket.updated)
