"""Finds and builds plugs: one file in a port's folder with `Settings`, a class that fits the port, and `build`.

Plugs are found by file name within our own folders, never by a dotted path from the configuration.
"""

from __future__ import annotations

import asyncio
import difflib
import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import BaseModel, ValidationError

from agent.core.ports import LLM, Clock
from agent.core.records import Answer, LLMCall
from agent.errors import ConfigError

PORTS = {"sense", "presence", "llm", "notify", "store", "tools"}


@dataclass(frozen=True)
class Supplies:
    """What a plug may need while it is built: the clock, the queue for answers, the chat LLM, folders it may use.

    `sending` keeps an LLM call before its text leaves the machine; what it raises keeps the text from being sent.
    """

    clock: Clock
    answers: asyncio.Queue[Answer] = field(default_factory=asyncio.Queue)
    chat: LLM | None = None
    data: Path = Path()
    roots: tuple[Path, ...] = ()
    language: str = ""
    sending: Callable[[LLMCall], None] = lambda _: None


def kinds(port: str) -> list[str]:
    """Names of the plugs of a port, sorted: the files in its folder that define `build`."""
    package = importlib.import_module(f"agent.{port}")
    names = sorted(m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_"))
    folder = Path(package.__path__[0])
    return [n for n in names if "def build(" in _source(folder, n)]


def _source(folder: Path, name: str) -> str:
    file = folder / f"{name}.py"
    return file.read_text(encoding="utf-8") if file.exists() else ""


def load(port: str, kind: str) -> ModuleType:
    """The module of a plug; ConfigError names the nearest kind when there is none of that name."""
    known = kinds(port)
    if kind not in known:
        near = difflib.get_close_matches(kind, known, 1)
        hint = f"Did you mean '{near[0]}'?" if near else f"Use one of: {', '.join(known)}."
        raise ConfigError(f"There is no kind '{kind}' under [{port}].", hint)
    return importlib.import_module(f"agent.{port}.{kind}")


def build(port: str, kind: str, settings: dict[str, Any], supplies: Supplies) -> Any:
    """Build a plug from its raw settings; ConfigError says which setting is wrong."""
    module = load(port, kind)
    try:
        checked: BaseModel = module.Settings.model_validate(settings)
    except ValidationError as e:
        first = e.errors()[0]
        where = ".".join(str(p) for p in first["loc"])
        raise ConfigError(f"{port}.{kind}: {where}: {first['msg']}.", "Correct it in your configuration.") from e
    return module.build(checked, supplies)
