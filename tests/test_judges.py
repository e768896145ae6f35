"""The embedded judge in the loop: alone, before an LLM, with what was learnt from answers, and when it cannot be read."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.app import App, Given
from agent.bench.bystanders import NoDesktop
from agent.clocks import SimulatedClock
from agent.config import ApiKey, Kind, RequestSettings, RewardSettings, Settings
from agent.core.records import Answer, Candidate, Execution, GateInput, Offer, Operation, ResponseKind, Tick
from agent.errors import JudgeError, LLMError, StoreError
from agent.fallback import FallbackJudge
from agent.judges import BothJudge, Learnt, LLMJudgePort, OffJudge, RulesOnly, ScorerJudge, load_scorer
from agent.judges.learnt import KEY
from agent.llm.scripted import ScriptedLLM
from agent.llm.scripted import Settings as Scripted
from agent.plug import Supplies
from agent.store.memory import MemoryStore
from reward_model.case import Case, Proposed
from reward_model.correct import Correction, name_of
from reward_model.scorer import Scores
from tests.conftest import NOW
from tests.parts import Sensed

TASKS = ("Summarise the two papers on folding", "Rename the scan after its date", "Search for a cheaper lens")
SCREEN = "14:00:00 20s Evince | folding.pdf"


class Knows:
    """A scorer with given chances by task."""

    def __init__(self, *chances: float, p_help: float = 0.5) -> None:
        self.chances = dict(zip(TASKS, chances, strict=False))
        self.p_help = p_help
        self.situations: list[str] = []

    def score(self, situation: str, tasks: Sequence[str]) -> Scores:
        self.situations.append(situation)
        return Scores(tuple(self.chances[t] for t in tasks), self.p_help)


def case(count: int = 3) -> Case:
    candidates = tuple(Proposed(task=t, because="You searched 4 times", line=f"Run {t}", kind="k") for t in TASKS[:count])
    return Case(situation=SCREEN, candidates=candidates)


def says(*chances: float, accept: bool = True) -> ScriptedLLM:
    """An LLM that gives the offers it is asked about these chances."""
    verdicts = [
        {"candidate": n, "p_accept": p, "p_help": p, "accept": accept, "reason": "I see."} for n, p in enumerate(chances, 1)
    ]
    answer = json.dumps({"verdicts": verdicts, "silence": {"accept": False, "reason": "Help me."}})
    return ScriptedLLM(Scripted(answers=[answer]), Supplies(clock=SimulatedClock(NOW)))


async def test_the_scorer_reads_what_the_predictor_saw_and_its_chances_decide() -> None:
    scorer = Knows(0.2, 0.7, 0.5)
    judged = await ScorerJudge(scorer, 0.4).judge(case())
    assert scorer.situations == [SCREEN]
    assert [(v.p_accept, v.accepted) for v in judged.verdicts] == [(0.2, False), (0.7, True), (0.5, True)]
    assert judged.silence is not None
    assert (judged.silence.p_help, judged.silence.accepted, judged.calls) == (0.5, False, ())


async def test_both_ask_the_llm_only_about_what_the_scorer_does_not_clearly_refuse_and_the_mean_decides() -> None:
    llm = says(0.1, 0.9)
    judged = await BothJudge(ScorerJudge(Knows(0.19, 0.5, 0.3), 0.4), LLMJudgePort(llm)).judge(case())
    offers = llm.requests[0].user.partition("Offers to judge:")[2]
    assert TASKS[0] not in offers
    assert TASKS[1] in offers
    found = [(round(v.p_accept, 2), v.accepted) for v in judged.verdicts]
    assert found == [(0.19, False), (0.3, False), (0.6, True)]
    assert judged.verdicts[2].reason == "I see. People take 3 of 10 such offers."
    assert judged.silence is not None
    assert not judged.silence.accepted
    assert len(judged.calls) == 1


async def test_what_the_llm_refuses_is_not_shown_however_high_the_mean() -> None:
    llm = says(0.6, 0.6, 0.6, accept=False)
    judged = await BothJudge(ScorerJudge(Knows(0.9, 0.9, 0.9), 0.4), LLMJudgePort(llm)).judge(case())
    assert [v.accepted for v in judged.verdicts] == [False, False, False]


async def test_both_ask_nobody_where_the_scorer_refuses_all() -> None:
    llm = says()
    judged = await BothJudge(ScorerJudge(Knows(0.1, 0.1, 0.1), 0.4), LLMJudgePort(llm)).judge(case())
    assert llm.requests == []
    assert judged.silence is not None
    assert judged.silence.accepted


async def test_every_judge_has_a_verdict_on_silence() -> None:
    for judge in (RulesOnly(), OffJudge(), LLMJudgePort(says(0.9)), ScorerJudge(Knows(0.9))):
        judged = await judge.judge(case(1))
        assert judged.silence is not None
        assert not judged.silence.accepted, judge
        nothing = await judge.judge(case(0))
        assert nothing.silence is not None
        assert nothing.silence.accepted, judge


def offered(store: MemoryStore, number: int, task: str, *kinds: ResponseKind) -> Offer:
    """An offer made `number` hours before NOW, with these responses."""
    at = NOW - timedelta(hours=number)
    idea = Candidate(task=task, because="b", operation=Operation(name="search", arguments={"query": "x"}), kind="k")
    gate = GateInput(at=at, local_minute=0)
    tick = Tick(id=f"t{number}", at=at, ending="offer", reason="r", gate=gate, digest=SCREEN)
    offer = Offer(
        id=0, nonce=f"n{number}", tick=tick.id, at=at, expires=NOW + timedelta(days=1), candidate=idea, line="l", p_accept=0.9
    )
    made = store.add_offer(tick, offer)
    for kind in kinds:
        if kind == "undone":
            store.begin(made.id, at)
            store.finish(Execution(offer=made.id, state="done", at=at))
        assert store.add_response(Answer(offer=made.id, nonce=made.nonce, kind=kind, at=at, source="test"))
    return made


def memory() -> MemoryStore:
    return MemoryStore()


async def test_answers_move_the_next_chances_and_are_kept() -> None:
    store, scorer = memory(), Knows(0.45, 0.45, 0.45)
    learnt = Learnt(store, SimulatedClock(NOW), scorer)
    judge = ScorerJudge(scorer, 0.4, learnt.look)
    before = (await judge.judge(case(1))).verdicts[0]
    assert before.p_accept == 0.45
    for n in range(1, 7):
        offered(store, n, TASKS[1], "rejected")
    after = (await judge.judge(case(1))).verdicts[0]
    assert after.p_accept < 0.3
    assert not after.accepted
    assert "you take fewer" in after.reason
    kept = store.get_state(KEY)
    assert kept is not None
    assert len(kept) < 64 * 1024
    assert "scan" not in kept
    again = ScorerJudge(scorer, 0.4, Learnt(store, SimulatedClock(NOW), scorer).look)
    assert (await again.judge(case(1))).verdicts[0].p_accept == pytest.approx(after.p_accept)


def test_a_decision_is_scored_as_of_its_own_moment_and_its_last_answer_counts() -> None:
    store, scorer = memory(), Knows(0.6, 0.6, 0.6)
    learnt = Learnt(store, SimulatedClock(NOW), scorer)
    offered(store, 3, TASKS[0], "ignored", "accepted", "undone")
    waiting = offered(store, 2, TASKS[1], "dismissed")
    offered(store, 1, TASKS[2], "ignored")
    first = learnt.look().decisions
    assert [(d.yes, d.weight) for d in first] == [(True, 1.0), (False, 0.5)]
    assert scorer.situations == [SCREEN, SCREEN]
    assert learnt.look().decisions == first
    assert len(scorer.situations) == 2, "what is known is not read again"
    store.add_response(Answer(offer=waiting.id, nonce=waiting.nonce, kind="accepted", at=NOW, source="inbox"))
    assert [d.yes for d in learnt.look().decisions] == [True, True]


def test_what_is_older_than_the_answerable_offers_is_remembered_by_the_kept_state_alone() -> None:
    store, scorer = memory(), Knows(0.6, 0.6, 0.6)
    offered(store, 24 * 30, TASKS[0], "accepted")
    assert len(Learnt(store, SimulatedClock(NOW), scorer).look().decisions) == 1
    assert len(Learnt(store, SimulatedClock(NOW), scorer).look().decisions) == 1
    assert len(scorer.situations) == 1


def test_a_store_that_fails_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(MemoryStore):
        def offers(self, since: datetime | None = None, limit: int = 100) -> Sequence[Offer]:
            raise StoreError("The database is locked.")

    with caplog.at_level(logging.WARNING):
        assert Learnt(Broken(), SimulatedClock(NOW), Knows(0.5)).look().decisions == ()
    assert "The database is locked." in caplog.text


def built(folder: Path, kind: Kind, *, model: bool = False, weights: Path | None = None, **request: Any) -> App:
    keys = {"main": (ApiKey(base_url="http://127.0.0.1:9/v1", model="m"),)} if model else {}
    asks = RequestSettings(default_completions_model="main" if model else "", **request)
    settings = Settings(api_keys=keys, request=asks, reward_model=RewardSettings(kind=kind, threshold=0.25))
    given = Given(sensor=Sensed(), store=memory(), presence=NoDesktop(), weights=weights)
    settings = settings.model_copy(update={"notify": settings.notify.model_copy(update={"kind": "scripted"})})
    return App(settings, SimulatedClock(NOW), folder, given)


@pytest.mark.parametrize(("kind", "model", "fits"), [
    ("scorer", False, ScorerJudge),
    ("scorer", True, ScorerJudge),
    ("llm", True, LLMJudgePort),
    ("both", True, BothJudge),
    ("rules", True, RulesOnly),
    ("off", True, OffJudge),
])  # fmt: skip
async def test_the_configuration_chooses_the_judge(tmp_path: Path, kind: Kind, model: bool, fits: type) -> None:  # noqa: FBT001
    app = built(tmp_path, kind, model=model)
    assert type(app.parts.judge) is fits
    if isinstance(app.parts.judge, ScorerJudge):
        assert app.parts.judge.ranking.threshold == 0.25
    await app.close()


@pytest.mark.parametrize("kind", ["llm", "both"])
async def test_while_the_model_fails_the_embedded_judge_stands_in_if_the_user_says_so(tmp_path: Path, kind: Kind) -> None:
    app = built(tmp_path, kind, model=True, fallback_offline=True)
    assert isinstance(app.parts.judge, FallbackJudge)
    assert isinstance(app.parts.judge.second, ScorerJudge)
    await app.close()

    class Down:
        name = "down"

        async def complete(self, request: Any) -> Any:
            raise LLMError("It is down.")

        async def close(self) -> None: ...

    stands_in = FallbackJudge(LLMJudgePort(Down()), ScorerJudge(Knows(0.9)))
    assert (await stands_in.judge(case(1))).verdicts[0].accepted


def test_weights_that_cannot_be_read_are_an_error_with_a_remedy(tmp_path: Path) -> None:
    bad = tmp_path / "scorer.json"
    bad.write_text('{"version": 99}', encoding="utf-8")
    with pytest.raises(JudgeError, match=r"scorer\.json") as e:
        load_scorer(bad)
    assert 'kind = "rules"' in e.value.hint
    with pytest.raises(JudgeError):
        load_scorer(tmp_path / "gone.json")


async def test_without_readable_weights_the_rules_judge_and_the_log_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        app = built(tmp_path, "scorer", weights=tmp_path / "gone.json")
    assert isinstance(app.parts.judge, RulesOnly)
    assert "The rules judge meanwhile." in caplog.text
    assert "gone.json" in caplog.text
    await app.close()


async def test_what_was_learnt_corrects_the_scorer(tmp_path: Path) -> None:
    shipped = load_scorer()
    correction = Correction(scorer=name_of(shipped), rows=50, offset=-2.0)
    (tmp_path / "learned.json").write_text(correction.model_dump_json(), encoding="utf-8")
    app = built(tmp_path, "scorer")
    corrected, plain = await app.parts.judge.judge(case(1)), await ScorerJudge(shipped).judge(case(1))
    assert corrected.verdicts[0].p_accept < plain.verdicts[0].p_accept
    await app.close()


async def test_the_shipped_scorer_judges_a_rendered_digest() -> None:
    judged = await ScorerJudge(load_scorer()).judge(case())
    assert all(0 < v.p_accept < 1 for v in judged.verdicts)
    assert len({v.p_accept for v in judged.verdicts}) > 1, "the task's words count"
