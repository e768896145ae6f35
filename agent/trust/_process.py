"""A daemon of our own as a process, in folders of its own, and what /proc says of it. Linux only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from agent.errors import ProactiveError

_TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
NO_BUS = "unix:path=/nonexistent/proactive-soak-bus"


class Look(NamedTuple):
    """What a process holds and has used since it began: MiB, counts, seconds of a processor, bytes written to disk."""

    rss: float
    fds: int
    threads: int
    cpu: float
    written: int


class Child:
    """`python -m agent run` with HOME, XDG folders, data and TMPDIR below `home`; the configuration is `config`."""

    def __init__(self, home: Path, bus: str = NO_BUS) -> None:
        self.home = home
        self.data = home / "data"
        self.config = home / "private.toml"
        self.process: subprocess.Popen[bytes] | None = None
        self._env = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(home),
            "TMPDIR": str(home),
            "BROWSER": "true %s",
            "PROACTIVE_DATA": str(self.data),
            "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
            "DBUS_SESSION_BUS_ADDRESS": bus,
            **{f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "DATA", "CACHE", "STATE")},
        }

    def configure(self, text: str) -> None:
        """Write the configuration in place, as a simple editor does."""
        self.config.write_text(text, encoding="utf-8")
        self.config.chmod(0o600)

    def start(self) -> None:
        """Start it, without waiting for anything."""
        argv = [sys.executable, "-m", "agent", "run", "--config", str(self.config)]
        with (self.home / "run.log").open("ab") as out:
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=self._env, cwd=self.home, start_new_session=True
            )

    def stop(self) -> float:
        """Ask it to end, by its own pid, and wait: seconds. After 10 s it is killed."""
        process, self.process = self.process, None
        began = time.monotonic()
        if process is not None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)
        return time.monotonic() - began

    def look(self) -> Look:
        """What it holds now. Raises ProactiveError when it has ended."""
        if self.process is None or self.process.poll() is not None:
            log = (self.home / "run.log").read_text(encoding="utf-8", errors="replace")
            raise ProactiveError("The daemon under test has ended.", log[-400:])
        return look(self.process.pid)


def look(pid: int) -> Look:
    """What a process holds now. Raises OSError when there is none."""
    at = Path("/proc") / str(pid)
    # The name in brackets may hold spaces; utime and stime are the 14th and 15th field.
    fields = (at / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    said = _pairs((at / "status").read_text(encoding="utf-8"))
    io = _pairs((at / "io").read_text(encoding="utf-8"))
    return Look(
        rss=int(said["VmRSS"].split()[0]) / 1024,
        fds=len(list((at / "fd").iterdir())),
        threads=int(said["Threads"]),
        cpu=(int(fields[11]) + int(fields[12])) / _TICK,
        written=int(io["write_bytes"]),
    )


def _pairs(text: str) -> dict[str, str]:
    return {key: value.strip() for key, _, value in (line.partition(":") for line in text.splitlines())}


def toml(sections: Mapping[str, Any]) -> str:
    """TOML of flat sections; a list of mappings under `a.b` is an array of tables."""
    lines = []
    for name, section in sections.items():
        many = isinstance(section, list)
        for one in section if many else [section]:
            lines.append(f"[[{name}]]" if many else f"[{name}]")
            lines += [f"{key} = {json.dumps(value)}" for key, value in one.items()]
    return "\n".join([*lines, ""])
