"""A situation reads the same whether the benchmark words it or our digest renders it."""

from __future__ import annotations

from reward_model.steps import STEPS, english, steps, words

DIGEST = """Now Saturday 11:57. Working for 1h02 since the last break.

The last 5 minutes, newest last:
11:56:44 11s Code | test_handlers.py - paylink | ~/src/paylink/tests/test_handlers.py [typed 10s]
11:57:16 6s Chrome | QueuePool limit - Google Search | www.google.com/search
11:57:22 1m02s Chrome | QueuePool limit error - Stack Overflow | stackoverflow.com/q/1 [20 flickers]

Earlier in the last 30 minutes, by app and document, longest first:
5m27s x24 Alacritty | pytest -x
"""


def test_benchmark_lines_lose_their_stamps_and_nothing_else() -> None:
    for stamp in ("Day 1, 11:00 PM", "1717378000.744", "1717377997.0"):
        (step,) = steps(f"{stamp} The user opens a new tab.")
        assert step.text == "the user opens a new tab."


def test_the_digest_gives_its_newest_lines_newest_last() -> None:
    found = steps(DIGEST)
    assert [s.text.split(":")[0] for s in found] == ["the user types in code", "the user views chrome", "the user views chrome"]
    assert "error" in found[-1].signs
    assert "write" in found[0].signs
    assert "search" in found[1].signs
    assert "flickers" not in found[-1].text


def test_without_new_lines_the_sums_of_the_half_hour_stand_in() -> None:
    old = "Earlier in the last 30 minutes, by app and document, longest first:\n5m x3 Code | a.py\n20s Firefox | docs"
    assert [s.text for s in steps(old)] == ["the user views firefox: 'docs' ", "the user views code: 'a.py' "]


def test_only_the_newest_steps_are_read_so_the_position_cannot_be_told() -> None:
    lines = [f"The user types 'word{n}'." for n in range(40)]
    assert len(steps("\n".join(lines))) == STEPS
    assert steps("\n".join(lines)) == steps("\n".join(lines[-STEPS:]))


def test_a_digest_without_anything_in_focus_has_no_steps() -> None:
    assert steps("Now Monday 10:00. Working for 3m since the last break.\n\nNew files:\n- a.pdf in ~/Downloads") == ()


def test_an_empty_situation_has_no_steps() -> None:
    assert steps("") == ()
    assert steps("\n \n") == ()


def test_chinese_words_meet_english_ones() -> None:
    assert {"validation", "email"} & set(words("电子邮件地址校验 python")) == {"email"} or "valid" in words("电子邮件地址校验")
    assert english("总结这些网页的要点").split()[0] == "summarize"
    assert english("plain words") == "plain words"


def test_a_longer_chinese_word_wins_over_its_parts() -> None:
    assert "database" in english("数据库")
    assert "data " not in english("数据库")
