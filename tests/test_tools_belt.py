"""The tools together: a closed list, clear refusals, short lines and a short catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent import plug
from agent.act import ToolBelt, build_tools
from agent.core.records import Operation
from agent.core.tokens import tokens
from agent.errors import ConfigError, ToolError
from tests.test_act import FixedClock, Note

ALL = ("search", "chat", "read", "summarise", "rename_file")


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        (Operation(name="shell", arguments={"cmd": "id"}), "'shell' is not an allowed operation (note)"),
        (Operation(name="__init__"), "not an allowed operation"),
        (Operation(name="note"), "note: text: Field required"),
        (Operation(name="note", arguments={"text": "a", "then": "rename_file"}), "note: then: Extra inputs"),
        (Operation(name="note", arguments={"text": ["a"]}), "note: text: Input should be a valid string"),
    ],
)
async def test_an_operation_outside_the_closed_list_is_refused_in_clear_words(operation: Operation, said: str) -> None:
    belt = ToolBelt([Note()])
    with pytest.raises(ToolError) as caught:
        belt.check(operation)
    assert said in str(caught.value)
    with pytest.raises(ToolError):
        await belt.run(operation)


def test_a_line_is_one_line_of_at_most_80_visible_signs() -> None:
    line = ToolBelt([Note()]).check(Operation(name="note", arguments={"text": "a\n\u202eb\x1b" + "c" * 200}))
    assert line.startswith("Note it: a b")
    assert len(line) == 80
    assert line.isprintable()


def belt(tmp_path: Path, **settings: Any) -> ToolBelt:
    return build_tools(ALL, settings, plug.Supplies(clock=FixedClock(), roots=(tmp_path,)))


def test_only_allowed_tools_are_built(tmp_path: Path) -> None:
    supplies = plug.Supplies(clock=FixedClock(), roots=(tmp_path,))
    with pytest.raises(ToolError, match="not an allowed operation"):
        build_tools(["search"], {}, supplies).check(Operation(name="read", arguments={"source": "/etc/passwd"}))
    with pytest.raises(ConfigError, match="no kind 'serch'"):
        build_tools(["serch"], {}, supplies)
    with pytest.raises(ConfigError, match="engine"):
        belt(tmp_path, search={"engine": "http://a.org/{query}"})


def test_the_catalogue_names_every_tool_and_argument_in_few_tokens(tmp_path: Path) -> None:
    text = belt(tmp_path).catalogue()
    assert tokens(text) <= 350
    for word in (*ALL, "query", "question", "source", "sources", "path", "new_name"):
        assert word in text
