"""S12: what the product is built from, what its import does, and what a crash of it would leave; the list needs a checkout."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import tomli

from agent.trust._process import Child, toml
from agent.trust.row import Row

MOST = 20
LOCK = Path(".ci") / "requirements.lock"
DEADLINE = 300.0
IMPORT = """
import importlib, json, pkgutil, sys
touched = []
def look(event, args):
    if event.startswith("socket.") and event != "socket.gethostname":
        touched.append(event)
sys.addaudithook(look)
import agent, reward_model
names = [m.name for p in (agent, reward_model) for m in pkgutil.walk_packages(p.__path__, p.__name__ + ".")]
for name in names:
    if not name.endswith("__main__"):
        importlib.import_module(name)
print(json.dumps([len(names), touched]))
"""


def rows(full: bool, data: Path | None) -> Iterator[Row]:  # noqa: FBT001 - the contract of every part
    """The list of dependencies and their lock, the import of every module, and the limit on core dumps."""
    root = Path(__file__).resolve().parents[2]
    if (root / "pyproject.toml").is_file():
        yield from _listed(root)
        yield _locked(root, full=full)
    yield _imported(root)
    if Path("/proc/self/limits").exists():
        yield _dumps()


def direct(root: Path) -> list[str]:
    """Names of the runtime dependencies that the project itself asks for, without extras."""
    project = tomli.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [_name(d) for d in project["dependencies"]]


def _name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower()


def _listed(root: Path) -> Iterator[Row]:
    names = direct(root)
    yield Row(
        "S12", "direct runtime dependencies, without extras", len(names), str(len(names)), f"<= {MOST}", len(names) <= MOST
    )
    told = (root / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    without = [n for n in names if f"| {n} |" not in told]
    said = "each" if not without else "not: " + ", ".join(without)
    yield Row("S12", "of these, with their reason in CONTRIBUTING", len(names), said, "each", not without)


def _locked(root: Path, *, full: bool) -> Row:
    """Every requirement of the lock has one version and hashes; in a full run the installer must accept it for this machine."""
    entries = re.split(r"\n(?=\S)", (root / LOCK).read_text(encoding="utf-8").strip())
    pinned = {_name(e) for e in entries if "==" in e and "--hash=sha256:" in e}
    loose = [e.splitlines()[0] for e in entries if _name(e) not in pinned] + sorted(set(direct(root)) - pinned)
    said = f"{len(loose)} without"
    if full and not loose:
        argv = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--dry-run",
            "--ignore-installed",
            "--require-hashes",
            "-q",
            "-r",
            str(LOCK),
        ]
        done = subprocess.run(argv, cwd=root, capture_output=True, text=True, check=False, timeout=DEADLINE)
        said += ", accepted by the installer" if done.returncode == 0 else f"; {done.stderr.strip().splitlines()[-1][:120]}"
        loose += [said] if done.returncode else []
    return Row("S12", "locked requirements with version and hashes", len(entries), said, "0 without", not loose)


def _imported(root: Path) -> Row:
    argv = [sys.executable, "-c", IMPORT]
    done = subprocess.run(argv, cwd=root, capture_output=True, text=True, check=False, timeout=DEADLINE)
    if done.returncode:
        return Row("S12", "modules imported", 0, done.stderr.strip().splitlines()[-1][:160], "0 sockets", ok=False)
    n, touched = json.loads(done.stdout)
    said = f"{len(touched)} sockets" + (f": {touched[0]}" if touched else "")
    return Row("S12", "modules imported", n, said, "0 sockets", not touched)


def _dumps() -> Row:
    with tempfile.TemporaryDirectory(prefix="proactive-trust-", ignore_cleanup_errors=True) as name:
        child = Child(Path(name))
        child.configure(toml({"activitywatch": {"port": 9}}))
        child.start()
        try:
            said = _core(child)
        finally:
            child.stop()
    return Row("S12", "bytes of a core dump of the daemon", 1, said, "0", said == "0")


def _core(child: Child) -> str:
    """The limit of a running daemon, once it has set it."""
    said, pid = "", child.process.pid if child.process else 0
    for _ in range(100):
        time.sleep(0.1)
        limits = Path(f"/proc/{pid}/limits").read_text(encoding="utf-8")
        said = next(line.split()[4] for line in limits.splitlines() if line.startswith("Max core file size"))
        if said == "0":
            break
    return said
