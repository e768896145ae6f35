"""A model run over the benchmark's traces, against an endpoint on a real socket: requests, faults, going on, the command."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from agent.bench.agent_measure import Plan, Teller, measure
from agent.bench.agent_report import Report, to_json
from agent.bench.agent_run import BUDGET, read, request
from agent.bench.agent_traces import BenchDataError, Trace, Turn
from agent.core.parse import ParseError
from agent.core.tokens import tokens
from agent.errors import LLMError
from tests.bench.agent_data import COOKING, benchmark, recording, rewards, row, trace
from tests.stub_llm import Reply, StubEndpoint, completion, refusal, stub

ROOT = Path(__file__).resolve().parent.parent.parent
USAGE = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}


def configured(folder: Path, endpoint: StubEndpoint) -> Path:
    """A configuration with this endpoint as the model 'lab'."""
    file = folder / "private.toml"
    file.write_text(f'[[api_keys.lab]]\nbase_url = "{endpoint.base_url}"\nmodel = "lab-1"\nprice_in = 2.0\nprice_out = 10.0\n')
    file.chmod(0o600)
    return file


def offers_at_searches(body: dict[str, Any]) -> Reply:
    """A task after a search, silence otherwise."""
    last = body["messages"][-1]["content"].split("activity>>>")[0].strip().splitlines()[-1]
    task = "Find a cake without eggs." if "searches" in last else ""
    return completion(json.dumps({"purpose": "", "thoughts": "", "proactive_task": task}), usage=USAGE)


async def run(folder: Path, endpoint: StubEndpoint, monkeypatch: pytest.MonkeyPatch, **more: Any) -> Report:
    """The benchmark with the endpoint as model and the rules as judge."""
    monkeypatch.setenv("PROACTIVE_CONFIG", str(configured(folder, endpoint)))
    traces = folder / "traces"
    home = traces if traces.exists() else benchmark(folder)
    return await measure(Plan(home, model="lab", judge="rules", resamples=20, **more))


def prompts(endpoint: StubEndpoint) -> list[str]:
    """The user messages that were sent, in order of the traces' events."""
    return sorted(r["messages"][-1]["content"] for r in endpoint.requests)


async def test_each_turn_is_one_request_with_what_was_seen_and_offered_so_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stub(answer=offers_at_searches) as endpoint:
        made = await run(tmp_path, endpoint, monkeypatch)
    assert len(endpoint.requests) == 5
    last = next(p for p in prompts(endpoint) if COOKING[2] in p)
    assert f"00:00 {COOKING[0]}\n01:00 {COOKING[1]}\n02:00 {COOKING[2]}" in last
    assert "<<<offers\n- Find a cake without eggs.\noffers>>>" in last
    assert sum(COOKING[2] in p for p in prompts(endpoint)) == 1, "no request holds an event of the future"
    found = made.figures["lab"]["All"]
    assert (found["proposals"], found["events"], found["proposals_per_event"]) == (1, 5, 0.2)


async def test_tokens_cost_and_latency_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    async with stub(answer=offers_at_searches) as endpoint:
        monkeypatch.setenv("PROACTIVE_CONFIG", str(configured(tmp_path, endpoint)))
        made = await measure(Plan(benchmark(tmp_path), model="lab", judge="always", resamples=20), Teller(say=said.append))
    usage = made.usage["lab"]
    assert (usage.requests, usage.prompt_tokens, usage.completion_tokens, usage.failed) == (5, 500, 50, 0)
    assert usage.cost == pytest.approx((500 * 2 + 50 * 10) / 1e6)
    assert usage.p50_ms is not None
    assert said[0].startswith("5 requests to lab, at most about ")
    assert "by your prices" in said[0]
    assert json.loads(to_json(made))["usage"]["lab"]["prompt_tokens"] == 500


async def test_an_error_loses_its_turn_only_and_the_next_run_asks_for_that_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails_at_the_error(body: dict[str, Any]) -> Reply:
        return refusal(400, "cannot") if "IndexError" in body["messages"][-1]["content"] else offers_at_searches(body)

    kept = tmp_path / "kept.jsonl"
    async with stub(answer=fails_at_the_error) as endpoint:
        made = await run(tmp_path, endpoint, monkeypatch, resume=kept)
    assert made.figures["lab"]["All"]["events"] == 4
    assert made.figures["lab"]["All"]["unanswered"] == 1
    assert "1 turns have no answer" in made.notes[0]
    async with stub(answer=offers_at_searches) as endpoint:
        again = await run(tmp_path, endpoint, monkeypatch, resume=kept)
        assert len(endpoint.requests) == 1
    assert again.figures["lab"]["All"]["events"] == 5
    assert again.usage["lab"].prompt_tokens == 500
    assert again.notes == ()


async def test_finished_turns_of_other_traces_are_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "kept.jsonl"
    async with stub(answer=offers_at_searches) as endpoint:
        await run(tmp_path, endpoint, monkeypatch, resume=kept)
        file = tmp_path / "traces" / "cooking.json"
        file.write_text(file.read_text().replace("plum", "apple"))
        with pytest.raises(BenchDataError, match="another run"):
            await run(tmp_path, endpoint, monkeypatch, resume=kept)


async def test_a_refused_key_ends_the_run_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with stub(refusal(401, "bad key")) as endpoint:
        with pytest.raises(LLMError):
            await run(tmp_path, endpoint, monkeypatch)
    assert len(endpoint.requests) <= 2, "one a trace that runs side by side"


async def test_an_answer_that_is_no_json_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def mumbles(body: dict[str, Any]) -> Reply:
        return completion("Well.") if COOKING[2] in body["messages"][-1]["content"] else offers_at_searches(body)

    async with stub(answer=mumbles) as endpoint:
        made = await run(tmp_path, endpoint, monkeypatch)
    assert made.figures["lab"]["All"]["unanswered"] == 1


async def test_an_llm_judges_each_proposal_and_each_silence_nobody_labelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judges(body: dict[str, Any]) -> Reply:
        offers = body["messages"][-1]["content"].split("<<<offers")[1]
        accept = "1. Find" in offers
        said = [{"candidate": 1, "p_accept": 0.4, "p_help": 0.4, "accept": accept, "reason": ""}] if "1. " in offers else []
        return completion(json.dumps({"verdicts": said, "silence": {"accept": True, "reason": ""}}), usage=USAGE)

    answers = trace("cooking", [], ["Find a cake without eggs."], []), trace("sorting", [], [])
    recorded = recording(tmp_path / "m.json", *answers)
    labels = rewards(tmp_path / "r.jsonl", *(row("sorting", n, None, valid=False, needed=True) for n in range(2)))
    async with stub(answer=judges) as endpoint:
        monkeypatch.setenv("PROACTIVE_CONFIG", str(configured(tmp_path, endpoint)))
        made = await measure(Plan(benchmark(tmp_path), (recorded,), judge="llm:lab", rewards=labels, resamples=20))
    found = made.figures["m"]["All"]
    assert (found["correct_detections"], found["false_alarms"], found["non_responses"], found["missed_needs"]) == (1, 0, 2, 2)
    sent = prompts(endpoint)
    assert sum("1. Find" in p for p in sent) == 1
    assert not any("sort.py" in p and "1. Help with" not in p for p in sent), "a labelled silence is not asked about"


async def test_the_command_runs_a_model_and_prints_json(tmp_path: Path) -> None:
    async with stub(answer=offers_at_searches) as endpoint:
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PROACTIVE_CONFIG": str(configured(tmp_path, endpoint)),
            "PYTHONPATH": str(ROOT),
        }
        words = ["bench", "agent", "--traces", str(benchmark(tmp_path)), "--model", "lab", "--judge", "rules", "--json"]
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "agent", *words, env=env, stdout=pipe, stderr=pipe, cwd=tmp_path
        )
        out, err = await child.communicate()
    assert child.returncode == 0, err.decode()
    assert json.loads(out)["models"]["lab"]["All"]["events"] == 5
    assert b"5 requests to lab" in err


@pytest.mark.parametrize(
    ("answer", "tasks"),
    [
        ('{"proactive_task": "Sum up the page."}', ("Sum up the page.",)),
        ('```json\n{"proactive_task": ""}\n```', ()),
        ('{"proactive_task": null}', ()),
        ('{"proactive_task": "null"}', ()),
    ],
)
def test_an_answer_is_one_task_or_silence(answer: str, tasks: tuple[str, ...]) -> None:
    assert read(answer) == tasks


@pytest.mark.parametrize("answer", ["Nothing to do.", "{}", '{"proactive_task": 3}'])
def test_an_answer_that_does_not_say_is_an_error(answer: str) -> None:
    with pytest.raises(ParseError):
        read(answer)


def test_a_long_trace_is_cut_from_its_beginning_to_stay_within_the_budget() -> None:
    long: Trace = tuple(Turn(str(1_700_000_000 + n), f"The user reads page {n} about cakes. " * 8) for n in range(80))
    asked = request(long, 79)
    assert tokens(asked.system) + tokens(asked.user) <= BUDGET
    assert "page 79" in asked.user
    assert "page 0 " not in asked.user
    assert "earlier events are left out)" in asked.user


def test_the_prompt_as_sent() -> None:
    asked = request(trace("cooking"), 1, ["Find a recipe."])
    assert asked.user == (
        f"What the person did:\n<<<activity\n00:00 {COOKING[0]}\n01:00 {COOKING[1]}\nactivity>>>\n\n"
        "What you offered earlier, oldest first:\n<<<offers\n- Find a recipe.\noffers>>>"
    )
    assert asked.system.startswith("You sit beside a person")
