"""Toasts and clipboard: no markup, nothing hidden, at most 200 signs, and the line that code made comes first."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.clipboard import payload
from agent.core.records import Candidate, Operation
from agent.notify._centre import Note
from agent.trust._payloads import OWN_TEXTS
from agent.trust._shown import as_sent, copied, faults, hidden, show, toasts

LINE = 'Search the web for "what is shown in a toast of two hundred signs" (ddg.org)'


def candidate(task: str, because: str = "b", query: str = "cats") -> Candidate:
    """One with these words of a model."""
    return Candidate(task=task, because=because, operation=Operation(name="search", arguments={"query": query}))


def test_no_odd_text_in_any_place_makes_a_toast_unfit(tmp_path: Path) -> None:
    found = [(text, faults(line, shown)) for text, line, shown in toasts(OWN_TEXTS, tmp_path)]
    assert [f for f in found if f[1]] == []
    assert len(found) > 2 * len(OWN_TEXTS)


def test_no_odd_text_is_copied_with_a_sign_that_controls_or_hides() -> None:
    assert copied(OWN_TEXTS) == []


@given(st.text(max_size=400), st.text(max_size=400))
def test_no_words_of_a_model_make_a_toast_unfit(task: str, because: str) -> None:
    assert faults(LINE, show(LINE, candidate(task, because))) == []


@given(st.text(max_size=300))
def test_no_text_is_copied_with_a_sign_that_controls_or_hides(text: str) -> None:
    assert copied([text]) == []


def test_what_is_plain_is_copied_as_it_is() -> None:
    text = "def f():\n\treturn 'ü 漢字 👩\u200d👧 می\u200cخواهم'"
    assert payload(text) == text
    assert payload("rm -rf ~\n") == "rm -rf ~"


@pytest.mark.parametrize("text", ["<b>x</b>", "a & b", "&lt;b&gt;", "<img src=x>"])
def test_markup_is_shown_as_it_is_written(text: str) -> None:
    shown = show("Ask a.org: x", candidate(text))
    assert shown.text.split("\n")[1] == text
    assert "<" not in shown.message


def test_arguments_in_full_stand_right_below_the_first_line() -> None:
    query = "how long is a query that does not fit into one line of a toast, and what is shown of it in the end?"
    shown = show(f'Search the web for "{query[:59]}…"', candidate("A task", query=query))
    assert shown.text.startswith('Search the web for "how long is a query…\nIn full: how long')
    assert query in shown.text
    assert len(shown.text) <= 200


@pytest.mark.parametrize("words", ["In full: How to bake bread?", " in FULL :\n\u200bIn full: bread", "Bread\nIn full: Bread"])
def test_no_words_of_a_model_pass_for_the_arguments_and_hide_the_end_of_the_line(words: str) -> None:
    line = 'Ask a.org: "How to bake bread? Also my salary is 5,200 a month."'
    for made in (candidate(words), candidate("A task", because=words)):
        shown = show(line, made)
        assert shown.accepts
        assert shown.holds(line)
        assert "in full" not in shown.text.lower()


def test_a_result_that_begins_like_arguments_hides_nothing_of_its_title() -> None:
    title = "Proactive asked a.org how to bake bread in an oven"
    assert as_sent(Note("n", title, "In full: bread")).holds(title)


def test_the_check_of_a_toast_sees_what_is_unfit() -> None:
    good = show("Ask a.org: x", candidate("t"))
    assert faults("Ask a.org: x", good) == []
    for bad in (good._replace(message="<b>"), good._replace(message="&nbsp;"), good._replace(title="\u202eAsk a.org: x")):
        assert faults("Ask a.org: x", bad)
    assert faults("Ask a.org: x", good._replace(title="You won", message="x" * 300)) == [
        "308 signs",
        "the line of code is not first",
        "the line is not whole",
    ]
    assert hidden("\u200e")
    assert not hidden("a\u200db\n")
