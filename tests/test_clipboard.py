"""The clipboard: clean text on stdin of the system's program, and one plain sentence when it cannot be had."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.clipboard import Program, copy, programs

posix = pytest.mark.skipif(os.name != "posix", reason="shell scripts stand in for the programs")


def script(folder: Path, name: str, body: str) -> Program:
    """A program of ours that stands where xclip would."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return Program((str(file),))


@pytest.mark.parametrize(
    ("platform", "environ", "names"),
    [
        ("linux", {}, []),
        ("linux", {"DISPLAY": ":0"}, ["xclip", "xsel"]),
        ("linux", {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, ["wl-copy", "xclip", "xsel"]),
        ("darwin", {}, ["pbcopy"]),
        ("win32", {}, ["clip"]),
    ],
)
def test_each_session_has_its_programs(platform: str, environ: dict[str, str], names: list[str]) -> None:
    assert [p.argv[0] for p in programs(platform, environ)] == names


@posix
async def test_control_signs_and_the_last_line_feed_do_not_reach_the_clipboard(tmp_path: Path) -> None:
    program = script(tmp_path, "copy", f'cat > "{tmp_path}/copied"')
    assert await copy("rm -rf ~\x1b[2K\x00\u202e\r\n\tsecond line: 河狸\n\n", [program]) == ""
    assert (tmp_path / "copied").read_text() == "rm -rf ~[2K\n\tsecond line: 河狸"


@posix
async def test_the_next_program_is_tried_when_one_fails(tmp_path: Path) -> None:
    broken, good = script(tmp_path, "broken", "exit 1"), script(tmp_path, "good", f'cat > "{tmp_path}/copied"')
    assert await copy("text", [broken, good]) == ""
    assert (tmp_path / "copied").read_text() == "text"
    assert await copy("text", [broken]) == f"Not copied: {broken.argv[0]} failed."


async def test_a_missing_program_is_named() -> None:
    assert (
        await copy("x", [Program(("no-such-copier",))])
        == "Not copied: install no-such-copier to have results on the clipboard."
    )
    assert await copy("x", []) == "Not copied: there is no display, so no clipboard."


@posix
async def test_a_program_that_hangs_is_given_up(tmp_path: Path) -> None:
    assert "failed" in await copy("x", [script(tmp_path, "hang", "exec sleep 30")], wait=0.1)


@pytest.fixture
async def display() -> Iterator[str]:
    """A display of our own."""
    missing = [p for p in ("Xvfb", "xclip") if not shutil.which(p)]
    if missing:
        pytest.skip(f"{' and '.join(missing)} not installed")
    read, write = os.pipe()
    server = await asyncio.create_subprocess_exec(
        *("Xvfb", "-displayfd", str(write), "-screen", "0", "640x480x24", "-nolisten", "tcp"),
        pass_fds=[write],
        stderr=asyncio.subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as numbers:
        number = await asyncio.wait_for(asyncio.to_thread(numbers.readline), 20)
    yield f":{number.strip()}"
    server.terminate()
    await server.wait()


@pytest.mark.e2e
async def test_a_text_is_on_the_real_clipboard_of_x11(display: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert await copy("Größe: 5 河狸\nzwei") == ""
    paste = await asyncio.create_subprocess_exec("xclip", "-selection", "clipboard", "-out", stdout=asyncio.subprocess.PIPE)
    out, _ = await asyncio.wait_for(paste.communicate(), 10)
    assert out.decode() == "Größe: 5 河狸\nzwei"
