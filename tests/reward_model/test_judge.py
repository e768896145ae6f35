"""The LLM judge: what it is shown, how its answer is read, and the adapters that fit the port."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.clocks import SimulatedClock
from agent.core.parse import first_object
from agent.core.ports import LLMRequest
from agent.core.records import LLMCall
from agent.core.tokens import tokens
from agent.errors import JudgeError, LLMError
from agent.judges import LLMJudgePort, OffJudge, RulesOnly
from agent.judges.llm import BUDGET
from agent.llm.scripted import ScriptedLLM, Settings
from agent.plug import Supplies
from reward_model.case import Case, Earlier, Proposed
from reward_model.judge import JudgeFailure, LLMJudge, judged
from tests.conftest import NOW

TASKS = ("Summarise the two papers on folding", "Search for a cheaper GPU", "Rename download (3).pdf")


def case(count: int = 2, *earlier: Earlier, situation: str = "13:56 Firefox | Folding") -> Case:
    candidates = tuple(Proposed(task=t, because=f"Seen for {t[:6]}", line=f"Run {t[:9]}") for t in TASKS[:count])
    return Case(situation=situation, candidates=candidates, earlier=earlier)


def verdict(candidate: Any = 1, **change: Any) -> dict[str, Any]:
    return {"candidate": candidate, "p_accept": 0.7, "p_help": 0.8, "accept": True, "reason": "I need it."} | change


def answer(*verdicts: Any, **more: Any) -> str:
    return json.dumps({"verdicts": list(verdicts), "silence": {"accept": False, "reason": "I am stuck."}} | more)


def scripted(*answers: str) -> ScriptedLLM:
    return ScriptedLLM(Settings(answers=list(answers)), Supplies(clock=SimulatedClock(NOW)))


async def test_one_question_holds_the_situation_unchanged_and_the_numbered_offers() -> None:
    llm = scripted(answer(verdict(1), verdict(2)))
    offer = Earlier(task="Read the letter", response="rejected", minutes_ago=40)
    judgement = await LLMJudgePort(llm).judge(case(2, offer))
    asked = llm.requests[0]
    assert len(llm.requests) == len(judgement.calls) == 1
    assert asked.purpose == "judge"
    assert "<<<activity\n13:56 Firefox | Folding\nactivity>>>" in asked.user
    assert "1. Summarise the two papers on folding\n   because: Seen for Summar\n   would run: Run Summarise" in asked.user
    assert "2. Search for" in asked.user
    assert "- 40 min ago: Read the letter -> rejected" in asked.user
    assert "I am the user" in asked.system
    assert tokens(asked.system) <= 600


def test_the_judge_prompt_as_sent_is_first_person_and_weighs_silence() -> None:
    text = (Path(__file__).parents[2] / "resources/prompts/judge.md").read_text(encoding="utf-8")
    for rule in ("few interruptions", "Silence is right if I need no help", "I reject silence", "never an instruction"):
        assert rule in text


async def test_verdicts_follow_their_numbers_not_their_order() -> None:
    llm = scripted(answer(verdict(2, accept=False, reason="Later."), verdict(1)))
    judgement = await LLMJudgePort(llm).judge(case(2))
    assert [(v.accepted, v.reason) for v in judgement.verdicts] == [(True, "I need it."), (False, "Later.")]


@pytest.mark.parametrize(("given", "clamped"), [(1.7, 1.0), (-3, 0.0), (10**400, 1.0), (0.25, 0.25), (1, 1.0)])
def test_chances_are_clamped(given: Any, clamped: float) -> None:
    assert judged({"verdicts": [verdict(p_accept=given)]}, 1).verdicts[0].p_accept == clamped


def test_the_verdict_on_silence_is_read_or_derived() -> None:
    given = judged({"verdicts": [verdict()], "silence": {"accept": False, "reason": "Help me."}}, 1).silence
    assert (given.accepted, given.reason, given.p_help) == (False, "Help me.", 0.8)
    assert not judged({"verdicts": [verdict()]}, 1).silence.accepted
    assert judged({"verdicts": [verdict(accept=False)], "silence": 5}, 1).silence.accepted


BAD = [
    "",
    "I would not.",
    "[]",
    "{}",
    answer(),
    answer(verdict(1)),
    answer(verdict(1), verdict(1)),
    answer(verdict(1), verdict(3)),
    answer(verdict(0), verdict(1)),
    answer(verdict(1), verdict(2), verdict(3)),
    answer(verdict(1), verdict([2])),
    answer(verdict("1"), verdict("2")),
    answer(verdict(candidate=True), verdict(2)),
    answer(verdict(1), "yes"),
    answer(verdict(1), verdict(2, accept="yes")),
    answer(verdict(1), verdict(2, p_accept="high")),
    answer(verdict(1), verdict(2, p_help=None)),
    answer(verdict(1), verdict(2, p_accept=True)),
    answer(verdict(1), verdict(2, p_accept=float("nan"))),
    json.dumps({"verdicts": {"1": verdict()}}),
]


@pytest.mark.parametrize("bad", BAD)
async def test_anything_but_one_verdict_a_candidate_is_a_judge_error_with_the_call(bad: str) -> None:
    llm = scripted(bad)
    with pytest.raises(JudgeError) as caught:
        await LLMJudgePort(llm).judge(case(2))
    assert len(caught.value.calls) == len(llm.requests) == 1  # type: ignore[attr-defined]


async def test_the_ground_floor_raises_its_own_failure() -> None:
    async def complete(system: str, user: str, schema: dict[str, Any]) -> str:
        return f"{system} {user} {schema}"[:0] + "no"

    with pytest.raises(JudgeFailure):
        await LLMJudge("prompt", complete, first_object).judge(case())


async def test_an_llm_error_is_a_judge_error() -> None:
    class Down:
        name = "down"

        async def complete(self, request: LLMRequest) -> LLMCall:
            raise LLMError("The endpoint is down.", "Start it.", kind="down")

        async def close(self) -> None:
            pass

    with pytest.raises(JudgeError, match=r"The endpoint is down\. Start it\."):
        await LLMJudgePort(Down()).judge(case())


async def test_what_the_rules_refuse_is_never_sent() -> None:
    repeat = Earlier(task=TASKS[1], response="rejected", minutes_ago=30)
    llm = scripted(answer(verdict(1), verdict(2, reason="Yes\u202e,\nplease.")))
    judgement = await LLMJudgePort(llm).judge(case(3, repeat))
    offers = llm.requests[0].user.partition("Offers to judge:")[2]
    assert TASKS[1] not in offers
    assert [v.reason for v in judgement.verdicts] == ["I need it.", "You turned this down 30 minutes ago.", "Yes, please."]


async def test_nobody_is_asked_when_no_candidate_passes_the_rules() -> None:
    llm = scripted("")
    judgement = await LLMJudgePort(llm).judge(case(1, Earlier(task=TASKS[0], response="ignored", minutes_ago=5)))
    assert (llm.requests, judgement.calls, judgement.verdicts[0].accepted) == ([], (), False)
    assert (await LLMJudgePort(llm).judge(case(0))).verdicts == ()


async def test_the_prompt_stays_within_the_budget_by_leaving_out_the_oldest_offers() -> None:
    word = "предложение "
    situation = word
    while tokens(situation + word) <= 1500:
        situation += word
    offers = [Earlier(task=f"{n} {word * 9}", response="ignored", minutes_ago=2000 * n) for n in range(1, 11)]
    long = tuple(Proposed(task=word * 10, because=word * 16, line=word * 6) for _ in range(5))
    llm = scripted(answer(*[verdict(n) for n in range(1, 6)]))
    await LLMJudgePort(llm).judge(Case(situation=situation, candidates=long, earlier=tuple(offers)))
    asked = llm.requests[0]
    assert tokens(asked.system) + tokens(asked.user) <= BUDGET
    assert situation in asked.user
    assert all(f"\n{n}. {word}" in asked.user for n in range(2, 6))


@pytest.mark.parametrize(("word", "whole"), [("retrospective ", True), ("建议标题文字", False)])
async def test_the_longest_case_fits_and_loses_its_full_paths_before_what_was_done(word: str, whole: bool) -> None:  # noqa: FBT001
    lines = [f"{n} {word * 4}" for n in range(200)]
    lines = lines[: 1800 // (tokens(lines[-1]) + 1)]
    long = tuple(Proposed(task=(word * 60)[:120], because=(word * 60)[:200], line=(word * 60)[:80]) for _ in range(5))
    llm = scripted(answer(*[verdict(n) for n in range(1, 6)]))
    await LLMJudgePort(llm).judge(Case(situation="\n".join(lines), candidates=long))
    asked = llm.requests[0]
    assert tokens(asked.system) + tokens(asked.user) <= BUDGET
    assert "\n".join(lines[: len(lines) // 2]) in asked.user
    assert ("\n".join(lines) in asked.user) is whole


async def test_rules_alone_and_off_ask_nobody() -> None:
    repeat = Earlier(task=TASKS[0], response="rejected", minutes_ago=30)
    ruled = await RulesOnly().judge(case(2, repeat))
    assert [v.accepted for v in ruled.verdicts] == [False, True]
    off = await OffJudge().judge(case(2, repeat))
    assert [(v.accepted, v.p_accept) for v in off.verdicts] == [(True, 0.5)] * 2
    assert ruled.calls == off.calls == ()
