"""Whatever a model says: nothing happens, nothing breaks, and what is kept is exactly what would run."""

from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.act import build_tools
from agent.clocks import SimulatedClock
from agent.core.parse import ParseError, proposal
from agent.core.records import Prediction
from agent.plug import Supplies
from agent.predict import LLMPredictor
from agent.trust import _outputs
from agent.trust._attacker import TOOLS, Attacker, call, idea, wrapped
from agent.trust._stage import NOW

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_outputs.KEYS), inner, max_size=5),
    max_leaves=20,
)


async def predicted(answer: str, folder: Path) -> Prediction:
    """What the predictor makes of an answer, over the real tools, with one file and one page seen."""
    clock = SimulatedClock(NOW)
    file = folder / "scan.txt"
    file.write_text("a scan")
    seen = _outputs._observation("https://a.org/page", str(file))
    model = Attacker(clock, lambda _: answer.replace("{file}", str(file)))
    belt = build_tools(TOOLS, {}, Supplies(clock=clock, chat=model, roots=(folder,)))
    return await LLMPredictor(model, belt).predict(seen, "digest")


async def test_some_generated_outputs_have_no_effect_and_break_nothing() -> None:
    found = await _outputs.outputs(40, seed=5)
    assert (found["cases"], found["effects"], found["uncaught"], found["unfit"]) == (40, 0, 0, 0)


@given(JSON | st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_json_is_an_answer_or_a_clear_refusal(value: object) -> None:
    for text in (json.dumps(value), f"{{{json.dumps(value)}", json.dumps({"candidates": value})):
        assert proposal_of(text) in (True, False)


@given(st.dictionaries(st.sampled_from(["source", "sources", "path", "query"]), JSON, max_size=3), st.text(max_size=8))
@settings(max_examples=10, deadline=None)
async def test_any_arguments_are_let_through_or_dropped(arguments: dict[str, object], name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for tool in ("read", "summarise", "rename_file", "search", name):
            try:
                said = wrapped(idea(call(tool, arguments)))
            except ValueError:
                continue
            found = await predicted(said, Path(folder))
            assert all(c.operation.name in ("read", "summarise", "rename_file", "search") for c in found.candidates)


@pytest.mark.parametrize("source", [{}, {"a": 1}, [], [{}], None, 7, True, ["/etc/passwd"], "/etc/passwd", "http://127.0.0.1/"])
@pytest.mark.parametrize(("tool", "key"), [("read", "source"), ("summarise", "sources"), ("rename_file", "path")])
async def test_a_source_of_any_type_that_was_not_seen_is_dropped(tool: str, key: str, source: object, tmp_path: Path) -> None:
    more = {"new_name": "a.txt"} if tool == "rename_file" else {}
    for value in (source, [source]):
        found = await predicted(wrapped(idea(call(tool, {key: value, **more}))), tmp_path)
        assert found.candidates == ()
        assert found.dropped


@pytest.mark.parametrize("source", ["https://other.org/page", "{file}/../taken.txt"])
async def test_a_page_or_file_that_was_not_seen_is_dropped_by_name(source: str, tmp_path: Path) -> None:
    found = await predicted(wrapped(idea(call("read", {"source": source}))), tmp_path)
    assert "no page or file that was seen" in found.dropped[0]


@pytest.mark.parametrize("name", ["search ", " search", "search\u200b", "sea\u202erch", "search\n", "se\x00arch", "Search"])
async def test_a_name_that_is_almost_a_tools_is_not_made_into_it(name: str, tmp_path: Path) -> None:
    found = await predicted(wrapped(idea(call(name, {"query": "cats"}))), tmp_path)
    assert found.candidates == ()


async def test_what_is_kept_of_a_call_is_what_would_run(tmp_path: Path) -> None:
    asked = call("search", {"query": "a\u202e  b\tsk-proj-Zx81kQpW0aLmN4tYcVbR7uEoDs29fGhJ5iKx c"})
    found = await predicted(wrapped(idea(asked)), tmp_path)
    assert found.candidates[0].operation.arguments == {"query": "a b c"}


def test_the_generated_outputs_are_of_many_kinds() -> None:
    chance = random.Random(1)
    said = {_outputs.output(chance, ["/x/a.txt"], "/x") for _ in range(200)}
    assert len(said) > 150
    assert any(proposal_of(text) for text in said)


def proposal_of(text: str) -> bool:
    """Whether it is an answer with at least one candidate; any other error than a ParseError passes through."""
    try:
        found = proposal(text).candidates
    except ParseError as e:
        return not str(e)
    assert len(found) <= 5
    return bool(found)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(5))
async def test_thousands_of_generated_outputs_have_no_effect_and_break_nothing(part: int) -> None:
    found = await _outputs.outputs(600, seed=part + 10)
    assert (found["effects"], found["uncaught"], found["unfit"]) == (0, 0, 0)
    assert found["offers"] > 20
