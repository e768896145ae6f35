"""What the ActivityWatch sensor says to the user when something is missing."""

from __future__ import annotations

from collections.abc import Sequence

from agent.errors import SensorError
from agent.sense._buckets import Bucket
from agent.sense._http import Access, RequestError

START = "Start aw-qt, or set port under [activitywatch]."


def in_words(failure: RequestError, where: Access, seconds: float) -> SensorError:
    """The failure as the error a user reads."""
    at = where.where
    if failure.kind == "down":
        return SensorError(f"ActivityWatch is not running at {at}.", START)
    if failure.kind == "slow":
        return SensorError(f"ActivityWatch at {at} did not answer within {seconds:g} s.", "Restart aw-qt if this lasts.")
    if failure.kind == "refused":
        return SensorError(
            f"ActivityWatch at {at} asks for an API key ({failure.status}).", "Set api_key under [activitywatch]."
        )
    if failure.kind == "garbage":
        return SensorError(f"What answers at {at} is not ActivityWatch.", START)
    return SensorError(f"ActivityWatch at {at} answered with an error ({failure.status}).", "Restart aw-qt if this lasts.")


def gone(bucket: Bucket) -> str:
    """A bucket that the server no longer has."""
    return f"The bucket {short(bucket.id)} is gone; the others are read on."


def skipped(bucket: Bucket, count: int) -> str:
    """Events that could not be used."""
    events = "1 event" if count == 1 else f"{count} events"
    return f"{events} of the bucket {short(bucket.id)} made no sense and were left out."


def no_window_bucket(hostname: str, others: Sequence[str]) -> str:
    """Nothing to see: names the computers that do have buckets."""
    said = f"ActivityWatch has no window bucket of this computer ({short(hostname)}); is aw-watcher-window running?"
    if not others:
        return said
    names = ", ".join(short(name) for name in others[:5])
    return f"{said} It has buckets of: {names}. If one of these is this computer, set hostname under [activitywatch]."


def short(text: str) -> str:
    """A name from the server, safe and short enough for a message."""
    kept = "".join(c if c.isprintable() else "?" for c in text)
    return kept if len(kept) <= 80 else f"{kept[:79]}…"
