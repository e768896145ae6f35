"""The judge without a model: one table of situations, and the numbers at their edges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reward_model.case import Case, Earlier, Proposed, Verdict
from reward_model.rules import RulesJudge, ago, overlap, silence

DAY = 24 * 60
TASK = "Summarise the two papers on folding"


def proposed(
    task: str = TASK, because: str = "You switched 6 times", line: str = "Summarise two files", kind: str = ""
) -> Proposed:
    return Proposed(task=task, because=because, line=line, kind=kind)


def earlier(minutes: float, response: str, task: str = "Name the new file", kind: str = "") -> Earlier:
    return Earlier(task=task, response=response, minutes_ago=minutes, kind=kind)


def verdict(candidate: Proposed, *offers: Earlier) -> Verdict:
    return RulesJudge().judge(Case(situation="", candidates=(candidate,), earlier=offers))[0]


def test_a_plain_candidate_with_evidence_is_accepted() -> None:
    got = verdict(proposed())
    assert got.accepted
    assert got.p_accept == pytest.approx(0.55)


@pytest.mark.parametrize(("candidate", "reason"), [
    (proposed(task=" "), "empty"),
    (proposed(task="Help"), "too short"),
    (proposed(task="x" * 161), "too long"),
    (proposed(because=" "), "Nothing shows"),
    (proposed(line=""), "what would run"),
])  # fmt: skip
def test_a_malformed_candidate_is_refused_with_the_reason(candidate: Proposed, reason: str) -> None:
    got = verdict(candidate)
    assert not got.accepted
    assert reason in got.reason


@pytest.mark.parametrize("task", ["总结论文", "要約する", "Read it", "x" * 160])
def test_short_and_long_tasks_that_are_whole_are_accepted(task: str) -> None:
    assert verdict(proposed(task=task)).accepted


SAME = "Summarise two papers on folding"


@pytest.mark.parametrize(("task", "kind", "offer", "accepted"), [
    (TASK, "", earlier(DAY - 1, "ignored", TASK), False),
    (TASK, "", earlier(DAY - 1, "accepted", TASK), False),
    (TASK, "", earlier(DAY + 1, "accepted", TASK), True),
    (TASK, "", earlier(DAY - 1, "no answer yet", SAME.upper()), False),
    (TASK, "", earlier(7 * DAY - 1, "rejected", TASK), False),
    (TASK, "", earlier(7 * DAY - 1, "dismissed", TASK), False),
    (TASK, "", earlier(7 * DAY + 1, "rejected", TASK), True),
    (TASK, "reading", earlier(3 * DAY, "rejected", "Summarise the two posts on folding in short", "reading"), False),
    (TASK, "reading", earlier(3 * DAY, "rejected", "Summarise the two posts on folding in short", "other"), True),
    (TASK, "", earlier(5, "rejected", "Search for a cheaper GPU"), True),
    ("总结这两篇论文", "", earlier(60, "rejected", "总结这两篇文章"), True),
    ("总结这两篇论文", "", earlier(60, "rejected", "总结这两篇论文吧"), False),
    (TASK, "reading", earlier(119, "rejected", "Open the glossary", "reading"), False),
    (TASK, "reading", earlier(119, "dismissed", "Open the glossary", "reading"), False),
    (TASK, "reading", earlier(121, "rejected", "Open the glossary", "reading"), True),
    (TASK, "reading", earlier(5, "rejected", "Open the glossary", "naming"), True),
    (TASK, "", earlier(5, "rejected", "Open the glossary", ""), True),
    (TASK, "reading", earlier(5, "ignored", "Open the glossary", "reading"), True),
])  # fmt: skip
def test_what_was_offered_before_decides(task: str, kind: str, offer: Earlier, accepted: bool) -> None:  # noqa: FBT001
    assert verdict(proposed(task=task, kind=kind), offer).accepted is accepted


def test_a_kind_ignored_twice_in_a_day_is_silenced_unless_it_was_liked() -> None:
    candidate = proposed(kind="reading")
    ignored = [earlier(m, "ignored", f"Other thing {m}", "reading") for m in (200, 400)]
    assert verdict(candidate, ignored[0]).accepted
    assert not verdict(candidate, *ignored).accepted
    assert verdict(candidate, *ignored, earlier(3 * DAY, "accepted", "Read the letter", "reading")).accepted


def test_the_reason_is_in_the_users_words() -> None:
    assert verdict(proposed(), earlier(40, "rejected", TASK)).reason == "You turned this down 40 minutes ago."
    assert verdict(proposed(), earlier(40, "ignored", TASK)).reason == "You were offered this 40 minutes ago."


def test_each_candidate_has_its_own_verdict_in_order() -> None:
    got = RulesJudge().judge(Case(situation="", candidates=(proposed(task=""), proposed())))
    assert [v.accepted for v in got] == [False, True]
    assert RulesJudge().judge(Case(situation="")) == ()


def test_silence_is_right_where_nothing_is_accepted() -> None:
    yes = Verdict(p_accept=0.7, p_help=0.8, accepted=True, reason="")
    no = yes.model_copy(update={"p_accept": 0.2, "accepted": False})
    assert silence([]).accepted
    assert silence([no]).accepted
    assert not silence([no, yes]).accepted
    assert (silence([no, yes]).p_accept, silence([no, yes]).p_help) == (pytest.approx(0.3), 0.8)
    assert silence([]).reason != silence([yes]).reason


def test_an_operation_that_cannot_run_is_refused_and_the_next_best_can_be_offered() -> None:
    got = RulesJudge().judge(Case(situation="", candidates=(proposed(line="cannot run: no such file."), proposed())))
    assert [v.accepted for v in got] == [False, True]
    assert got[0].reason == "It cannot run: no such file."


@pytest.mark.parametrize(
    ("minutes", "text"), [(0.2, "1 minute"), (59, "59 minutes"), (60, "1 hour"), (150, "2 hours"), (3000, "2 days")]
)
def test_spans_are_told_in_words(minutes: float, text: str) -> None:
    assert ago(minutes) == text


@given(st.text(max_size=60), st.text(max_size=60))
def test_overlap_is_a_symmetric_share(one: str, other: str) -> None:
    assert 0 <= overlap(one, other) == overlap(other, one) <= 1


@given(
    st.lists(
        st.builds(earlier, st.floats(0, 20_000), st.sampled_from(["accepted", "ignored", "rejected"]), st.text(), st.text())
    )
)
def test_any_history_gives_a_chance_between_0_and_1_and_a_reason(offers: list[Earlier]) -> None:
    got = verdict(proposed(kind="reading"), *offers)
    assert 0 <= got.p_accept <= 1
    assert got.accepted == (got.p_accept >= 0.5)
    assert got.reason
