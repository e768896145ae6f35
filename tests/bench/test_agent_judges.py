"""Who judges the benchmark's turns: nobody judges what was learned, repeats are refused, verdicts of an LLM are kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.bench.agent_cells import Worth
from agent.bench.agent_judges import AlwaysJudge, Asked, LLMTurns, RulesTurns, decided
from agent.bench.agent_resume import Finished
from agent.bench.agent_scorer import ScorerTurns, fit, folds, named
from agent.bench.agent_traces import BenchDataError
from agent.clocks import SimulatedClock
from agent.errors import JudgeError
from agent.llm.scripted import ScriptedLLM, Settings
from agent.plug import Supplies
from reward_model.dataset import Row
from reward_model.scorer import Scorer
from tests.conftest import NOW

WORDS = ("plum cake without any eggs today", "index error in the sorting script", "train to Vienna on Friday evening")

VERBS = ("opens", "searches for", "scrolls through", "sees an error in", "copies from", "types about")


def row(trace: str, words: str) -> Row:
    """One row of a trace that is about these words."""
    situation = f"The user reads about {words}.\nThe user writes about {words}."
    return Row(situation=situation, task="Do it.", valid=True, help_needed=True, votes=(True,), trace=trace, turn=trace)


class Fits:
    """Notes what it is asked to fit on."""

    def __init__(self) -> None:
        self.seen: list[set[str]] = []

    def __call__(self, rows: Sequence[Row], seed: int) -> Scorer:
        self.seen.append({r.trace for r in rows})
        raise JudgeError("noted")


async def fitted_on(rows: Sequence[Row], *same: str) -> set[str]:
    """The traces a scorer is fitted on that judges this one."""
    fits = Fits()
    with pytest.raises(JudgeError, match="noted"):
        await ScorerTurns(rows, 0, fits).judge(Asked("s", ("t",), same=frozenset(same)))
    return fits.seen[0]


async def test_a_trace_is_never_judged_by_what_was_fitted_on_it() -> None:
    rows = [row(name, words) for name, words in zip("abc", WORDS, strict=True)]
    assert await fitted_on(rows, "a") == {"b", "c"}
    assert await fitted_on(rows) == {"a", "b", "c"}


async def test_nor_on_a_near_duplicate_of_it() -> None:
    rows = [row("a", WORDS[0]), row("copy", WORDS[0]), row("b", WORDS[1]), row("c", WORDS[2])]
    assert await fitted_on(rows, "a") == {"b", "c"}


def test_traces_are_dealt_into_folds_each_of_which_holds_out_its_own() -> None:
    wanted = [frozenset(name) for name in "abcde"]
    found = folds(wanted, count=2)
    assert all(held <= out for held, out in found.items())
    assert sorted(map(sorted, set(found.values()))) == [["a", "c", "e"], ["b", "d"]]


def test_sets_that_overlap_are_held_out_whole_and_an_unknown_trace_goes_anywhere() -> None:
    found = folds([frozenset("ab"), frozenset("bc"), frozenset("d"), frozenset()], count=2)
    assert found[frozenset("bc")] >= frozenset("bc")
    assert found[frozenset("ab")] >= frozenset("ab")
    assert found[frozenset()] in found.values()
    assert folds([frozenset()]) == {frozenset(): frozenset()}


async def test_nothing_left_to_fit_on_is_an_error_that_says_so() -> None:
    with pytest.raises(JudgeError, match="Nothing to fit"):
        await ScorerTurns([row("a", WORDS[0])], 0).judge(Asked("s", ("t",), same=frozenset("a")))


async def test_without_rows_the_shipped_weights_judge_and_the_report_says_that_they_know_the_labels() -> None:
    judge = ScorerTurns(None, 0)
    worth = await judge.judge(Asked("1 The user sees an error.", ("Explain the error.", "Dance.")))
    assert len(worth.accept) == 2
    assert all(0 <= p <= 1 for p in (*worth.accept, worth.need))
    assert "have seen" in judge.about
    assert "other trace groups" in ScorerTurns([row("a", WORDS[0])], 0).about


async def test_the_rules_refuse_a_repeat_and_know_no_need() -> None:
    asked = Asked("s", ("Find a recipe for plum cake.",), ((5.0, "Find a plum cake recipe for this."),))
    assert await RulesTurns().judge(asked) == Worth((0.0,), 0.0)
    assert await RulesTurns().judge(asked._replace(earlier=())) == Worth((1.0,), 0.0)


async def test_always_accepts_everything() -> None:
    assert await AlwaysJudge().judge(Asked("s", ("a", "b"))) == Worth((1.0, 1.0), 0.0)


def test_chances_become_decisions_at_the_thresholds() -> None:
    assert decided(Worth((0.05, 0.95), 0.4)) == Worth((0.0, 1.0), 0.0)
    assert decided(Worth((), 0.6)) == Worth((), 1.0)


def scripted(*answers: str) -> ScriptedLLM:
    """An LLM with these answers."""
    return ScriptedLLM(Settings(answers=list(answers)), Supplies(clock=SimulatedClock(NOW)))


def verdict(*, accept: bool, silence: bool) -> str:
    """A judge's answer to one offer."""
    said = {"candidate": 1, "p_accept": 0.2, "p_help": 0.3, "accept": accept, "reason": "so"}
    return json.dumps({"verdicts": [said], "silence": {"accept": silence, "reason": ""}})


async def test_an_llm_decides_and_is_asked_once_for_a_turn(tmp_path: Path) -> None:
    llm, file = scripted(verdict(accept=True, silence=False)), tmp_path / "kept.jsonl"
    judge = LLMTurns(llm, Finished(file, {"data": "1"}), "m")
    assert await judge.judge(Asked("s", ("Help.",))) == Worth((1.0,), 1.0)
    again = LLMTurns(llm, Finished(file, {"data": "1"}), "m")
    assert await again.judge(Asked("s", ("Help.",))) == Worth((1.0,), 1.0)
    assert len(llm.requests) == 1
    await LLMTurns(llm, Finished(file, {"data": "1"}), "another model").judge(Asked("s", ("Help.",)))
    assert len(llm.requests) == 2


async def test_an_llm_without_a_verdict_is_an_error() -> None:
    with pytest.raises(JudgeError, match="no verdict"):
        await LLMTurns(scripted("Sure!"), Finished(None, {})).judge(Asked("s", ("Help.",)))


def test_finished_parts_of_another_run_are_refused_and_half_a_line_is_dropped(tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    Finished(file, {"data": "1"}).put("a", {"x": 1})
    with file.open("a") as out:
        out.write('{"part": "b", "x"')
    kept = Finished(file, {"data": "1"})
    assert (len(kept), kept.get("a"), kept.get("b")) == (1, {"x": 1}, None)
    kept.put("c", {"x": 2})
    assert len(Finished(file, {"data": "1"})) == 2
    with pytest.raises(BenchDataError, match="another run"):
        Finished(file, {"data": "2"})


def test_an_unknown_judge_is_refused() -> None:
    with pytest.raises(BenchDataError, match="no judge 'oracle'"):
        named("oracle", None, 0)


@pytest.mark.slow
async def test_fits_in_processes_of_their_own_are_the_same_as_here() -> None:
    pytest.importorskip("sklearn")
    topics = [" ".join(f"{a}{b}{c}" for b in "aeiou" for c in "mnrst") for a in ("b", "d", "f", "k", "l", "p", "v")]
    rows = [
        Row(
            situation="\n".join(f"The user {verb} {topic}." for verb in VERBS[: turn + 1]),
            task=f"{lead} {topic}.",
            valid=valid,
            help_needed=turn % 2 == 0,
            votes=(valid, turn % 2 == 0),
            trace=topic,
            turn=f"{topic} {turn}",
        )
        for topic in topics
        for turn in range(len(VERBS))
        for lead, valid in (("Summarise the page about", True), ("Open another tab of", False))
    ]
    judge, shares = ScorerTurns(rows, 1), list[float]()
    sames = [frozenset({topics[0]}), frozenset({topics[1]})]
    await judge.prepare(sames, shares.append)
    assert shares == [0.5, 1.0]
    asked = Asked(rows[3].situation, ("Summarise the page about plums.",), same=sames[0])
    groups_of = judge._groups
    here = fit([r for r in rows if groups_of[r.trace] != groups_of[topics[0]]], 1).score(asked.situation, asked.tasks)
    assert await judge.judge(asked) == Worth(tuple(here.p_accept), here.p_help)
