"""The verdict on an offer, its runner-up and the verdict on silence, where the user looks for them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from agent.checks import judge
from agent.config import Kind, RewardSettings, Settings
from agent.core.reasons import WAITS, explain, quiet, rests, runner_up
from agent.core.records import Candidate, GateInput, Offer, Operation, Prediction, Tick
from agent.paths import private_folder
from agent.store.sqlite import FILE, SqliteStore
from reward_model.case import Verdict
from tests.cli.test_odd_input import proactive

AT = datetime.now(timezone.utc)


def idea(task: str) -> Candidate:
    return Candidate(task=task, because="You searched 4 times", operation=Operation(name="search", arguments={"query": "q"}))


def verdict(p: float, reason: str, *, accepted: bool = False) -> Verdict:
    return Verdict(p_accept=p, p_help=0.5, accepted=accepted, reason=reason)


def judged(ending: str, choice: int | None) -> Tick:
    ideas = (idea("Search for lenses"), idea("Search for the best lens"), idea("Rename the scan"))
    verdicts = (verdict(0.2, "It repeats."), verdict(0.7, "People take 7 of 10.", accepted=True), verdict(0.4, "Too soon."))
    return Tick.model_validate({
        "id": "t1", "at": AT, "ending": ending, "reason": "People take 7 of 10.", "gate": GateInput(at=AT, local_minute=0),
        "prediction": Prediction(candidates=ideas), "verdicts": verdicts, "choice": choice,
        "silence": verdict(0.3, "People need help in 7 of 10 such moments."),
    })  # fmt: skip


def test_the_runner_up_is_the_best_that_was_not_offered() -> None:
    second = runner_up(judged("offer", 1))
    assert second is not None
    assert (second[0].task, second[1].p_accept) == ("Rename the scan", 0.4)
    best = runner_up(judged("filtered", None))
    assert best is not None
    assert best[0].task == "Search for the best lens"
    assert runner_up(Tick(id="t", at=AT, ending="held", reason="away", gate=GateInput(at=AT, local_minute=0))) is None


def test_a_filtered_look_says_what_the_judge_said() -> None:
    said = explain(judged("filtered", None))
    assert said == "There was an idea, but it was held back: People take 7 of 10."


def test_looks_that_stayed_quiet_for_one_cause_say_so_in_one_sentence() -> None:
    filtered, resting = (
        judged("filtered", None),
        GateInput(at=AT, local_minute=0, offered_at=AT - timedelta(minutes=9), rest=1200.0),
    )
    said = {
        "refused": quiet(filtered),
        "refused while offers rest": quiet(filtered.model_copy(update={"gate": resting})),
        "rests": quiet(filtered.model_copy(update={"gate": resting, "reason": rests(resting, 660.0)})),
        "waits": quiet(filtered.model_copy(update={"reason": WAITS})),
        "silent": quiet(judged("silent", None)),
        "held": quiet(judged("held", None).model_copy(update={"reason": "away"})),
    }
    assert said == {
        "refused": "There was an idea, but it was not worth an interruption.",
        "refused while offers rest": "There was an idea, but it was not worth an interruption.",
        "rests": "There was an idea, but the last offer was too recent.",
        "waits": "There was an idea that waits for a better moment.",
        "silent": "The predictor saw nothing worth offering.",
        "held": "You were away from the machine.",
    }


def test_inbox_and_why_show_verdict_score_and_runner_up(tmp_path: Path) -> None:
    store = SqliteStore(private_folder(tmp_path / "data") / FILE)
    offer = Offer(
        id=0, nonce="n", tick="t1", at=AT, expires=AT + timedelta(hours=2), candidate=idea("Search for the best lens"),
        line="Search the web: q", p_accept=0.7,
    )  # fmt: skip
    store.add_offer(judged("offer", 1), offer)
    store.close()
    (row,) = json.loads(proactive(tmp_path, "inbox", "--json").stdout)
    assert (row["p_accept"], row["reason"]) == (0.7, "People take 7 of 10.")
    second = row["runner_up"]
    assert (second["task"], second["p_accept"], second["reason"]) == ("Rename the scan", 0.4, "Too soon.")
    assert row["silence"]["reason"] == "People need help in 7 of 10 such moments."
    table = " ".join(proactive(tmp_path, "inbox").stdout.split())
    assert "0.70" in table
    assert "0.40" in table
    why = proactive(tmp_path, "why", "1").stdout
    assert "offered: Search for the best lens (You searched 4 times) - 0.70, People take 7 of 10." in why
    assert "next best: Rename the scan (You searched 4 times) - 0.40, Too soon." in why
    assert "not offered: Search for lenses" in why
    assert "saying nothing: 0.30, People need help in 7 of 10 such moments." in why


@pytest.mark.parametrize("kind", ["scorer", "rules"])
def test_doctor_says_who_judges(kind: Kind) -> None:
    found = judge(Settings(reward_model=RewardSettings(kind=kind)))
    assert (found.what, found.mark, found.found) == ("judge", "ok", kind)
