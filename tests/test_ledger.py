"""The ledger: what was sent is what is stored and shown, byte for byte; and what is deleted is gone from every file."""

from __future__ import annotations

import json
import os
import random
import time
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agent import plug
from agent.act import _record
from agent.cli.ledger import _whole
from agent.clocks import RealClock
from agent.core.keep import SEAL
from agent.core.lines import escaped
from agent.core.ports import LLMRequest
from agent.core.records import (
    Answer,
    Candidate,
    Document,
    EventWindow,
    Execution,
    GateInput,
    LLMCall,
    Observation,
    Offer,
    Operation,
    Prediction,
    Tick,
)
from agent.core.responses import DELETED, IN_FLIGHT
from agent.errors import LLMError, StoreError
from agent.ledger import TEST, keep, line, lines
from agent.llm.openai import CompletionError
from agent.store import _backup
from agent.store._erase import Chosen
from agent.store.sqlite import FILE, SqliteStore, open_readonly
from agent.trust._bytes import told
from reward_model.case import Verdict
from tests.conftest import NOW
from tests.stub_llm import Reply, completion, stub

TEXTS = int(os.environ.get("PROACTIVE_TEXTS", "12"))
CANARIES = int(os.environ.get("PROACTIVE_CANARIES", "3"))
CANARY = "canary-8128-Zürich"
ODD = 'naïve — "quotes" \\ back\nline\ttab 漢字 🎈 \u200f\x7f end'


def sent(body: dict[str, Any]) -> str:
    """What an endpoint received, in the form in which the ledger shows it."""
    system, user = (m["content"] for m in body["messages"])
    return f"[system]\n{system}\n\n[user]\n{user}"


@pytest.mark.parametrize(
    "replies", [[completion("fine")], [Reply(400, "response_format"), completion("ok")], [Reply(500, "no")]]
)
async def test_what_an_endpoint_received_is_what_the_ledger_holds(tmp_path: Path, replies: list[Reply]) -> None:
    request = LLMRequest(purpose="predict", system=ODD, user=ODD * 300, format={"title": "t", "type": "object"})
    async with stub(*replies) as endpoint:
        raw = {"alias": "a", "endpoints": [{"base_url": endpoint.base_url, "model": "m"}]}
        llm = plug.build("llm", "openai", raw, plug.Supplies(clock=RealClock()))
        try:
            calls: tuple[LLMCall, ...] = (await llm.complete(request),)
        except CompletionError as error:
            calls = error.calls
        await llm.close()
    with closing(SqliteStore(tmp_path / FILE)) as store:
        store.add_calls(calls)
        assert endpoint.requests
        for body in endpoint.requests:
            for shown in lines(store):
                assert shown.text.encode() == sent(body).encode()
                assert json.loads(json.dumps(shown.model_dump(mode="json")))["text"].encode() == sent(body).encode()


async def test_a_text_is_in_the_ledger_before_it_leaves(tmp_path: Path) -> None:
    """A kill while the model thinks leaves what was sent; an answer takes its place; what was sent first is one of two."""
    found: list[tuple[str, str]] = []
    with closing(SqliteStore(tmp_path / FILE)) as store:

        def look(_: dict[str, Any]) -> Reply:
            with closing(open_readonly(tmp_path / FILE)) as beside:
                found.extend((one.text, one.came) for one in lines(beside))
            return Reply(500, "no") if len(found) == 1 else completion("fine")

        async with stub(answer=look) as first, stub(answer=look) as second:
            ends = [{"base_url": e.base_url, "model": "m"} for e in (first, second)]
            supplies = plug.Supplies(clock=RealClock(), sending=store.sending)
            llm = plug.build("llm", "openai", {"alias": "a", "endpoints": ends}, supplies)
            call = await llm.complete(LLMRequest(purpose="predict", system="Be brief.", user=CANARY))
            await llm.close()
        assert [came for _, came in found] == [f"failed: {IN_FLIGHT}"] * 3
        assert {text for text, _ in found} == {sent(first.requests[0])}
        store.add_calls([call], "t1")
        (kept,) = lines(store)
        assert (kept.text, kept.answer, kept.error) == (sent(second.requests[0]), "fine", "")


async def test_nothing_is_sent_that_cannot_be_written_into_the_ledger(tmp_path: Path) -> None:
    def full(_: LLMCall) -> None:
        raise StoreError("The disk is full.")

    async with stub(completion("fine")) as endpoint:
        raw = {"alias": "a", "endpoints": [{"base_url": endpoint.base_url, "model": "m"}]}
        llm = plug.build("llm", "openai", raw, plug.Supplies(clock=RealClock(), sending=full))
        with pytest.raises(LLMError, match="Nothing was sent"):
            await llm.complete(LLMRequest(purpose="predict", system="Be brief.", user=CANARY))
        await llm.close()
        assert endpoint.requests == []


async def test_a_test_of_the_model_is_in_the_ledger_too(tmp_path: Path) -> None:
    call = LLMCall(at=NOW, purpose=TEST, host="h", model="m", prompt="Say ready.")
    await keep(tmp_path, call)
    assert list(tmp_path.iterdir()) == [], "before the first start there is none"
    SqliteStore(tmp_path / FILE).close()
    await keep(tmp_path, call)
    with closing(open_readonly(tmp_path / FILE)) as store:
        assert [one.came for one in lines(store)] == ["a test of the connection"]


async def test_a_command_leaves_a_damaged_history_to_the_next_start(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / FILE)) as store:
        store.add_calls([call(NOW, "predict", ODD) for _ in range(40)])
    damaged = bytearray((tmp_path / FILE).read_bytes())
    damaged[8192:12288] = b"\xaa" * 4096
    (tmp_path / FILE).write_bytes(damaged)
    with pytest.raises(StoreError, match="damaged"):
        await keep(tmp_path, call(NOW, TEST))
    assert (tmp_path / FILE).read_bytes() == damaged
    assert not [f for f in tmp_path.rglob("*") if "corrupt" in f.name or "mend" in f.name]


def text(chance: random.Random) -> str:
    """Text of every script, with controls and signs that JSON, HTML and terminals treat in their own way."""
    signs = "aZ0 \n\t\r\"\\/<>&{}[]%'`\x00\x07\x1b\x7f\u0085\u200b\u200f\u2028\ufeff\ufffd\U0001f388\U000e0041éß漢"
    return "".join(chance.choice(signs) for _ in range(chance.choice((0, 1, 40, 400, 5000))))


async def test_many_texts_are_sent_stored_and_shown_word_for_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chance, shown_otherwise = random.Random(9), 0
    async with stub(completion("fine")) as endpoint:
        raw = {"alias": "a", "endpoints": [{"base_url": endpoint.base_url, "model": "m"}]}
        llm = plug.build("llm", "openai", raw, plug.Supplies(clock=RealClock()))
        with closing(SqliteStore(tmp_path / FILE)) as store:
            for _ in range(TEXTS):
                store.add_calls([await llm.complete(LLMRequest(purpose="predict", system=text(chance), user=text(chance)))])
        await llm.close()
    with closing(open_readonly(tmp_path / FILE)) as store:
        found = lines(store, limit=TEXTS)
        for body, one in zip(endpoint.requests, sorted(found, key=lambda f: f.number), strict=True):
            _whole(one)
            said = capsys.readouterr().out.split("--- sent, word for word ---\n")[1].rpartition("\n--- answered ---\n")[0]
            as_json = json.loads(json.dumps(one.model_dump(mode="json")))["text"]
            exact = {as_json, one.text} == {sent(body)}
            shown_otherwise += not exact or said != escaped(sent(body))
    with capsys.disabled():
        print(f"\nP9 n={TEXTS}: {shown_otherwise} stored or shown otherwise than received")
    assert shown_otherwise == 0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A store in a data folder."""
    made = SqliteStore(tmp_path / "data" / FILE)
    yield made
    made.close()


def call(at: datetime, purpose: str, text: str = "") -> LLMCall:
    """A call."""
    prompt = f"{text} " * 90
    return LLMCall(at=at, purpose=purpose, host="h:1", model="m", prompt=prompt, answer=text, prompt_tokens=9, cost=0.5)


def seen(store: SqliteStore, n: int, at: datetime, text: str, *, offered: bool = False) -> int:
    """A look with the text in all that is kept of it; the number of its offer, if one was made."""
    window = EventWindow(app="A", titles=(text,), start=at, end=at, dwell=9)
    idea = Candidate(task=text, because=text, operation=Operation(name="search", arguments={"query": text}))
    calls = call(at, "predict", text), call(at, "judge", text)
    tick = Tick(
        id=f"t{n}", at=at, ending="offer" if offered else "silent", reason=text, gate=GateInput(at=at, local_minute=0),
        observation=Observation(at=at, windows=(window,)), digest=text, choice=0 if offered else None,
        prediction=Prediction(candidates=(idea,), thoughts=text, calls=calls[:1]), judge_calls=calls[1:],
        verdicts=(Verdict(p_accept=0.5, p_help=0.5, accepted=True, reason=text),),
    )  # fmt: skip
    store.put_documents([Document(key=f"/d/{n}", app="A", title=text, path=f"/d/{text}", first=at, last=at, dwell=60)])
    number = 0
    if offered:
        expires = at + timedelta(hours=1)
        made = Offer(id=0, nonce=f"n{n}", tick=tick.id, at=at, expires=expires, candidate=idea, line=f"Search: {text}")
        offer = store.add_offer(tick, made)
        number = offer.id
        store.add_response(Answer(offer=number, nonce=offer.nonce, kind="accepted", at=at, source="t"))
        store.begin(number, at)
        store.finish(Execution(offer=number, state="done", at=at, text=text, undo={"path": text}))
    else:
        store.add_tick(tick)
    store.add_calls(calls, tick.id)
    return number


def places(folder: Path, text: str = CANARY) -> list[str]:
    """The files that hold the text, plain, as JSON writes it, or in a compressed record."""
    wanted = (text.encode(), json.dumps(text)[1:-1].encode())
    return sorted(f.name for f in folder.rglob("*") if f.is_file() and any(w in told(f.read_bytes()) for w in wanted))


def test_the_search_for_a_canary_sees_compressed_records(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"page" + zlib.compress(CANARY.encode() * 9) + b"page")
    assert places(tmp_path) == ["x"]


def summarised(store: SqliteStore) -> int:
    """An offer of a quarter of an hour before NOW, accepted and carried out just before NOW; its number."""
    shown, done = NOW - timedelta(minutes=15), NOW - timedelta(minutes=1)
    idea = Candidate(task="Summarise it", because="", operation=Operation(name="summarise"))
    look = Tick(id="t", at=shown, ending="offer", reason="", gate=GateInput(at=shown, local_minute=0))
    made = Offer(id=0, nonce="n", tick="t", at=shown, expires=NOW, candidate=idea, line="Summarise")
    number = store.add_offer(look, made).id
    store.add_response(Answer(offer=number, nonce="n", kind="accepted", at=done, source="t"))
    assert store.begin(number, done)
    return number


def ran(store: SqliteStore, number: int) -> None:
    """Its operation ends, with the text in what it gave."""
    done = Execution(offer=number, state="done", at=NOW, text=CANARY, undo={"path": CANARY})
    _record(SimpleNamespace(store=store), done, [call(NOW, "summarise", CANARY)])  # type: ignore[arg-type]


@pytest.mark.parametrize("how", ["since", "number", "all", "look"])
@pytest.mark.parametrize("running", [False, True])
def test_what_an_operation_gave_is_deleted_with_its_time_its_calls_and_its_look(
    store: SqliteStore, how: str, *, running: bool
) -> None:
    """One that still runs does not write it again."""
    number = summarised(store)
    store.add_calls([call(NOW - timedelta(minutes=15), "predict")], "t")
    if running:
        store.sending(call(NOW, "summarise", CANARY))
    else:
        ran(store, number)
    calls = {one.purpose: one.number for one in lines(store)}
    store.erase({
        "since": Chosen(since=NOW - timedelta(minutes=10)),
        "number": Chosen(number=calls["summarise"]),
        "all": Chosen(everything=True),
        "look": Chosen(number=calls["predict"]),
    }[how])  # fmt: skip
    if running:
        ran(store, number)
    run, offer = store.execution(number), store.offer(number)
    assert run is not None
    assert offer is not None
    assert (run.state, run.text, run.undo) == ("done", DELETED, None)
    assert offer.candidate.task == ("Summarise it" if how in ("since", "number") else DELETED)
    in_flight = [IN_FLIGHT] if running and how == "look" else []
    assert [c.error for c in store.calls() if c.purpose == "summarise"] == in_flight, "what was sent stays accountable"
    assert not places(store.path.parent) or in_flight


@pytest.mark.parametrize("ago", [timedelta(days=1), timedelta(minutes=1, seconds=1)])
def test_a_call_cut_short_before_an_operation_began_is_not_of_it(store: SqliteStore, ago: timedelta) -> None:
    store.sending(call(NOW - ago, "predict"))
    number = summarised(store)
    store.erase(Chosen(number=lines(store)[0].number))
    ran(store, number)
    assert store.execution(number).undo == {"path": CANARY}  # type: ignore[union-attr]


def test_nothing_that_stands_for_what_was_seen_is_left_beside_it(store: SqliteStore) -> None:
    number = seen(store, 1, NOW, CANARY, offered=True)
    for key in (f"{SEAL}{number}", f"{SEAL}99", "asked", "shadow", "pace"):
        store.put_state(key, "x")
    store.erase(Chosen(number=lines(store)[0].number))
    assert [bool(store.get_state(k)) for k in (f"{SEAL}{number}", f"{SEAL}99", "asked")] == [False, True, True]
    store.erase(Chosen(everything=True))
    assert [bool(store.get_state(k)) for k in (f"{SEAL}99", "asked", "shadow", "pace")] == [False, False, False, True]


def test_the_ledger_says_what_came_of_each_call(store: SqliteStore) -> None:
    seen(store, 1, NOW, "quiet")
    number = seen(store, 2, NOW + timedelta(minutes=1), "busy", offered=True)
    store.add_calls([call(NOW + timedelta(minutes=2), "summarise")])
    store.add_calls([call(NOW + timedelta(minutes=3), "predict").model_copy(update={"error": "down"})], "t9")
    assert [(f.purpose, f.came, f.offer) for f in lines(store)] == [
        ("predict", "failed: down", None),
        ("summarise", "part of an accepted operation", None),
        ("judge", f"judge: offer {number}: accepted, done", number),
        ("predict", f"offer {number}: accepted, done", number),
        ("judge", "judge: silent", None),
        ("predict", "silent", None),
    ]
    assert line(store, 1).text == "quiet " * 90
    assert [f.number for f in lines(store, since=NOW + timedelta(minutes=2), until=NOW + timedelta(minutes=3))] == [5]


@pytest.mark.parametrize("how", ["all", "since", "number"])
def test_what_is_deleted_is_gone_from_every_file(store: SqliteStore, how: str) -> None:
    folder = store.path.parent
    seen(store, 1, NOW - timedelta(days=2), "an older matter")
    number = seen(store, 2, NOW, CANARY, offered=True)
    store.put_state("pace", "{}")
    _backup.make(store.path)
    (folder / f"{FILE}.corrupt.20260101T000000000000Z").write_bytes(CANARY.encode())
    assert {f"{FILE}-wal", f"{FILE}.corrupt.20260101T000000000000Z"} <= set(places(folder))
    chosen = {
        "all": Chosen(everything=True),
        "since": Chosen(since=NOW - timedelta(hours=1)),
        "number": Chosen(number=lines(store)[0].number),
    }[how]
    done = store.erase(chosen)
    assert places(folder) == []
    assert done.offers == 1
    assert len(store.calls()) == (0 if how == "all" else 2)
    assert len(_backup.all_of(store.path)) == 1, "a new one, of what is left"
    offer = store.offer(number)
    assert offer is not None
    assert (offer.candidate.task, [r.kind for r in store.responses(number)]) == ("(deleted)", ["accepted"])
    assert store.execution(number).text == "(deleted)"  # type: ignore[union-attr]
    assert store.get_state("pace") == "{}"
    assert store.unsound() == ""
    assert (store.tick("t1") is None) == (how == "all")


def test_no_canary_is_left_in_any_file(tmp_path: Path) -> None:
    chance, left, slowest = random.Random(8), 0, 0.0
    for n in range(CANARIES):
        with closing(SqliteStore(tmp_path / str(n) / FILE)) as store:
            for day in range(chance.randint(1, 30)):
                seen(store, day, NOW + timedelta(days=day), f"{CANARY} {day}", offered=chance.random() < 0.4)
                if chance.random() < 0.1:
                    _backup.make(store.path)
            began = time.monotonic()
            if n % 3 == 0:
                store.erase(Chosen(everything=True))
            elif n % 3 == 1:
                store.erase(Chosen(since=NOW - timedelta(days=1)))
            else:
                for one in lines(store):
                    store.erase(Chosen(number=one.number))
                store.erase(Chosen(until=NOW + timedelta(days=99)))
            slowest = max(slowest, (time.monotonic() - began) if n % 3 != 2 else 0.0)
            left += len(places(store.path.parent))
        left += len(places(tmp_path / str(n)))
    print(f"\nP9 n={CANARIES}: {left} files, slowest {slowest:.2f} s")
    assert left == 0
    assert slowest <= 10


def test_an_offer_whose_text_is_deleted_can_no_longer_be_accepted(store: SqliteStore) -> None:
    idea = Candidate(task=CANARY, because="", operation=Operation(name="search"))
    tick = Tick(id="t", at=NOW, ending="offer", reason="", gate=GateInput(at=NOW, local_minute=0))
    made = Offer(id=0, nonce="n", tick="t", at=NOW, expires=NOW + timedelta(hours=1), candidate=idea, line="S")
    offer = store.add_offer(tick, made)
    store.erase(Chosen(everything=True))
    assert store.add_response(Answer(offer=offer.id, nonce="n", kind="accepted", at=NOW, source="t")) is None
    assert not store.begin(offer.id, NOW)


def test_deleting_before_a_moment_leaves_what_came_later(store: SqliteStore) -> None:
    for n in range(5):
        seen(store, n, NOW + timedelta(days=n), CANARY if n < 3 else "later")
    done = store.erase(Chosen(until=NOW + timedelta(days=3)))
    assert (done.calls, done.looks, done.documents) == (6, 3, 3)
    assert [t.id for t in store.ticks()] == ["t4", "t3"]
    assert places(store.path.parent) == []
    assert store.get_state("forgotten") is None, "what is seen now was not meant"


def test_the_number_of_a_deleted_call_is_not_given_again(store: SqliteStore) -> None:
    seen(store, 1, NOW, CANARY)
    store.erase(Chosen(everything=True))
    store.erase(Chosen(everything=True))
    store.sending(call(NOW, "predict"))
    store.add_calls([call(NOW, "predict"), call(NOW, "judge")])
    assert [one.number for one in lines(store)] == [4, 3]


def test_the_log_is_emptied_with_everything(store: SqliteStore) -> None:
    log = store.path.parent / "proactive.log"
    log.write_text(CANARY)
    store.erase(Chosen(since=NOW))
    assert log.read_text() == CANARY
    store.erase(Chosen(everything=True))
    assert log.read_text() == ""


def test_bytes_that_a_reader_keeps_in_the_log_are_not_said_to_be_gone(store: SqliteStore) -> None:
    seen(store, 1, NOW, CANARY)
    with closing(open_readonly(store.path)) as reader:
        reader._db.execute("BEGIN")
        reader.calls()
        store._db.execute("PRAGMA busy_timeout = 20")
        with pytest.raises(Exception, match=r"write-ahead log|in use"):
            store.erase(Chosen(everything=True))
    store.erase(Chosen(everything=True))
    assert places(store.path.parent) == []


@pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX matter")
def test_backups_are_the_users_alone(store: SqliteStore) -> None:
    made = _backup.make(store.path)
    assert (made.stat().st_mode & 0o777, made.parent.stat().st_mode & 0o777) == (0o600, 0o700)
