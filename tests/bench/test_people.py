"""`bench people`: nothing of the turn or of later ones is known, a person with a taste is learnt, the report is whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.bench.inputs import Data, load
from agent.bench.people import GRID, Annotator, Vote, annotators, by_answers, figures, in_order, loss, nested, replay
from agent.bench.people_report import Plan, picture, render_table, report
from agent.errors import ProactiveError
from reward_model.dataset import Row, write
from reward_model.personal import Prior
from reward_model.train import Scored


def person(votes: list[list[bool]], p: float = 0.4, words: str = "Search for") -> Annotator:
    """One annotator with so many turns; task n of every turn is of the same idea."""
    ideas = (words + " the pool limit", "Summarise the open report", "Rename the scan of the invoice")
    turns = []
    lines: list[str] = []
    for number, said in enumerate(votes):
        lines.append(f"Day 1, 0{number}:00 PM The user reads page {number}.")
        turns.append(
            [
                Scored(Row(situation="\n".join(lines), task=t, valid=v, votes=(v,), trace="t", turn=f"{number}"), p, 0.5)
                for t, v in zip(ideas, said, strict=False)
            ]
        )
    return annotators([s for turn in reversed(turns) for s in turn])[0]


def chances(annotator: Annotator, **options: bool) -> list[float]:
    return [v.person for v in replay(annotator, Prior(), **options)]


def test_turns_are_put_in_the_order_in_which_the_situation_grew() -> None:
    one = person([[True], [False], [True]])
    assert [turn[0].row.turn for turn in one.turns] == ["0", "1", "2"]
    apart = [[Scored(Row(situation=s, task="x", valid=True, votes=(True,)), 0.5, 0.5)] for s in ("b\nc\nd", "a")]
    assert in_order(apart) == apart


def test_the_first_turn_is_judged_as_everybodys() -> None:
    assert chances(person([[True, False, False], [True, False, False]]))[:3] == [0.4] * 3


def test_a_vote_knows_nothing_of_its_own_turn_or_of_later_ones() -> None:
    before = chances(person([[True, False, False], [True, False, True], [True, False, False]]))
    other_later = chances(person([[True, False, False], [True, False, True], [False, True, True]]))
    other_same = chances(person([[True, False, False], [False, True, False], [True, False, False]]))
    assert before == other_later
    assert before[:6] == other_same[:6]
    assert before[6:] != other_same[6:]


def test_another_column_of_the_trace_tells_nothing() -> None:
    rows = [
        Scored(
            Row(situation="a\n" * (n + 1), task="Search x", valid=True, votes=(True, bool(n % 2)), trace="t", turn=str(n)),
            0.4,
            0.5,
        )
        for n in range(4)
    ]
    alone = [s._replace(row=s.row.model_copy(update={"votes": s.row.votes[:1]})) for s in rows]
    assert chances(annotators(rows)[0]) == chances(annotators(alone)[0])


def test_a_person_with_a_taste_is_told_from_the_crowd() -> None:
    votes = list(replay(person([[True, False, False]] * 8), Prior()))
    found = figures(votes)
    assert found["auc_population"] == found["auc_rate"] or (found["auc_rate"] or 1) < 0.5
    assert (found["auc_person"] or 0) > 0.8
    assert found["auc_gain"] == pytest.approx((found["auc_person"] or 0) - (found["auc_population"] or 0))


def test_with_one_task_shown_only_its_answer_is_known() -> None:
    annotator = person([[True, False, False]] * 4)
    assert [v.before for v in replay(annotator, Prior())] == [0] * 3 + [3] * 3 + [6] * 3 + [9] * 3
    assert [v.before for v in replay(annotator, Prior(), one_shown=True)] == [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3


def test_the_nested_prior_is_chosen_without_the_traces_it_is_reported_on() -> None:
    def votes(a: float, b: float) -> list[Vote]:
        return [Vote("a", 0, 0, True, 0.5, 0.5, a), Vote("b", 0, 0, True, 0.5, 0.5, b)]  # noqa: FBT003

    good_on_a, good_on_b = Prior(), Prior(level=2.0)
    found, chosen = nested({good_on_a: votes(0.9, 0.1), good_on_b: votes(0.2, 0.8)}, lambda trace: trace)
    assert chosen == {"a": good_on_b, "b": good_on_a}
    assert [v.person for v in found] == [0.2, 0.1]


def test_the_figures_against_answers_known_cover_every_vote() -> None:
    votes = list(replay(person([[True, False, False]] * 8), Prior()))
    assert sum(n for _, _, n in by_answers(votes)) == len(votes)
    assert by_answers(votes)[0][0] == "0"
    assert loss([(0.5, True), (0.5, False)]) == pytest.approx(0.6931, abs=1e-4)


SUBJECTS = (("maple", "willow"), ("parser", "compiler"), ("invoice", "ledger"), ("violin", "sonata"))
TASKS = ("Summarise the {}", "Search for {} and {}", "Rename the {} file", "Plan a break")


def data_of(folder: Path, voters: int) -> tuple[Data, list[Scored]]:
    """Four sittings of four turns with four tasks; voter n wants task n of each turn and now and then the next.

    All have the same chance from the scorer, so that only the person counts.
    """
    rows = []
    for one, other in SUBJECTS:
        lines: list[str] = []
        for turn in range(4):
            lines.append(
                f"Day 1, 0{turn + 1}:00 PM The {one} author {'reads' if turn % 2 else 'edits'} {other} page {one}{turn}"
            )
            for n, task in enumerate(TASKS):
                votes = tuple(n in (v, (v + turn) % 4) for v in range(voters))
                text = task.format(one, other)
                rows.append(Row(situation="\n".join(lines), task=text, valid=True, votes=votes, trace=one, turn=f"{one}{turn}"))
    write(folder / "rows.jsonl", rows)
    data = load(folder / "rows.jsonl")
    return data, [Scored(row, 0.4, 0.5) for row in data.rows]


def test_the_report_has_the_keys_of_the_issue_with_their_intervals(tmp_path: Path) -> None:
    from rich.console import Console

    data, scored = data_of(tmp_path, voters=3)
    plan = Plan(tmp_path / "rows.jsonl", rounds=100, resume=tmp_path / "kept.jsonl", nested=True)
    found = report(data, scored, plan)
    assert report(data, scored, plan) == found, "what was kept gives the same"
    for key in ("auc_population", "auc_person", "auc_person_one_shown", "auc_person_nested", "auc_rate", "auc_gain"):
        low, high = found[f"{key}_ci"]
        assert low <= found[key] <= high
    assert found["auc_population"] == 0.5
    assert (found["n"], found["annotators"], found["traces"]) == (4 * 4 * 4 * 3, 12, 4)
    assert sum(found["chosen"].values()) == 4
    assert {"log_loss_person", "accuracy_person_one_shown"} <= set(found)
    console = Console(record=True, width=150)
    render_table(found, console)
    shown = console.export_text()
    assert found["sha256"] in shown
    assert "own running rate alone" in shown
    picture(found, tmp_path / "people.png")
    assert (tmp_path / "people.png").read_bytes()[:4] == b"\x89PNG"


def test_rows_without_votes_are_refused(tmp_path: Path) -> None:
    data, scored = data_of(tmp_path, voters=0)
    with pytest.raises(ProactiveError, match="has a task with votes"):
        report(data, scored, Plan(tmp_path))


def test_the_grid_begins_with_the_shipped_prior() -> None:
    assert GRID[0] == Prior()
    assert len(set(GRID)) == len(GRID)
