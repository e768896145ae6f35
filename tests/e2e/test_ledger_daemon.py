"""The ledger of a running daemon: all that the model's endpoint received, byte for byte; deleted, no file holds it any more."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from agent.bench.server import PrivateServer
from agent.trust._bytes import told
from tests.e2e.daemon import Daemon, eventually
from tests.e2e.feeder import PAST, Feeder
from tests.stub_llm import Reply, completion, stub

pytestmark = pytest.mark.e2e

CANARY = "canary 8128 Zürich «odd»"
PAGE = ("Google-chrome", f"{CANARY} - Google Search - Google Chrome")


def answer(body: dict[str, Any]) -> Reply:
    """A model that repeats what it read: the canary for as long as that was in front of it."""
    said = CANARY if CANARY in json.dumps(body["messages"], ensure_ascii=False) else "nothing"
    if "verdicts" in json.dumps(body.get("response_format", {})):
        verdict = {"candidate": 1, "p_accept": 0.9, "p_help": 0.9, "accept": True, "reason": said}
        return completion(json.dumps({"verdicts": [verdict], "silence": {"accept": False, "reason": said}}))
    operation = {"name": "search", "arguments": {"query": said}}
    candidate = {"proactive_task": f"Look up {said}", "response": "", "because": said, "operation": operation}
    return completion(json.dumps({"purpose": said, "thoughts": said, "candidates": [candidate]}))


def sent(body: dict[str, Any]) -> str:
    """What an endpoint received, in the form of the ledger."""
    system, user = (m["content"] for m in body["messages"])
    return f"[system]\n{system}\n\n[user]\n{user}"


def places(folder: Path) -> list[str]:
    """The files that hold the canary, plain, as JSON writes it, or in a compressed record."""
    wanted = (CANARY.encode(), json.dumps(CANARY)[1:-1].encode())
    return sorted(f.name for f in folder.rglob("*") if f.is_file() and any(w in told(f.read_bytes()) for w in wanted))


async def shown(made: Daemon, *args: str) -> list[dict[str, Any]]:
    """The ledger as JSON."""
    done = await made.proactive("ledger", "--json", *args)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


async def test_what_was_sent_is_shown_word_for_word_and_deleted_from_every_file(tmp_path: Path) -> None:
    past = [*PAST, (2.5, PAGE), (2.0, PAST[-1][1]), (1.5, PAGE)]
    async with PrivateServer() as aw, stub(answer=answer) as model:
        with Feeder(aw.url, aw.host, every=2.2, past=past) as feeder:
            made = Daemon(
                tmp_path,
                activitywatch={"port": aw.port},
                api_keys={"A": [{"base_url": model.base_url, "model": "model-A"}]},
                request={"default_completions_model": "A"},
                reward_model={"kind": "llm"},
            )
            with made.running():
                offer = await made.offer()
                await eventually(lambda: len(model.requests) >= 4)
                feeder.focus = PAST[0][1]
                await made.proactive("pause")
                await asyncio.sleep(1)
                received = sorted(sent(body) for body in model.requests)
                calls = await shown(made, "--since", "1h")
                assert sorted(c["text"] for c in calls) == received
                assert any(CANARY in text for text in received), "the canary was seen and sent"
                print(f"\nP9 n={len(calls)}: all equal to what was received")
                assert f"offer {offer.id}: " in " ".join(c["came"] for c in calls)
                (last,) = await shown(made, "--last")
                whole = await made.proactive("ledger", "--id", str(last["number"]))
                assert f"--- sent, word for word ---\n{last['text']}\n--- answered ---" in whole.stdout
                assert {"proactive.db-wal", "proactive.db"} & set(places(made.data))

                refused = await made.proactive("ledger", "--delete")
                assert refused.returncode == 1
                done = await made.proactive("ledger", "--delete", "--all", "--yes")
                assert done.returncode == 0, done.stderr
                assert f"Deleted: {len(calls)} calls" in done.stdout
                assert places(made.data) == []
                assert await shown(made, "--since", "1h") == []
                await made.proactive("resume")
                looks = len(made.ticks())
                await eventually(lambda: len(made.ticks()) >= looks + 8)
                assert places(made.data) == [], "what ActivityWatch still holds of that time is not read again"
                accepted = await made.proactive("accept", str(offer.id))
                assert accepted.returncode == 1, "nothing says any more what would run"
                status = await made.ask("status")
                assert status["bugs"] == 0
                assert status["problems"] == []
            assert "Traceback" not in made.log
