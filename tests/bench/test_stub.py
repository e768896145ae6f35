"""The stub LLM: it always proposes something new and always judges high, in the shapes the prompts ask for."""

from __future__ import annotations

from agent.bench.stub import Kept, StubLLM, task_words
from agent.clocks import SimulatedClock
from agent.core.parse import first_object, proposal
from agent.core.ports import LLMRequest
from reward_model.case import Case, Proposed
from reward_model.judge import judged, render
from reward_model.rules import overlap
from tests.conftest import NOW


async def test_no_two_proposals_of_a_day_look_like_a_repeat() -> None:
    stub = StubLLM(SimulatedClock(NOW))
    request = LLMRequest(purpose="predict", system="s", user="u")
    tasks = [proposal((await stub.complete(request)).answer).candidates[0].task for _ in range(100)]
    assert max(overlap(a, b) for i, a in enumerate(tasks) for b in tasks[:i]) < 0.5


async def test_every_offer_is_judged_high_by_its_number() -> None:
    offers = tuple(Proposed(task=f"Task {n}", because="b", line="l") for n in range(3))
    user = render(Case(situation="1. not an offer", candidates=offers))
    call = await StubLLM(SimulatedClock(NOW)).complete(LLMRequest(purpose="judge", system="s", user=user))
    verdicts = judged(first_object(call.answer), 3).verdicts
    assert all(v.accepted and v.p_accept > 0.8 for v in verdicts)


async def test_every_prompt_is_kept_word_for_word() -> None:
    kept = Kept(StubLLM(SimulatedClock(NOW)))
    call = await kept.complete(LLMRequest(purpose="chat", system="the system", user="the user"))
    assert kept.prompts == [call.prompt]
    assert "the system" in call.prompt
    assert "the user" in call.prompt
    await kept.close()


def test_the_same_number_gives_the_same_words() -> None:
    assert task_words(7) == task_words(7)
    assert len({task_words(n) for n in range(1, 500)}) == 499
