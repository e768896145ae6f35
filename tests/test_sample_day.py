"""The bundled day: what the generator writes, whole, and with the patterns that its truth names where it names them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from agent import offline
from agent.core.activity import activity
from agent.core.documents import remember
from agent.core.exclude import Rules
from agent.core.fold import fold
from agent.core.records import Candidate, Document, Event, NewFile, Observation
from agent.core.redact import redact
from agent.paths import resource
from tests.golden import make_sample_day

TRACKS = {"currentwindow": "window", "afkstatus": "afk", "web.tab.current": "web", "app.editor.activity": "editor"}
KINDS = {
    "unfinished-document": "unfinished_document",
    "repeated-search": "repeated_search",
    "repetitive-copying": "copying_between_windows",
    "comparing-pages": "comparing_pages",
    "long-read": "long_read",
    "research-while-writing": "research_while_writing",
    "meaningless-file": "meaningless_file",
}
LOOK_BACK = timedelta(minutes=30)


@cache
def day() -> dict[str, Any]:
    return dict(json.loads(resource("sample_day", "day.json").read_text(encoding="utf-8")))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@cache
def events() -> tuple[Event, ...]:
    """The events as redaction leaves them, oldest first."""
    rows = []
    for bucket, stored in day()["events"].items():
        track = TRACKS[day()["buckets"][bucket]["type"]]
        for k, e in enumerate(stored):
            span = {"timestamp": moment(e["timestamp"]), "duration": e["duration"]}
            rows.append(Event.model_validate({"bucket": bucket, "track": track, "id": k, "data": e["data"], **span}))
    return tuple(sorted(redact(rows, Rules()).events, key=lambda e: e.timestamp))


@cache
def yesterday() -> tuple[Document, ...]:
    before = [e for e in events() if e.timestamp.date() < events()[-1].timestamp.date()]
    last = max(e.end for e in before)
    return remember((), fold(before, last), before[0].timestamp - LOOK_BACK, last)


def seen(at: datetime) -> Observation:
    """What the loop would see at a moment of today."""
    buffer = [e for e in events() if at - timedelta(hours=4) < e.timestamp <= at]
    cut = [e.model_copy(update={"duration": min(e.duration, (at - e.timestamp).total_seconds())}) for e in buffer]
    windows = fold([e for e in cut if e.end > at - LOOK_BACK], at)
    new = tuple(NewFile(path=f["path"], at=moment(f["at"])) for f in day()["truth"]["files"] if moment(f["at"]) <= at)
    return Observation(at=at, windows=windows, worked=activity(cut, at).worked, files=new, documents=yesterday())


def found(start: datetime, end: datetime, every: float = 120) -> list[Candidate]:
    steps = int((end - start).total_seconds() // every)
    return [c for k in range(steps + 1) for c in offline.candidates(seen(start + timedelta(seconds=every * k)))]


def test_the_committed_day_is_what_the_generator_writes() -> None:
    assert resource("sample_day", "day.json").read_text(encoding="utf-8") == make_sample_day.text()


def test_the_day_is_long_enough_and_small_enough() -> None:
    blocks = day()["truth"]["blocks"]
    assert moment(blocks[-1]["end"]) - moment(blocks[0]["start"]) >= timedelta(hours=3.5)
    assert resource("sample_day", "day.json").stat().st_size < 400_000
    assert all(e["timestamp"].endswith("+00:00") for stored in day()["events"].values() for e in stored)


def test_every_help_moment_is_found_within_ten_minutes() -> None:
    for wanted in day()["truth"]["moments"]:
        if wanted["want"] == "help":
            start, end = moment(wanted["start"]), moment(wanted["end"])
            kinds = {c.kind for c in found(start, min(end, start + timedelta(minutes=10)), 60)}
            assert KINDS[wanted["kind"]] in kinds, wanted["kind"]


def test_the_hour_without_a_pattern_has_no_candidates() -> None:
    hour = day()["truth"]["hour_without_pattern"]
    start, end = moment(hour["start"]), moment(hour["end"])
    assert end - start >= timedelta(hours=1)
    assert found(start, end, 60) == []


def test_a_candidate_outside_a_help_moment_is_its_echo_or_a_missing_break() -> None:
    blocks = [b for b in day()["truth"]["blocks"] if b["kind"] in ("mail and chat", "handout")]
    for block in blocks:
        kinds = {c.kind for c in found(moment(block["start"]), moment(block["end"]))}
        assert kinds <= {"long_stretch", "unfinished_document", "meaningless_file"}, block


def test_pages_and_files_that_offers_may_read_are_bundled() -> None:
    truth = day()["truth"]
    bundled = [resource("sample_day", page) for page in truth["pages"].values()]
    assert all(page.is_file() and page.stat().st_size > 200 for page in bundled)
    assert resource("sample_day", "home", "Scans", "scan0007.pdf").read_bytes().startswith(b"%PDF")
    assert resource("sample_day", "home", "notes", "teaching", "Workshop handout.md").is_file()


def test_no_offer_of_the_day_reads_what_is_not_bundled() -> None:
    truth = day()["truth"]
    start, end = moment(truth["blocks"][0]["start"]), moment(truth["blocks"][-1]["end"])
    for candidate in found(start, end, 180):
        for source in candidate.operation.arguments.get("sources", []):  # type: ignore[union-attr]
            assert source in truth["pages"] or str(source).endswith("Workshop handout.md"), source


def test_nothing_planted_or_private_reaches_a_window_or_a_candidate() -> None:
    secrets = [secret["value"] for secret in day()["truth"]["secrets"] if secret["kind"] != "one-time code"]
    kept = "\n".join(str(e.data) for e in events())
    assert not [word for word in (*secrets, "sublet", "divorce", "Grachtenbank", "KeePass") if word in kept]


def test_the_planted_secrets_are_in_the_day_and_obviously_fake() -> None:
    text = resource("sample_day", "day.json").read_text(encoding="utf-8")
    stored = text[: text.index('"truth"')]
    assert all(secret["value"] in stored for secret in day()["truth"]["secrets"])
    assert all(any(mark in s["value"] for mark in ("FAKE", "not-a-real", "000000")) for s in day()["truth"]["secrets"])
