"""What every tool promises; runs on each plug in agent/tools."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from agent import plug
from agent.core.ports import Tool
from agent.errors import ConfigError, ToolError
from agent.llm.scripted import ScriptedLLM
from agent.llm.scripted import Settings as Scripted
from tests.conftest import NOW

KINDS = plug.kinds("tools")
SHAPES = {
    "search": {"query": "how to fold a map"},
    "chat": {"question": "What is a monad?"},
    "read": {"source": "{file}"},
    "summarise": {"sources": ["{file}"]},
    "rename_file": {"path": "{file}", "new_name": "2026-03-02 notes.txt"},
}


class FixedClock:
    """A clock that stands still."""

    factor = 1.0

    def now(self) -> datetime:
        return NOW

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


def supplies(root: Path) -> plug.Supplies:
    clock = FixedClock()
    return plug.Supplies(
        clock=clock, roots=(root,), chat=ScriptedLLM(Scripted(answers=["An answer."]), plug.Supplies(clock=clock))
    )


@pytest.fixture(params=KINDS)
def tool(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    return plug.build("tools", request.param, {}, supplies(tmp_path))


def arguments(tool: Tool, root: Path) -> Any:
    """Arguments of the fixed shape, on a file that is there."""
    file = root / "scan0001.txt"
    file.write_text("The meeting was moved to Friday. Everyone agreed to bring the figures for March.")
    raw = SHAPES[tool.name]
    filled = {k: [v[0].format(file=file)] if isinstance(v, list) else str(v).format(file=file) for k, v in raw.items()}
    return tool.args.model_validate(filled)


def test_the_closed_list_is_the_five_operations() -> None:
    assert sorted(SHAPES) == KINDS


def test_a_tool_is_found_by_its_own_name(tool: Tool) -> None:
    assert tool.name in KINDS
    assert type(tool).__module__ == f"agent.tools.{tool.name}"
    assert tool.risk in ("read", "write", "send")


def test_every_argument_is_explained_to_the_llm(tool: Tool) -> None:
    assert (type(tool).__doc__ or "").strip()
    assert all(field.description for field in tool.args.model_fields.values())


def test_an_argument_too_many_is_refused(tool: Tool, tmp_path: Path) -> None:
    good = arguments(tool, tmp_path).model_dump()
    with pytest.raises(ValidationError, match=r"[Ee]xtra"):
        tool.args.model_validate({**good, "shell": "rm -rf /"})


def test_a_missing_argument_is_refused(tool: Tool) -> None:
    with pytest.raises(ValidationError, match="required"):
        tool.args.model_validate({})


@pytest.mark.parametrize("wrong", [None, 7, {"a": "b"}, [], ""])
def test_an_argument_of_another_type_is_refused(tool: Tool, wrong: object) -> None:
    name = next(iter(tool.args.model_fields))
    with pytest.raises(ValidationError):
        tool.args.model_validate({**dict.fromkeys(tool.args.model_fields, "a.txt"), name: wrong})


def test_the_line_is_one_short_line_and_always_the_same(tool: Tool, tmp_path: Path) -> None:
    args = arguments(tool, tmp_path)
    line = tool.describe(args)
    assert 0 < len(line) <= 80
    assert line.isprintable()
    assert tool.describe(args) == line


def test_describing_changes_nothing(tool: Tool, tmp_path: Path) -> None:
    args = arguments(tool, tmp_path)
    before = sorted((p.name, p.stat().st_mtime_ns) for p in tmp_path.iterdir())
    tool.describe(args)
    assert sorted((p.name, p.stat().st_mtime_ns) for p in tmp_path.iterdir()) == before


async def test_only_a_writing_tool_can_be_undone(tool: Tool) -> None:
    if tool.risk == "write":
        return
    with pytest.raises(ToolError, match="nothing to undo"):
        await tool.undo({})


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_setting_is_refused_by_name(kind: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no_such"):
        plug.build("tools", kind, {"no_such": 1}, supplies(tmp_path))
