"""S12: the figures hold for this tree, and each of them can fail."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from agent.trust import supply
from agent.trust.row import Row
from tests.cli.test_commands import ROOT


def test_every_direct_dependency_has_its_reason_and_all_are_locked() -> None:
    made = [*supply._listed(ROOT), supply._locked(ROOT, full=False)]
    assert [r for r in made if not r.ok] == []
    assert made[0].n >= 7


def copy(folder: Path, file: str, old: str, new: str) -> list[Row]:
    """The rows of a tree in which one file is otherwise."""
    for name in ("pyproject.toml", ".github/CONTRIBUTING.md", str(supply.LOCK)):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    path = folder / file
    said = path.read_text(encoding="utf-8")
    assert old in said
    path.write_text(said.replace(old, new, 1), encoding="utf-8")
    return [*supply._listed(folder), supply._locked(folder, full=False)]


@pytest.mark.parametrize(
    ("file", "old", "new", "missed"),
    [
        (".github/CONTRIBUTING.md", "| httpx |", "| http |", "not: httpx"),
        ("pyproject.toml", '"httpx>=0.27",', '"httpx>=0.27", "left-pad",', "not: left-pad"),
        ("pyproject.toml", '"httpx>=0.27",', '"httpx>=0.27",' + "".join(f'"a{n}",' for n in range(9)), "24"),
        (str(supply.LOCK), "httpx==", "httpx>=", "2 without"),
    ],
)
def test_what_is_missing_is_said(tmp_path: Path, file: str, old: str, new: str, missed: str) -> None:
    assert missed in [r.result for r in copy(tmp_path, file, old, new) if not r.ok]


@pytest.mark.slow
@pytest.mark.e2e
@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_importing_opens_no_socket_and_the_daemon_leaves_no_core() -> None:
    made = [supply._imported(ROOT), supply._dumps()]
    assert [r.result for r in made] == ["0 sockets", "0"]
    assert made[0].n > 200
