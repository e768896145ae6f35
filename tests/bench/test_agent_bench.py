"""The agent benchmark as a whole on two short traces, with a judge by script: every figure worked out by hand."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from agent.bench.agent_bench import SAME_WORDS, SILENCE, SOME_MODEL, WORDS, baselines, judge_all
from agent.bench.agent_cells import Worth
from agent.bench.agent_judges import Asked, Ready
from agent.bench.agent_measure import Plan, measure
from agent.bench.agent_plot import plot
from agent.bench.agent_report import Source, report, says, to_json
from agent.bench.agent_table import render_table
from agent.bench.agent_traces import BenchDataError, Split
from agent.errors import ConfigError, JudgeError
from reward_model.dataset import read
from tests.bench.agent_data import benchmark, published, recording, rewards, row, trace

ALL = Split("average", "All", ("cooking", "sorting"))
GOOD, BAD = "Find a cake without eggs.", "Open a window."
SOURCE = Source(judge="script", about="By script.", seed=0, sha256="0" * 64, resampled=50)


class Script(Ready):
    """Likes GOOD a lot and all else a little; thinks that help is needed with a chance of .75."""

    name, about, at_once = "script", "By script.", 1

    def __init__(self, *, chances: bool = True) -> None:
        self.chances = chances
        self.asked: list[Asked] = []

    async def judge(self, asked: Asked) -> Worth:
        self.asked.append(asked)
        return Worth(tuple(0.8 if t == GOOD else 0.2 for t in asked.tasks), 0.75)


MODELS = {
    "eager": {"cooking": trace("cooking", [BAD], [GOOD], [BAD]), "sorting": trace("sorting", [BAD], [GOOD])},
    "calm": {"cooking": trace("cooking", [], [GOOD], ["null"]), "sorting": trace("sorting", [None], None)},
}


async def figures(judge: Script, model: str, **more: Any) -> dict[str, Any]:
    """One model's figures on both traces."""
    judged = await judge_all(MODELS, [ALL], judge, more.get("rows"), lambda *_: None)
    return dict(report(judged, (ALL,), {}, SOURCE).figures[model]["All"])


async def test_chances_are_summed_over_proposals_and_silences() -> None:
    eager = await figures(Script(), "eager")
    assert eager["precision"] == pytest.approx((2 * 0.8 + 3 * 0.2) / 5)
    assert (eager["recall"], eager["proposals_per_event"]) == (1, 1)
    calm = await figures(Script(), "calm")
    assert calm["precision"] == pytest.approx(0.8)
    assert calm["recall"] == pytest.approx(0.8 / (0.8 + 3 * 0.75))
    assert calm["accuracy"] == pytest.approx((0.8 + 3 * 0.25) / 4)
    assert (calm["events"], calm["unanswered"], calm["proposals"]) == (4, 1, pytest.approx(1))


async def test_the_label_of_a_turn_says_whether_silence_was_right(tmp_path: Path) -> None:
    labels = [row("cooking", 0, None, valid=True, needed=False), row("cooking", 1, None, valid=False, needed=True)]
    labels += [row("cooking", 2, None, valid=True, needed=False)]
    judge = Script()
    calm = await figures(judge, "calm", rows=read(rewards(tmp_path / "r.jsonl", *labels)))
    # Both silences of the first trace were right; the one of the second has no label, so the judge's .75 counts.
    assert calm["missed_needs"] == pytest.approx(0.75)
    assert calm["non_responses"] == pytest.approx(2.25)
    assert all(a.tasks or "sort.py" in a.situation for a in judge.asked), "a labelled silence needs no judge"


async def test_baselines_never_or_always_offer_on_the_same_turns() -> None:
    made = baselines(MODELS)
    assert list(made) == [SILENCE, SAME_WORDS, SOME_MODEL]
    assert {t.answers for one in made[SILENCE].values() for t in one} == {()}
    assert {t.answers for one in made[SAME_WORDS].values() for t in one} == {(WORDS,)}
    assert made[SOME_MODEL]["cooking"][1].answers == (GOOD,)
    silence = await figures(Script(), SILENCE)
    assert (silence["precision"], silence["recall"], silence["accuracy"]) == (None, 0, pytest.approx(0.25))
    same = await figures(Script(), SAME_WORDS)
    assert (same["precision"], same["recall"]) == (pytest.approx(0.2), 1)
    assert SOME_MODEL not in baselines({"eager": MODELS["eager"]})


async def test_the_word_null_is_silence_here_and_a_proposal_in_the_published_reading() -> None:
    judged = await judge_all(MODELS, [ALL], Script(), None, lambda *_: None)
    assert judged.nulls == {"eager": 0, "calm": 1}
    ours, theirs = (judged.cells[name]["calm"]["cooking"] for name in ("expected", "expected, the word null counted as a task"))
    assert (ours.proposals, theirs.proposals) == (pytest.approx(1), pytest.approx(2))


async def test_a_judge_that_decides_has_no_reading_of_chances() -> None:
    judged = await judge_all(MODELS, [ALL], Script(chances=False), None, lambda *_: None)
    assert list(judged.cells) == ["expected", "expected, the word null counted as a task"]


async def test_no_turn_is_judged_twice_and_the_progress_ends_at_one() -> None:
    judge, shares = Script(), list[float]()
    await judge_all(MODELS, [ALL], judge, None, lambda _, share: shares.append(share))
    assert len(judge.asked) == len(set(judge.asked))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


class Failing(Script):
    """Fails on every turn after the first."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    async def judge(self, asked: Asked) -> Worth:
        if self.asked:
            raise JudgeError("no verdict")
        return await super().judge(asked)


async def test_an_llm_judge_may_fail_now_and_then_but_not_in_a_row_and_other_judges_never() -> None:
    with pytest.raises(JudgeError):
        await judge_all(MODELS, [ALL], Failing("llm:x"), None, lambda *_: None)
    with pytest.raises(JudgeError):
        await judge_all({"calm": MODELS["calm"]}, [ALL], Failing("scorer"), None, lambda *_: None)


async def test_answers_that_lack_a_trace_of_a_split_are_refused() -> None:
    with pytest.raises(BenchDataError, match="half hold no trace sorting"):
        await judge_all({"half": {"cooking": trace("cooking", [])}}, [ALL], Script(), None, lambda *_: None)


def plan(tmp_path: Path, **more: Any) -> Plan:
    """Three recordings with published figures, judged by the rules."""
    recordings = []
    for n, model in enumerate(("one", "two", "three")):
        cooking = trace("cooking", *([["Find a plum cake without eggs."]] * (n + 1)), *([[]] * (2 - n)))
        recordings.append(recording(tmp_path / f"{model}.json.gz", cooking, trace("sorting", ["null"], [])))
        published(tmp_path / "official", model, 0.4 + n / 10)
    given: dict[str, Any] = {"judge": "rules", "official": tmp_path / "official", "resamples": 40} | more
    return Plan(benchmark(tmp_path), tuple(recordings), **given)


async def test_three_recordings_are_ranked_beside_the_published_figures(tmp_path: Path) -> None:
    labels = rewards(tmp_path / "r.jsonl", *(row("cooking", n, None, valid=n != 1, needed=n == 1) for n in range(3)))
    made = await measure(plan(tmp_path, rewards=labels))
    found = json.loads(to_json(made))
    assert list(found["models"]) == ["one", "two", "three", SILENCE, SAME_WORDS, SOME_MODEL]
    # One task, then repeats of it, which the rules refuse: precision 1, 1/2, 1/3; only "one" is silent when help is needed.
    all_of = {m: splits["All"] for m, splits in found["models"].items()}
    assert [all_of[m]["precision"] for m in ("one", "two", "three")] == [1, 0.5, pytest.approx(1 / 3, abs=1e-6)]
    assert [all_of[m]["recall"] for m in ("one", "two", "three")] == [0.5, 1, 1]
    assert set(found["models"]["one"]) == {"All", "Coding"}
    assert {"recall", "precision", "accuracy", "false_alarm", "f1", "accept_rate", "proposals_per_event"} <= set(all_of["one"])
    assert len(all_of["one"]["f1_ci"]) == 2
    assert found["official"]["two"]["All"]["f1"] == 0.5
    ranks = found["rank_correlation"]
    assert ranks["n"] == 3
    # F1 of own judging: 2/3, 2/3, 1/2; published .4, .5, .6.
    assert ranks["kendall"] == pytest.approx(-2 / 6**0.5, abs=1e-5)
    assert found["n"] == 5
    assert (found["seed"], len(found["sha256"])) == (0, 64)
    assert found["judge"]["turns_with_label"] == 3
    assert "3 models" in says(made)[0]


async def test_the_table_and_the_picture_show_both_figures(tmp_path: Path) -> None:
    from rich.console import Console

    made = await measure(plan(tmp_path))
    screen = io.StringIO()
    render_table(made, Console(width=150, file=screen))
    text = screen.getvalue()
    for words in ("Coding", SILENCE, "published / own", "Spearman", "sha256", "'null' is silence here", "0.600 / "):
        assert words in text
    pytest.importorskip("matplotlib")
    plot(made, tmp_path / "out.png")
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")


async def test_the_offline_predictor_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="offline") as refused:
        await measure(Plan(benchmark(tmp_path), model="offline"))
    assert "sentences" in refused.value.hint
