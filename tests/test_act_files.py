"""Acting on files: the file that was shown or none, and a rename that can be taken back."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from agent import plug
from agent.act import carry_out, undo
from agent.core.records import Operation
from agent.errors import ToolError
from agent.store.memory import MemoryStore
from agent.tools import _roots
from tests.conftest import NOW
from tests.test_act import NOTE, Copier, FixedClock, Note, offered, parts


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("ticks_between", [0, 1, 3])
async def test_a_file_swapped_between_offer_and_accept_is_left_alone(tmp_path: Path, restart: bool, ticks_between: int) -> None:  # noqa: FBT001
    (tmp_path / "scan.pdf").write_bytes(b"shown")
    supplies = plug.Supplies(clock=FixedClock(), roots=(tmp_path,))
    store = MemoryStore()
    operation = Operation(name="rename_file", arguments={"path": str(tmp_path / "scan.pdf"), "new_name": "invoice.pdf"})
    p = parts(plug.build("tools", "rename_file", {}, supplies), store=store)
    offer = offered(p, operation)
    (tmp_path / "other").write_bytes(b"swapped in")
    (tmp_path / "other").replace(tmp_path / "scan.pdf")
    if restart:
        p = parts(plug.build("tools", "rename_file", {}, supplies), store=store)
    for _ in range(ticks_between):
        p.tools.check(operation)
    done = await carry_out(p, offer, NOW, Copier())
    assert done.state == "failed"
    assert "another one" in done.text
    assert [f.name for f in tmp_path.iterdir()] == ["scan.pdf"]


def scan(folder: Path) -> Path:
    """A scan in a folder."""
    (folder / "scan.txt").write_text("A scan of some length.")
    return folder / "scan.txt"


def touched(file: Path, how: str) -> None:
    """The file is saved in its place, touched, or deleted and made anew."""
    if how == "anew":
        file.unlink()
    if how == "touched":
        os.utime(file)
    else:
        file.write_text("A scan of another length, saved.")


@pytest.mark.parametrize("tool", ["rename_file", "read"])
@pytest.mark.parametrize("births", [True, False])
@pytest.mark.parametrize("how", ["saved", "touched", "anew"])
async def test_a_file_saved_between_offer_and_accept_is_still_the_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool: str, how: str, *, births: bool
) -> None:
    """Where the file system keeps no births it may be another: then it is refused."""
    file = scan(tmp_path)
    if not births:
        monkeypatch.setattr(_roots, "born", lambda *_, **__: None)
    elif len(_roots.Roots([tmp_path]).look(str(file)).mark) > 1:
        pytest.skip("this file system keeps no births")
    p = parts(plug.build("tools", tool, {}, plug.Supplies(clock=FixedClock(), roots=(tmp_path,))))
    rename = {"path": str(file), "new_name": "invoice.txt"}
    offer = offered(p, Operation(name=tool, arguments=rename if tool == "rename_file" else {"source": str(file)}))
    await asyncio.sleep(0.02)  # file systems keep moments in steps of up to 10 ms
    touched(file, how)
    done = await carry_out(p, offer, NOW, Copier())
    assert done.state == ("done" if births and how != "anew" else "failed"), done.text


@pytest.mark.parametrize(
    ("seal", "state"), [("{d}:{i}", "done"), ("{d}:{i}:22:5", "done"), ("{d}:1:22:5", "failed"), ("1", "failed")]
)
async def test_a_seal_of_an_older_version_is_compared_by_what_it_holds(tmp_path: Path, seal: str, state: str) -> None:
    file = scan(tmp_path)
    if len(_roots.Roots([tmp_path]).look(str(file)).mark) > 1:
        pytest.skip("this file system keeps no births")
    p = parts(plug.build("tools", "read", {}, plug.Supplies(clock=FixedClock(), roots=(tmp_path,))))
    offer = offered(p, Operation(name="read", arguments={"source": str(file)}))
    p.store.put_state(f"seal:{offer.id}", seal.format(d=file.stat().st_dev, i=file.stat().st_ino))
    assert (await carry_out(p, offer, NOW, Copier())).state == state


async def test_a_rename_is_carried_out_and_undone(tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(b"x")
    p = parts(plug.build("tools", "rename_file", {}, plug.Supplies(clock=FixedClock(), roots=(tmp_path,))))
    operation = Operation(name="rename_file", arguments={"path": str(tmp_path / "scan.pdf"), "new_name": "invoice.pdf"})
    offer = offered(p, operation)
    assert (await carry_out(p, offer, NOW, Copier())).state == "done"
    assert [f.name for f in tmp_path.iterdir()] == ["invoice.pdf"]
    assert await undo(p, offer, NOW) == "Renamed invoice.pdf back to scan.pdf."
    assert [f.name for f in tmp_path.iterdir()] == ["scan.pdf"]
    run = p.store.execution(offer.id)
    assert run is not None
    assert run.state == "undone"
    with pytest.raises(ToolError, match="nothing to undo"):
        await undo(p, offer, NOW)


@pytest.mark.parametrize("state", ["never run", "failed", "no undo"])
async def test_what_did_nothing_that_can_be_undone_says_so(state: str) -> None:
    p = parts(Note(ToolError("No.") if state == "failed" else None))
    offer = offered(p, NOTE, accept=state != "never run")
    await carry_out(p, offer, NOW, Copier())
    with pytest.raises(ToolError, match="nothing to undo"):
        await undo(p, offer, NOW)
