"""Texts of others on a screen: nothing hidden in them, nothing that controls it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.lines import clean, drawn, escaped, hidden, one_line

ODD = st.text(st.sampled_from("aé1 \n\u200c\u200d\ufe0f\ufe0e\u3164\u202e\U0001f469\u2028\x1b"), max_size=12)


@pytest.mark.parametrize("sign", "\u3164\u115f\u1160\uffa0\u2800\u034f\u180e\u200b\u00ad\ufeff\x1b\x9b\u202e\U000e0041")
def test_a_blank_or_sign_that_cannot_be_seen_is_taken_out(sign: str) -> None:
    assert clean(f"a{sign}b") == "ab"
    assert hidden(f"a{sign}b")
    assert sign not in escaped(f"a{sign}b")


@pytest.mark.parametrize("text", ["می\u200cخواهم", "👩\u200d👧", "🏳\ufe0f\u200d🌈", "1\ufe0f\u20e3", "❤\ufe0f", "क्\u200dष"])
def test_joiners_and_selectors_stay_where_scripts_and_emoji_need_them(text: str) -> None:
    assert clean(text) == text == escaped(text)
    assert not hidden(text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a\u200db", "ab"),
        ("é\u200d\u200c\u200db", "é\u200db"),
        ("👩\ufe0f\ufe0e\ufe01", "👩\ufe0f"),
        (" \u200d\ufe0f", " "),
        ("\ufe0f", ""),
    ],
)
def test_a_row_of_them_in_which_text_could_hide_does_not(text: str, left: str) -> None:
    assert clean(text) == left
    assert hidden(text)


@given(ODD)
def test_a_text_that_was_cleaned_is_clean(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert one_line(one_line(text)) == one_line(text)
    assert drawn(drawn(text)) == drawn(text)


def test_a_terminal_is_shown_the_numbers_of_signs_that_would_control_it() -> None:
    assert escaped("a\x1b]0;x\x07\x9b2J\r\u202eb\U000e0041\n\tc") == "a\\x1b]0;x\\x07\\x9b2J\\x0d\\u202eb\\U000e0041\n\tc"
    assert escaped("a\u200d\u200db") == "a\\u200d\\u200db"


def test_a_long_row_of_joined_signs_takes_no_longer_than_its_length() -> None:
    began = time.process_time()
    clean("\U0001f44d\ufe0f " * 100_000)
    assert time.process_time() - began < 2
