"""The rename tool: nothing outside the allowed folders, nothing overwritten, no link followed, always undone."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agent.errors import ToolError
from agent.tools import _roots
from agent.tools._move import by_link, move
from agent.tools._roots import Roots
from agent.tools.rename_file import Args, RenameFile, name_fault

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX file kinds")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An allowed folder with a scan, beside a folder that is not allowed."""
    folder = tmp_path / "Downloads"
    (folder / "sub").mkdir(parents=True)
    (folder / "scan0001.pdf").write_bytes(b"%PDF-1.4 scan")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.pdf").write_bytes(b"secret")
    return folder


def state(folder: Path) -> dict[str, bytes]:
    """Every plain file below a folder with its bytes."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


async def test_a_file_is_renamed_and_the_rename_undone(root: Path) -> None:
    tool, args = RenameFile([root]), Args(path=str(root / "scan0001.pdf"), new_name="2026-03-02 invoice.pdf")
    assert tool.describe(args) == "Rename scan0001.pdf -> 2026-03-02 invoice.pdf"
    result = await tool.run(args)
    assert state(root) == {"2026-03-02 invoice.pdf": b"%PDF-1.4 scan"}
    assert await tool.undo(result.undo or {}) == "Renamed 2026-03-02 invoice.pdf back to scan0001.pdf."
    assert state(root) == {"scan0001.pdf": b"%PDF-1.4 scan"}


async def test_a_rename_is_undone_by_another_process_of_the_program(root: Path) -> None:
    result = await RenameFile([root]).run(Args(path=str(root / "scan0001.pdf"), new_name="a.pdf"))
    await RenameFile([root]).undo(result.undo or {})
    assert state(root) == {"scan0001.pdf": b"%PDF-1.4 scan"}


PATHS = [
    ("relative", "scan0001.pdf"),
    ("home sign", "~/scan0001.pdf"),
    ("empty component", ""),
    ("the root itself", "{root}"),
    ("parent", "{root}/../outside/secret.pdf"),
    ("parent behind a folder", "{root}/sub/../../outside/secret.pdf"),
    ("parent that comes back", "{root}/../Downloads/scan0001.pdf"),
    ("outside", "{root}/../outside/secret.pdf"),
    ("absolute outside", "/etc/hostname"),
    ("double slash outside", "//etc/hostname"),
    ("file scheme", "file://{root}/scan0001.pdf"),
    ("encoded dots", "{root}/%2e%2e/outside/secret.pdf"),
    ("backslashes", "{root}\\..\\outside\\secret.pdf"),
    ("full-width dots", "{root}/．．/outside/secret.pdf"),
    ("overlong dots", "{root}/..;/outside/secret.pdf"),
    ("NUL", "{root}/scan0001.pdf\x00.txt"),
    ("line feed", "{root}/scan0001.pdf\n"),
    ("bidi override", "{root}/scan\u202e0001.pdf"),
    ("sibling with the same beginning", "{root}2/scan0001.pdf"),
    ("missing", "{root}/nothing.pdf"),
    ("a folder", "{root}/sub"),
    ("a file as a folder", "{root}/scan0001.pdf/x.pdf"),
    ("hidden file", "{root}/.secret.pdf"),
    ("hidden folder", "{root}/.git/config.pdf"),
    ("another case of the folder", "{upper}/scan0001.pdf"),
    ("very long", "{root}/" + "a/" * 2100 + "x.pdf"),
]


@pytest.mark.parametrize(("kind", "path"), PATHS, ids=[kind for kind, _ in PATHS])
async def test_a_path_that_is_not_a_plain_file_inside_is_refused(root: Path, kind: str, path: str) -> None:
    (root / ".git").mkdir()
    (root / ".git" / "config.pdf").write_bytes(b"hidden")
    (root / ".secret.pdf").write_bytes(b"hidden")
    before = state(root.parent)
    upper = root.parent / "DOWNLOADS"
    if kind.startswith("another case") and upper.exists():
        pytest.skip("this file system has one case")
    with pytest.raises((ToolError, ValidationError)):
        await RenameFile([root]).run(Args(path=path.format(root=root, upper=upper), new_name="new.pdf"))
    assert state(root.parent) == before


@posix
@pytest.mark.parametrize("where", ["file", "folder", "dangling"])
async def test_a_link_is_not_followed(root: Path, where: str) -> None:
    outside = root.parent / "outside"
    (root / "link.pdf").symlink_to(outside / ("secret.pdf" if where == "file" else "none.pdf"))
    (root / "linked").symlink_to(outside)
    path = root / "linked" / "secret.pdf" if where == "folder" else root / "link.pdf"
    with pytest.raises(ToolError, match="link"):
        await RenameFile([root]).run(Args(path=str(path), new_name="new.pdf"))
    assert state(outside) == {"secret.pdf": b"secret"}


@posix
async def test_the_allowed_folder_itself_may_be_a_link_because_the_user_named_it(root: Path) -> None:
    link = root.parent / "dl"
    link.symlink_to(root)
    for path in (link / "scan0001.pdf", root / "scan0001.pdf"):
        assert RenameFile([link]).describe(Args(path=str(path), new_name="a.pdf")) == "Rename scan0001.pdf -> a.pdf"


@posix
@pytest.mark.parametrize("kind", ["hard link", "fifo", "socket"])
async def test_a_file_that_is_not_a_plain_file_with_one_name_is_refused(root: Path, kind: str) -> None:
    odd = root / "odd.pdf"
    if kind == "hard link":
        os.link(root.parent / "outside" / "secret.pdf", odd)
    elif kind == "fifo":
        os.mkfifo(odd)
    else:
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(os.path.relpath(odd))
    with pytest.raises(ToolError, match=r"hard link|plain file"):
        await RenameFile([root]).run(Args(path=str(odd), new_name="new.pdf"))
    assert os.path.lexists(odd)


@posix
def test_a_device_is_refused() -> None:
    with pytest.raises(ToolError, match="plain file"):
        RenameFile([Path("/dev")]).describe(Args(path="/dev/null", new_name="new"))


NAMES = [
    *(
        "../out.pdf",
        "..",
        ".",
        "sub/x.pdf",
        "/x.pdf",
        "..\\x.pdf",
        "C:x.pdf",
        "x.pdf:stream",
        "x\x00.pdf",
        "x\n.pdf",
        "x\x1b[0m.pdf",
    ),
    *("con.pdf", "CON.pdf", "Aux.b.pdf", "nul.pdf", "COM1.pdf", "lpt9.pdf", "com¹.pdf", "CONOUT$.pdf", "con .pdf"),
    *(
        ".hidden.pdf",
        " x.pdf",
        "x.pdf ",
        "x.pdf.",
        "a\u202efdp.pdf",
        "a\u2066b.pdf",
        "x\u200b.pdf",
        "a\U000e0041.pdf",
        "x\ud800.pdf",
    ),
    *("／x.pdf", "a＼b.pdf", "a*.pdf", "a?.pdf", 'a".pdf', "a<b.pdf", "a|b.pdf", "", "a" * 147 + ".pdf", "é" * 74 + ".pdf"),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_some_system_cannot_hold_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        Args(path="/x/a.pdf", new_name=name)


@pytest.mark.parametrize(
    "name", ["2026-03-02 Rechnung Müller.pdf", "请假条.pdf", "Sitzung #4 (final).pdf", "console.pdf", "a" * 146 + ".pdf"]
)
def test_an_ordinary_name_is_allowed(name: str) -> None:
    assert name_fault(name) == ""


@given(st.text(max_size=60))
def test_an_allowed_name_is_one_visible_component(name: str) -> None:
    if name_fault(name):
        return
    plain = unicodedata.normalize("NFC", name)
    assert Path(plain).name == plain
    assert plain.isprintable()
    assert not set(plain) & set('/\\:<>"|?*\x00')


@pytest.mark.parametrize("taken", ["new.pdf", "NEW.pdf", "re\u0301sume\u0301.pdf"])
async def test_nothing_is_overwritten_not_even_by_another_spelling(root: Path, taken: str) -> None:
    (root / taken).write_bytes(b"precious")
    name = "résumé.pdf" if "sum" in taken else "new.pdf"
    with pytest.raises(ToolError, match="already"):
        await RenameFile([root]).run(Args(path=str(root / "scan0001.pdf"), new_name=name))
    assert state(root) == {taken: b"precious", "scan0001.pdf": b"%PDF-1.4 scan"}


@posix
async def test_a_dangling_link_is_not_overwritten_either(root: Path) -> None:
    (root / "new.pdf").symlink_to("nowhere")
    with pytest.raises(ToolError, match="already"):
        await RenameFile([root]).run(Args(path=str(root / "scan0001.pdf"), new_name="new.pdf"))
    assert (root / "new.pdf").is_symlink()


@posix
@pytest.mark.parametrize("mover", [move, None])
def test_neither_way_of_moving_replaces_a_target_that_appears_late(root: Path, mover: object) -> None:
    (root / "new.pdf").write_bytes(b"precious")
    fd = os.open(root, os.O_RDONLY)
    try:
        with pytest.raises((ToolError, FileExistsError)):
            move(fd, root, "scan0001.pdf", "new.pdf") if mover else by_link(fd, "scan0001.pdf", "new.pdf")
        by_link(fd, "scan0001.pdf", "free.pdf")
    finally:
        os.close(fd)
    assert state(root) == {"new.pdf": b"precious", "free.pdf": b"%PDF-1.4 scan"}


@pytest.mark.parametrize(("path", "name"), [("scan0001.pdf", "a.exe"), ("scan0001.pdf", "a"), ("bare", "a.txt")])
async def test_the_suffix_is_kept(root: Path, path: str, name: str) -> None:
    (root / "bare").write_bytes(b"")
    with pytest.raises(ToolError, match="suffix"):
        await RenameFile([root]).run(Args(path=str(root / path), new_name=name))


async def test_a_file_swapped_after_it_was_shown_is_not_renamed(root: Path) -> None:
    tool, args = RenameFile([root]), Args(path=str(root / "scan0001.pdf"), new_name="a.pdf")
    tool.describe(args)
    (root / "other").write_bytes(b"other")
    (root / "other").replace(root / "scan0001.pdf")
    with pytest.raises(ToolError, match="another file"):
        await tool.run(args)
    assert state(root) == {"scan0001.pdf": b"other"}


@pytest.mark.parametrize("births", [True, False])
@pytest.mark.parametrize("age", ["now", "with size and time", "oldest"])
async def test_a_rename_is_undone_after_the_file_was_saved(
    root: Path, monkeypatch: pytest.MonkeyPatch, age: str, *, births: bool
) -> None:
    """Also one that an older version made, which knew a file by its inode, or by that with size and time."""
    result = await RenameFile([root]).run(Args(path=str(root / "scan0001.pdf"), new_name="a.pdf"))
    if not births:
        monkeypatch.setattr(_roots, "born", lambda *_, **__: None)
    file = f"{(root / 'a.pdf').stat().st_dev}:{(root / 'a.pdf').stat().st_ino}"
    record = (result.undo or {}) | {"now": {}, "oldest": {"file": file}}.get(age, {"file": f"{file}:13:5"})
    (root / "a.pdf").write_bytes(b"saved")
    await RenameFile([root]).undo(record)
    assert state(root) == {"scan0001.pdf": b"saved"}


@pytest.mark.parametrize("obstacle", ["old name taken", "replaced", "gone", "written anew"])
async def test_undo_never_overwrites_and_never_touches_another_file(root: Path, obstacle: str) -> None:
    tool = RenameFile([root])
    result = await tool.run(Args(path=str(root / "scan0001.pdf"), new_name="a.pdf"))
    (root / "b").write_bytes(b"b")
    if obstacle in ("gone", "written anew"):
        (root / "a.pdf").unlink()
        if obstacle == "written anew":  # on many a file system with the inode of the one that was removed
            await asyncio.sleep(0.02)
            (root / "a.pdf").write_bytes(b"another")
    else:
        (root / "b").replace(root / ("scan0001.pdf" if obstacle == "old name taken" else "a.pdf"))
    before = state(root)
    with pytest.raises(ToolError):
        await tool.undo(result.undo or {})
    assert state(root) == before


async def test_the_line_keeps_both_ends_of_long_names_within_80_signs(root: Path) -> None:
    old = "scan-" + "0" * 100 + "-last.pdf"
    (root / old).write_bytes(b"")
    line = RenameFile([root]).describe(Args(path=str(root / old), new_name="2026-03-02 minutes of the yearly meeting.pdf"))
    assert line == "Rename scan-0000000…000-last.pdf -> 2026-03-02 minutes of the yearly meeting.pdf"
    assert len(line) <= 80


def test_a_folder_is_refused_in_words_and_leaves_nothing_open(root: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0
    for _ in range(5):
        with pytest.raises(ToolError, match="not a plain file"):
            Roots([root.parent]).read(str(root))
    assert sys.platform != "linux" or len(list(Path("/proc/self/fd").iterdir())) == before
