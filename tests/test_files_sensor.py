"""The files sensor on real folders."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from agent.core.records import NewFile
from agent.errors import ConfigError
from agent.sense.files import FilesSensor, Settings, build
from tests.contract.test_sensors import supplies

LATER = timedelta(minutes=1)


def now() -> datetime:
    return datetime.now(timezone.utc)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    watched = tmp_path / "Downloads"
    watched.mkdir()
    (watched / "old.pdf").write_text("was here before")
    return watched


@pytest.fixture
async def sensor(folder: Path) -> AsyncIterator[FilesSensor]:
    made = build(Settings(folders=[str(folder)]), supplies())
    assert (await made.read(now())).files == ()
    yield made
    await made.close()


async def found(sensor: FilesSensor, until: int = 1, *, at: Callable[[], datetime] = lambda: now() + LATER) -> list[NewFile]:
    """What reads give until there are `until` files; a last look shows that there are no more."""
    files: list[NewFile] = []
    end = time.monotonic() + 5
    while len(files) < until and time.monotonic() < end:
        files += (await sensor.read(at())).files
        time.sleep(0.02)
    time.sleep(0.15)
    return [*files, *(await sensor.read(at())).files]


async def test_a_new_document_is_told_once_with_path_and_size(sensor: FilesSensor, folder: Path) -> None:
    (folder / "scan0001.PDF").write_text("12345")
    files = await found(sensor)
    assert [(f.path, f.size) for f in files] == [(str(folder / "scan0001.PDF"), 5)]
    assert (await sensor.read(now() + 2 * LATER)).files == ()


async def test_a_growing_file_waits_until_its_size_stands_still(sensor: FilesSensor, folder: Path) -> None:
    file = folder / "big.csv"
    for size in (10, 20, 30):
        file.write_text("x" * size)
        time.sleep(0.15)
        assert (await sensor.read(now())).files == ()
    assert [f.size for f in (await sensor.read(now())).files] == [30]


@pytest.mark.parametrize(
    "name", [".hidden.pdf", "~$report.docx", ".~lock.report.odt#", "a.pdf.part", "b.crdownload", "c.tmp.docx", "d.exe", "e"]
)
async def test_hidden_temporary_and_other_files_are_not_documents(sensor: FilesSensor, folder: Path, name: str) -> None:
    (folder / name).write_text("x")
    (folder / "real.txt").write_text("x")
    assert [Path(f.path).name for f in await found(sensor)] == ["real.txt"]


async def test_a_finished_download_is_new_under_its_last_name(sensor: FilesSensor, folder: Path) -> None:
    (folder / "paper.pdf.crdownload").write_text("x" * 9)
    time.sleep(0.05)
    (folder / "paper.pdf.crdownload").rename(folder / "paper.pdf")
    assert [Path(f.path).name for f in await found(sensor)] == ["paper.pdf"]


async def test_a_file_moved_into_the_folder_is_new(sensor: FilesSensor, folder: Path) -> None:
    outside = folder.parent / "invoice.pdf"
    outside.write_text("x")
    outside.rename(folder / "invoice.pdf")
    assert [Path(f.path).name for f in await found(sensor)] == ["invoice.pdf"]


async def test_renaming_a_known_file_makes_no_new_one(sensor: FilesSensor, folder: Path) -> None:
    (folder / "old.pdf").rename(folder / "better name.pdf")
    (folder / "real.txt").write_text("x")
    assert [Path(f.path).name for f in await found(sensor)] == ["real.txt"]


async def test_saving_a_known_file_by_way_of_a_temporary_one_makes_no_new_one(sensor: FilesSensor, folder: Path) -> None:
    (folder / "lu123.tmp").write_text("new text")
    (folder / "lu123.tmp").replace(folder / "old.pdf")
    (folder / "real.txt").write_text("x")
    assert [Path(f.path).name for f in await found(sensor)] == ["real.txt"]


async def test_an_empty_file_is_told_when_it_has_content(sensor: FilesSensor, folder: Path) -> None:
    (folder / "note.md").touch()
    assert await found(sensor, until=0) == []
    (folder / "note.md").write_text("text")
    assert [f.size for f in await found(sensor)] == [4]


async def test_a_file_that_is_gone_again_is_not_told(sensor: FilesSensor, folder: Path) -> None:
    (folder / "flash.txt").write_text("x")
    (folder / "flash.txt").unlink()
    assert await found(sensor, until=0) == []


@pytest.mark.skipif(os.name != "posix", reason="links, pipes and such names are made on POSIX only")
async def test_links_pipes_and_names_that_are_no_text_are_passed_over(sensor: FilesSensor, folder: Path) -> None:
    (folder / "link.pdf").symlink_to("/etc/hostname")
    os.mkfifo(folder / "pipe.txt")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.txt")).write_text("x")
    (folder / "real.txt").write_text("x")
    assert [Path(f.path).name for f in await found(sensor)] == ["real.txt"]


async def test_subfolders_are_watched_only_when_asked(folder: Path) -> None:
    for subfolders, names in ((False, []), (True, ["deep.txt"])):
        sub = folder / f"sub{subfolders}"
        sub.mkdir()
        (folder / ".git").mkdir(exist_ok=True)
        sensor = build(Settings(folders=[str(folder)], subfolders=subfolders), supplies())
        await sensor.read(now())
        (folder / ".git" / "hidden.txt").write_text("x")
        (sub / "deep.txt").write_text("x")
        assert [Path(f.path).name for f in await found(sensor, until=len(names))] == names
        await sensor.close()


async def test_a_folder_that_goes_and_comes_back_is_said_and_watched_again(sensor: FilesSensor, folder: Path) -> None:
    shutil.rmtree(folder)
    assert (await sensor.read(now())).problems == (f"The watched folder {folder} is gone.",)
    folder.mkdir()
    (folder / "old.pdf").write_text("was here before")
    (folder / "fresh.pdf").write_text("x")
    assert [Path(f.path).name for f in await found(sensor)] == ["fresh.pdf"]
    assert (await sensor.read(now())).problems == ()


async def test_without_folders_nothing_is_watched() -> None:
    sensor = build(Settings(), supplies())
    assert (await sensor.read(now())).files == ()
    assert sensor._observer is None
    await sensor.close()


def test_a_folder_that_does_not_exist_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere to be watched does not exist"):
        build(Settings(folders=[str(tmp_path / "nowhere")]), supplies())


def test_a_flood_of_files_stays_bounded(folder: Path) -> None:
    sensor = FilesSensor([folder], Settings())
    sensor._queue.extend(("", str(folder / f"{i}.txt")) for i in range(50_000))
    sensor._take(now())
    assert len(sensor._waiting) == 1000
