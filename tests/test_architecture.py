"""The house rules: imports go down only, core is pure, importing does nothing, files stay small."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted([*(ROOT / "agent").rglob("*.py"), *(ROOT / "reward_model").rglob("*.py")])
PLUGS = ("sense", "presence", "llm", "notify", "store", "tools")
# Higher number = higher floor; a module imports its own floor or lower. Longest prefix wins.
FLOORS = {
    "reward_model": 0,
    "agent.errors": 0,
    "agent.paths": 0,
    "agent": 0,
    "agent.core": 1,
    "agent.keys": 2,
    "agent.logs": 2,
    "agent.watchdog": 2,
    "agent.seclusion": 2,
    "agent.plug": 2,
    **{f"agent.{p}": 3 for p in PLUGS},
    "agent.patterns": 3,
    "agent.offline": 3,
    "agent.predict": 3,
    "agent.fallback": 3,
    "agent.judges": 3,
    "agent.act": 3,
    "agent.clipboard": 3,
    "agent.clocks": 3,
    "agent.senses": 3,
    "agent.levels": 3,
    "agent.ledger": 4,
    "agent.state": 3,
    "agent.config": 3,
    "agent.configfile": 3,
    "agent.lock": 3,
    "agent.client": 3,
    "agent.alarm": 3,
    "agent.control": 3,
    "agent.backfill": 4,
    "agent.learning": 4,
    "agent.pacing": 4,
    "agent.shadow": 4,
    "agent.replay": 4,
    "agent.tick": 4,
    "agent.forgetting": 4,
    "agent.loop": 5,
    "agent.app": 6,
    "agent.daemon": 7,
    "agent.desk": 7,
    "agent.checks": 7,
    "agent.bench": 7,
    "agent.answering": 8,
    "agent.trust": 8,
    "agent.cli": 9,
    "agent.__main__": 9,
}
PURE_STDLIB = {
    "__future__", "ast", "asyncio", "base64", "binascii", "bisect", "collections", "contextlib", "dataclasses", "datetime",
    "difflib", "enum", "fnmatch", "functools", "hashlib", "heapq", "html", "ipaddress", "itertools", "json", "math", "operator",
    "re", "statistics", "string", "textwrap", "types", "typing", "unicodedata", "urllib",
}  # fmt: skip


def module(path: Path) -> str:
    """The dotted name of a source file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, the lazy ones inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{a.name}" for a in node.names)


def floor(name: str) -> int | None:
    """The floor of a module, by its longest known prefix."""
    parts = name.split(".")
    for n in range(len(parts), 0, -1):
        if ".".join(parts[:n]) in FLOORS and (n > 1 or parts[0] == "reward_model" or len(parts) == 1):
            return FLOORS[".".join(parts[:n])]
    return None


def test_every_module_of_ours_has_a_floor() -> None:
    assert [module(p) for p in SOURCES if floor(module(p)) is None] == []


def test_imports_go_down_only() -> None:
    wrong = []
    for path in SOURCES:
        own = floor(module(path))
        for name in imports(path):
            if name.split(".")[0] in ("agent", "reward_model") and name != "agent.__version__":
                other = floor(name)
                if other is None or own is None or other > own:
                    wrong.append(f"{module(path)} -> {name}")
    assert wrong == []


def test_plugs_do_not_import_plugs_of_other_ports() -> None:
    wrong = []
    for path in SOURCES:
        own = module(path).split(".")
        if len(own) > 1 and own[1] in PLUGS:
            wrong += [
                f"{module(path)} -> {n}"
                for n in imports(path)
                if n.startswith("agent.") and n.split(".")[1] in PLUGS and n.split(".")[1] != own[1]
            ]
    assert wrong == []


def test_reward_model_imports_nothing_of_agent() -> None:
    assert [
        f"{module(p)} -> {n}"
        for p in SOURCES
        if module(p).startswith("reward_model")
        for n in imports(p)
        if n.startswith("agent")
    ] == []


def test_core_imports_only_pure_modules() -> None:
    allowed = PURE_STDLIB | {"pydantic", "re2", "agent", "reward_model"}
    wrong = []
    for path in (ROOT / "agent" / "core").rglob("*.py"):
        for name in imports(path):
            top = name.split(".")[0]
            inner = top == "reward_model" and not name.startswith("reward_model.case")
            if top not in allowed or inner:
                wrong.append(f"{module(path)} -> {name}")
    assert wrong == []


def test_core_never_reads_the_clock_files_or_chance() -> None:
    banned = {"now", "utcnow", "today", "time", "monotonic", "random", "open", "read_text", "urandom", "getenv"}
    wrong = []
    for path in (ROOT / "agent" / "core").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in banned:
                    wrong.append(f"{module(path)}:{node.lineno} {called}")
    assert [w for w in wrong if "ports" not in w] == []


def test_importing_every_module_does_nothing(tmp_path: Path) -> None:
    names = [module(p) for p in SOURCES if not module(p).endswith("__main__")]
    code = (
        "import importlib, os, sys\n"
        "from pathlib import Path\n"
        "before = set(Path.home().rglob('*'))\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        "heavy = sorted({'openai','aw_client','desktop_notifier','watchdog','pypdf','docx','apscheduler'} & set(sys.modules))\n"
        "assert not heavy, heavy\n"
        "assert set(Path.home().rglob('*')) == before, 'files were made'\n"
    )
    env = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("path", SOURCES, ids=module)
def test_a_file_says_what_it_is_in_one_sentence_and_stays_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert len(text.splitlines()) <= 300
    assert ast.get_docstring(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= 40, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", SOURCES, ids=module)
def test_public_things_have_docstrings(path: Path) -> None:
    if "ports" in path.name:
        return
    bare = [
        node.name
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert bare == []
