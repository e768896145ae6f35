"""Reading an LLM's answer: strict about JSON, tolerant of what stands around it, and never raising anything else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.parse import MAX_ANSWER, ParseError, first_object, plain, proposal

IDEA = {
    "proactive_task": "Summarise the two papers on folding",
    "response": "I can condense both into five lines.",
    "because": "You went back and forth between them 6 times in 8 minutes",
    "operation": {"name": "summarise", "arguments": {"sources": ["/home/a/one.pdf", "/home/a/two.pdf"]}},
}


def answer(*ideas: Any, **fields: Any) -> str:
    return json.dumps({"purpose": "reading", "thoughts": "", "candidates": list(ideas), **fields})


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        '  \n{"a": 1}\n',
        '```json\n{"a": 1}\n```',
        'Sure! Here it is:\n{"a": 1}\nHope this helps {smile}',
        'Use {braces} like so: {"a": 1}',
        '<think>maybe {"a": 2}?</think>{"a": 1}',
        '{"a": 1}{"a": 2}',
    ],
)
def test_the_first_object_is_found_in_prose_and_fences(text: str) -> None:
    assert first_object(text) == {"a": 1}


def test_braces_and_escapes_in_strings_do_not_end_an_object() -> None:
    assert first_object(r'{"a": "}\"{\\"}') == {"a": '}"{\\'}


# After JSONTestSuite's n_ (must refuse) and i_ (may do either) files: own wording of each case.
@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "null",
        "[]",
        '["a"]',
        "1",
        '"{}"'[:2],
        "{",
        '{"a"',
        '{"a":',
        '{"a":}',
        '{"a" 1}',
        "{'a': 1}",
        '{"a": 1,}',
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": -Infinity}',
        '{"a": 1e999}',
        '{"a": -1e999}',
        '{"a": 01}',
        '{"a": 1.}',
        '{"a": .5}',
        '{"a": +1}',
        '{"a": 0x1}',
        '{"a": tru}',
        '{"a": "\t"}',
        '{"a": "\\x41"}',
        '{"a": "\\u12"}',
        '{"a": "abc',
        '{"a": 1 // comment\n}',
        '{"a": ' + "9" * 5000 + "}",
        '{"a": ' + "[" * 100_000,
        '{"a": ' + "[" * 40 + "]" * 40 + "}",
        '{"a":' * 20_000,
        "{" * 60_000,
        '{"a": "' + "x" * MAX_ANSWER + '"}',
        "\x00",
        "﻿",
        "I cannot help with that.",
    ],
)
def test_what_is_not_json_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(ParseError, match=r"\w"):
        first_object(text)


@pytest.mark.parametrize("text", ['{"a": {"b": {}}}', '{"": 0}', '{"a": 1e5, "b": -0.0}', '{"a": "\\ud83d\\ude00 é 漢"}', "{}"])
def test_unusual_json_is_read(text: str) -> None:
    assert first_object(text) == json.loads(text)


@given(st.text(max_size=400) | st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists).map(json.dumps))
@settings(max_examples=150, deadline=None)
def test_no_text_raises_anything_but_a_parse_error(text: str) -> None:
    for candidate in (text, answer() + text, f'{{"candidates": [{text}]}}'):
        try:
            proposal(candidate)
        except ParseError:
            continue


def test_a_proposal_is_read_whole() -> None:
    read = proposal(answer(IDEA))
    assert read.purpose == "reading"
    assert [c.task for c in read.candidates] == [IDEA["proactive_task"]]
    assert read.candidates[0].operation.arguments == {"sources": ["/home/a/one.pdf", "/home/a/two.pdf"]}
    assert read.dropped == ()


@pytest.mark.parametrize("empty", ['{"candidates": []}', '{"candidates": null, "purpose": 3}'])
def test_no_candidates_is_silence(empty: str) -> None:
    assert proposal(empty).candidates == ()


def test_more_than_five_candidates_are_cut() -> None:
    assert len(proposal(answer(*[IDEA] * 9)).candidates) == 5


@pytest.mark.parametrize(
    "change",
    [
        {"operation": None},
        {"operation": {"name": "search"}},
        {"operation": {"name": 3, "arguments": {}}},
        {"operation": {"name": "search", "arguments": []}},
        {"operation": {"name": "search", "arguments": {"query": "x" * 5000}}},
        {"operation": {"name": "search", "arguments": {"query": "\ud800"}}},
        {"proactive_task": 5},
        {"proactive_task": None},
        {"proactive_task": " \n\u202e"},
        {"because": ""},
    ],
)
def test_a_malformed_candidate_is_dropped_and_named_while_the_others_stay(change: dict[str, Any]) -> None:
    read = proposal(answer({**IDEA, **change}, IDEA))
    assert len(read.candidates) == 1
    assert read.dropped[0].startswith("candidate 1:")


@pytest.mark.parametrize("text", ['{"proactive_task": "x"}', '{"candidates": {}}', '{"candidates": ["x", 1]}'])
def test_an_answer_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        proposal(text)


def test_texts_are_one_line_without_control_and_bidi_characters_and_cut_to_length() -> None:
    idea = {
        **IDEA,
        "proactive_task": "Open\x1b[31m\u202egpj.exe\u2066\nnow\U000e0041\u200b",
        "because": "b" * 999,
        "response": "r" * 999,
    }
    read = proposal(answer(idea)).candidates[0]
    assert read.task == "Open [31mgpj.exe now"
    assert (len(read.because), len(read.response)) == (200, 400)
    assert read.because.endswith("…")


def test_joiners_of_persian_and_emoji_stay() -> None:
    assert plain("می\u200cخواهم 👩\u200d💻", 50) == "می\u200cخواهم 👩\u200d💻"


@given(st.text(max_size=300), st.integers(min_value=1, max_value=60))
@settings(max_examples=100, deadline=None)
def test_plain_text_keeps_its_promises(text: str, limit: int) -> None:
    line = plain(text, limit)
    assert len(line) <= limit
    assert line.encode("utf-8").decode() == line
    assert "\n" not in line
    assert "\u202e" not in line
