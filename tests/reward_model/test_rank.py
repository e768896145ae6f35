"""From chances to verdicts: the best of near-duplicates stays, earlier answers lower, the rules refuse, reasons are true."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reward_model.case import Case, Earlier, Proposed
from reward_model.rank import Ranked, Ranking, lowered, of_ten, own_answers, repeats, shifted
from reward_model.scorer import Scores

HOUR, DAY = 60.0, 24 * 60.0
FOLDING = "Summarise the two papers on protein folding"
CLOSE = "Summarise the newest papers on folding methods"
OTHER = "Rename the scan after its date"


def proposed(task: str = FOLDING, line: str = "", kind: str = "") -> Proposed:
    return Proposed(task=task, because="You switched 6 times", line=line or f"Run {task}", kind=kind)


def earlier(response: str, minutes: float = 30.0, task: str = CLOSE, kind: str = "") -> Earlier:
    return Earlier(task=task, response=response, minutes_ago=minutes, kind=kind)


def ranked(chances: dict[str, float], *offers: Earlier, threshold: float = 0.4, p_help: float = 0.6) -> Ranked:
    case = Case(situation="", candidates=tuple(map(proposed, chances)), earlier=offers)
    return Ranking(threshold).judge(case, Scores(tuple(chances.values()), p_help))


def test_what_reaches_the_threshold_is_accepted_and_the_order_is_kept() -> None:
    got = ranked({FOLDING: 0.39, OTHER: 0.4})
    assert [(v.p_accept, v.p_help, v.accepted) for v in got.verdicts] == [(0.39, 0.6, False), (0.4, 0.6, True)]
    assert got.refused == (False, False)


def test_silence_is_judged_too() -> None:
    quiet, spoken = ranked({FOLDING: 0.1}).silence, ranked({FOLDING: 0.9}).silence
    assert (quiet.p_accept, quiet.p_help, quiet.accepted) == (pytest.approx(0.4), 0.6, True)
    assert not spoken.accepted
    assert quiet.reason == "People need help in 6 of 10 such moments."
    assert Ranking().judge(Case(situation=""), Scores((), 0.2)).silence.accepted


def test_of_two_like_ideas_the_better_stays_and_the_other_says_so() -> None:
    twin = "Summarise the two papers on protein folding today"
    got = ranked({FOLDING: 0.5, twin: 0.7, OTHER: 0.6})
    assert [v.accepted for v in got.verdicts] == [False, True, True]
    assert got.verdicts[0].reason == f"It repeats a better one: {twin}"
    assert got.verdicts[0].p_accept == 0.5


@pytest.mark.parametrize(("one", "other", "same"), [
    (proposed(FOLDING, "Search x"), proposed(OTHER, "Search x"), True),
    (proposed(FOLDING, "cannot run: gone"), proposed(OTHER, "cannot run: gone"), False),
    (proposed(FOLDING), proposed(CLOSE), False),
    (proposed("总结这两篇论文"), proposed("总结这两篇论文吧", "y"), True),
])  # fmt: skip
def test_ideas_are_the_same_by_words_or_by_what_would_run(one: Proposed, other: Proposed, same: bool) -> None:  # noqa: FBT001
    assert repeats((one, other), (0.5, 0.5)) == (None, 0 if same else None)


def test_a_refused_candidate_never_stands_in_for_a_good_one() -> None:
    bad, good = proposed(FOLDING, line="cannot run: gone"), proposed(FOLDING)
    got = Ranking(0.4).judge(Case(situation="", candidates=(bad, good)), Scores((0.9, 0.5), 0.5))
    assert [(v.accepted, v.p_accept) for v in got.verdicts] == [(False, 0.05), (True, 0.5)]
    assert got.refused == (True, False)


def test_what_the_rules_refuse_is_refused_whatever_its_chance() -> None:
    got = ranked({FOLDING: 0.95}, earlier("rejected", 60, FOLDING)).verdicts[0]
    assert (got.accepted, got.p_accept, got.reason) == (False, 0.05, "You turned this down 1 hour ago.")


def test_a_close_idea_is_lowered_by_what_became_of_it_and_the_more_the_newer() -> None:
    def cost(response: str, minutes: float) -> float:
        return lowered(proposed(), [earlier(response, minutes)])[0]

    assert cost("rejected", 10) > cost("dismissed", 10) > cost("ignored", 10) > 0
    assert cost("rejected", 0) == pytest.approx(2 * cost("rejected", 2 * DAY))
    assert cost("ignored", 5 * DAY) < 0.01
    assert cost("lost", 10) == cost("undelivered", 10) == cost("no answer yet", 10) == 0
    assert lowered(proposed(OTHER), [earlier("rejected")]) == (0.0, "")
    assert lowered(proposed(FOLDING), [earlier("rejected", task=FOLDING)])[0] > cost("rejected", 30)


def test_a_lowered_idea_says_which_answer_stands_in_its_way() -> None:
    free, held = ranked({FOLDING: 0.42}).verdicts[0], ranked({FOLDING: 0.42}, earlier("rejected", 3 * HOUR)).verdicts[0]
    assert free.accepted
    assert not held.accepted
    assert held.p_accept < 0.42
    assert held.reason == "You turned down something close to it 3 hours ago."
    shown = ranked({FOLDING: 0.41}, earlier("ignored", 20)).verdicts[0]
    assert shown.reason == "You were offered something close to it 20 minutes ago."


@pytest.mark.parametrize(("responses", "said"), [
    ((), ""),
    (("accepted",), ""),
    (("lost", "accepted", "withdrawn"), ""),
    (("accepted", "accepted"), "You took the last 2 like this."),
    (("ignored", "rejected", "dismissed"), "You took none of the last 3 like this."),
    (("accepted", "ignored", "undone"), "You took 2 of the last 3 like this."),
    (("rejected", *["accepted"] * 5), "You took the last 5 like this."),
])  # fmt: skip
def test_ones_own_answers_are_counted_as_they_were(responses: tuple[str, ...], said: str) -> None:
    offers = [earlier(r, 10_000, f"Read letter number {n}", "reading") for n, r in enumerate(responses)]
    assert own_answers(proposed(kind="reading"), offers) == said
    assert own_answers(proposed(kind="other"), offers) == ""


def test_the_reason_tells_what_people_do_and_where_ones_own_answers_move_it() -> None:
    case = Case(situation="", candidates=(proposed(),))
    scores = Scores((0.4,), 0.5)
    assert Ranking(0.4).judge(case, scores).verdicts[0].reason == "People take 4 of 10 such offers."
    less, more = (Ranking(0.4).judge(case, scores, lambda _, p, d=d: p + d).verdicts[0] for d in (-0.2, 0.2))
    assert (less.accepted, less.reason.endswith("you take fewer.")) == (False, True)
    assert (more.accepted, more.p_accept, more.reason.endswith("you take more.")) == (True, pytest.approx(0.6), True)


@pytest.mark.parametrize(
    ("p", "said"), [(0.0, "fewer than 1"), (0.04, "fewer than 1"), (0.06, "1 of 10"), (0.97, "nearly all")]
)
def test_chances_are_told_in_words(p: float, said: str) -> None:
    assert of_ten(p).startswith(said)


def test_log_odds_move_a_chance_and_nothing_moves_certainty() -> None:
    assert shifted(0.5, -2.0) == pytest.approx(0.1192, abs=1e-4)
    assert (shifted(0.3, 0.0), shifted(0.0, 5.0), shifted(1.0, -5.0)) == (0.3, 0.0, 1.0)


@given(
    st.lists(st.floats(0, 1), max_size=5),
    st.lists(
        st.builds(
            earlier,
            st.sampled_from(["accepted", "ignored", "rejected", "x"]),
            st.floats(-10, 20_000),
            st.sampled_from([FOLDING, CLOSE, OTHER]),
        ),
        max_size=6,
    ),
)
def test_any_chances_give_a_verdict_each_at_most_one_a_twin_and_a_reason(chances: list[float], offers: list[Earlier]) -> None:
    tasks = [FOLDING, CLOSE, OTHER, FOLDING + " now", "Open the glossary"][: len(chances)]
    case = Case(situation="", candidates=tuple(map(proposed, tasks)), earlier=tuple(offers))
    got = Ranking(0.4).judge(case, Scores(tuple(chances), 0.5))
    assert len(got.verdicts) == len(chances)
    assert all(0 <= v.p_accept <= 1 and v.reason for v in got.verdicts)
    assert all(v.p_accept >= 0.4 for v in got.verdicts if v.accepted)
    assert got.silence.accepted != any(v.accepted for v in got.verdicts)
