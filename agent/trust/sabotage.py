"""The sabotage control: each defence is left out once, and the tests that watch it must fail. Needs a checkout with tests.

tests/defences.toml says for each name of a defence what it is and which tests watch it. A test that does not fail without
the defence proves nothing about it, however green it is.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from agent.errors import ProactiveError
from agent.trust.row import Row

VARIABLE = "PROACTIVE_SABOTAGE"
FILE = Path("tests") / "defences.toml"
GOAL = 25
DEADLINE = 300.0
FAILED = 1
"""pytest's exit code when tests ran and some failed; an error of collection or use is another one."""


class Defence(NamedTuple):
    """One switch of agent/core/defence.py: what it turns off, and the tests that must notice."""

    name: str
    what: str
    tests: tuple[str, ...]


class Outcome(NamedTuple):
    """What became of the tests without one defence ('' = with all): the test that failed first, or why it does not count."""

    name: str
    red: bool
    said: str
    seconds: float


def checkout() -> Path:
    """The folder with agent/ and tests/. Raises ProactiveError in an installed package, which has no tests."""
    root = Path(__file__).resolve().parents[2]
    if not (root / FILE).is_file():
        raise ProactiveError("The sabotage control needs the tests, which are not installed.", "Run it in a git checkout.")
    return root


def defences(root: Path) -> tuple[Defence, ...]:
    """Every defence of tests/defences.toml, by name. Raises ProactiveError for a file that cannot be read."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        found = tomllib.loads((root / FILE).read_text(encoding="utf-8"))
        made = [Defence(name, entry["what"], tuple(entry["tests"])) for name, entry in sorted(found.items())]
    except (ValueError, KeyError, TypeError) as e:
        raise ProactiveError(f"{FILE} cannot be used: {e}.", "A defence is [name] with what = '' and tests = [].") from e
    return tuple(made)


def names_in_code(root: Path) -> frozenset[str]:
    """The names of all calls `on("...")` in agent/ and reward_model/."""
    files = [f for folder in ("agent", "reward_model") for f in sorted((root / folder).rglob("*.py"))]
    return frozenset(name for file in files for name in _names(file.read_text(encoding="utf-8")))


def _names(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "on" and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def control(root: Path, chosen: Sequence[Defence]) -> Outcome:
    """All their tests with every defence in force: must not be red."""
    tests = tuple(dict.fromkeys(t for d in chosen for t in d.tests))
    return _run(root, "", tests)


def without(root: Path, defence: Defence) -> Outcome:
    """Its tests without it: must be red."""
    return _run(root, defence.name, defence.tests)


def _run(root: Path, name: str, tests: Sequence[str]) -> Outcome:
    began = time.monotonic()
    argv = [sys.executable, "-m", "pytest", "-q", "-x", "--tb=no", "--timeout=60", "-p", "no:cacheprovider", *tests]
    env = {k: v for k, v in os.environ.items() if k != VARIABLE and not k.startswith("PYTEST_")}
    env |= {VARIABLE: name} if name else {}
    try:
        done = subprocess.run(argv, cwd=root, env=env, capture_output=True, text=True, check=False, timeout=DEADLINE)
    except subprocess.TimeoutExpired:
        return Outcome(name, red=False, said=f"no end within {DEADLINE:g} s", seconds=DEADLINE)
    failed = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("FAILED ")]
    red = done.returncode == FAILED and bool(failed)
    last = (done.stdout.strip().splitlines() or [done.stderr.strip()[-200:]])[-1]
    return Outcome(name, red, failed[0] if failed else last, round(time.monotonic() - began, 1))


def sabotage(root: Path, chosen: Sequence[Defence], told: Callable[[float, str], None] = lambda *_: None) -> list[Outcome]:
    """The control run, then each defence in turn. Raises ProactiveError when the control run is not green."""
    told(0.0, "all defences in force")
    first = control(root, chosen)
    if first.red or "passed" not in first.said:
        raise ProactiveError(f"The tests are not green with all defences in force: {first.said}", "Mend them first.")
    made = [first]
    for n, defence in enumerate(chosen):
        told((n + 1) / (len(chosen) + 1), defence.name)
        made.append(without(root, defence))
    return made


def summary(outcomes: Sequence[Outcome]) -> Row:
    """The row of the page: how many turned the tests red."""
    tried = outcomes[1:]
    red = sum(o.red for o in tried)
    missed = ", ".join(o.name for o in tried if not o.red)
    result = f"{red} of {len(tried)} red" + (f"; not: {missed}" if missed else "")
    what = "each defence left out once; the tests that watch it must fail"
    return Row("G0", what, len(tried), result, f"all, at least {GOAL}", red == len(tried) >= GOAL)
