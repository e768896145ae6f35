"""What is shown is what runs, and an accept that is not right runs nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent import plug
from agent.clocks import SimulatedClock
from agent.core.offers import in_full
from agent.core.records import Operation
from agent.store.memory import MemoryStore
from agent.tools.search import Args
from agent.trust._operations import Counter, refused, shown_is_run
from agent.trust._shown import toast
from agent.trust._stage import NOW


async def test_the_words_that_are_sent_and_the_names_that_are_given_stand_in_what_was_shown() -> None:
    ran, wrong = await shown_is_run(60, NOW, seed=7)
    assert wrong == []
    assert ran > 20


@pytest.mark.slow
async def test_ten_thousand_operations_run_as_they_were_shown() -> None:
    ran, wrong = await shown_is_run(16_500, NOW, seed=8)
    assert wrong == []
    assert ran >= 10_000


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
async def test_an_accept_that_expired_or_was_replayed_or_has_another_nonce_or_file_runs_nothing(
    kind: str, tmp_path: Path
) -> None:
    (tmp_path / "root").mkdir()
    supplies = plug.Supplies(clock=SimulatedClock(NOW), data=tmp_path / "data")
    store = MemoryStore() if kind == "memory" else plug.build("store", "sqlite", {}, supplies)
    counts = (3, 3, 4, 12)
    ran = await refused(store, NOW, tmp_path / "root", counts)
    store.close()
    assert ran == {"expired": 0, "replayed": 0, "foreign": 0, "swapped": 0}


async def test_an_accept_that_is_right_runs(tmp_path: Path) -> None:
    desk = Counter(tmp_path, NOW)
    offer = desk.offer(Operation(name="search", arguments={"query": "cats & dogs"}))
    assert not desk.accept(offer, nonce="another")
    assert desk.accept(offer)
    assert (await desk.run(offer)).state == "done"
    assert desk.opened == ["https://search.example/find?q=cats%20%26%20dogs"]
    assert not desk.accept(offer)


def test_a_question_of_several_lines_is_shown_in_full_beside_its_line(tmp_path: Path) -> None:
    desk = Counter(tmp_path, NOW)
    offer = desk.offer(Operation(name="chat", arguments={"question": "What is this?\n def f(): pass"}))
    assert offer.line == 'Ask attacker.test: "What is this? def f(): pass …"'
    assert in_full(offer) == "In full: What is this?\n def f(): pass"


@pytest.mark.parametrize(
    ("question", "accepts"),
    [
        ("What is this? " + "x" * 135, True),
        ("What is this? " + "x" * 136, False),
        ("What is this?\nA line below.", True),
        ("What is this?\n\n  def f():\n\tpass\u3000\xa0# \u2192", True),  # all that can be seen of it
        ("What is this? \ufdd0", False),
    ],
)
async def test_a_toast_takes_an_accept_only_if_every_sign_of_what_would_run_stands_on_it(
    question: str,
    accepts: bool,  # noqa: FBT001 - a row of the table
    tmp_path: Path,
) -> None:
    desk = Counter(tmp_path, NOW)
    offer = desk.offer(Operation(name="chat", arguments={"question": question}))
    shown = toast(offer)
    assert shown.accepts == accepts
    assert shown.holds(question) == accepts
    assert ("proactive accept 1" in shown.text) != accepts
    assert await desk.pressed(offer) == accepts
    assert desk.accept(offer) != accepts  # from the inbox it can be accepted all the same


async def test_a_file_that_was_removed_and_written_anew_is_another_file_though_it_has_the_same_inode(tmp_path: Path) -> None:
    for name, key, more in (("read", "source", {}), ("rename_file", "path", {"new_name": "new.txt"})):
        file = tmp_path / "scan.txt"
        file.write_text("as offered")
        os.utime(file, (1_700_000_000, 1_700_000_000))
        desk = Counter(tmp_path, NOW)
        offer = desk.offer(Operation(name=name, arguments={key: str(file), **more}))
        file.unlink()
        file.write_text("swapped in")
        desk.accept(offer)
        assert (await desk.run(offer)).state == "failed"


def test_what_is_left_beside_a_secret_is_looked_at_until_it_does_not_change() -> None:
    text = ":n:oetpoener2rzs oswy!wsnry e!ud2rrutrrdd pyoxsyntsouxsrpwy:s:tessoo soy2 ar:ae xn r zr2Hz"
    once = Args(query=text).query
    assert Args(query=once).query == once


async def test_a_row_of_spaces_in_a_new_name_is_one_as_it_is_shown(tmp_path: Path) -> None:
    (tmp_path / "scan.txt").write_text("x")
    desk = Counter(tmp_path, NOW)
    offer = desk.offer(Operation(name="rename_file", arguments={"path": str(tmp_path / "scan.txt"), "new_name": "a   b.txt"}))
    desk.accept(offer)
    await desk.run(offer)
    assert [p.name for p in tmp_path.iterdir()] == ["a b.txt"]
